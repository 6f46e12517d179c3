"""Finds the mailboxes below a path: Maildir++ and plain folders of Maildirs, mbox files, and which role each has."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from imapclient import imap_utf7

from mailwatch.adapters.mbox import is_mbox, why_no_mbox
from mailwatch.domain.cleaning import NAME_LIMIT, clean
from mailwatch.domain.message import Mailbox, Role
from mailwatch.domain.rolenames import role_of_path
from mailwatch.errors import RoleMissing, Unreachable

_ORDER = (Role.INBOX, Role.SENT, Role.ARCHIVE, Role.ALL, Role.OTHER)
_DEEPEST = 8
_MOST = 10_000
_SUFFIXES = (".mbox", ".mbx", ".sbd", ".maildir")


@dataclass(frozen=True, slots=True)
class Found:
    """A Maildir or an mbox file: where it lies, and the path of its name below the root (empty for the inbox)."""

    path: Path
    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name as it was given."""
        return "/".join(self.parts).encode("utf-8", "replace").decode("utf-8") or "INBOX"

    @property
    def shown(self) -> str:
        """The name as people read it; whoever gave it may have put into it what a terminal or a log obeys."""
        return clean(self.name, NAME_LIMIT) or "?"

    @property
    def role(self) -> Role | None:
        """The role that the name suggests."""
        return role_of_path(self.parts) if self.parts else Role.INBOX


def find_mailboxes(root: Path) -> list[Found]:
    """All Maildirs and mbox files at and below a path, symbolic links not followed. Raises Unreachable."""
    if root.is_file():
        if why := why_no_mbox(root):
            raise Unreachable(f"{root} {why}")
        return [Found(root, (_plain(root.name),))]
    if not root.is_dir():
        what = "neither a folder nor a file of mail" if root.exists() else "not there"
        raise Unreachable(f"{root} is {what}; check the path.")
    found = [Found(root, ())] if is_maildir(root) else []
    for each in _below(root, (), _DEEPEST):
        found.append(each)
        if len(found) == _MOST:
            break
    return found


def choose(
    root: Path, found: Sequence[Found], roles: Mapping[str, str], also: Sequence[str], *, complete: bool
) -> tuple[tuple[Found, Mailbox], ...]:
    """The mailboxes to read, inbox first: by the settings, else by name.

    `roles` names the mailbox of a role, `also` further ones. If not `complete`, the path is an archive of which no
    inbox and sent mailbox are demanded, and where neither has an inbox, every mailbox that is not drafts, junk or
    trash is read. Raises RoleMissing.
    """
    named = {_by_name(root, found, name, f"{role} = "): Role(role) for role, name in roles.items()}
    also_named = {_by_name(root, found, name, "also = "): Role.OTHER for name in also}
    by_name: dict[Found, Role | None] = {each: each.role for each in found if each.role not in named.values()}
    chosen: dict[Found, Role] = {
        each: role for each, role in by_name.items() if role in _ORDER and role is not None and role is not Role.ALL
    }
    if not complete and Role.INBOX not in chosen.values():
        # Whose mail it is, the author will tell.
        chosen.update({each: Role.ALL for each, role in by_name.items() if role in (None, Role.ALL)})
    chosen = {**also_named, **chosen, **named}
    if complete:
        for role in (Role.INBOX, Role.SENT):
            if role not in chosen.values():
                raise RoleMissing(
                    f'{root} shows no {role} mailbox. Name it in [users.mailbox.roles], such as {role} = "…". '
                    f"The mailboxes there: {_names(found)}."
                )
    elif not chosen:
        raise RoleMissing(f"{root} holds neither a Maildir nor an mbox file that could be read.")
    made = [(each, as_mailbox(root, each, role)) for each, role in chosen.items()]
    return tuple(sorted(made, key=lambda pair: _ORDER.index(pair[1].role)))


def as_mailbox(root: Path, found: Found, role: Role | None) -> Mailbox:
    """What was found as the rest of the program knows it."""
    return Mailbox(_id(root, found), role or Role.OTHER, found.shown)


def is_maildir(path: str | os.PathLike[str]) -> bool:
    """Whether a directory is a Maildir: it holds cur, or new beside tmp."""
    has = [os.path.isdir(os.path.join(path, part)) for part in ("cur", "new", "tmp")]
    return has[0] or (has[1] and has[2])


def _below(folder: Path, parts: tuple[str, ...], depth: int) -> Iterator[Found]:
    inside_maildir = is_maildir(folder)
    try:
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError as error:
        if not parts:
            raise Unreachable(f"{folder} cannot be read: {error.strerror}.") from None
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            if inside_maildir and entry.name in ("cur", "new", "tmp"):
                continue
            here = _parts_of(entry.name, parts)
            if is_maildir(path):
                yield Found(path, here)
            elif entry.name.startswith("."):
                continue
            if depth:
                yield from _below(path, here, depth - 1)
        elif entry.is_file(follow_symlinks=False) and not inside_maildir and is_mbox(path):
            name = _plain(entry.name)
            yield Found(path, parts if parts and name.casefold() == "mbox" else (*parts, name))


def _parts_of(name: str, parents: tuple[str, ...]) -> tuple[str, ...]:
    if name.casefold() in ("maildir", ".maildir"):
        return parents  # A home folder's Maildir is the inbox, whatever is around it.
    if name.startswith("."):
        return (*parents, *(_decoded(part) for part in name[1:].split(".")))
    return (*parents, _decoded(_plain(name)))


def _plain(name: str) -> str:
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def _decoded(name: str) -> str:
    """A name as people read it: Dovecot and Courier write modified UTF-7 (RFC 3501 5.1.3)."""
    try:
        return str(imap_utf7.decode(name.encode("ascii"))) if "&" in name else name
    except (UnicodeError, ValueError):
        return name


def _id(root: Path, found: Found) -> str:
    """Where the mailbox lies below the root, without lone surrogates, which no database takes."""
    return os.fsencode(os.path.relpath(found.path, root)).decode("latin-1")


def _by_name(root: Path, found: Sequence[Found], name: str, key: str) -> Found:
    for each in found:
        if name in (each.name, os.path.relpath(each.path, root)) or (name.upper() == "INBOX" and not each.parts):
            return each
    raise RoleMissing(
        f'{root} has no mailbox "{name}", which [users.mailbox] names ({key}"{name}"). '
        f"The mailboxes there: {_names(found)}."
    )


def _names(found: Sequence[Found]) -> str:
    return ", ".join(each.shown for each in found[:30]) or "none"
