"""Reads the new words of a message and says what they mean to their reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from mailwatch.detection import addressing, cues, deadlines, language, replies, sentences, speechacts
from mailwatch.detection.speechacts import Sentence
from mailwatch.domain.reading import EVIDENCE_LIMIT, Deadline, Evidence, Finding, Reading

UNKNOWN_LANGUAGE_RULE = "unknown-language.request.question"
SURE_ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a message beside its new words.

    `sent_at` is aware; `zone` is the reader's. `reader_names` and `other_names` are lower-case words by which
    the reader and the other To recipients may be called. `own` says that the reader wrote it themselves.
    `recipients` counts everybody in To and Cc. `order` is how the reader writes dates in figures, "mdy" or
    "dmy"; None lets the message decide. `languages` are the languages to choose from; empty means all.
    """

    sent_at: datetime
    zone: tzinfo
    reader_names: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    subject: str = ""
    is_reply: bool = False
    own: bool = False
    sole_recipient: bool = True
    recipients: int = 1
    order: str | None = None
    languages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.sent_at.tzinfo is None:
            raise ValueError("Context.sent_at has no time zone: give an aware datetime.")


def read(words: str, context: Context) -> Reading:
    """What new words (quotes and signature already removed) say to their reader."""
    pieces = sentences.split(words)
    if not pieces:
        return Reading(empty=True)
    token_rows = [sentences.tokens(piece) for piece in pieces]
    code = language.language_of([token for row in token_rows[:60] for token in row], context.languages)
    if code not in cues.languages():
        return _only_questions(pieces, code)
    lexicon = cues.load(code)
    found = [speechacts.read(piece, row, lexicon) for piece, row in zip(pieces, token_rows, strict=True)]
    whom = [
        addressing.whom(s.words, context.reader_names, context.other_names, context.sole_recipient) for s in found
    ]
    to_reader = [s for s, called in zip(found, whom, strict=True) if called is not addressing.Called.ANOTHER]
    request = _strongest(to_reader, "request")
    promise = _strongest(found, "promise")
    holding = _strongest(found, "holding")
    return Reading(
        request=request,
        promise=promise,
        holding=holding,
        withdrawal=_strongest(found, "withdrawal"),
        request_deadline=_deadline(to_reader, "request", context, code) if request else None,
        promise_deadline=_deadline(found, "promise", context, code) if promise else None,
        reply=replies.kind_of(found),
        names_reader=addressing.Called.READER in whom,
        urgency=_urgency(found, lexicon, context.subject),
        language=code,
    )


def _strongest(found: Iterable[Sentence], act: str) -> Finding:
    best = Finding()
    for sentence in found:
        hit = sentence.best(act)
        if hit and hit.score > best.score:
            best = Finding(hit.score, Evidence(hit.rule, sentence.words[:EVIDENCE_LIMIT]))
    return best


def _deadline(found: Iterable[Sentence], act: str, context: Context, code: str) -> Deadline | None:
    dates = [
        deadline
        for sentence in found
        if (hit := sentence.best(act)) and hit.score >= SURE_ENOUGH
        for deadline in deadlines.find(sentence.tokens, context.sent_at, context.zone, code, context.order)
    ]
    return min(dates, key=deadlines.order_of, default=None)


def _urgency(found: Iterable[Sentence], lexicon: cues.Lexicon, subject: str) -> str | None:
    urgent = frozenset(str(lexicon.words.get("urgent", "")).split())
    for tokens in (sentences.tokens(subject[:1000]), *(sentence.tokens for sentence in found)):
        for token in tokens:
            if token in urgent:
                return token
    return None


def _only_questions(pieces: Iterable[str], code: str) -> Reading:
    """The reading of a text in a language without a lexicon: a question mark is all that can be understood."""
    for piece in pieces:
        if "?" in piece:
            return Reading(
                request=Finding(0.6, Evidence(UNKNOWN_LANGUAGE_RULE, piece[:EVIDENCE_LIMIT])), language=code
            )
    return Reading(language=code)
