"""Tells a program's mail by its text, where its header alone might be a person's (see `automatic.py`)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mailwatch.domain.automatic import MAYBE_AWAY
from mailwatch.domain.fates import SUBJECTS as FATE_SUBJECTS
from mailwatch.domain.fates import fate_told
from mailwatch.domain.invitations import SAYS, is_invitations
from mailwatch.domain.invitations import SUBJECTS as INVITATION_SUBJECTS
from mailwatch.domain.message import Headers, Invitation, Role, Text
from mailwatch.domain.notices import says_to_be_a_programs
from mailwatch.domain.quotation import parts_of
from mailwatch.domain.reactions import as_reaction, tells_of_a_reaction
from mailwatch.domain.separators import Separator, separator
from mailwatch.domain.subject import read_subject
from mailwatch.domain.wordtable import entries

_BOUNCE = """
    undeliverable|undelivered|mail delivery failed|mail delivery failure|returned mail|delivery failure
    delivery has failed|delivery status|failure notice|message delivery|unzustellbar|non remis|non délivré
    no se puede entregar|onbestelbaar|non recapitabile|mensagem não entregue
"""
_AWAY_SAYS = re.compile(
    r"out of (?:the )?office|away from (?:the office|my desk|work)|\bon (?:annual |parental |sick )?leave\b"
    r"|on (?:vacation|holidays?)|(?:limited|no) access to (?:my )?e-?mail|be back (?:in|on)|back in the office"
    r"|not in the office|currently (?:away|out)|i will return|nicht im (?:büro|haus|dienst)|abwesend"
    r"|nicht erreichbar|im urlaub|außer haus|wieder (?:im büro|da|erreichbar)|\babsente?\b|en congés?\b|de retour"
    r"|en vacances|fuera de (?:la )?oficina|de vacaciones|ausente|fuori (?:ufficio|sede)|assente|in ferie|afwezig"
    r"|niet op kantoor|met verlof|(?:op|met) vakantie|fora do escritório|de férias|nieobecn|na urlopie|poza biurem"
    r"|frånvarande|på semester|fraværende|på ferie|ikke til stede",
    re.IGNORECASE,
)
_BOUNCE_SAYS = re.compile(
    r"(?:not|n['’]t)(?: be| been)? (?:delivered|accepted)|undeliver|delivery (?:to|of|has|failed|status|attempt)"
    r"|failed (?:to deliver|permanently)|unable to deliver|returned to|permanent (?:error|failure)|user unknown"
    r"|mailbox (?:is )?full|final-recipient|diagnostic|rejected|unzustellbar|nicht zugestellt|zustellung|non remis"
    r"|pas pu être|échec|entregar|consegnat|afgeleverd|bezorgd|onbestelbaar",
    re.IGNORECASE,
)
_OF_MAIL = re.compile(r"[^\s<>@]{1,64}+@[^\s<>@]{1,255}+|\b[45]\.\d{1,3}\.\d{1,3}\b|final-recipient", re.IGNORECASE)
_OPENING: Final = 400  # characters in which a person would ask what they want to know
_READ: Final = 4000
_BEGINS_LIKE_A_MARK = re.compile(
    r"\s{0,100}(?:[^\w\s]|please|reply|type|write|bitte|antwort|veuillez|répon|respon|por favor|rispond|odpowi|svar)",
    re.IGNORECASE,
)
_NUMBERS: Final = ("Ref:MSG", "Ref:TIS")
_FIRST: Final = 300  # characters in which a ticket system says that answers belong above
_MAYBE_BOUNCE_SUBJECTS = entries(_BOUNCE)
_MAYBE_AWAY_SUBJECTS = tuple(MAYBE_AWAY)
_STARTS = frozenset(
    each[:3] for each in (*_MAYBE_BOUNCE_SUBJECTS, *_MAYBE_AWAY_SUBJECTS, *INVITATION_SUBJECTS, *FATE_SUBJECTS)
) | {"lu ", "lu:", "lu\xa0"}
"""With these letters the subjects begin that need a second look; most begin with others."""


def second_look(headers: Headers, text: Text) -> tuple[Headers, Text]:
    """Headers and text of a mail once both are known: is it a program's after all, and does it only nod?"""
    if headers.automatic is None and (rule := why_automatic_by_text(headers, text)):
        headers = replace(headers, automatic=rule)
    return headers, as_reaction(text, headers.subject)


def why_automatic_by_text(headers: Headers, text: Text) -> str | None:
    """The name of the rule that shows that a program wrote a mail whose header was a person's; None if none does.

    The subject of a bounce or an out-of-office notice does not do it alone, for people write such subjects too: the
    text must say so in set phrases, and ask nothing. So it is with "Invitation:" and "Accepted:" where no calendar is
    seen beside the words; what a person asks in an invitation is the invitation's.
    """
    if text.invitation and not (text.invitation is Invitation.BESIDE and _is_passed_on(headers.subject)):
        return "calendar"
    if tells_of_a_reaction(text.words) and "?" not in _new(headers, text)[:_OPENING]:
        return "reaction"
    if headers.role is not Role.SENT and _is_tickets(headers.subject, text.words):
        return "ticket"
    if headers.role is not Role.SENT and says_to_be_a_programs(text.words) and _is_all_new(headers, text):
        return "notice"
    subject = headers.subject[:_READ].lstrip().lower()
    if subject[:3] not in _STARTS:
        return None
    if is_invitations(subject):
        words = _new(headers, text)
        return "calendar" if not words or SAYS.search(words) else None
    if rule := fate_told(subject, text.words):
        return rule
    if subject.startswith(_MAYBE_AWAY_SUBJECTS):
        return "away" if _says(_new(headers, text), _AWAY_SAYS) else None
    if subject.startswith(_MAYBE_BOUNCE_SUBJECTS):
        words = _new(headers, text)
        return "dsn" if _says(words, _BOUNCE_SAYS) and _OF_MAIL.search(words) else None
    return None


def _is_passed_on(subject: str) -> bool:
    """Whether a person answers or forwards: then the calendar is a file that goes along."""
    read = read_subject(subject)
    return read.reply or read.forward


def _is_all_new(headers: Headers, text: Text) -> bool:
    """Whether nothing is quoted or passed on: then it is of itself that a mail speaks."""
    parts = parts_of(headers, text)
    return not (_is_passed_on(headers.subject) or parts.quoted.strip() or parts.forwarded.strip())


def _new(headers: Headers, text: Text) -> str:
    """The new words of a mail, as far as a program's would go."""
    return parts_of(headers, text).new[:_READ].strip()


def _says(words: str, phrases: re.Pattern[str]) -> bool:
    """Whether words hold one of the set phrases and do not begin with a question."""
    return "?" not in words[:_OPENING] and bool(phrases.search(words))


def _is_tickets(subject: str, words: str) -> bool:
    """Whether a ticket system wrote a text: it begins with its reply mark, or ends in ServiceNow's number of a mail.

    Who answers writes above the mark, and sends the number back below the subject of an answer.
    """
    if "Ref:" in words and words.rstrip().rpartition("\n")[2].lstrip().startswith(_NUMBERS):
        return not _is_passed_on(subject)
    if not _BEGINS_LIKE_A_MARK.match(words):
        return False  # So it is with nearly all texts.
    for line in words[:_FIRST].split("\n")[:-1]:
        if any(map(str.isalnum, line)):
            return separator(line) is Separator.ANSWER_ABOVE
    return False
