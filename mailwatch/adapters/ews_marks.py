"""Sets and takes away one category on single messages of an Exchange server, by a connection of its own."""

from __future__ import annotations

from dataclasses import dataclass

from mailwatch.adapters.categories import Categorized, CategoryMarker, Overtaken
from mailwatch.adapters.ews_account import EwsAccount
from mailwatch.adapters.ews_errors import is_about_one_message, is_gone, names_of, translated
from mailwatch.adapters.ews_fields import TYPES
from mailwatch.adapters.ews_roles import mailboxes_to_read
from mailwatch.adapters.ews_session import EwsSession
from mailwatch.domain.identifying import sought
from mailwatch.domain.marking import Place
from mailwatch.domain.message import Mailbox, Role
from mailwatch.errors import MailwatchError, MarkRefused

_ASKED = ("item:Categories", "item:EffectiveRights")
_CONFLICT = frozenset({"ErrorIrresolvableConflict", "ErrorStaleObject"})
_NO_RIGHT = frozenset({"ErrorAccessDenied", "ErrorItemSave", "ErrorReadOnly"})


@dataclass(frozen=True, slots=True)
class _Found(Categorized):
    """A message with the rights on it; its version is the change key."""

    may_change: bool


class EwsMarker(CategoryMarker):
    """Marks messages of one mailbox; for one thread at a time.

    It lives for one pass over the marks, so the mailboxes are listed once.
    """

    def __init__(self, account: EwsAccount) -> None:
        super().__init__(account.where)
        self._account = account
        self._session = EwsSession(account)
        self._listed: tuple[Mailbox, ...] = ()

    def probe(self, name: str, sample: Place | None) -> str:
        """See Marker: by the rights on a message that the server tells."""
        there = self._find(sample) if sample else None
        if there is None:
            self._session.ask(lambda wire: wire.folders(["inbox"]))
            return self._untried(name)
        if not there.may_change:
            raise self._may_not("its rights end at reading")
        return f'category "{name}", which {self._where} lets {self._account.login} set'

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
        self._listed = self._listed or mailboxes_to_read(self._session)
        for mailbox in self._listed:
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
            categories=tuple(each.text or "" for each in elem.iterfind(f"{TYPES}Categories/{TYPES}String")),
            version=str(known.get("ChangeKey") or ""),
            may_change=elem.findtext(f"{TYPES}EffectiveRights/{TYPES}Modify") in ("true", "1"),
        )

    # ------------------------------------------------------------ writing

    def _write(self, there: Categorized, categories: tuple[str, ...]) -> None:
        # Heavy: it needs exchangelib, which the question before this one has loaded already.
        from mailwatch.adapters.ews_mark_wire import write_categories

        self._session.ask(
            lambda wire: write_categories(wire, there.id, there.version, categories), explain=self._explained
        )

    def _explained(self, error: Exception, account: EwsAccount) -> MailwatchError:
        names = names_of(error)
        if names & _CONFLICT or is_gone(error):
            return Overtaken("The message was changed meanwhile.")
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
