"""Parts the sender's own words from quoted, forwarded and signature lines, by rules that are linear in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mailwatch.domain.attribution import attribution, header_block, is_field, names_a_writer
from mailwatch.domain.banners import banner_end
from mailwatch.domain.boilerplate import GLUED
from mailwatch.domain.colours import announced
from mailwatch.domain.lotus import lotus_block, lotus_labels
from mailwatch.domain.message import Headers, Text
from mailwatch.domain.pagelines import ANSWER
from mailwatch.domain.quotemarks import quote_follows, quoted_lines
from mailwatch.domain.separators import Separator, is_rule, is_title, separator, separator_length
from mailwatch.domain.signature import not_their_words
from mailwatch.domain.unquoted import stands_alone

TEXT_LIMIT: Final = 64 << 10
"""Characters that are looked at; what stands below is quoted history nearly always."""

_NEW, _QUOTED, _SIGNATURE, _FORWARDED = range(4)
_ANNOUNCED: Final = 400  # characters of a line
_WRAPPED: Final = 65  # characters of a quoted line that may have been cut off
_SCRAP: Final = 20  # characters that were cut off one
_BELOW = re.compile(
    r"\b(?:in-?line|below|unten|ci-dessous|más abajo|abajo|qui sotto|di seguito|hieronder|abaixo|poniżej|nedan"
    r"|nedenfor|entre líneas|zwischen den zeilen|entre les lignes|tra le righe|im text|dans le texte|en el texto"
    r"|nel testo|in de tekst|arrows?|pfeil(?:e|en)?|flèches?|flechas?|my (?:answers|comments)"
    r"|meine (?:antworten|kommentare)|mes (?:réponses|commentaires)|mis (?:respuestas|comentarios)"
    r"|le mie risposte|mijn antwoorden)\b"
)
_ANSWER = re.compile(r"\s{0,8}(?:\[(?!EXT|CAUTION|SPAM)[A-Z][\w.' -]{0,30}\][: ]|<[A-Z]{2,4}>[: ]|-{1,3}>|={1,3}>)")
_POINT = re.compile(r"\s{0,8}(?:[-*•]|\d{1,3}[.)])\s")
"""So the next point begins of a list that is answered point by point."""
_FORWARD_SUBJECTS = ("fw:", "fwd:", "wg:", "tr:", "rv:", "i:", "enc:", "pd:", "vb:", "vs:", "doorst:", "fw :", "tr :")


@dataclass(frozen=True, slots=True)
class Parts:
    """Every line of a text, in one of four places.

    `new` is what the sender says now; words between quoted lines are parted by a blank line. `signature` holds
    disclaimers and banners too. `forwarded` is a message that was passed on, which a forwarder may ask about.
    `inline` says that new words stand between quoted ones, so that they answer these. `above` are the new words
    that stand before anything quoted or forwarded. An arrow that marks an answer is left out of the new words.
    """

    new: str
    quoted: str = ""
    signature: str = ""
    forwarded: str = ""
    inline: bool = False
    above: str = ""


def parts_of(headers: Headers, text: Text) -> Parts:
    """Parts the text of a message, with what its header tells of a forward and of who signs."""
    return split(text.words, subject=headers.subject, author=headers.author_name)


def split(text: str, *, subject: str = "", author: str = "") -> Parts:
    """Parts a text; the subject helps to tell a forward from an answer, the name of the author a signature.

    At most the first 64 K characters are read. Never raises; the time is linear in the length of the text.
    """
    banner = text[: banner_end(text)]
    text = text[len(banner) : TEXT_LIMIT]
    if "\n-----" in text:
        text = GLUED.sub("\n", text)
    lines = [line.rstrip("\r") for line in text.split("\n")]
    if stands_alone(text, lines):
        if not (banner or any(not_their_words(lines, author))):
            new = "\n".join(lines).strip("\n")
            return Parts(new, above=new)
        places = [_NEW] * len(lines)
    else:
        places = _Marker(lines, forward=subject.strip().lower().startswith(_FORWARD_SUBJECTS)).mark()
    for start, end in _runs(places, _NEW):
        for index, other in enumerate(not_their_words(lines[start:end], author, below_quote=start > 0), start):
            if other:
                places[index] = _SIGNATURE
    kept: list[list[str]] = [[], [], [], []]
    before = places[0]
    for line, place in zip(lines, places, strict=True):
        if place == _NEW and before != _NEW and kept[_NEW] and line.strip():
            kept[_NEW].append("")
        before = place
        kept[place].append(line.removeprefix(ANSWER) if place == _NEW else line)
    kept[_SIGNATURE][:0] = banner.strip().splitlines()
    new, quoted, signature, forwarded = ("\n".join(each).strip("\n") for each in kept)
    first = next((i for i, place in enumerate(places) if place in (_QUOTED, _FORWARDED)), len(lines))
    above = "\n".join(line for line, place in zip(lines[:first], places[:first], strict=True) if place == _NEW)
    return Parts(new, quoted, signature, forwarded, _is_inline(lines, places), above.strip("\n"))


def _runs(places: Sequence[int], wanted: int) -> Iterator[tuple[int, int]]:
    """The runs of lines that are in one place."""
    start = -1
    for index, place in enumerate([*places, -1]):
        if place == wanted and start < 0:
            start = index
        elif place != wanted and start >= 0:
            yield start, index
            start = -1


def _is_inline(lines: Sequence[str], places: Sequence[int]) -> bool:
    """Whether words of the sender have quoted lines both above and below them."""
    said = [place for line, place in zip(lines, places, strict=True) if line.strip() and place != _SIGNATURE]
    return any(
        place == _NEW and said[start - 1] == _QUOTED and _QUOTED in said[start : start + 500]
        for start, place in enumerate(said)
        if start and said[start - 1] != _NEW
    )


class _Marker:
    """Goes over the lines once and gives each its place."""

    def __init__(self, lines: Sequence[str], *, forward: bool) -> None:
        self._lines = lines
        self._forward = forward
        self._places = [_NEW] * len(lines)
        self._quoted = quoted_lines(lines)
        self._follows = quote_follows(lines, self._quoted)

    def mark(self) -> list[int]:
        """The place of every line, signatures not yet told from new words."""
        index = 0
        first_quoted = next((line for line, mark in zip(self._lines, self._quoted, strict=True) if mark), None)
        said = answers = False  # whether the sender has said anything yet, and marked lines to say it to
        below = _QUOTED  # where quoted lines belong: to an answered message, or to a forwarded one
        while index < len(self._lines):
            line = self._lines[index]
            if self._quoted[index]:
                if line is first_quoted and separator(line.lstrip("> ")) == Separator.FORWARD:
                    below = _FORWARDED  # Apple Mail marks a forwarded message like a quoted one.
                self._places[index] = below
                answers = True
                index += 1
                continue
            if not line.strip():
                # Blank lines among quoted ones belong to them.
                self._places[index] = self._places[index - 1] if index and self._follows[index] else _NEW
                index += 1
                continue
            length, kind = self._heading(index)
            if kind is Separator.ANSWER_ABOVE and not said:
                self._places[index] = _SIGNATURE  # So a ticket system begins.
                index += 1
                continue
            if not length:
                if not self._is_scrap(index):
                    below, said = _QUOTED, said or not is_rule(line)
                else:
                    self._places[index] = below
                index += 1
                continue
            below = _FORWARDED if kind == Separator.FORWARD else _QUOTED
            end = index + length
            self._places[index:end] = [below] * length
            self._take_rule_above(index, below)
            marked = self._follows[end - 1] and kind is not Separator.ANSWER_ABOVE
            marked = marked or (not (said or below == _FORWARDED) and self._answered_below(end))
            # Who marks what they answer has copied an unmarked header here to talk of it.
            if not marked and not (said and answers and is_field(line) and below == _QUOTED):
                # The other message is not marked line by line, so that all the rest is its.
                self._places[end:] = [below] * (len(self._lines) - end)
                if below == _QUOTED and self._announces_answers(index):
                    self._take_answers_out(end)
                return self._places
            index = end
        return self._places

    def _heading(self, index: int) -> tuple[int, Separator]:
        """How many lines from here stand above another message, and whether it was forwarded."""
        lines = self._lines
        found = separator(lines[index])
        if found is Separator.ANSWER_ABOVE:
            return 1, found
        if found is not None:
            length = separator_length(lines, index)
            start = index + length
            while start < len(lines) and start < index + length + 3 and not lines[start].strip():
                start += 1
            if start < len(lines) and not self._quoted[start]:
                fields = header_block(lines, start, after_separator=True)
                length = start + fields - index if fields else length
            return length, Separator.FORWARD if self._forward else found
        kind = Separator.FORWARD if self._forward else Separator.REPLY
        if is_field(lines[index]):
            # A block that was no header block has none in its rest either.
            if not (index and is_field(lines[index - 1])) and (
                fields := header_block(lines, index, after_separator=False)
            ):
                return fields, kind
            first, end = lotus_block(lines, index)
            if end:
                below = _FORWARDED if self._forward else _QUOTED
                self._places[first:index] = [below] * (index - first)
                return end - index, kind
        first, end = lotus_labels(lines, index)
        if end:
            below = _FORWARDED if self._forward else _QUOTED
            self._places[first:index] = [below] * (index - first)
            return end - index, kind
        length = attribution(lines, index, quote_follows=self._follows)
        below = index + length
        while length and below < len(lines) and below < index + length + 2 and not lines[below].strip():
            below += 1
        if length and below < len(lines):
            fields = header_block(lines, below, after_separator=below == index + length)
            length = below + fields - index if fields else length
        return length, kind

    def _answered_below(self, end: int) -> bool:
        """Whether words of the sender's own must follow a heading that ends here and is the first thing in a mail.

        So it is with an attribution, for few reply without a word, and with a header that has one below it.
        """
        if names_a_writer(self._lines[end - 1]):
            return True
        while end < len(self._lines) and not self._lines[end].strip():
            end += 1
        length = attribution(self._lines, end, quote_follows=self._follows) if end < len(self._lines) else 0
        return length > 0 and self._follows[end + length - 1]

    def _announces_answers(self, end: int) -> bool:
        """Whether the sender's words above a heading say that answers stand below, among what is quoted."""
        above = zip(self._lines[:end], self._places[:end], strict=True)
        said = (line[:_ANNOUNCED].lower() for line, place in above if place == _NEW)
        return any(_BELOW.search(line) or announced(line) for line in said)

    def _take_answers_out(self, start: int) -> None:
        """Makes paragraphs new that begin with a mark of answering: a name in brackets, or an arrow."""
        answering = False
        for index in range(start, len(self._lines)):
            line = self._lines[index]
            begins = _ANSWER.match(line) is not None
            answering = begins or (answering and bool(line.strip()) and not _POINT.match(line))
            if answering:
                self._places[index] = _NEW

    def _take_rule_above(self, index: int, place: int) -> None:
        """A drawn line above a heading belongs to it."""
        above = index - 1
        while above >= 0 and above > index - 3 and not self._lines[above].strip():
            above -= 1
        if (
            above >= 0
            and self._places[above] == _NEW
            and (is_rule(self._lines[above]) or is_title(self._lines[above]))
        ):
            self._places[above] = place

    def _is_scrap(self, index: int) -> bool:
        """Whether a line is the end of a quoted one that was wrapped on its way: short, between two quoted lines."""
        lines = self._lines
        if not 0 < index < len(lines) - 1 or not (self._quoted[index - 1] and self._quoted[index + 1]):
            return False
        above, line = lines[index - 1].rstrip(), lines[index].strip()
        if len(above) < _WRAPPED or len(line) > _SCRAP:
            return False
        below = lines[index + 1].lstrip("> ")[:1]
        return below.islower() or (above[-1] not in ".?!:;" and line[0].islower())
