"""Recognises invitations and the answers to them by what calendars write: subjects, phrases and drawn lines."""

from __future__ import annotations

import re
from typing import Final

from mailwatch.domain.wordtable import entries

CALENDAR: Final = "text/calendar"

_SUBJECTS = """
    accepted|declined|tentative|tentatively accepted|canceled|cancelled|canceled event|cancelled event|invitation
    updated invitation|new event|new time proposed|meeting forward notification|zugesagt|zusage|abgesagt|abgelehnt
    mit vorbehalt|mit vorbehalt zugesagt|unter vorbehalt|einladung|aktualisierte einladung|neuer zeitvorschlag
    neue zeit vorgeschlagen|accepté|refusé|provisoire|annulé|invitation mise à jour|nouvelle heure proposée|aceptado
    aceptada|rechazado|rechazada|provisional|cancelado|cancelada|invitación|nueva hora propuesta|accettato|accettata
    rifiutato|rifiutata|provvisorio|annullato|annullata|invito|geaccepteerd|afgewezen|voorlopig|geannuleerd
    uitnodiging|aceite|aceito|recusado|recusada|convite|zaakceptowano|odrzucono|accepterat|avböjt|accepteret|afvist
    akseptert|avslått|accept|decline|weitergeleitete besprechungsbenachrichtigung
    einladung zum ereignis|annehmen|ablehnen|accepter|refuser|aceptar|rechazar
"""
SUBJECTS: Final = frozenset(entries(_SUBJECTS))
"""What calendars set before the name of a meeting."""

SAYS: Final = re.compile(
    r"accept or decline|accept this invitation|(?:have been|are) invited to|(?:has )?invited you|meeting id"
    r"|join (?:the |by )?(?:meeting|zoom|teams|google meet|video)|teams\.microsoft\.com/|meet\.google\.com/"
    r"|zoom\.us/|(?:^|\n)[*\s]{0,3}(?:when|wann|quand|cuándo|quando|wanneer)\s?:|\*~\*~\*|~~//~~"
    r"|accepted your invitation|declined your invitation|^(?:yes, i will|no, i won['’]t|i might) attend"
    r"|ereignis eingeladen|(?:meeting|besprechungsanfrage|réunion|reunión)[^\n?]{0,80} (?:was forwarded"
    r"|wurde weitergel|weitergeleitet|transférée|se reenvió)"
    r"|^(?:ja, ich werde|nein, ich werde nicht|vielleicht) teilnehm"
    r"|^(?:oui, je|non, je ne) participerai|(?:hat|nimmt) ihre einladung|a accepté (?:l'invitation|votre invitation)"
    r"|ha aceptado (?:la|su|tu) invitación|ceci est une invitation|le ha invitado a",
    re.IGNORECASE,
)
"""What calendars write below such a subject."""

_HINTS: Final = (
    *("~*~", "~//~", "meeting", "teams.microsoft", "zoom.us", "webex.", "invit", "attend", "eingeladen", "einlad"),
    *("uitgenod", "convid", "zapros", "when:", "wann:", "quand :", "cuándo:", "quando:"),
)
_LOOKED_THROUGH: Final = 4000


def invites(method: str) -> bool:
    """Whether a calendar of this method invites or answers, and is not only shown or attached (RFC 5546)."""
    return method.strip().lower() not in ("", "publish")


def is_invitations(subject: str) -> bool:
    """Whether a subject in lower case is one that calendars write; people write such subjects too."""
    name, colon, _ = subject.partition(":")
    return bool(colon) and name.rstrip() in SUBJECTS


def may_invite(words: str) -> bool:
    """Whether it is worth a look into the parts of a mail whether a calendar stands beside these words."""
    start = words[:_LOOKED_THROUGH].lower()
    return any(hint in start for hint in _HINTS)
