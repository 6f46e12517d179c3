"""Sets and takes away one category on single messages of an Exchange server, by a connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mailwatch.adapters.ews_account import EwsAccount
from mailwatch.adapters.ews_errors import is_about_one_message, is_gone, names_of, translated
from mailwatch.adapters.ews_fields import TYPES
from mailwatch.adapters.ews_roles import mailboxes_to_read
from mailwatch.adapters.ews_session import EwsSession
from mailwatch.domain.identifying import sought
from mailwatch.domain.marking import Place
from mailwatch.domain.message import Role
from mailwatch.errors import BackOff, MailwatchError, MarkRefused, ProviderError

TRIES = 3
_ASKED = ("item:Categories", "item:EffectiveRights")
_CONFLICT = frozenset({"ErrorIrresolvableConflict", "ErrorStaleObject"})
_NO_RIGHT = frozenset({"ErrorAccessDenied", "ErrorItemSave", "ErrorReadOnly"})


class _Overtaken(ProviderError):
    """Somebody else changed the message since it was read, or took it away."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A message as it was read: its categories, the key of this version of it, and whether we may change it."""

    id: str
    change_key: str
    categories: tuple[str, ...]
    may_change: bool


class EwsMarker:
    """Marks messages of one mailbox; for one thread at a time.

    The other categories of a message stay: the list is written with the change key that it was read with, and read
    anew if somebody else was quicker.
    """

    def __init__(self, account: EwsAccount) -> None:
        self._account = account
        self._session = EwsSession(account)

    def bears(self, place: Place, name: str) -> bool | None:
        """See Marker."""
        there = self._find(place)
        return None if there is None else name in there.categories

    def put(self, place: Place, name: str) -> bool:
        """See Marker."""
        return self._change(place, lambda before: before if name in before else (*before, name))

    def take(self, place: Place, name: str) -> None:
        """See Marker."""
        self._change(place, lambda before: tuple(each for each in before if each != name))

    def probe(self, name: str, sample: Place | None) -> str:
        """See Marker: by the rights on a message that the server tells."""
        where, there = self._account.where, self._find(sample) if sample else None
        if there is None:
            self._session.ask(lambda wire: wire.folders(["inbox"]))
            return f'category "{name}"; whether {where} permits it shows once there is a message in the inbox'
        if not there.may_change:
            raise self._may_not("its rights end at reading")
        return f'category "{name}", which {where} lets {self._account.login} set'

    def close(self) -> None:
        """See Marker."""
        self._session.close()

    # ------------------------------------------------------------ finding

    def _find(self, place: Place) -> _Found | None:
        """A message by its id; one that was moved has another, and is looked for by its Message-ID."""
        found = self._read(place.provider_id)
        words = sought(place.message_id or "")
        if found is not None or words is None:
            return found
        for mailbox in mailboxes_to_read(self._session):
            if mailbox.role is not Role.SENT:
                ids = self._session.ask(lambda wire, id=mailbox.id: wire.find(id, f"<{words}>"))  # type: ignore[misc]
                # A Message-ID that two messages share does not say which of them is meant.
                if len(ids) == 1 and ids[0][1].strip().strip("<>") == words:
                    return self._read(ids[0][0])
        return None

    def _read(self, id: str) -> _Found | None:
        (elem,) = self._session.ask(lambda wire: wire.items([id], _ASKED))
        if isinstance(elem, Exception):
            if is_gone(elem) or is_about_one_message(elem):
                return None
            raise translated(elem, self._account)
        known = elem.find(f"{TYPES}ItemId")
        return _Found(
            id=str(known.get("Id")),
            change_key=str(known.get("ChangeKey") or ""),
            categories=tuple(each.text or "" for each in elem.iterfind(f"{TYPES}Categories/{TYPES}String")),
            may_change=elem.findtext(f"{TYPES}EffectiveRights/{TYPES}Modify") in ("true", "1"),
        )

    # ------------------------------------------------------------ writing

    def _change(self, place: Place, change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> bool:
        """Whether the message was there; its categories are then what `change` makes of them."""
        for _ in range(TRIES):
            there = self._find(place)
            if there is None:
                return False
            after = change(there.categories)
            if after == there.categories:
                return True
            try:
                self._write(there, after)
                return True
            except _Overtaken:
                continue
        raise BackOff(f"{self._account.where} had a message changed by others {TRIES} times while it was marked.")

    def _write(self, there: _Found, categories: tuple[str, ...]) -> None:
        # Heavy: it needs exchangelib, which the question before this one has loaded already.
        from mailwatch.adapters.ews_mark_wire import write_categories

        self._session.ask(
            lambda wire: write_categories(wire, there.id, there.change_key, categories), explain=self._explained
        )

    def _explained(self, error: Exception, account: EwsAccount) -> MailwatchError:
        names = names_of(error)
        if names & _CONFLICT or is_gone(error):
            return _Overtaken("The message was changed meanwhile.")
        if names & _NO_RIGHT:
            return self._may_not(type(error).__name__)
        return translated(error, account)

    def _may_not(self, why: str) -> MarkRefused:
        account = self._account
        right = (
            "Its role ApplicationImpersonation should allow that; look at its scope."
            if account.access == "impersonation"
            else "Grant it EditAllItems beside ReadItems on the folder, or turn write-back off."
        )
        return MarkRefused(
            f"{account.login} may not change the categories of messages in the mailbox {account.address} at "
            f"{account.where} ({why}). {right}"
        )
