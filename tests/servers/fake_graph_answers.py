"""What the fake Graph answers: mailboxes, lists, delta queries, messages; only what was selected, and valid."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from servers.fake_graph_store import Folder, Store, Stored

_REPOSITORY = Path(__file__).parents[2]
SCHEMA = Path(
    os.environ.get("MAILWATCH_GRAPH_SCHEMA", _REPOSITORY.parent / "shared/data/graph/graph-mail.schema.json")
)
_AT_ONCE = 4
_DELTA_QUERY = re.compile(r"receivedDateTime ge (\S+?Z)(?: and receivedDateTime le (\S+?Z))?")
_BY_ID = re.compile(r"internetMessageId eq '((?:[^']|'')*)'")
_BY_NAME = re.compile(r"displayName eq '((?:[^']|'')*)'")
_PLAIN_WORDS = """
    id receivedDateTime sentDateTime subject from sender replyTo toRecipients ccRecipients bccRecipients
    internetMessageId internetMessageHeaders isDraft parentFolderId body
"""
_PLAIN = frozenset(_PLAIN_WORDS.split())


class Wrong(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, code: str, message: str = "No.", **headers: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.headers = status, code, message, headers


@cache
def _validators() -> dict[str, Any]:
    if not SCHEMA.exists():
        return {}
    from jsonschema import Draft202012Validator

    definitions = json.loads(SCHEMA.read_text())["$defs"]
    return {
        name: Draft202012Validator({"$ref": f"#/$defs/microsoft.graph.{name}", "$defs": definitions})
        for name in ("message", "mailFolder")
    }


@dataclass
class Answers:
    """Graph for one user. What a client did wrong stands in `violations`, who sent what in `sent`."""

    store: Store = field(default_factory=Store)
    base_url: str = ""
    filter_limit: int = 5000
    twice: bool = False  # every page repeats the last message of the one before
    expands: bool = True
    as_html: bool = False
    headers_kept: bool = True
    write_back: bool = False  # the client was told to mark messages
    may_write: bool = True
    violations: list[str] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)

    def answer(self, path: str, asked: dict[str, str], page: int) -> dict[str, Any]:
        """What a GET is answered. Raises Wrong."""
        parts = [unquote(part) for part in path.split("/") if part]
        if parts[:1] != ["users"] or len(parts) < 3:
            raise Wrong(404, "ResourceNotFound")
        if parts[1].lower() != self.store.user:
            raise Wrong(404, "ErrorInvalidUser", f"The requested user '{parts[1]}' is invalid.")
        match parts[2:]:
            case ["mailFolders"]:
                return self._folders(None, asked)
            case ["mailFolders", name]:
                return self._valid("mailFolder", self._chosen(self._folder(name).resource(), asked))
            case ["mailFolders", name, "childFolders"]:
                return self._folders(self._folder(name).id, asked)
            case ["mailFolders", name, "messages"]:
                return self._list(self._folder(name).id, asked, page)
            case ["mailFolders", name, "messages", "delta"]:
                return self._delta(path, self._folder(name).id, asked, page)
            case ["messages"]:
                return self._list(None, asked, page)
            case ["messages", identity]:
                stored = self.store.messages.get(identity)
                if "/" in identity:
                    raise Wrong(400, "ErrorInvalidIdMalformed", "The Id is invalid.")
                if stored is None:
                    raise Wrong(404, "ErrorItemNotFound", "The specified object was not found in the store.")
                return self._message(stored, asked)
        raise Wrong(404, "ResourceNotFound")

    def _folder(self, name: str) -> Folder:
        folder = self.store.folder(name)
        if folder is None:
            raise Wrong(404, "ErrorItemNotFound", "The specified folder could not be found in the store.")
        return folder

    def _folders(self, parent: str | None, asked: dict[str, str]) -> dict[str, Any]:
        wanted = _BY_NAME.fullmatch(asked.get("$filter", ""))
        name = wanted[1].replace("''", "'") if wanted else None
        found = [each for each in self.store.folders.values() if each.parent == parent and name in (None, each.name)]
        return {"value": [self._valid("mailFolder", self._chosen(each.resource(), asked)) for each in found]}

    def _list(self, folder: str | None, asked: dict[str, str], page: int) -> dict[str, Any]:
        found = [each for each in self.store.messages.values() if folder in (None, each.folder)]
        wanted = asked.get("$filter", "")
        if by_id := _BY_ID.fullmatch(wanted):
            sought = by_id[1].replace("''", "'")
            found = [each for each in found if self.store.resource(each)["internetMessageId"] == sought]
        elif span := _DELTA_QUERY.fullmatch(wanted):
            found = [each for each in found if span[1] <= each.order[0] <= (span[2] or "9")]
        elif wanted:
            raise Wrong(400, "ErrorInvalidUrlQueryFilter")
        found.sort(key=lambda each: each.order, reverse=True)
        start, size = int(asked.get("$skip", 0)), min(int(asked.get("$top", page)), page)
        told: dict[str, Any] = {"value": [self._message(each, asked) for each in found[start : start + size]]}
        if asked.get("$count") == "true":
            told["@odata.count"] = len(found)
        if start + size < len(found) and folder and "$count" not in asked:
            following = dict(asked) | {"$skip": str(start + size)}
            told["@odata.nextLink"] = self._link(f"users/{self.store.user}/mailFolders/{folder}/messages", following)
        return told

    def _delta(self, path: str, folder: str, asked: dict[str, str], page: int) -> dict[str, Any]:
        token = asked.get("$skiptoken") or asked.get("$deltatoken")
        if token:
            try:
                at = json.loads(base64.urlsafe_b64decode(token))
            except ValueError:
                raise Wrong(400, "BadRequest", "Badly formed token.") from None
            if at["generation"] != self.store.generation:
                raise Wrong(410, "SyncStateNotFound", "The sync state generation is not found.")
        else:
            span = _DELTA_QUERY.fullmatch(asked.get("$filter", ""))
            at = {"generation": self.store.generation, "since": 0, "given": 0, "ge": span[1] if span else "", **asked}
            self._check(asked)
        at.setdefault("until", self.store.now)
        entries = self._entries(folder, at)
        left = [each for each in entries if "after" not in at or each[0] < at["after"]]
        room = self.filter_limit - at["given"] if at["ge"] and not at["since"] else len(left)
        now, more = left[: min(page, room)], len(left) > page and room > page
        given = [each() for _, each in now]
        if self.twice and "after" in at:
            given = [each() for key, each in entries if key == at["after"]] + given
        told: dict[str, Any] = {"@odata.context": "x", "value": given}
        base = f"users/{self.store.user}/mailFolders/{folder}/messages/delta"
        if more:
            at |= {"after": now[-1][0], "given": at["given"] + len(now)}
            told["@odata.nextLink"] = self._link(base, {"$skiptoken": _token(at)})
        else:
            at = {key: value for key, value in at.items() if key not in ("after", "until")} | {"since": at["until"]}
            told["@odata.deltaLink"] = self._link(base, {"$deltatoken": _token(at | {"given": 0})})
        return told

    def _entries(self, folder: str, at: dict[str, Any]) -> list[tuple[list[str], Callable[[], dict[str, Any]]]]:
        """What a round tells, newest first, each with what decides its place; made when it is needed."""
        there = {key: each for key, each in self.store.messages.items() if each.folder == folder}
        if not at["since"]:
            found = [each for each in there.values() if each.born <= at["until"] and each.order[0] >= at["ge"]]
            told = [(each.order, partial(self._message, each, at)) for each in found]
        else:
            kinds: dict[str, list[str]] = {}
            for event in self.store.events:
                if event.folder == folder and at["since"] < event.number <= at["until"]:
                    kinds.setdefault(event.id, []).append(event.kind)
            told = []
            for identity, seen in kinds.items():
                stored = there.get(identity)
                if stored is None or seen[-1] == "removed":
                    if stored is not None or "created" not in seen:
                        told.append(
                            (["", identity], partial(dict, {"id": identity, "@removed": {"reason": "deleted"}}))
                        )
                elif stored.order[0] >= at["ge"]:
                    if "created" in seen:
                        told.append((stored.order, partial(self._message, stored, at)))
                    if "touched" in seen:
                        told.append(([*stored.order, "sparse"], partial(dict, {"id": identity, "isRead": True})))
        return sorted(told, key=lambda each: each[0], reverse=True)

    def _message(self, stored: Stored, asked: dict[str, Any]) -> dict[str, Any]:
        self._check(asked)
        found = self.store.resource(stored)
        if not self.headers_kept:
            found.pop("internetMessageHeaders", None)
        selected = asked["$select"].split(",")
        if "body" in selected:
            found["body"] = self.store.body(stored, html=self.as_html)
        return self._valid("message", self._chosen(found, asked))

    def _chosen(self, found: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
        names = {"id", *asked.get("$select", "").split(",")}
        if "$expand" in asked and self.expands:
            names.add("singleValueExtendedProperties")
        return {name: value for name, value in found.items() if name in names or name.startswith("@odata")}

    def _check(self, asked: dict[str, Any]) -> None:
        """A client is to select what it needs, and nothing else."""
        wrong = set(asked.get("$select", "everything").split(",")) - _PLAIN
        wrong -= {"categories"} if self.write_back else set()
        if wrong:
            self.violations.append(f"selected: {', '.join(sorted(wrong))}")
            raise Wrong(400, "BadRequest", "Select what you need.")

    def _valid(self, kind: str, value: dict[str, Any]) -> dict[str, Any]:
        validator = _validators().get(kind)
        if validator is not None:
            validator.validate(value)
        return value

    def _link(self, path: str, asked: dict[str, str]) -> str:
        return f"{self.base_url}/{path}?" + "&".join(
            f"{key}={value.replace(' ', '+')}" for key, value in asked.items()
        )

    def change(self, user: str, identity: str, version: str, change: dict[str, Any]) -> dict[str, Any]:
        """Gives a message other categories; whatever else is to be changed is against the rules. Raises Wrong."""
        if not self.write_back or set(change) != {"categories"}:
            self.violations.append(f"PATCH of {', '.join(change)}")
            raise Wrong(405, "ErrorAccessDenied")
        if user.lower() != self.store.user or not self.may_write:
            raise Wrong(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        stored = self.store.messages.get(identity)
        if stored is None:
            raise Wrong(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        if version not in ("*", stored.etag):
            raise Wrong(412, "ErrorIrresolvableConflict", "The change key does not match the current one.")
        self.store.categorize(identity, change["categories"])
        return self._valid("message", self._chosen(self.store.resource(stored), {"$select": "categories"}))

    def send(self, user: str, body: bytes) -> None:
        """Takes a message in MIME. Raises Wrong."""
        if user.lower() != self.store.user:
            raise Wrong(404, "ErrorInvalidUser")
        try:
            message = base64.b64decode(body, validate=True)
        except ValueError:
            raise Wrong(400, "ErrorMimeContentInvalidBase64String") from None
        self.sent.append(message)
        self.store.deliver("sentitems", message, datetime.now(UTC))


def _token(at: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(at, sort_keys=True).encode()).decode()
