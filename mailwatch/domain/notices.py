"""Tells the mail of a program by what it says of itself at its top or bottom: "This is an automatic message"."""

from __future__ import annotations

import re
from typing import Final

_EDGE: Final = 1500
"""So many characters at the top and at the bottom are searched."""
_HINT = re.compile(
    r"autom[aá]t|auto-|maschinell|-generated|unsubscribe|abmelden|abbestellen|abonner|inscrire|baja", re.I
)
_MAIL = r"(?:e-?mail|mail|message|notification|notice|reminder|response)"
_MAIL_DE = r"(?:e-?mail|mail|nachricht|benachrichtigung|mitteilung|erinnerung)"
_MAIL_FR = r"(?:e-?mail|mail|message|courriel|courrier électronique|notification)"
_MAIL_ES = r"(?:e-?mail|mensaje|correo|notificación)(?: electrónico)?"
_MADE = r"(?:generated|sent|created|produced|issued)"
_MADE_DE = r"(?:erstellt|generiert|erzeugt|ver(?:sendet|sandt|schickt)|gesendet)"
_MADE_FR = r"(?:générée?|envoyée?|créée?)"
_MADE_ES = r"(?:generad[oa]|enviad[oa]|cread[oa])"
_AUTOMATIC = rf"(?:automatic|automated|(?:automatically|auto|system|computer)[- ]{_MADE})"
_SAYS = "|".join(
    (
        rf"(?:this is an? |an? )?{_AUTOMATIC} {_MAIL}",
        rf"this {_MAIL} (?:was|is|has been) (?:automatically {_MADE}|{_MADE} automatically)",
        rf"this {_MAIL} (?:was|is|has been) (?:auto|system|computer)-{_MADE}",
        rf"(?:(?:dies|das|hierbei handelt es sich um|es handelt sich um) (?:ist )?(?:hierbei um )?(?:eine )?)?"
        rf"(?:automatische|(?:automatisch|maschinell|systemseitig) {_MADE_DE}e) {_MAIL_DE}",
        rf"diese {_MAIL_DE} (?:wurde|wird|ist) (?:automatisch|maschinell|vom system) {_MADE_DE}",
        rf"(?:(?:ceci est|il s['’]agit d['’]) ?(?:une? )?)?{_MAIL_FR} (?:automatique|{_MADE_FR} automatiquement)",
        rf"(?:ce|cet|cette) {_MAIL_FR} (?:a été|est) (?:{_MADE_FR} automatiquement|automatiquement {_MADE_FR})",
        rf"(?:est[ea] es una? )?{_MAIL_ES} (?:automátic[oa]|{_MADE_ES} automáticamente)",
        rf"est[ea] {_MAIL_ES} (?:ha sido|fue|se ha) (?:{_MADE_ES} (?:automáticamente|de forma automática))",
    )
)
_BY = (
    r"(?: (?:by|from|via|on behalf of|von|vom|durch|par|por|de)"
    r"(?! (?:mistake|accident|error|erreur|me\b|my\b))[^,;:?!]{1,80})?"
)
_ALONE = re.compile(rf"(?:{_SAYS}){_BY}", re.IGNORECASE)
_BEGINS = re.compile(_SAYS, re.IGNORECASE)
_NO_ANSWER = re.compile(
    r"(?:do not|don['’]t) (?:reply|respond|answer)|no[- ]?reply|unmonitored"
    r"|(?:replies|mailbox|inbox|address)\b.{0,60}\bnot (?:be )?(?:read|monitored|answered)"
    r"|(?:nicht (?:auf|an) .{1,40}|nicht )antworten|antworten sie .{0,20}nicht"
    r"|antworten .{0,40}nicht (?:gelesen|bearbeitet)|ne pas (?:y )?répondre|n['’]y répondez pas"
    r"|no (?:responda|conteste|responder|contestar)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    r"(?<=[.!;])\s+|,\s*(?=(?:so )?(?:please|do not|bitte|merci|veuillez|por favor|no resp))", re.IGNORECASE
)
_LEAVE = r"(?:unsubscribe|abmelden|abbestellen|se désabonner|se désinscrire|darse de baja)"
_MENU = re.compile(rf"{_LEAVE}(?:\s*\|[^|]{{1,40}}){{1,4}}|(?:[^|]{{1,40}}\|\s*){{1,4}}{_LEAVE}", re.IGNORECASE)
_DECORATION: Final = " \t\r\n*#=-_~<>[]()|.!"


def says_to_be_a_programs(words: str) -> bool:
    """Whether a text says so itself, in English, German, French or Spanish, and as set phrases say it.

    It begins the first or one of the last two paragraphs, or their last line, as a sentence of its own or beside the
    words that nobody shall reply. A last line of links of which one is to unsubscribe says the same. What a person
    writes of other mail, or asks not to be answered, does not.
    """
    top, bottom = words[:_EDGE], words[-_EDGE:]
    if not (_HINT.search(top) or _HINT.search(bottom)):
        return False
    last = bottom.rstrip().rpartition("\n")
    if last[0].strip() and _MENU.fullmatch(last[2].strip()):
        return True
    ends = _paragraphs(bottom)[-2:]
    return any(map(_says_so, (*_paragraphs(top)[:1], *ends, *(end.rpartition("\n")[2] for end in ends))))


def _paragraphs(words: str) -> list[str]:
    return [one.strip() for one in re.split(r"\n[ \t\r]*\n", words) if one.strip(_DECORATION)]


def _says_so(paragraph: str) -> bool:
    plain = " ".join(paragraph.strip(_DECORATION).split())
    said = _SENTENCE.split(plain, maxsplit=1)[0].strip(_DECORATION)
    return bool(_ALONE.fullmatch(said) or (_BEGINS.match(said) and _NO_ANSWER.search(plain)))
