"""Tells mail that a program wrote from mail that a person wrote (RFC 3834, RFC 5230 4.5 and 4.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from mailwatch.domain.fields import read_parameters
from mailwatch.domain.people import Address
from mailwatch.domain.subject import read_subject
from mailwatch.domain.wordtable import entries

MARKER_FIELD: Final = "X-Mailwatch"
"""The field that every mail of ours carries."""

_CALENDAR_FIELDS = ("x-ms-exchange-calendar-originator-id", "x-ms-exchange-calendar-series-instance-id")
"""Exchange Online sets them on invitations and their answers, and often no Content-Class."""
_SUPPRESSED = frozenset({"all", "oof", "autoreply"})

# Local parts are compared without their signs, so that no-reply, no_reply and noreply are one.
_NO_REPLY_WORDS: Final = """
    noreply donotreply noreplies donotrespond noresponse notification notifications notify notifier alert alerts
    autoreply autoresponder automailer automated automation calendarnotification newsletter newsletters unattended
"""
_DAEMON_WORDS: Final = "mailerdaemon postmaster bounce bounces daemon listserv majordomo mailman root cron uucp"
_NO_REPLY = frozenset(_NO_REPLY_WORDS.split())
_DAEMONS = frozenset(_DAEMON_WORDS.split())
_DAEMON_BEGINS = ("owner-", "bounce-", "bounces-", "mailer-daemon", "microsoftexchange329e71ec88ae")
_DAEMON_ENDS = ("-request", "-owner", "-bounces", "-bounce")
_NO_REPLY_BEGINS = ("noreply", "donotreply", "nereplique", "nepasrepondre", "nichtantworten", "keineantwort")
_NO_REPLY_ENDS = ("noreply", "donotreply", "notifications", "notification")

# What programs set before a subject with a colon, in lower case, separated by bars. What people write there as well
# is read in `secondlook.py`, together with the text.
_AWAY = """
    automatic reply|auto-reply|auto reply|autoreply|auto response|auto-response|autoresponse|automatic response
    out of office autoreply|out of office reply|out of office auto-reply|out of office auto reply
    automatische antwort|automatische abwesenheit|abwesenheitsnotiz|abwesenheitsmeldung|abwesenheitsassistent
    réponse automatique|reponse automatique|réponse automatisée|message d'absence|notification d'absence
    respuesta automática|respuesta automatica|risposta automatica
    automatisch antwoord|automatische beantwoording|afwezigheidsbericht|afwezigheidsassistent
    resposta automática|resposta automatica|odpowiedź automatyczna|automatyczna odpowiedź|autoodpowiedź
    autosvar|automatiskt svar|automatisk svar|frånvaromeddelande|fraværsbesked|fraværsmelding
"""
# The same without a colon, in full.
_BOUNCE = """
    undelivered mail returned to sender|mail delivery failed: returning message to sender|mail delivery subsystem
    delivery status notification (|mail delivery failure (|mail system error - returned mail
"""
_MAYBE_AWAY = """
    out of office|out of the office|out-of-office|ooo|abwesenheit|abwesend|nicht im büro|absence du bureau
    absent du bureau|en dehors du bureau|fuera de la oficina|fuera de oficina|fuori ufficio|fuori sede|afwezig
    fora do escritório|ausência temporária|nieobecność|poza biurem|frånvarande|fraværende|ikke til stede
    ikke på kontoret
"""
_TELLING_FIELDS = """
    x-mailwatch auto-submitted x-autoreply x-autorespond x-loop list-id list-post precedence list-unsubscribe
    feedback-id x-auto-response-suppress
"""


_AWAY_SUBJECTS = frozenset(entries(_AWAY))
_BOUNCE_SUBJECTS = entries(_BOUNCE)
MAYBE_AWAY: Final = frozenset(entries(_MAYBE_AWAY)) | _AWAY_SUBJECTS
"""What programs and people set before a subject, or write as the whole of it."""
_AWAY_TAGS = ("[auto-reply]", "[auto reply]")
_LONGEST_WORDS: Final = 40


@dataclass(frozen=True, slots=True)
class Mail:
    """What the rules look at: fields by their name in lower case, subject in lower case, local parts (see below)."""

    fields: Mapping[str, Sequence[str]]
    subject: str
    local_parts: Sequence[str]

    def has(self, *names: str) -> bool:
        """Whether one of the fields is there and says more than no."""
        return any(value.strip().lower() not in ("", "no", "false", "0") for n in names for value in self.get(n))

    def get(self, name: str) -> Sequence[str]:
        """The values of a field."""
        return self.fields.get(name, ())

    def word(self, name: str) -> str:
        """The first word of a field in lower case, without parameters and comments."""
        for value in self.get(name):
            words = value.replace(";", " ").replace("(", " ").split(None, 1)
            return words[0].lower() if words else ""
        return ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One question about a mail: its name, what a yes shows, and how it is found out."""

    name: str
    description: str
    test: Callable[[Mail], bool]


def is_ours(mail: Mail) -> bool:
    """Our own marker stands in it."""
    return bool(mail.get(MARKER_FIELD.lower()))


def is_auto_submitted(mail: Mail) -> bool:
    """Auto-Submitted says anything but no (RFC 3834 5)."""
    return mail.word("auto-submitted") not in ("", "no")


def is_auto_reply(mail: Mail) -> bool:
    """A field of older autoresponders is there."""
    return mail.has("x-autoreply", "x-autorespond", "x-loop")


def _report_type(mail: Mail) -> str:
    for value in mail.get("content-type"):
        if "report" in value.lower():
            kind, parameters = read_parameters(value)
            return parameters.get("report-type", "other").lower() if kind == "multipart/report" else ""
    return ""


def is_disposition_notification(mail: Mail) -> bool:
    """It is a receipt for reading (RFC 8098)."""
    return _report_type(mail) == "disposition-notification"


def is_delivery_notification(mail: Mail) -> bool:
    """It is a report on delivery (RFC 3464) or another report (RFC 6522), or its subject says so in full."""
    return bool(_report_type(mail)) or mail.subject.startswith(_BOUNCE_SUBJECTS)


def is_calendar(mail: Mail) -> bool:
    """It is an invitation or the answer to one (RFC 5545, RFC 6047)."""
    return (
        any(value.lstrip().lower().startswith("text/calendar") for value in mail.get("content-type"))
        or any("calendarmessage" in value.lower() for value in mail.get("content-class"))
        or any(name in mail.fields for name in _CALENDAR_FIELDS)
    )


def has_null_return_path(mail: Mail) -> bool:
    """The return path is empty, which only notices have (RFC 5321 4.5.5)."""
    return any(value.strip() == "<>" for value in mail.get("return-path"))


def is_list(mail: Mail) -> bool:
    """It came through a mailing list (RFC 2919, RFC 2369)."""
    return bool(mail.get("list-id") or mail.get("list-post")) or mail.word("precedence") == "list"


def is_precedence_bulk(mail: Mail) -> bool:
    """Precedence says bulk, junk or auto_reply (RFC 3834 2, RFC 5230 4.6)."""
    return mail.word("precedence") in ("bulk", "junk", "auto_reply", "auto-reply")


def is_bulk(mail: Mail) -> bool:
    """It can be unsubscribed from, or carries the mark of a bulk sender."""
    return bool(mail.get("list-unsubscribe") or mail.get("feedback-id"))


def is_suppressing(mail: Mail) -> bool:
    """It asks that nobody answers by a program; asking for no receipts alone does not count (MS-OXCMAIL)."""
    return any(
        word.strip() in _SUPPRESSED
        for value in mail.get("x-auto-response-suppress")
        for word in value.lower().split(",")
    )


def _local_parts(fields: Mapping[str, Sequence[str]], author: Address | None) -> list[str]:
    """The local parts of author and sender in lower case; a From without an address counts as it stands."""
    specs = [author.addr_spec] if author else [value.lower() for value in fields.get("from", ())[:1]]
    if "sender" in fields:
        specs.append(fields["sender"][0].lower().rpartition("<")[2])
    return [spec.partition("@")[0].partition("+")[0].strip(' "<>')[:100] for spec in specs]


@lru_cache(maxsize=4096)
def _kind_of(local: str) -> str | None:
    """Which of the two rules below a local part falls under."""
    plain = local.replace("-", "").replace("_", "").replace(".", "")
    if plain in _DAEMONS or local.startswith(_DAEMON_BEGINS) or local.endswith(_DAEMON_ENDS):
        return "mailer-daemon"
    if plain in _NO_REPLY or plain.startswith(_NO_REPLY_BEGINS) or plain.endswith(_NO_REPLY_ENDS):
        return "noreply"
    return None


def is_mailer_daemon(mail: Mail) -> bool:
    """A daemon or the software of a list wrote it (RFC 5230 4.6)."""
    return any(_kind_of(local) == "mailer-daemon" for local in mail.local_parts)


def is_no_reply(mail: Mail) -> bool:
    """The address says that nobody reads what is sent to it."""
    return any(_kind_of(local) == "noreply" for local in mail.local_parts)


def is_away_notice(mail: Mail) -> bool:
    """The subject is that of an out-of-office notice, for programs that set no field.

    People may write "OOO: who stands in?"; but before the mark of a reply only programs set such words.
    """
    words, colon, rest = mail.subject.partition(":")
    if not colon or len(words) > _LONGEST_WORDS:
        return mail.subject.startswith(_AWAY_TAGS)
    words = words.rstrip()
    return words in _AWAY_SUBJECTS or (words in MAYBE_AWAY and read_subject(rest).reply)


RULES: Final = (
    Rule("mailwatch", "our own mail", is_ours),
    Rule("mdn", "a receipt for reading", is_disposition_notification),
    Rule("dsn", "a report on delivery", is_delivery_notification),
    Rule("calendar", "an invitation or the answer to one", is_calendar),
    Rule("auto-submitted", "Auto-Submitted names a program", is_auto_submitted),
    Rule("auto-reply", "a field of an autoresponder", is_auto_reply),
    Rule("suppress", "X-Auto-Response-Suppress", is_suppressing),
    Rule("null-return-path", "an empty return path", has_null_return_path),
    Rule("mailer-daemon", "a daemon's address", is_mailer_daemon),
    Rule("noreply", "an address that nobody reads", is_no_reply),
    Rule("away", "the subject of an out-of-office notice", is_away_notice),
    # The last ones may also be the marks that a group leaves on a person's mail (see ONLY_A_LIST).
    Rule("bulk", "a bulk sender", is_bulk),
    Rule("precedence", "Precedence says bulk", is_precedence_bulk),
    Rule("list", "a post to a mailing list", is_list),
)
ONLY_A_LIST: Final = frozenset({"precedence", "list"})


# Ordinary mail has none of these fields, and there is a lot of it.
_TELLING = frozenset(_TELLING_FIELDS.split())
_RULES_FOR_ALL = tuple(
    rule
    for rule in RULES
    if rule.name not in ("mailwatch", "auto-submitted", "auto-reply", "list", "precedence", "bulk", "suppress")
)


def why_automatic(fields: Mapping[str, Sequence[str]], author: Address | None) -> str | None:
    """The name of the first rule that shows that a program wrote a mail, or None for a person's mail.

    Field names are in lower case, values unfolded; the subject is decoded (RFC 2047) before.
    """
    subject = fields["subject"][0].strip().lower() if fields.get("subject") else ""
    mail = Mail(fields, subject, _local_parts(fields, author))
    for rule in _RULES_FOR_ALL if _TELLING.isdisjoint(fields) else RULES:
        if rule.test(mail):
            return rule.name
    return None
