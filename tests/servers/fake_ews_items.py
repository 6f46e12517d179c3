"""Writes the messages of the fake Exchange server as EWS does: the fields asked for, in the schema's order."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from servers.fake_ews_store import Folder, Item

from mailwatch.domain.addresslist import read_addresses
from mailwatch.domain.bodytext import TEXT_LIMIT
from mailwatch.domain.datefield import read_date
from mailwatch.domain.encodedword import decode_words
from mailwatch.domain.fields import read_fields, split_message
from mailwatch.domain.mime import read_text

MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST_HEADER = 64 << 10


def m(name: str, *children: Any, text: str | None = None, **attributes: str) -> Any:
    """An element in the namespace of messages."""
    return _element(MESSAGES, name, children, text, attributes)


def t(name: str, *children: Any, text: str | None = None, **attributes: str) -> Any:
    """An element in the namespace of types."""
    return _element(TYPES, name, children, text, attributes)


def _element(space: str, name: str, children: Any, text: str | None, attributes: dict[str, str]) -> Any:
    element = etree.Element(f"{{{space}}}{name}", attributes, nsmap={"m": MESSAGES, "t": TYPES})
    element.extend([child for child in children if child is not None])
    if text is not None:
        element.text = legal(text)
    return element


def legal(text: str) -> str:
    """Text that XML can hold."""
    return _ILLEGAL.sub("?", text)


def when(moment: datetime) -> str:
    """A time as Exchange writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def change_key(item: Item) -> str:
    """What names this version of an item."""
    return f"CQ{item.changed}"


def item_id(item: Item) -> Any:
    """The ItemId of an item."""
    return t("ItemId", Id=item.id, ChangeKey=change_key(item))


def written(folder: Folder, item: Item, wanted: Collection[str], body: str = "Best", mime: bool = False) -> Any:
    """An item with the fields that were asked for (`item:Subject`, …)."""
    element = t(item.tag, t("MimeContent", text=b64encode(item.mime).decode()) if mime else None, item_id(item))
    for uri, name, make in _FIELDS:
        if uri not in wanted or (uri.startswith("message:") and item.tag != "Message"):
            continue
        if name in item.told:
            value = item.told[name]
            if value is not None:
                element.append(t(name, text=value))
            continue
        made = make(folder, item, body)
        if made is not None:
            element.append(made)
    return element


def _first(item: Item, name: str) -> str:
    return (read_fields(item.mime, (name,)).get(name) or [""])[0]


def _text_of(field: str, name: str) -> Callable[[Folder, Item, str], Any]:
    def make(folder: Folder, item: Item, body: str) -> Any:
        words = decode_words(_first(item, field)) if field == "subject" else _first(item, field)
        return t(name, text=words.replace("\r", " ").replace("\n", " ")) if words else None

    return make


def _people(field: str, name: str, *, one: bool = False) -> Callable[[Folder, Item, str], Any]:
    def make(folder: Folder, item: Item, body: str) -> Any:
        found = [
            t(
                "Mailbox",
                t("Name", text=address.name),
                t("EmailAddress", text=address.addr_spec),
                t("RoutingType", text="SMTP"),
                t("MailboxType", text="Mailbox"),
            )
            for address in read_addresses(_first(item, field))
        ]
        return t(name, *found[: 1 if one else None]) if found else None

    return make


def _headers(folder: Folder, item: Item, body: str) -> Any:
    if folder.well_known == "sentitems":
        return None  # What was sent from here has been through no transport.
    block = split_message(item.mime)[0][:_LONGEST_HEADER].decode("utf-8", "replace")
    lines = re.sub(r"\r?\n(?=[ \t])", "", block).splitlines()
    found = [
        t("InternetMessageHeader", text=value.strip(), HeaderName=legal(name.strip()))
        for name, colon, value in (line.partition(":") for line in lines)
        if colon and name.strip()
    ]
    return t("InternetMessageHeaders", *found) if found else None


def _body(folder: Folder, item: Item, body: str) -> Any:
    text = read_text(item.mime, provider_id="")
    # Exchange hands out the whole text, and our reader the beginning of a long one.
    words = text.words + " and so on" * (1000 if len(text.words) >= TEXT_LIMIT else 0)
    if body == "Text":
        return t("Body", text=words, BodyType="Text")
    return t("Body", text=f"<html><body><pre>{words}</pre></body></html>", BodyType="HTML")


def _rights(folder: Folder, item: Item, body: str) -> Any:
    names = ("CreateAssociated", "CreateContents", "CreateHierarchy", "Delete", "Modify", "Read")
    granted = {"Read", "Modify"} if folder.writable else {"Read"}
    return t("EffectiveRights", *(t(name, text=str(name in granted).lower()) for name in names))


def _extended(item: Item, place: int, tag: str, kind: str) -> Any:
    if item.verb is None:
        return None
    value = str(item.verb[0]) if place == 0 else when(item.verb[1])
    uri = t("ExtendedFieldURI", PropertyTag=tag, PropertyType=kind)
    return t("ExtendedProperty", uri, t("Value", text=value))


def _sent(folder: Folder, item: Item, body: str) -> Any:
    moment = read_date(_first(item, "date"))
    return t("DateTimeSent", text=when(moment)) if moment else None


_FIELDS: tuple[tuple[str, str, Callable[[Folder, Item, str], Any]], ...] = (
    ("item:ParentFolderId", "ParentFolderId", lambda folder, item, body: t("ParentFolderId", Id=folder.id)),
    ("item:ItemClass", "ItemClass", lambda folder, item, body: t("ItemClass", text=item.item_class)),
    ("item:Subject", "Subject", _text_of("subject", "Subject")),
    ("item:Body", "Body", _body),
    (
        "item:DateTimeReceived",
        "DateTimeReceived",
        lambda folder, item, body: t("DateTimeReceived", text=when(item.received_at)),
    ),
    ("item:Size", "Size", lambda folder, item, body: t("Size", text=str(len(item.mime)))),
    (
        "item:Categories",
        "Categories",
        lambda folder, item, body: (
            t("Categories", *(t("String", text=each) for each in item.categories)) if item.categories else None
        ),
    ),
    ("item:InReplyTo", "InReplyTo", _text_of("in-reply-to", "InReplyTo")),
    ("item:InternetMessageHeaders", "InternetMessageHeaders", _headers),
    ("item:DateTimeSent", "DateTimeSent", _sent),
    (
        "item:DateTimeCreated",
        "DateTimeCreated",
        lambda folder, item, body: t("DateTimeCreated", text=when(item.received_at)),
    ),
    ("tag:0x1081", "", lambda folder, item, body: _extended(item, 0, "0x1081", "Integer")),
    ("tag:0x1082", "", lambda folder, item, body: _extended(item, 1, "0x1082", "SystemTime")),
    ("item:EffectiveRights", "EffectiveRights", _rights),
    ("message:Sender", "Sender", _people("from", "Sender", one=True)),
    ("message:ToRecipients", "ToRecipients", _people("to", "ToRecipients")),
    ("message:CcRecipients", "CcRecipients", _people("cc", "CcRecipients")),
    ("message:BccRecipients", "BccRecipients", _people("bcc", "BccRecipients")),
    ("message:From", "From", _people("from", "From", one=True)),
    ("message:InternetMessageId", "InternetMessageId", _text_of("message-id", "InternetMessageId")),
    ("message:IsRead", "IsRead", lambda folder, item, body: t("IsRead", text=str(item.read).lower())),
    ("message:References", "References", _text_of("references", "References")),
    ("message:ReplyTo", "ReplyTo", _people("reply-to", "ReplyTo")),
)
