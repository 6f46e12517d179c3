"""Marks messages by a category, where a message keeps its categories as one list that is written as a whole."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from mailwatch.domain.marking import Place
from mailwatch.errors import BackOff, ProtocolBroken

TRIES = 3


class Overtaken(ProtocolBroken):
    """What was to be changed is no longer as it was when it was read, or no longer there."""


@dataclass(frozen=True, slots=True)
class Categorized:
    """A message as it was read: its id, its categories, and what names this version of it."""

    id: str
    categories: tuple[str, ...]
    version: str


class CategoryMarker(ABC):
    """Most of a Marker. The other categories of a message stay.

    The list is written under the version that it was read in, and read anew if somebody else was quicker.
    """

    def __init__(self, where: str) -> None:
        self._where = where

    @abstractmethod
    def _find(self, place: Place) -> Categorized | None:
        """A message, wherever it is now; None if it is gone."""

    @abstractmethod
    def _write(self, there: Categorized, categories: tuple[str, ...]) -> None:
        """Gives a message these categories. Raises Overtaken if it is no longer the one that was read."""

    def bears(self, place: Place, name: str) -> bool | None:
        """See Marker."""
        there = self._find(place)
        return None if there is None else name in there.categories

    def put(self, place: Place, name: str) -> bool:
        """See Marker."""
        return self._change(place, add=name)

    def take(self, place: Place, name: str) -> None:
        """See Marker."""
        self._change(place, remove=name)

    def _untried(self, name: str) -> str:
        return f'category "{name}"; whether {self._where} permits it shows once there is a message in the inbox'

    def _change(self, place: Place, *, add: str = "", remove: str = "") -> bool:
        """Whether the message was there; it then bears the one category and not the other."""
        for _ in range(TRIES):
            there = self._find(place)
            if there is None:
                return False
            after = tuple(each for each in there.categories if each != remove)
            if add and add not in after:
                after = (*after, add)
            if after == there.categories:
                return True
            try:
                self._write(there, after)
                return True
            except Overtaken:
                continue
        raise BackOff(f"{self._where} had a message changed by others {TRIES} times while it was marked.")
