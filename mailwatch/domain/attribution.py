"""Recognises the lines that stand above quoted words: attributions and blocks of header fields."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_MOST_CHARACTERS: Final = 400
_MOST_LINES: Final = 4
_ENDS = (":", "：", "...", "…", "wrote in message")
_WRAPPED: Final = 60  # characters of a line that may have been cut off
LONGEST_NAME: Final = 30  # characters of a field's name, its marks and the colon
_SKIPPED: Final = 2  # blank lines between header fields, as some programs leave them

_WROTE: Final = (
    r"wrote|writes|said|mentioned|replied|asked|schrieb|schreibt|geschrieben|écrit|escribió|escribio|scritto|scrive"
    r"|schreef|schrijft|geschreven|escreveu|napisał|napisała|pisze|przeczytać|skrev|skriver|kirjoitti|написал|пишет|napsal"
    r"|napsala|napísal|napísala|írta|yazdı|scris|έγραψε|пише|написав|написала|написа|пісаў|napisao|napisala|napisal"
    r"|escriure|escrit|viết|menulis|kirjutas|rakstīja|rašė|skrifaði|כתב|כתבה|كتب|نوشت|작성|писал"
)
"""That somebody wrote, in the languages of the usual programs, as a last word; in some the gender is left open."""
_VERBS = frozenset(_WROTE.split("|")) | {"write", "napisana", "missatge"}
_LAST_WORD_IS_VERB = re.compile(rf"(?:(?:{_WROTE})(?:\([aа]\))?|[写寫]道)\s*+[:：.…]++\Z")
_LAST_WORDS: Final = 40
_NO_LETTERS = str.maketrans(dict.fromkeys("!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~“”„‘’«»：，…–—", " "))
_BEGINS = re.compile(
    r"(?:on|am|at|in|le|el|il|op|em|no|às|en|den|dnia|w dniu|på|a|il giorno|quoting|zitat von|citando|quotation"
    r"|wiadomość napisana)\s"
    r"|[\"“']?\d{4}[-/.年]|\d{1,2}[-/.]\s?\d|(?:mon|tue|wed|thu|fri|sat|sun|man|tir|ons|tor|fre|lør|søn|pon|wt|śr"
    r"|czw|pt|sob|niedz|mån|tis|lör|sön|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim)[a-z]{0,6}[.,]?\s"
)
_VERB_AND_MOMENT = re.compile(
    r"(?:schreef op|schrieb am|wrote on|a écrit le|ha scritto il|escribió el|skrev den|писал(?:\(а\))?|kirjoitti)"
    r" [\w ,.:/+-]{6,40}:"
)
_FIRST_PERSON = re.compile(r"(?:i|we|ich|wir|je|j'ai|nous|yo|nosotros|io|noi|ik|wij|eu|nós|ja|my|jag|vi|jeg)\s")
_ANGLED = re.compile(r"[<(\[]\s?[^\s<>@]{1,100}+@[^\s<>@]{1,200}+\s?[>)\]]")
_ADDRESSED = re.compile(r"[\w\"] <[^\s<>@]{1,100}+@[^\s<>@]{1,200}+>\s?:\Z")
"""A name and an address, as Horde sets them behind a word of the user's language."""
_BARE = re.compile(r"[^\n@<]{1,80}<?[^\s<>@]{1,100}+@[^\s<>@]{1,200}+ [–—-] ")
_BY_ADDRESS = re.compile(r"\b(?:by|von|de|da|door|van|por|od|av|af|от) [^\s@]{1,100}+@[^\s@]{1,200}+\Z")
_NOTES = re.compile(r".{2,80} ---\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4} .{4,20}---")
_GROUPWISE = re.compile(r">>> .{1,200} \d{1,2}[:.]\d\d(?: ?[ap]m)? >>>", re.IGNORECASE)
_MOMENT = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[:.h]\d\d\b|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}[年년]")

# Names of header fields in the languages of the usual programs: meaning, then the names in lower case.
_NAMES = """
    from: from|von|de|da|van|od|från|fra|expéditeur|remitente|mittente|nadawca|afzender|lähettäjä|от
    date: sent|date|gesendet|datum|envoyé|enviado|enviado el|inviato|data|verzonden|enviada|enviada em|wysłano|wysłane
    date: skickat|sendt|dato|fecha|sent on|received|gesendet am|date d'envoi|enviado em|enviados|lähetetty|дата
    to: to|an|à|a|para|aan|do|till|til|pour|destinataire|destinatario|destinatário|adresat|vastaanottaja|кому
    cc: cc|kopie|copie|copia|kopia|kopi|bcc|dw|udw|cópia|c.c.|копия
    subject: subject|betreff|objet|asunto|oggetto|onderwerp|assunto|temat|thema|ämne|emne|betr.|aihe|тема|sujet|re
    from: gönderen|frá|từ
    from: 보낸사람|발신
    to: 받는사람|받은 사람|받은사람
    date: 날짜|gönderildi|tarih|enviat el|enviat|dátum|日付
    from: kimden|feladó|de la|发件人|差出人|보낸 사람
    date: odesláno|gönderilme|elküldve|trimis|отправлено|发送时间|日期|送信日時|보낸 날짜
    to: alıcı|per a|komu|kime|címzett|către|收件人|宛先|받는 사람
    subject: efni|předmět|konu|tárgy|subiect|主题|件名|제목
    from: από|מאת|من|від|šalje|pošiljatelj|nuo|saatja|寄件者|dari|จาก
    date: στάλθηκε|ημερομηνία|נשלח|תאריך|تم الإرسال|التاريخ|надіслано|odoslané|poslano|изпратено|išsiųsta|saadetud
    date: 寄件日期|送信日|보낸날짜|tanggal|dikirim|วันที่|đã gửi|lähetyspäivä
    to: προς|אל|إلى|до|prima|za|kam|adressaat|收件者|kepada|ถึง|đến
    cc: κοιν.|עותק|نسخة|抄送|副本|참조
    subject: θέμα|נושא|الموضوع|predmet|zadeva|относно|teema|tema|主旨|perihal|subjek|เรื่อง|chủ đề
    other: reply-to|importance|priority|attachments|sent by|organization|organisation|message-id|resent-from
    other: antwort an|répondre à|anlagen|wichtigkeit|sender|x-mailer|newsgroups|mailed-by|signed-by|in-reply-to
    date: sent at
    other: reply to|gesendet von|envoyé par|enviado por|inviato da
"""
FIELDS = {
    name: meaning.strip()
    for meaning, names in (line.split(":", 1) for line in _NAMES.splitlines() if line.strip())
    for name in names.strip().split("|")
}


def attribution(lines: Sequence[str], start: int, *, quote_follows: Sequence[bool]) -> int:
    """How many lines from `start` are an attribution such as "On … Ann wrote:"; 0 if they are none.

    `quote_follows[n]` says whether the first line after line n that is not blank is a quoted one. If it is not,
    the words must be beyond doubt, since all that stands below is then taken for quoted.
    """
    if is_groupwise(lines[start]) or (" ---" in lines[start] and _NOTES.match(lines[start])):
        return 1
    if quote_follows[start] and _is_bare(lines[start]):
        return 1
    pieces: list[str] = []
    for index in range(start, min(start + _MOST_LINES, len(lines))):
        if len(lines[index]) > _MOST_CHARACTERS:
            return 0
        line = lines[index].strip(" \t*_")
        if not line or line[0] == ">":
            return 0
        pieces.append(line)
        if line.endswith(_ENDS):
            if len(pieces) > 1 and not _may_begin(*pieces[:2]):
                return 0
            words = " ".join(pieces).lstrip("- ").lower()
            if len(words) > _MOST_CHARACTERS:
                return 0
            if _attributes(words, quote_follows[index]):
                return len(pieces)
        if line[-1] in ".!?":
            return 0
    return 0


def _is_bare(line: str) -> bool:
    """Whether a line is only a name, an address and a moment, as Nextcloud writes above a quote."""
    return "@" in line and len(line) < 200 and bool(_BARE.match(line)) and bool(_MOMENT.search(line))


def is_groupwise(line: str) -> bool:
    """Whether a line is a heading of GroupWise, ">>> Ann Smith 16.11.2026 16:02 >>>", with unmarked words below."""
    return line.startswith(">>> ") and len(line) < 250 and bool(_GROUPWISE.fullmatch(line.rstrip()))


def names_a_writer(line: str) -> bool:
    """Whether a single line ends like an attribution, so that the mark of a quote may be seen below it."""
    return len(line) <= _MOST_CHARACTERS and line.rstrip().endswith(":") and _says_who_wrote(line.lower())


def _says_who_wrote(words: str) -> bool:
    """Whether words in lower case hold a verb of writing; a set of words is quicker than a pattern of fifty."""
    return not _VERBS.isdisjoint(words.translate(_NO_LETTERS).split()) or "写道" in words or "寫道" in words


def _may_begin(line: str, following: str) -> bool:
    """Whether a line may be the first of an attribution that was wrapped; often the address stands on the next."""
    words = line.lstrip("- ").lower()
    if _BEGINS.match(words) or "@" in words or _says_who_wrote(words):
        return True
    return following[:1] in "<([" and "@" in following and bool(_MOMENT.search(words))


def _attributes(words: str, quote_follows: bool) -> bool:
    """Whether words in lower case that end in a colon say who wrote what comes."""
    moment = bool(_MOMENT.search(words))
    address = "@" in words
    verb = _says_who_wrote(words)
    last = bool(_LAST_WORD_IS_VERB.search(words[-_LAST_WORDS:]))
    if not words.endswith((":", "：")):
        return quote_follows and verb and (moment or address)
    if quote_follows:
        return (
            (verb and (moment or address or last))
            or (moment and address)
            or bool(address and _ADDRESSED.search(words))
            or words.startswith(("quoting ", "zitat von "))
        )
    if "://" in words or _FIRST_PERSON.match(words):
        return False
    if moment and (_VERB_AND_MOMENT.search(words) or _BY_ADDRESS.search(words[:-1])):
        return True
    if verb and (address or (moment and last)):
        return bool(_BEGINS.match(words)) or last or bool(_ANGLED.search(words))
    if verb and moment:
        return bool(_BEGINS.match(words)) and words.count(" ") < 20
    return moment and words.endswith(">:") and address


def header_block(lines: Sequence[str], start: int, *, after_separator: bool) -> int:
    """How many lines from `start` are the header fields of another message; 0 if they are none.

    A travel plan has From, To and Date too: without a separator above, a subject or an address must be there.
    """
    if field_meaning(lines[start]) not in ("from", "date", "subject", "to"):
        return _bare_block(lines, start) if after_separator else 0
    found: set[str] = set()
    end = index = start
    blank = 0
    while index < len(lines) and index < start + 60:
        line = lines[index]
        meaning = field_meaning(line)
        if meaning:
            found.add(meaning)
            blank = 0
        elif not line.strip():
            blank += 1
            if blank > _SKIPPED:
                break
        elif blank or not (continues_field(line) or _is_long_field(lines[index - 1])):
            break
        if line.strip():
            end = index + 1
        index += 1
    if after_separator:
        return end - start if found - {"other"} else 0
    addressed = any("@" in line for line in lines[start:end])
    real = found - {"other"}
    sure = len(real) >= 3 and "from" in real and ("subject" in real or addressed)
    return end - start if sure else 0


def _bare_block(lines: Sequence[str], start: int) -> int:
    """How many lines are header fields without colons, as eM Client writes them below its separator."""
    end = start
    while end < len(lines) and end < start + 10 and lines[end].partition(" ")[0].lower() in FIELDS:
        end += 1
    return end - start if end - start >= 3 and any("@" in line for line in lines[start:end]) else 0


def is_field(line: str) -> bool:
    """Whether a line begins with the name of a header field in one of the known languages."""
    return field_meaning(line) is not None


def field_meaning(line: str) -> str | None:
    """Which header field a line begins with, by its name in a known language; None if with none."""
    name, colon, _ = line[:LONGEST_NAME].partition(":")
    if not name.isascii():
        name, wide, _ = name.partition("：")
        colon, name = colon or wide, name.replace("\u3000", "")
    return FIELDS.get(name.strip(" \t*_|").lower()) if colon else None


def _is_long_field(line: str) -> bool:
    return len(line) >= _WRAPPED and is_field(line)


def continues_field(line: str) -> bool:
    """Whether a line goes on with the recipients or the subject of the line above."""
    return line[:1] in " \t" or "@" in line or ";" in line
