"""The operations of the fake Exchange server: from the element of a request to the element of an answer."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from servers.fake_ews_items import MESSAGES, TYPES, change_key, item_id, m, t, written
from servers.fake_ews_store import Folder, Item, Refused, Store, changes

from mailwatch.domain.addresslist import read_addresses
from mailwatch.domain.fields import read_fields

NS = {"m": MESSAGES, "t": TYPES}


class Desk:
    """Answers requests for one mailbox; `mailboxes` are all that the server has, and `sent` what went out."""

    def __init__(self, store: Store, mailboxes: Mapping[str, Store], sent: list[bytes]) -> None:
        self._store, self._mailboxes, self._sent = store, mailboxes, sent

    def answer(self, request: Any) -> Any:
        """The answer to the body's element of a request."""
        name = request.tag.rpartition("}")[2]
        operation: Callable[[Any], Iterator[Any]] = getattr(self, f"_{name}")
        messages = m("ResponseMessages")
        for made in operation(request):
            messages.append(made)
        return m(f"{name}Response", messages)

    def _GetFolder(self, request: Any) -> Iterator[Any]:
        for each in request.find("m:FolderIds", NS):
            yield _tried("GetFolder", lambda each=each: m("Folders", self._written(self._folder(each))))

    def _FindFolder(self, request: Any) -> Iterator[Any]:
        view = request.find("m:IndexedPageFolderView", NS)
        first, most = int(view.get("Offset")), int(view.get("MaxEntriesReturned"))
        everything = list(self._store.folders.values())
        page = everything[first : first + most]
        last = first + most >= len(everything)
        root = m("RootFolder", t("Folders", *(self._written(each) for each in page)))
        root.set("TotalItemsInView", str(len(everything)))
        root.set("IncludesLastItemInRange", str(last).lower())
        if not last:
            root.set("IndexedPagingOffset", str(first + most))
        yield _good("FindFolder", root)

    def _SyncFolderItems(self, request: Any) -> Iterator[Any]:
        def made() -> tuple[Any, ...]:
            folder = self._folder(request.find("m:SyncFolderId", NS)[0])
            most = int(request.findtext("m:MaxChangesReturned", namespaces=NS))
            found = changes(folder, request.findtext("m:SyncState", namespaces=NS), most)
            lines = m("Changes", *(self._change(kind, folder, item, request) for kind, item in found.changes))
            ended = m("IncludesLastItemInRange", text=str(found.last).lower())
            return m("SyncState", text=found.state), ended, lines

        yield _tried("SyncFolderItems", made, m("SyncState"), m("IncludesLastItemInRange", text="true"))

    def _change(self, kind: str, folder: Folder, item: Item, request: Any) -> Any:
        if kind == "Delete":
            return t(kind, item_id(item))
        if kind == "ReadFlagChange":
            return t(kind, item_id(item), t("IsRead", text=str(item.read).lower()))
        return t(kind, self._item(folder, item, request))

    def _GetItem(self, request: Any) -> Iterator[Any]:
        for each in request.find("m:ItemIds", NS):

            def made(each: Any = each) -> Any:
                if code := self._store.broken.get(each.get("Id")):
                    raise Refused(code, "The item cannot be handed out.")
                folder, item = self._store.find(each.get("Id"))
                return m("Items", self._item(folder, item, request))

            yield _tried("GetItem", made, m("Items"))

    def _FindItem(self, request: Any) -> Iterator[Any]:
        sought = request.find(".//t:Constant", NS)
        for each in request.find("m:ParentFolderIds", NS):
            folder = self._folder(each)
            field = "message-id" if request.find(".//t:IsEqualTo/t:FieldURI", NS) is not None else "in-reply-to"
            found = [
                item for item in folder.there() if sought is None or _field_of(item, field) == sought.get("Value")
            ]
            root = m("RootFolder", t("Items", *(self._item(folder, item, request) for item in found)))
            root.set("TotalItemsInView", str(len(found)))
            root.set("IncludesLastItemInRange", "true")
            yield _good("FindItem", root)

    def _CreateItem(self, request: Any) -> Iterator[Any]:
        for each in request.find("m:Items", NS):
            mime = b64decode(each.findtext("t:MimeContent", namespaces=NS))
            disposition = request.get("MessageDisposition")
            target = request.find("m:SavedItemFolderId", NS)
            folder = self._folder(target[0]) if target is not None else self._store.folder("drafts")
            now = datetime.now(UTC)
            if disposition != "SaveOnly":
                self._sent.append(mime)
                for to in read_addresses((read_fields(mime, ("to",)).get("to") or [""])[0]):
                    if to.addr_spec in self._mailboxes:
                        there = self._mailboxes[to.addr_spec]
                        there.add(there.folder("inbox"), mime, now)
            if disposition == "SendOnly":
                yield _good("CreateItem", m("Items"))
                continue
            item = self._store.add(folder, mime, now, read=True)
            ids = (t("Message", item_id(item)),) if disposition == "SaveOnly" else ()
            yield _good("CreateItem", m("Items", *ids))

    def _UpdateItem(self, request: Any) -> Iterator[Any]:
        for each in request.find("m:ItemChanges", NS):

            def made(each: Any = each) -> tuple[Any, ...]:
                sought = each.find("t:ItemId", NS)
                folder, item = self._store.find(sought.get("Id"))
                if not folder.writable:
                    raise Refused("ErrorAccessDenied", "Access is denied. Check credentials and try again.")
                told = sought.get("ChangeKey") in (None, change_key(item))
                if not told and request.get("ConflictResolution") == "NeverOverwrite":
                    raise Refused("ErrorIrresolvableConflict", "The change key does not match the current one.")
                read = each.findtext(".//t:SetItemField/t:Message/t:IsRead", namespaces=NS)
                changed = {field.get("FieldURI") for field in each.iterfind(".//t:FieldURI", NS)}
                words = [str(word.text) for word in each.iterfind(".//t:Categories/t:String", NS)]
                categories = tuple(words) if "item:Categories" in changed else None
                self._store.change(item.id, read=None if read is None else read == "true", categories=categories)
                return m("Items", t(item.tag, item_id(item))), m("ConflictResults", t("Count", text="0"))

            yield _tried("UpdateItem", made, m("Items"))

    def _MoveItem(self, request: Any) -> Iterator[Any]:
        for each in request.find("m:ItemIds", NS):

            def made(each: Any = each) -> Any:
                item = self._store.move(each.get("Id"), self._folder(request.find("m:ToFolderId", NS)[0]))
                return m("Items", t(item.tag, item_id(item)))

            yield _tried("MoveItem", made, m("Items"))

    def _DeleteItem(self, request: Any) -> Iterator[Any]:
        for each in request.find("m:ItemIds", NS):

            def made(each: Any = each) -> tuple[Any, ...]:
                if request.get("DeleteType") == "MoveToDeletedItems":
                    self._store.move(each.get("Id"), self._store.folder("deleteditems"))
                else:
                    self._store.remove(each.get("Id"))
                return ()

            yield _tried("DeleteItem", made)

    def _ResolveNames(self, request: Any) -> Iterator[Any]:
        sought = request.findtext("m:UnresolvedEntry", namespaces=NS).lower().removeprefix("smtp:")
        found = [address for address in self._mailboxes if sought in address]
        if not found:
            yield _bad("ResolveNames", Refused("ErrorNameResolutionNoResults", "No results were found."))
            return
        people = [t("Resolution", t("Mailbox", t("Name", text=each), t("EmailAddress", text=each))) for each in found]
        whole = m("ResolutionSet", *people, TotalItemsInView=str(len(found)), IncludesLastItemInRange="true")
        yield _good("ResolveNames", whole)

    def _ConvertId(self, request: Any) -> Iterator[Any]:
        for _ in request.find("m:SourceIds", NS):
            yield _bad("ConvertId", Refused("ErrorInvalidIdMalformed", "Id is malformed."))

    def _folder(self, element: Any) -> Folder:
        owner = element.findtext("t:Mailbox/t:EmailAddress", namespaces=NS)
        if owner is not None and owner.lower() != self._store.address:
            raise Refused("ErrorNonExistentMailbox", "The SMTP address has no mailbox associated with it.")
        return self._store.folder(element.get("Id"))

    def _written(self, folder: Folder) -> Any:
        return t(
            "Folder",
            t("FolderId", Id=folder.id, ChangeKey=f"AQ{folder.counter}"),
            t("ParentFolderId", Id=folder.parent),
            t("FolderClass", text=folder.kind),
            t("DisplayName", text=folder.name),
            t("TotalCount", text=str(len(folder.there()))),
        )

    def _item(self, folder: Folder, item: Item, request: Any) -> Any:
        shape = request.find("m:ItemShape", NS)
        wanted = {each.get("FieldURI") for each in shape.iterfind("t:AdditionalProperties/t:FieldURI", NS)}
        tags = shape.iterfind("t:AdditionalProperties/t:ExtendedFieldURI", NS)
        wanted |= {f"tag:{each.get('PropertyTag')}" for each in tags}
        body = shape.findtext("t:BodyType", namespaces=NS) or "Best"
        return written(folder, item, wanted, body, mime="item:MimeContent" in wanted)


def _field_of(item: Item, name: str) -> str:
    return (read_fields(item.mime, (name,)).get(name) or [""])[0]


def _tried(name: str, make: Callable[[], Any], *otherwise: Any) -> Any:
    try:
        made = make()
    except Refused as refused:
        return _bad(name, refused, *otherwise)
    return _good(name, *(made if isinstance(made, tuple) else (made,)))


def _good(name: str, *children: Any) -> Any:
    code = m("ResponseCode", text="NoError")
    return m(f"{name}ResponseMessage", code, *children, ResponseClass="Success")


def _bad(name: str, refused: Refused, *children: Any) -> Any:
    told = (m("MessageText", text=refused.text), m("ResponseCode", text=refused.code))
    link = m("DescriptiveLinkKey", text="0")
    return m(f"{name}ResponseMessage", *told, link, *children, ResponseClass="Error")
