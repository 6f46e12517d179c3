"""Finds the mailboxes of an Exchange account that are read: inbox, sent items, archive, and those that are named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mailwatch.adapters.ews_errors import names_of, translated
from mailwatch.adapters.ews_session import EwsSession
from mailwatch.domain.cleaning import NAME_LIMIT, clean
from mailwatch.domain.message import Mailbox, Role
from mailwatch.domain.rolenames import role_of_path
from mailwatch.errors import LoginRefused, RoleMissing

if TYPE_CHECKING:
    from mailwatch.adapters.ews_services import Folder

_ALWAYS = (("inbox", Role.INBOX), ("sentitems", Role.SENT))
_MISSING = frozenset(
    {
        "ErrorFolderNotFound",
        "ErrorItemNotFound",
        "ErrorInvalidOperation",
    }
)
_DEEPEST = 50


def mailboxes_to_read(session: EwsSession) -> tuple[Mailbox, ...]:
    """Inbox and sent items by their well-known names, an archive by its name, and those of the settings by path.

    Exchange Server has no well-known name for the archive that people see beside their inbox; the second mailbox
    that it calls the archive is not read. Raises RoleMissing.
    """
    told = session.ask(lambda wire: wire.folders([name for name, _ in _ALWAYS]))
    found: dict[str, Mailbox] = {}
    known: dict[str, str] = {}
    for (name, role), folder in zip(_ALWAYS, told, strict=True):
        if isinstance(folder, Exception):
            if names_of(folder) & _MISSING:
                raise RoleMissing(f"{session.where} shows no {role} mailbox for {session.account.address}.")
            raise translated(folder, session.account)
        # Kept under the well-known name, so that a sync state goes on when the folder gets another id.
        found[name] = Mailbox(name, role, clean(folder.name, NAME_LIMIT) or name)
        known[folder.id] = name
    listed = dict(_listed(session))
    for path, folder in listed.items():
        if folder.id not in known and role_of_path(path) is Role.ARCHIVE and _holds_mail(folder):
            found.setdefault(folder.id, Mailbox(folder.id, Role.ARCHIVE, clean("/".join(path), NAME_LIMIT)))
    for name in session.account.also:
        folder = _named(session, listed, name)
        if folder.id not in known:
            found.setdefault(folder.id, Mailbox(folder.id, Role.OTHER, clean(name, NAME_LIMIT)))
    return tuple(found.values())


def folders_to_search(session: EwsSession) -> tuple[str, ...]:
    """The ids of all folders of mail where a mail may have been put; what is to be sent from drafts has not come."""
    unsent = session.ask(lambda wire: wire.folders(["drafts", "outbox"]))
    left_out = {folder.id for folder in unsent if not isinstance(folder, Exception)}
    return tuple(folder.id for _, folder in _listed(session) if _holds_mail(folder) and folder.id not in left_out)


def _listed(session: EwsSession) -> Iterator[tuple[tuple[str, ...], Folder]]:
    """Every folder with its path from the top of the mailbox."""
    try:
        folders = {each.id: each for each in session.ask(lambda wire: wire.tree())}
    except (LoginRefused, RoleMissing):
        # Whoever was given rights on two folders only may not see the others, and needs not.
        if session.account.also:
            raise
        return
    for folder in folders.values():
        path: list[str] = []
        above: Folder | None = folder
        while above is not None and len(path) < _DEEPEST:
            path.insert(0, above.name)
            above = folders.get(above.parent)
        yield tuple(path), folder


def _holds_mail(folder: Folder) -> bool:
    return not folder.kind or folder.kind.upper().startswith("IPF.NOTE")


def _named(session: EwsSession, listed: dict[tuple[str, ...], Folder], name: str) -> Folder:
    wanted = [part.casefold() for part in name.strip("/").split("/")]
    for path, folder in listed.items():
        if [part.casefold() for part in path] == wanted:
            return folder
    raise RoleMissing(
        f'{session.where} has no mailbox "{name}" for {session.account.address}, which [users.mailbox] names '
        f'(also = "{name}"). The mailboxes there: {_names(list(listed))}.'
    )


def _names(paths: Sequence[tuple[str, ...]]) -> str:
    return ", ".join(clean("/".join(path), 60) for path in paths[:30]) or "none"
