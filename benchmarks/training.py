"""What the training scripts share: the mails and replies of tests/corpus, and the fitting of a linear model."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from mailwatch.detection import lexicons, sentences, speechacts
from mailwatch.detection.detector import Context
from mailwatch.detection.lexicons import Lexicon
from mailwatch.detection.speechacts import Sentence
from mailwatch.domain import quotation

CORPUS = Path(__file__).parent.parent / "tests" / "corpus"
LEXICON = Path(__file__).parent.parent / "mailwatch" / "detection" / "lexicon"
CHICAGO, BERLIN = ZoneInfo("America/Chicago"), ZoneInfo("Europe/Berlin")
ENGLISH = Context(datetime(2001, 5, 16, 10, tzinfo=CHICAGO), CHICAGO)
OTHERS = Context(datetime(2026, 11, 18, 10, tzinfo=BERLIN), BERLIN)
"""When the mails count as sent."""
PLAIN_WORD = re.compile(r"(?:[^\W\d_]|')+")
_ACTS = ("request", "promise", "void", "void-promise", "damp", "damp-promise")


@dataclass(frozen=True)
class Written:
    """A mail that was written for this project, with the sentences that ask and promise, and the trade it is from.

    `deadline` is the earliest day, perhaps with a clock time, by which something is due; empty if nothing is. `read`
    says that rules were made with its errors, so that they read it better than they would a stranger's.
    """

    trade: str
    text: str
    asks: tuple[str, ...]
    promises: tuple[str, ...]
    deadline: str = ""
    read: bool = False


def mails(language: str = "en") -> Iterator[Written]:
    """The mails of tests/corpus/mails in a language, trade by trade."""
    folder = CORPUS / "mails" / ("" if language == "en" else language)
    for read in (False, True):
        for trade, row in _rows(folder / "read" if read else folder):
            yield Written(trade, row["text"], tuple(row["asks"]), tuple(row["promises"]), row["deadline"] or "", read)


def context_of(language: str) -> Context:
    """How the mails of a language are read."""
    return ENGLISH if language == "en" else OTHERS


def due_times(language: str) -> Iterator[tuple[str, str]]:
    """The mails of tests/corpus/deadlines in a language, each with its due time, if any."""
    for rows in tomllib.loads((CORPUS / "deadlines" / f"{language}.toml").read_text("utf-8")).values():
        yield from (row for row in rows if isinstance(row, list))


def replies(language: str = "en") -> Iterator[tuple[str, str, str]]:
    """Trade, kind and text of the replies of tests/corpus/replies in a language."""
    for trade, row in _rows(CORPUS / "replies" / ("" if language == "en" else language)):
        yield trade, row["kind"], row["text"]


def answers_in_conversations(language: str = "en") -> Iterator[tuple[str, str]]:
    """Kind and text of Ann's replies in the conversations that were read, where it is plain what each one is.

    So it is where a request is answered or put off, and she wrote once.
    """
    kinds = {"answered": "answer", "acknowledged": "acknowledgement"}
    for line in (CORPUS / "conversations" / "read.jsonl").read_text("utf-8").splitlines():
        story = json.loads(line)
        own = [one for one in story["messages"] if one["from"].startswith(("ann@", "a.reed@"))]
        states = [one["state"] for one in story["expect"]["requests"]]
        if story["language"] == language and len(own) == 1 and len(states) == 1 and states[0] in kinds:
            yield kinds[states[0]], quotation.split(own[0]["text"], subject=own[0]["subject"]).new


def holding(language: str = "en") -> Iterator[tuple[str, str, bool]]:
    """File, text, and whether it reads as a holding reply, of the replies and mails in a language."""
    marked: Mapping[str, Sequence[int]] = json.loads((CORPUS / "holding.json").read_text("utf-8"))
    for trade, kind, text in replies(language):
        yield f"replies/{trade}", text, kind == "acknowledgement"
    inner = "" if language == "en" else f"{language}/"
    mixed = ("everyday/read", "various/read") if language == "en" else ()
    folders = (f"mails/{inner}", f"mails/{inner}read", *mixed)
    files = [file for folder in folders for file in (CORPUS / folder).glob("*.jsonl")]
    for file in sorted([*files, CORPUS / "ordinary" / f"{language}.jsonl"]):
        name = file.relative_to(CORPUS).as_posix()
        for number, line in enumerate(file.read_text("utf-8").splitlines()):
            yield name, json.loads(line)["text"], number in marked.get(name, ())


def labels_of_parakweet() -> Mapping[str, tuple[float, float]]:
    """How surely each of Parakweet's sentences asks and promises by the guide of gold: the mean of two readers."""
    return {id: (float(asks), float(promises)) for id, asks, promises, _ in _labels()}


def dues_of_parakweet() -> Mapping[str, str]:
    """The day by which what each of Parakweet's sentences asks or promises is due; ? where two readers differ."""
    return {id: due for id, _, _, due in _labels()}


def _labels() -> Iterator[list[str]]:
    lines = (CORPUS / "parakweet.csv").read_text("utf-8").splitlines()[1:]
    return (line.split(",") for line in lines)


def _rows(folder: Path) -> Iterator[tuple[str, Mapping]]:
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            yield file.stem, json.loads(line)


def sentences_of(text: str, lexicon: Lexicon) -> list[Sentence]:
    """The sentences of a text with the rules that fire on them."""
    return [speechacts.read(one, sentences.tokens(one, lexicon.accents), lexicon) for one in sentences.split(text)]


def among(sentence: Sentence, marked: Iterable[str]) -> bool:
    """Whether a sentence is one of those that a person marked, however each of the two was cut."""
    said = _plain(sentence.words)
    return len(said) > 3 and any(said in other or other in said for other in map(_plain, marked))


def _plain(words: str) -> str:
    return " ".join(words.split()).lower().strip(" -*•>\"'")


def vocabulary_of(language: str) -> frozenset[str]:
    """The words that are not masked: function words, and all that the lexicon's rules for asking name."""
    lexicon = lexicons.load(language)
    words = set(lexicon.function_words)
    for word_class in lexicon.classes.values():
        words.update(PLAIN_WORD.findall(" ".join(word_class.words).replace("_", " ")))
    for rule in lexicon.rules:
        if rule.act in _ACTS:
            for cue in rule.cues:
                words.update(PLAIN_WORD.findall(cue.text.replace("_", " ")))
    return frozenset(words)


class Numbered:
    """The features of a training set, each with its column."""

    def __init__(self, rows: Iterable[Iterable[str]]) -> None:
        self.names = sorted({name for row in rows for name in row})
        self._place = {name: place for place, name in enumerate(self.names)}

    def matrix(self, rows: Sequence[Iterable[str]]) -> csr_matrix:
        """One row of zeros and ones for each set of features."""
        columns = [sorted(self._place[name] for name in row if name in self._place) for row in rows]
        ends = numpy.cumsum([0, *map(len, columns)]).astype("int32")
        flat = numpy.array([place for row in columns for place in row], dtype="int32")
        return csr_matrix((numpy.ones(len(flat)), flat, ends), shape=(len(rows), len(self.names)))


def fitted(
    rows: Sequence[Iterable[str]],
    said: Sequence[object],
    *,
    strength: float,
    weight: Sequence[float] | None = None,
    **options: object,
) -> tuple[Numbered, LogisticRegression]:
    """The model of some rows, and the columns of its features."""
    numbered = Numbered(rows)
    model = LogisticRegression(C=strength, max_iter=3000, **options)
    model.fit(numbered.matrix(rows), numpy.array(said), sample_weight=weight)
    return numbered, model
