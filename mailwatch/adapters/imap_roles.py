"""Finds which mailbox of an IMAP account has which role: by the settings, by RFC 6154, else by its name.

Every mailbox with a role is read, two sent mailboxes included: many accounts have one for each mail program, and
an answer may lie in either. Names count in the user's own namespace only (RFC 2342), and drafts, junk and trash are
never read.

Gmail keeps each message once and shows it in several mailboxes. INBOX, Sent Mail and All Mail are read, in this
order, and nothing else: All Mail alone would do for mail that is archived before a poll, but it can be hidden from
IMAP, holds drafts, and IDLE on it reports every label. A message that is seen in two of them has the same
`Headers.key`, so the ledger counts it once; X-GM-LABELS gives the copy in All Mail its real role.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from imapclient import imap_utf7

from mailwatch.adapters.imap_account import ImapAccount
from mailwatch.adapters.imap_answers import Token, responses, tokens
from mailwatch.adapters.imap_errors import Refused
from mailwatch.adapters.imap_session import ImapSession
from mailwatch.domain.cleaning import NAME_LIMIT, clean
from mailwatch.domain.message import Mailbox, Role
from mailwatch.domain.rolenames import role_of_path
from mailwatch.errors import RoleMissing

_SPECIAL_USE = {
    rb"\inbox": Role.INBOX,
    rb"\sent": Role.SENT,
    rb"\archive": Role.ARCHIVE,
    rb"\all": Role.ALL,
    rb"\allmail": Role.ALL,
    rb"\drafts": Role.DRAFTS,
    rb"\junk": Role.JUNK,
    rb"\spam": Role.JUNK,
    rb"\trash": Role.TRASH,
}
_ORDER = (Role.INBOX, Role.SENT, Role.ARCHIVE, Role.ALL, Role.OTHER)
_NO_MAILBOX = frozenset({rb"\noselect", rb"\nonexistent"})


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of LIST: attributes in lower case, the hierarchy delimiter, the name as the server writes it."""

    attributes: frozenset[bytes]
    delimiter: str
    name: bytes

    @property
    def decoded(self) -> str:
        """The name as it was given (modified UTF-7, RFC 3501 5.1.3; some servers send plain UTF-8)."""
        try:
            return str(imap_utf7.decode(self.name)) if self.name.isascii() else self.name.decode("utf-8", "replace")
        except (UnicodeError, ValueError):
            return self.name.decode("ascii", "replace")

    @property
    def shown(self) -> str:
        """The name as people read it; whoever gave it may have put into it what a terminal or a log obeys."""
        return clean(self.decoded, NAME_LIMIT) or "?"


@dataclass(frozen=True, slots=True)
class Namespaces:
    """Prefixes of mailbox names (RFC 2342): of the user's own, such as `INBOX.`, and of other people's."""

    own: bytes = b""
    foreign: tuple[bytes, ...] = ()


def raw_name(mailbox_id: str) -> bytes:
    """The name that the server knows a mailbox by, from our id of it."""
    return mailbox_id.encode("latin-1")


def mailboxes_to_read(session: ImapSession) -> tuple[Mailbox, ...]:
    """The mailboxes of the account that are read, inbox first. Raises RoleMissing, naming what there is."""
    listed = tuple(_list(session))
    found = choose(session.account, listed, _namespaces(session), gmail="X-GM-EXT-1" in session.capabilities)
    for role in (Role.INBOX, Role.SENT):
        if not any(mailbox.role is role for mailbox in found):
            names = tuple(each.shown for each in listed[:30])
            raise RoleMissing(
                f"{session.where} shows no {role} mailbox for {session.account.user}. Name it in "
                f'[users.mailbox.roles], such as {role} = "…". The mailboxes there: {", ".join(names) or "none"}.',
                role,
                names,
            )
    return found


def names_to_search(session: ImapSession) -> tuple[bytes, ...]:
    """The user's own mailboxes, drafts apart, where a mail may have been put; the likely ones first."""
    spaces = _namespaces(session)
    own = [each for each in _list(session) if not any(each.name.startswith(prefix) for prefix in spaces.foreign)]
    roles = {each.name: _role(each, spaces) for each in own}
    likely = (Role.JUNK, Role.TRASH)
    return tuple(
        sorted((name for name in roles if roles[name] is not Role.DRAFTS), key=lambda n: roles[n] not in likely)
    )


def choose(account: ImapAccount, listed: Sequence[Listed], spaces: Namespaces, *, gmail: bool) -> tuple[Mailbox, ...]:
    """The mailboxes to read among those listed. Raises RoleMissing if the settings name one that is not there."""
    named = {role: _by_name(account, listed, name, role) for role, name in account.roles.items()}
    also = [_by_name(account, listed, name, "also") for name in account.also]
    roles: dict[bytes, Role] = {}
    for each in listed:
        role = _role(each, spaces)
        if role in _ORDER and role not in named:
            roles.setdefault(each.name, role)
    for each in also:
        roles.setdefault(each.name, Role.OTHER)
    roles.update({each.name: Role(role) for role, each in named.items()})
    # Elsewhere than at Gmail, a mailbox of all mail may hold junk and trash too (RFC 6154 2).
    unread = Role.ARCHIVE if gmail and Role.ALL in roles.values() else Role.ALL
    kept = {each.name for each in named.values()}
    roles = {name: role for name, role in roles.items() if role is not unread or name in kept}
    shown = {each.name: each.shown for each in listed}
    found = (Mailbox(name.decode("latin-1"), role, shown[name]) for name, role in roles.items())
    return tuple(sorted(found, key=lambda mailbox: _ORDER.index(mailbox.role)))


def _role(listed: Listed, spaces: Namespaces) -> Role | None:
    if listed.name.upper() == b"INBOX":
        return Role.INBOX
    if any(listed.name.startswith(prefix) for prefix in spaces.foreign):
        return None
    special = [role for mark, role in _SPECIAL_USE.items() if mark in listed.attributes]
    if special:
        # A mailbox that is marked twice keeps the mark that forbids reading it.
        return next((role for role in special if role not in _ORDER), special[0])
    own = listed.name
    if own[: len(spaces.own)].upper() != spaces.own.upper():
        return None
    own = own[len(spaces.own) :]
    path = Listed(listed.attributes, listed.delimiter, own).decoded
    role = role_of_path(path.split(listed.delimiter) if listed.delimiter else [path])
    # Only INBOX itself is the inbox (RFC 3501 5.1), and "All" by name alone is too weak a sign.
    return None if role in (Role.INBOX, Role.ALL) else role


def _by_name(account: ImapAccount, listed: Sequence[Listed], name: str, key: str) -> Listed:
    for each in listed:
        if name in (each.decoded, each.name.decode("latin-1")) or (name.upper() == "INBOX" == each.decoded.upper()):
            return each
    names = tuple(each.shown for each in listed[:30])
    raise RoleMissing(
        f'{account.where} has no mailbox "{name}", which [users.mailbox] names ({key} = "{name}"). '
        f"The mailboxes there: {', '.join(names) or 'none'}.",
        key,
        names,
    )


def _list(session: ImapSession) -> Iterator[Listed]:
    """The mailboxes that can be opened; special uses are asked for where LIST does not tell them by itself."""
    found = read_list(session.ask("LIST", '""', '"*"'))
    told = any(each.attributes & _SPECIAL_USE.keys() for each in found)
    if not told and {"SPECIAL-USE", "LIST-EXTENDED"} <= session.capabilities:
        found = read_list(session.ask("LIST", '""', '"*"', "RETURN (SPECIAL-USE)", answer="LIST")) or found
    return (each for each in found if not each.attributes & _NO_MAILBOX)


def read_list(data: Sequence[bytes | tuple[bytes, bytes] | None]) -> list[Listed]:
    """LIST answers; one that cannot be read, or a name that could not be sent back, is left out."""
    found: list[Listed] = []
    for pieces in responses(data):
        try:
            attributes, delimiter, name, *_ = tokens(pieces)
        except ValueError:
            continue
        # NIL is a legal mailbox name, and the only one that reads as None.
        name = b"NIL" if name is None else name
        if isinstance(attributes, list) and isinstance(name, bytes) and name and not set(name) & set(b"\r\n\0"):
            marks = frozenset(mark.lower() for mark in attributes if isinstance(mark, bytes))
            found.append(Listed(marks, delimiter.decode("latin-1") if isinstance(delimiter, bytes) else "", name))
    return found


def _namespaces(session: ImapSession) -> Namespaces:
    if "NAMESPACE" not in session.capabilities:
        return Namespaces()
    try:
        personal, *foreign = next(tokens(pieces) for pieces in responses(session.ask("NAMESPACE")))
    except (Refused, ValueError, StopIteration):
        return Namespaces()
    own = _prefixes(personal)
    return Namespaces(
        own[0] if own else b"", tuple(prefix for space in foreign for prefix in _prefixes(space) if prefix)
    )


def _prefixes(space: Token) -> list[bytes]:
    pairs = space if isinstance(space, list) else []
    return [pair[0] for pair in pairs if isinstance(pair, list) and pair and isinstance(pair[0], bytes)]


def role_of_labels(labels: Token, otherwise: Role) -> Role:
    """The role that Gmail's labels give a message in All Mail (X-GM-LABELS)."""
    words: Mapping[bytes, Role] = {rb"\sent": Role.SENT, rb"\inbox": Role.INBOX}
    own = {label.lower() for label in labels if isinstance(label, bytes)} if isinstance(labels, list) else set()
    return next((role for mark, role in words.items() if mark in own), otherwise)
