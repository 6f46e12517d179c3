"""The mailboxes of the fake Exchange server: folders, messages, and a counter that every change moves on."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

_ids = itertools.count(1)

WELL_KNOWN = {
    "inbox": "Inbox",
    "sentitems": "Sent Items",
    "drafts": "Drafts",
    "deleteditems": "Deleted Items",
    "junkemail": "Junk Email",
}


class Refused(Exception):
    """A response code of EWS, such as ErrorItemNotFound."""

    def __init__(self, code: str, text: str = "No.") -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass
class Item:
    """A message or something else; `told` replaces or (None) leaves out fields, by their names in the schema."""

    id: str
    mime: bytes
    received_at: datetime
    arrived: int
    changed: int
    tag: str = "Message"
    item_class: str = "IPM.Note"
    read: bool = False
    only_read_flag: bool = False
    gone: bool = False
    categories: tuple[str, ...] = ()
    verb: tuple[int, datetime] | None = None  # what was last done with it: 102 reply, 103 reply to all, 104 forward
    told: Mapping[str, str | None] = field(default_factory=dict)


@dataclass
class Folder:
    """A folder; `validity` moves when all its sync states become invalid."""

    id: str
    name: str
    parent: str
    well_known: str = ""
    kind: str = "IPF.Note"
    validity: int = 1
    counter: int = 0
    writable: bool = True  # whether who logs in may change what is in it
    items: list[Item] = field(default_factory=list)

    def there(self) -> list[Item]:
        """What is in it now."""
        return [item for item in self.items if not item.gone]


class Store:
    """One mailbox."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.root = new_id("root")
        # Above and beside the mailboxes that people see; none is found by a search below one of them.
        top = Folder(new_id("top"), "", "", "root", "")
        self.roots = (
            top,
            Folder(self.root, "Top of Information Store", top.id, "msgfolderroot", "IPF"),
            Folder(new_id("folder"), "Deletions", top.id, "recoverableitemsdeletions"),
        )
        self.folders: dict[str, Folder] = {}
        self.broken: dict[str, str] = {}  # the id of an item, and the response code that reading it gives
        for well_known, name in WELL_KNOWN.items():
            self.add_folder(name, well_known=well_known)
        self.add_folder("Calendar", kind="IPF.Appointment")
        self.add_folder("Archive")

    def add_folder(self, name: str, *, parent: str = "", well_known: str = "", kind: str = "IPF.Note") -> Folder:
        """Makes a folder below another one, given by its id, or at the top."""
        folder = Folder(new_id("folder"), name, parent or self.root, well_known, kind)
        self.folders[folder.id] = folder
        return folder

    def folder(self, name: str) -> Folder:
        """A folder by its well-known name, its id, or the name that people see."""
        for folder in (*self.roots, *self.folders.values()):
            if name in (folder.well_known, folder.id, folder.name):
                return folder
        raise Refused("ErrorFolderNotFound", "The specified folder could not be found in the store.")

    def add(self, folder: Folder, mime: bytes, received_at: datetime, **more: object) -> Item:
        """Puts something into a folder."""
        folder.counter += 1
        number = folder.counter
        item = Item(new_id("item"), mime, received_at.astimezone(UTC), number, number, **more)  # type: ignore[arg-type]
        folder.items.append(item)
        return item

    def find(self, id: str) -> tuple[Folder, Item]:
        """An item that is there."""
        for folder in self.folders.values():
            for item in folder.items:
                if item.id == id and not item.gone:
                    return folder, item
        raise Refused("ErrorItemNotFound", "The specified object was not found in the store.")

    def change(self, id: str, *, read: bool | None = None, categories: tuple[str, ...] | None = None) -> Item:
        """Changes a property."""
        folder, item = self.find(id)
        folder.counter += 1
        item.changed = folder.counter
        item.only_read_flag = categories is None
        item.read = item.read if read is None else read
        item.categories = item.categories if categories is None else categories
        return item

    def note_verb(self, id: str, verb: int, at: datetime) -> None:
        """Notes that a message was replied to or forwarded, by some program that keeps its copies elsewhere."""
        item = self.change(id, categories=self.find(id)[1].categories)
        item.verb = (verb, at)

    def remove(self, id: str) -> None:
        """Takes an item out for good."""
        folder, item = self.find(id)
        folder.counter += 1
        item.changed, item.gone = folder.counter, True

    def move(self, id: str, to: Folder) -> Item:
        """Moves an item, which gives it another id."""
        _, item = self.find(id)
        self.remove(id)
        more = {"tag": item.tag, "item_class": item.item_class, "read": item.read, "told": item.told}
        more |= {"verb": item.verb}
        return self.add(to, item.mime, item.received_at, categories=item.categories, **more)

    def state(self) -> object:
        """All that tells a write from a read."""
        return {
            folder.name: (folder.counter, [(item.id, item.read, item.categories) for item in folder.there()])
            for folder in self.folders.values()
        }


def new_id(kind: str) -> str:
    """An opaque id with the signs that real ones have."""
    return base64.b64encode(f"{kind}:{next(_ids):08d}:/+=".encode()).decode()


@dataclass(frozen=True)
class Round:
    """What SyncFolderItems hands out: (kind of change, item), the next state, and whether that was all."""

    changes: list[tuple[str, Item]]
    state: str
    last: bool


def changes(folder: Folder, state: str | None, most: int) -> Round:
    """The changes since a state, newest first within a round, `most` at once."""
    validity, upto, low, floor = _read(state) if state else (folder.validity, folder.counter, folder.counter + 1, 0)
    if validity != folder.validity or upto > folder.counter:
        raise Refused("ErrorInvalidSyncStateData", "Synchronization state data is corrupt or otherwise invalid.")
    if low == 0:
        upto, low, floor = folder.counter, folder.counter + 1, upto
    found = sorted(_events(folder, floor, low), key=lambda event: -event[0])
    now = found[:most]
    rest = len(found) > most
    after = (folder.validity, upto, now[-1][0] if rest else 0, floor if rest else 0)
    return Round([(kind, item) for _, kind, item in now], _written(after), not rest)


def _events(folder: Folder, floor: int, low: int) -> Iterator[tuple[int, str, Item]]:
    for item in folder.items:
        if item.gone:
            if item.arrived <= floor < item.changed < low:
                yield item.changed, "Delete", item
        elif floor < item.arrived < low:
            yield item.arrived, "Create", item
        elif item.arrived <= floor < item.changed < low:
            yield item.changed, "ReadFlagChange" if item.only_read_flag else "Update", item


def _written(numbers: tuple[int, int, int, int]) -> str:
    return base64.b64encode(json.dumps(numbers).encode()).decode()


def _read(state: str) -> tuple[int, int, int, int]:
    try:
        validity, upto, low, floor = json.loads(base64.b64decode(state, validate=True))
    except (ValueError, TypeError):
        raise Refused("ErrorInvalidSyncStateData", "Synchronization state data is corrupt.") from None
    return validity, upto, low, floor
