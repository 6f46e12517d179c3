"""Subjects: what is left of them without marks of replying and forwarding (RFC 5256 2.1), and of asking again."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

SUBJECT_LIMIT = 200

# What mail programs put before a subject, in lower case: the marks of a reply, then those of a forward.
PREFIXES = {
    "ar": ("رد ردّ", "توجيه"),
    "cs, sk": ("odp odpověď odpoveď", "předáno"),
    "cy": ("atb", "yml"),
    "da, no, sv": ("sv svar vs", "vs vb vid videresendt"),
    "de": ("aw antw antwort", "wg weitergeleitet"),
    "el": ("απ απάντηση σχετ", "πρθ"),
    "en": ("re ref", "fw fwd fwd'd forward"),
    "es": ("re rsp", "rv reenv"),
    "et": ("vs vast", "ed"),
    "fi": ("vs", "vl"),
    "fr": ("re ré rép rep", "tr"),
    "he": ("השב תשובה", "הועבר"),
    "hu": ("vá válasz", "tov továbbítás"),
    "id": ("bls balas", "trs"),
    "is": ("sv", "fs"),
    "it": ("r rif risp ris", "i inoltro"),
    "ja": ("返信", "転送"),
    "ko": ("회신 답장", "전달"),
    "nl": ("antw", "doorst"),
    "pl": ("odp", "pd przek"),
    "pt": ("res", "enc"),
    "ro": ("răsp", ""),
    "ru, uk": ("отв ответ відп", "пересл пер"),
    "tr": ("ynt cevap", "ilt ylt"),
    "vi": ("trả_lời", "chuyển_tiếp"),
    "zh": ("回复 回覆 答复 答覆 回復", "转发 轉寄 轉發"),
}

_REPLIES = {word.replace("_", " ") for replies, _ in PREFIXES.values() for word in replies.split()}
# Finnish and Estonian answer with the "vs" that Danes and Norwegians forward with: a reply is the likelier.
_FORWARDS = {word.replace("_", " ") for _, forwards in PREFIXES.values() for word in forwards.split()} - _REPLIES

# What people write before or behind a subject when they ask again or cannot wait, in lower case.
REMINDERS = "reminder|erinnerung|rappel|relance|recordatorio|promemoria|sollecito|lembrete|herinnering|påminnelse"
URGENT = "urgent|dringend|eilt|urgente"
# What may stand before these words; the topic may not, for "Payment reminder" is a subject.
_KINDS = (
    "gentle|friendly|kind|quick|short|small|soft|polite|first|second|third|final|last|1st|2nd|3rd|very"
    r"|freundliche|kurze|kleine|erste|zweite|dritte|letzte|[1-3]\.|sehr"
    "|petite?|gentil|premier|première|deuxième|seconde|troisième|dernier|dernière|1er|[23]e|[23]ème|très"
    "|amable|breve|primer|segundo|tercer|último|[23]o|muy"
)

_COUNT = r"(?: ?(?:\[ ?\d{1,4} ?\]|\( ?\d{1,4} ?\)|\^ ?\d{1,4}|\* ?\d{1,4}|\d{1,4}))?"
_WORDS = "|".join(re.escape(word) for word in sorted(_REPLIES | _FORWARDS, key=len, reverse=True))
_PREFIX = re.compile(rf" ?({_WORDS}){_COUNT} ?(?:\[[^\[\]]*\] ?)?:")
_AGAIN = rf"(?:(?:{_KINDS}) )?(?:({REMINDERS})|{URGENT})"
_AGAIN_BEFORE = re.compile(rf" ?{_AGAIN}(?: ?!{{0,3}} ?:| ?[-–—] |!{{1,3}} )")
_AGAIN_BEHIND = re.compile(rf"(?: ?[-–—|] | ?[:,] | ?[(\[]){_AGAIN}[)\]]?\Z")
_AGAIN_ENDS = tuple(word + end for word in f"{REMINDERS}|{URGENT}".split("|") for end in ("", ")", "]"))
_CALLS = ("?", "!")
_TAG = re.compile(r" ?\[([^\[\]]*)\] ?")
_FORWARDED = "(fwd)"
_CHANGED = re.compile(r" ?[(\[](?:was|war|était|etait|era|fue|ex)(?: ?:| (?=re ?:|\[)|(?<=was) ) ?")
_WRAPPED = re.compile(r" ?\[ ?fwd?:")


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject's base, and whether its outermost mark is one of replying or of forwarding.

    `reminder` says that its author asks again ("Reminder: Figures"), which answers nobody.
    `was` is the base of the subject that it was changed from, where it says so: "Lunch (was: Figures)".
    """

    base: str
    reply: bool = False
    forward: bool = False
    was: str = ""
    reminder: bool = False


def read_subject(subject: str) -> Subject:
    """Takes a subject apart; the first 200 characters count, and the time is linear in them."""
    text = unicodedata.normalize("NFKC", subject[:SUBJECT_LIMIT]).casefold().replace("\u0307", "")
    text = " ".join(text.split())
    changed = _CHANGED.search(text, 1)
    if changed is None:
        return _read(text)
    now, before = _read(text[: changed.start()]), text[changed.end() :]
    if not now.base:
        return _read(text)
    # It may have been changed more than once: the last change counts.
    earlier = _CHANGED.search(before)
    before = before[: earlier.start()] if earlier else before
    return replace(now, was=_read(before.rstrip(" )]")).base)


def _read(text: str) -> Subject:
    """Takes a subject apart that is folded and clean."""
    start, end, mark, trailing, reminder = 0, len(text), "", "", False
    while True:
        if text.endswith(_FORWARDED, start, end):
            end -= len(_FORWARDED)
            trailing = "fwd"
        elif text.endswith(" ", start, end):
            end -= 1
        elif text.endswith("]", start, end) and (wrapped := _WRAPPED.match(text, start, end)):
            start, end = wrapped.end(), end - 1
            mark = mark or "fwd"
        elif prefix := _PREFIX.match(text, start, end):
            start = prefix.end()
            mark = mark or prefix[1]
        elif (again := _AGAIN_BEFORE.match(text, start, end)) and again.end() < end:
            start, reminder = again.end(), reminder or bool(again[1])
        elif text.endswith(_AGAIN_ENDS, start, end) and (again := _AGAIN_BEHIND.search(text, start + 1, end)):
            end, reminder = again.start(), reminder or bool(again[1])
        elif text.endswith(_CALLS, start + 1, end) and text[end - 2] != " ":
            # A mark that stands apart is as good as a word of the subject: it tells it from others.
            end -= 1
        elif (tag := _TAG.match(text, start, end)) and tag.end() < end:
            # A tag is taken away only if something is left behind it.
            start = tag.end()
        else:
            break
    mark = mark or trailing
    return Subject(text[start:end].strip()[:SUBJECT_LIMIT], mark in _REPLIES, mark in _FORWARDS, reminder=reminder)


def base_subject(subject: str) -> str:
    """The subject without prefixes, `[tags]`, `(fwd)`, case and superfluous blanks; the same for a whole exchange."""
    return read_subject(subject).base
