"""The one request that changes a message on an Exchange server: UpdateItem of its categories, and of nothing else.

Only `ews_marks` imports this module, and that when there is something to write, since it needs exchangelib.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from exchangelib.services import UpdateItem
from exchangelib.util import add_xml_child, create_element

from mailwatch.adapters.ews_services import raised
from mailwatch.adapters.ews_wire import Wire


def write_categories(wire: Wire, id: str, change_key: str, categories: Sequence[str]) -> None:
    """Gives a message these categories, unless it was changed since it had this key. Raises exchangelib's errors."""
    list(raised(_AskToCategorize(account=wire).ask(id, change_key, categories)))


class _AskToCategorize(UpdateItem):  # type: ignore[misc]
    """UpdateItem: replaces the list of categories, or removes it."""

    def ask(self, id: str, change_key: str, categories: Sequence[str]) -> Iterable[Any]:
        how = {"ConflictResolution": "NeverOverwrite", "MessageDisposition": "SaveOnly"}
        payload, changes = create_element("m:UpdateItem", attrs=how), create_element("m:ItemChanges")
        change, updates = create_element("t:ItemChange"), create_element("t:Updates")
        change.append(create_element("t:ItemId", attrs={"Id": id, "ChangeKey": change_key}))
        # An empty list is written by removing the property.
        update = create_element("t:SetItemField" if categories else "t:DeleteItemField")
        update.append(create_element("t:FieldURI", attrs={"FieldURI": "item:Categories"}))
        if categories:
            message, listed = create_element("t:Message"), create_element("t:Categories")
            for each in categories:
                add_xml_child(listed, "t:String", each)
            message.append(listed)
            update.append(message)
        updates.append(update)
        change.append(updates)
        changes.append(change)
        payload.append(changes)
        yield from self._get_elements(payload=payload)
