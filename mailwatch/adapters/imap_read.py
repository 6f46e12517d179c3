"""Reads the headers and the texts of messages: few bytes of each, in few commands, and a way out for broken ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from mailwatch.adapters.imap_answers import internal_date
from mailwatch.adapters.imap_fetch import ImapFetch, in_groups, octets
from mailwatch.adapters.imap_roles import raw_name, role_of_labels
from mailwatch.adapters.imap_session import ImapSession
from mailwatch.adapters.imap_structure import invitation, text_parts
from mailwatch.adapters.imap_sync import provider_id, uids_of
from mailwatch.domain.invitations import is_invitations, may_invite
from mailwatch.domain.message import Headers, Mailbox, Role, SetAside, Text
from mailwatch.domain.mime import HEADER_FIELDS, read_headers, read_part, read_text
from mailwatch.errors import UnreadableMessage

HEADER_LIMIT = 64 * 1024  # bytes of header fields
TEXT_LIMIT = 16 * 1024  # bytes of a text at first
LONG_TEXT_LIMIT = 256 * 1024  # bytes of a text whose beginning held next to no words
WHOLE_LIMIT = 64 * 1024  # bytes of a message that can only be had as a whole
_TEXTS_A_COMMAND = 200
_WHOLES_A_COMMAND = 20
_NEXT_TO_NOTHING = 400  # characters

_FIELDS = b"BODY[HEADER.FIELDS"
_WHOLE = f"(UID INTERNALDATE BODY.PEEK[]<0.{WHOLE_LIMIT}>)"
_HEADERS = f"UID INTERNALDATE BODY.PEEK[HEADER.FIELDS ({' '.join(HEADER_FIELDS).upper()})]<0.{HEADER_LIMIT}>"

Namer = Callable[[int], str]
"""The provider's id of a message, from its UID."""


class ImapReader:
    """Headers and texts over a session; see MailProvider for what they promise."""

    def __init__(self, session: ImapSession) -> None:
        self._session = session
        self._named_as_invitations: set[str] = set()  # of the messages whose headers were read last

    def headers(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterator[Headers | SetAside]:
        """The headers in the order of `ids`."""
        self._named_as_invitations.clear()
        labelled = mailbox.role is Role.ALL and "X-GM-EXT-1" in self._session.again(self._capabilities)
        items = f"({_HEADERS} X-GM-LABELS)" if labelled else f"({_HEADERS})"
        for fetch, name, uids in self._groups(mailbox, ids, self._session.account.batch):
            found, unreadable = fetch.gather(uids, items, _FIELDS)
            whole, why = fetch.gather(list(unreadable), _WHOLE, b"BODY[]") if unreadable else ({}, {})
            for uid in uids:
                values = found.get(uid) or whole.get(uid)
                if values is None:
                    if uid in unreadable:
                        yield SetAside(name(uid), why.get(uid, unreadable[uid]))
                    continue
                raw = octets(values, _FIELDS) or octets(values, b"BODY[]")
                try:
                    received_at = internal_date(values.get(b"INTERNALDATE"))
                    if received_at is None:
                        raise UnreadableMessage("The server tells no receive time that can be read.")
                    role = role_of_labels(values.get(b"X-GM-LABELS"), mailbox.role)
                    headers = read_headers(raw, provider_id=name(uid), role=role, received_at=received_at)
                    if headers.author is None and len(raw) >= HEADER_LIMIT:
                        raise UnreadableMessage("The header is over 64 KB and its beginning names no author.")
                    if is_invitations(headers.subject.lower()):
                        self._named_as_invitations.add(headers.provider_id)
                    yield headers
                except UnreadableMessage as error:
                    yield SetAside(name(uid), str(error))

    def texts(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterator[Text | SetAside]:
        """The texts, in the order in which they can be had."""
        for fetch, name, uids in self._groups(mailbox, ids, _TEXTS_A_COMMAND):
            texts, hidden, rest = self._parts(fetch, name, uids, "1", TEXT_LIMIT)
            # A text may begin behind a picture, or behind a style sheet that is longer than what was fetched; and a
            # plain one may only say that there is HTML. Where subject or words sound like an invitation, a calendar
            # may stand beside them.
            doubtful = [
                uid
                for uid, text in texts.items()
                if text.invitation is None and (may_invite(text.words) or name(uid) in self._named_as_invitations)
            ]
            asked = [*hidden, *doubtful]
            found, unknown = fetch.gather(asked, "(UID BODYSTRUCTURE)", b"BODYSTRUCTURE") if asked else ({}, {})
            calendars = {uid: invitation(values[b"BODYSTRUCTURE"]) for uid, values in found.items()}
            waiting = {
                uid: [place for place in text_parts(values[b"BODYSTRUCTURE"]) if place != "1" or hidden[uid]]
                for uid, values in found.items()
                if uid in hidden
            }
            while waiting:
                places: dict[str, list[int]] = {}
                for uid, left in waiting.items():
                    if left:
                        places.setdefault(left.pop(0), []).append(uid)
                    else:
                        texts[uid] = Text(name(uid), "")
                unread: list[int] = []
                for place, some in places.items():
                    more, without, others = self._parts(fetch, name, some, place, LONG_TEXT_LIMIT)
                    texts |= more
                    unread += without
                    rest += others
                waiting = {uid: waiting[uid] for uid in unread}
            for uid, text in texts.items():
                yield replace(text, invitation=calendars[uid]) if calendars.get(uid) else text
            yield from self._wholes(fetch, name, [*rest, *(uid for uid in unknown if uid in hidden)])

    def _parts(
        self, fetch: ImapFetch, name: Namer, uids: Sequence[int], place: str, limit: int
    ) -> tuple[dict[int, Text], dict[int, bool], list[int]]:
        """The texts that stand in one part, those without words there (was it cut?), and the rest."""
        header, body = f"BODY[{place}.MIME]".encode(), f"BODY[{place}]".encode()
        items = f"(UID BODY.PEEK[{place}.MIME]<0.{TEXT_LIMIT}> BODY.PEEK[{place}]<0.{limit}>)"
        found, unreadable = fetch.gather(uids, items, body)
        texts: dict[int, Text] = {}
        hidden: dict[int, bool] = {}
        rest = list(unreadable)
        for uid, values in found.items():
            mime, raw = octets(values, header), octets(values, body)
            if not mime and raw:
                # Some servers have no MIME header for the only part of a message; then its encoding is unknown.
                rest.append(uid)
                continue
            cut = len(raw) >= limit
            text = read_part(mime, raw, provider_id=name(uid), truncated=cut)
            if text is None or (cut and limit < LONG_TEXT_LIMIT and len(text.words) < _NEXT_TO_NOTHING):
                hidden[uid] = cut
            else:
                texts[uid] = text
        return texts, hidden, rest

    def _wholes(self, fetch: ImapFetch, name: Namer, uids: Sequence[int]) -> Iterator[Text | SetAside]:
        for some in in_groups(uids, _WHOLES_A_COMMAND):
            found, unreadable = fetch.gather(some, _WHOLE, b"BODY[]")
            for values_uid, values in found.items():
                yield read_text(octets(values, b"BODY[]"), provider_id=name(values_uid))
            for uid, why in unreadable.items():
                yield SetAside(name(uid), why)

    def _groups(
        self, mailbox: Mailbox, ids: Sequence[str], size: int
    ) -> Iterator[tuple[ImapFetch, Namer, Sequence[int]]]:
        if not ids:
            return
        raw = raw_name(mailbox.id)
        validity = self._session.again(lambda: self._session.examine(raw)).uidvalidity
        uids = uids_of(mailbox, ids, validity)
        fetch = ImapFetch(self._session, raw, validity)
        for some in in_groups(uids, size):
            yield fetch, lambda uid: provider_id(mailbox, validity, uid), some

    def _capabilities(self) -> frozenset[str]:
        return self._session.capabilities
