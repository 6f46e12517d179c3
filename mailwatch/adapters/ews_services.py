"""The questions that are asked of an Exchange server: exchangelib's services, with small and exact questions.

Only `ews_wire` imports this module, since it needs exchangelib.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from exchangelib.errors import ResponseMessageError
from exchangelib.services import CreateItem, FindFolder, FindItem, GetFolder, GetItem, SyncFolderItems
from exchangelib.services.common import EWSAccountService, folder_ids_element
from exchangelib.util import MNS, add_xml_child, create_element

from mailwatch.adapters.ews_fields import TYPES, own_id, told
from mailwatch.adapters.ews_verbs import IN_REPLY_TO, VERB, VERB_TIME


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as the server tells it; `parent` is the id of the one it is in."""

    id: str
    name: str
    parent: str = ""
    kind: str = ""
    total: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A line of SyncFolderItems: "Create", "Update", "Delete", "ReadFlagChange"; of which message; when it came.

    `verb` is what was last done with it (reply, forward), `verb_time` when.
    """

    what: str
    id: str
    item_class: str | None = None
    received: str | None = None
    verb: str | None = None
    verb_time: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """An answer to SyncFolderItems."""

    changes: tuple[Change, ...]
    state: str
    last: bool


def raised(found: Iterable[Any]) -> Iterable[Any]:
    """What was found, unless an error is among it."""
    for each in found:
        if isinstance(each, Exception):
            raise each
        yield each


def _shape(tag: str, fields: Sequence[str], *, text: bool = False) -> Any:
    shape = create_element(tag)
    add_xml_child(shape, "t:BaseShape", "IdOnly")
    if text:
        add_xml_child(shape, "t:BodyType", "Text")
    more = create_element("t:AdditionalProperties")
    for field in fields:
        more.append(create_element("t:FieldURI", attrs={"FieldURI": field}))
    shape.append(more)
    return shape


def _tag(tag: str, kind: str) -> Any:
    return create_element("t:ExtendedFieldURI", attrs={"PropertyTag": tag, "PropertyType": kind})


def _told_by(elem: Any, tag: str) -> str | None:
    """The value of a MAPI property of an item, by its tag."""
    for extended in elem.iterfind(f"{TYPES}ExtendedProperty"):
        named = extended.find(f"{TYPES}ExtendedFieldURI")
        if named is not None and str(named.get("PropertyTag") or "").lower() == tag:
            return told(extended, "Value")
    return None


def _folder(elem: Any) -> Folder:
    total = told(elem, "TotalCount") or ""
    return Folder(
        id=own_id(elem, "FolderId"),
        name=told(elem, "DisplayName") or "",
        parent=own_id(elem, "ParentFolderId"),
        kind=told(elem, "FolderClass") or "",
        total=int(total) if total.isdigit() and len(total) < 10 else 0,
    )


class AskFolders(GetFolder):  # type: ignore[misc]
    """GetFolder: name and number of messages of folders; an error for each that cannot be had."""

    ERRORS_TO_CATCH_IN_RESPONSE = (ResponseMessageError,)

    def ask(self, folders: Sequence[Any], fields: Sequence[str]) -> Iterable[Any]:
        payload = create_element("m:GetFolder")
        payload.append(_shape("m:FolderShape", fields))
        payload.append(folder_ids_element(folders, version=self.account.version))
        for elem in self._get_elements(payload=payload):
            yield elem if isinstance(elem, Exception) else _folder(elem)


class AskTree(FindFolder):  # type: ignore[misc]
    """FindFolder: every folder below one."""

    def ask(self, parent: Any, fields: Sequence[str]) -> Iterable[Any]:
        def payload(folders: Iterable[Any], offset: int) -> Any:
            element = create_element("m:FindFolder", attrs={"Traversal": "Deep"})
            element.append(_shape("m:FolderShape", fields))
            view = {"MaxEntriesReturned": self.page_size, "Offset": offset, "BasePoint": "Beginning"}
            element.append(create_element("m:IndexedPageFolderView", attrs=view))
            element.append(folder_ids_element(folders, version=self.account.version, tag="m:ParentFolderIds"))
            return element

        for elem in self._paged_call(payload_func=payload, max_items=None, folders=[parent], offset=0):
            yield elem if isinstance(elem, Exception) else _folder(elem)


class AskChanges(SyncFolderItems):  # type: ignore[misc]
    """SyncFolderItems: what changed since a sync state."""

    def ask(self, folder: Any, state: str | None, most: int) -> Iterable[Any]:
        payload = create_element("m:SyncFolderItems")
        shape = _shape("m:ItemShape", ("item:ItemClass", "item:DateTimeReceived"))
        shape[-1].extend((_tag(VERB, "Integer"), _tag(VERB_TIME, "SystemTime")))
        payload.append(shape)
        payload.append(folder_ids_element([folder], version=self.account.version, tag="m:SyncFolderId"))
        if state:
            add_xml_child(payload, "m:SyncState", state)
        add_xml_child(payload, "m:MaxChangesReturned", most)
        for elem in self._get_elements(payload=payload):
            yield elem if isinstance(elem, Exception) else _change(elem)

    def _get_element_container(self, message: Any, name: str | None = None) -> Any:
        # An answer that is an error may have neither, which the library does not expect.
        self.sync_state = message.findtext(f"{{{MNS}}}SyncState")
        self.includes_last_item_in_range = message.findtext(f"{{{MNS}}}IncludesLastItemInRange") in ("true", "1")
        return EWSAccountService._get_element_container(self, message, name)


def _change(elem: Any) -> Change:
    what = str(elem.tag).rpartition("}")[2]
    if what in ("Create", "Update") and len(elem):
        item = elem[0]
        fields = told(item, "ItemClass"), told(item, "DateTimeReceived")
        return Change(what, own_id(item, "ItemId"), *fields, _told_by(item, VERB), _told_by(item, VERB_TIME))
    return Change(what, own_id(elem, "ItemId"))


class AskItems(GetItem):  # type: ignore[misc]
    """GetItem: fields of messages, or the error of each, in the order of the ids."""

    ERRORS_TO_CATCH_IN_RESPONSE = (ResponseMessageError,)

    def ask(self, ids: Sequence[str], fields: Sequence[str], text: bool) -> Iterable[Any]:
        payload = create_element("m:GetItem")
        payload.append(_shape("m:ItemShape", fields, text=text))
        wanted = create_element("m:ItemIds")
        for each in ids:
            wanted.append(create_element("t:ItemId", attrs={"Id": each}))
        payload.append(wanted)
        yield from self._get_elements(payload=payload)


class AskWhere(FindItem):  # type: ignore[misc]
    """FindItem: the messages of a folder that have a Message-ID, or that answer the one which has it."""

    def ask(self, folder: Any, message_id: str, *, answers: bool = False) -> Iterable[Any]:
        def payload(folders: Iterable[Any], offset: int) -> Any:
            element = create_element("m:FindItem", attrs={"Traversal": "Shallow"})
            element.append(_shape("m:ItemShape", ("message:InternetMessageId",)))
            view = {"MaxEntriesReturned": self.page_size, "Offset": offset, "BasePoint": "Beginning"}
            element.append(create_element("m:IndexedPageItemView", attrs=view))
            element.append(_restricted(_tag(IN_REPLY_TO, "String") if answers else _message_id(), message_id))
            element.append(folder_ids_element(folders, version=self.account.version, tag="m:ParentFolderIds"))
            return element

        for elem in self._paged_call(payload_func=payload, max_items=10, folders=[folder], offset=0):
            yield (
                elem
                if isinstance(elem, Exception)
                else (own_id(elem, "ItemId"), told(elem, "InternetMessageId") or "")
            )


def _message_id() -> Any:
    return create_element("t:FieldURI", attrs={"FieldURI": "message:InternetMessageId"})


def _restricted(field: Any, words: str) -> Any:
    restriction, equal = create_element("m:Restriction"), create_element("t:IsEqualTo")
    value = create_element("t:FieldURIOrConstant")
    equal.append(field)
    value.append(create_element("t:Constant", attrs={"Value": words}))
    equal.append(value)
    restriction.append(equal)
    return restriction


class AskToSend(CreateItem):  # type: ignore[misc]
    """CreateItem: sends a message."""

    def ask(self, folder: Any, mime: bytes) -> Iterable[Any]:
        payload = create_element("m:CreateItem", attrs={"MessageDisposition": "SendAndSaveCopy"})
        payload.append(folder_ids_element([folder], version=self.account.version, tag="m:SavedItemFolderId"))
        items, message = create_element("m:Items"), create_element("t:Message")
        content = create_element("t:MimeContent", attrs={"CharacterSet": "UTF-8"})
        content.text = b64encode(mime).decode("ascii")
        message.append(content)
        items.append(message)
        payload.append(items)
        yield from self._get_elements(payload=payload)
