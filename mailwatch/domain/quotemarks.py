"""Tells which lines bear a mark of being quoted: >, initials, or a sign of the sender's own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailwatch.domain.attribution import is_field, is_groupwise, names_a_writer

_INITIALS = re.compile(r"\s{0,8}[A-Z][A-Za-z]{0,3}>|\s{1,8}[A-Z][a-z]{1,15}> ")
_PLAIN_MARK = re.compile(r"\s{0,8}>")
_ODD_MARK = re.compile(r"[|)\]}:#%!+=»$~&-]{1,4}(?<!-)")
_BARRED_FIELD = re.compile(r"\s{0,4}\| ?\w")
_OWN = re.compile(r"> ?\d[\d.,]{0,12} ?[%‰€$£]|>>> (?:\d|import |print|[a-z_]\w{0,40}(?: = |\(|\.\w))")
"""So a threshold begins that the sender writes about, or what they typed at a prompt of Python's."""
_ELISIONS = frozenset({"[...]", "[snip]", "<snip>", "[…]", "...", "…", "snip", "(...)", "<...>", "[cut]"})
_PROMPTS = ("SQL>", "PS>", "FTP>", "Sql>")


def quoted_lines(lines: Sequence[str]) -> list[bool]:
    """Which lines are marked as quoted: by >, by initials, or by a mark of the sender's own below an attribution."""
    quoted = [_PLAIN_MARK.match(line) is not None and not is_groupwise(line) for line in lines]
    initials = [bool(_INITIALS.match(line)) and not line.strip().startswith(_PROMPTS) for line in lines]
    if sum(initials) >= 2:
        quoted = [one or other for one, other in zip(quoted, initials, strict=True)]
    mark = said = ""
    for index, line in enumerate(lines):
        if quoted[index]:
            said = ""
        if quoted[index] or not line.strip():
            continue
        if names_a_writer(said) and (odd := _ODD_MARK.match(line)):
            mark = odd[0]
        elif _BARRED_FIELD.match(line) and is_field(line):
            mark = line[: line.index("|") + 1]
        if mark and line.startswith(mark) and line.count("|", 0, 200) < 3:
            quoted[index] = True
        said = line
    for index, line in enumerate(lines):
        if quoted[index] and _OWN.match(line) and _is_lone(lines, quoted, index):
            quoted[index] = False
        # Mail stores put > before a line of the sender's own that begins with "From ", some of them again.
        if line.startswith((">From ", ">>From ")) and not any(
            quoted[max(0, index - 1) : index] + quoted[index + 1 : index + 2]
        ):
            quoted[index] = False
    return quoted


def _is_introduced(lines: Sequence[str], index: int) -> bool:
    """Whether the words above a line end in a colon, as an attribution does."""
    above = (lines[before] for before in range(index - 1, -1, -1) if lines[before].strip())
    return next(above, ":").rstrip().endswith(":")


def _is_lone(lines: Sequence[str], quoted: Sequence[bool], index: int) -> bool:
    """Whether a marked line has no marked ones beside it and is not introduced: its mark means something else."""
    beside = quoted[max(0, index - 1) : index + 2]
    return sum(beside) == 1 and not _is_introduced(lines, index)


def quote_follows(lines: Sequence[str], quoted: Sequence[bool]) -> list[bool]:
    """For each line, whether the next one that is not blank is quoted."""
    follows = [False] * len(lines)
    state = False
    for index in range(len(lines) - 1, -1, -1):
        follows[index] = state
        if lines[index].strip() and lines[index].strip().lower() not in _ELISIONS:
            state = quoted[index]
    return follows
