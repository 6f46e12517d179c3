"""Reads the tables of words that several modules keep: entries in lines, and bars within them."""

from __future__ import annotations


def entries(table: str) -> tuple[str, ...]:
    """The entries of a table, in order; a space at the end of one counts."""
    return tuple(each.lstrip() for line in table.splitlines() for each in line.split("|") if each.strip())
