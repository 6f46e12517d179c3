"""Trains the linear model for requests and promises and writes its weights into the lexicon.

    python benchmarks/train_second_opinion.py [DATA] [--language en] [--write]

Needs scikit-learn, here only. It learns from the mails of tests/corpus/mails, all written for this project, and for
English from Parakweet's sentences as well (parakweet-train.jsonl in DATA, Apache-2.0), with the labels of
tests/corpus/parakweet.csv; those that stand in another development set are left out. Prints precision, recall and F1
on mails of each trade when those of all others were learnt from, by the rules alone and by both. Mails in a folder
named read, with which rules were made, are learnt from only, and only their words: the rules know them too well. The
same is done on Parakweet by its own labels in five folds; sentences that begin with the same three words stay in one.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import md5
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import detection
import detection_sets as sets
import training

from mailwatch.detection import detector, lexicons, second_opinion, sentences
from mailwatch.detection.detector import Context
from mailwatch.detection.second_opinion import SecondOpinion, Shares
from mailwatch.detection.speechacts import Sentence

STRENGTH = 1.0
SEEN_AT_LEAST = 2
TOO_SMALL = 8  # hundredths
OF_PARAKWEET = 3.0
OF_ITS_OWN_LABELS = 0.3
SHORTEST_OVERLAP = 20  # characters of a sentence that stands in a development set as well, which then is left out
ACTS = ("request", "promise")
FOLDS = 5


@dataclass(frozen=True)
class Choices:
    """What was chosen for a language by the figures that this prints.

    `shares` say how much the opinion counts, `lift` by how many hundredths requests are made likelier: as many are
    missed as are false then.
    """

    shares: Shares
    lift: int


ENGLISH = Choices(Shares((0.7, 0.4, 0.3), 0.25), 0)
OTHERS = Choices(Shares((0.5, 0.5, 0.5), 0.5), 80)
Example = tuple[set[str], tuple[float, float, float], tuple[float, float, float]]
"""The features of a sentence, how surely it is a request, a promise and one when alone, and how much that counts."""


def main() -> None:
    """Trains, prints the cross-validated figures, and writes the weights if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--language", default="en")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--all-at-once", action="store_true", help="do not print how each trade fares")
    options = parser.parse_args()
    language = options.language
    vocabulary = training.vocabulary_of(language)
    mails = list(training.mails(language))
    written = [of_mail(mail, vocabulary, language) for mail in mails]
    items = sets.parakweet(options.data) if language == "en" else []
    strangers = of_parakweet(items, options.data, vocabulary) if items else []
    trades = sorted({mail.trade for mail in mails if not mail.read}) if not options.all_at_once else []
    pairs: dict[str, list[tuple[bool, bool]]] = {}
    for trade in trades:
        rest = [rows for mail, rows in zip(mails, written, strict=True) if mail.trade != trade]
        opinion = trained(list(chain(*rest, *strangers)), vocabulary, language)
        show(trade, [mail for mail in mails if mail.trade == trade], opinion, pairs, training.context_of(language))
    for fold in range(FOLDS) if trades and items else ():
        rest = [rows for item, rows in zip(items, strangers, strict=True) if fold_of(item.text) != fold]
        learnt_from_the_rest = trained(list(chain(*written, *rest)), vocabulary, language)
        second_opinion.load = lambda code, heard=learnt_from_the_rest: heard
        pairs.setdefault("parakweet", []).extend(
            (bool(item.request), bool(detector.read(item.text, training.context_of(language)).request))
            for item in items
            if fold_of(item.text) == fold
        )
    for name, all_pairs in pairs.items():
        low, high = detection.interval(all_pairs, lambda drawn: detection.scores(drawn)[2])
        print(f"{name:18} {figures(all_pairs)} [{low:.3f}, {high:.3f}]")
    bias, weights = fitted(list(chain(*written, *strangers)), language)
    shares = choices_of(language).shares
    document = {
        "bias": bias,
        "shares": [*shares.requests, shares.promises],
        "vocabulary": sorted(vocabulary),
        "weights": weights,
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    print(f"{len(weights)} weights, {len(text) / 1024:.0f} KB")
    if options.write:
        target = training.LEXICON / f"{language}.weights.json"
        target.write_text(text.replace('],"', '],\n"') + "\n", encoding="utf-8")


def of_mail(mail: training.Written, vocabulary: frozenset[str], language: str = "en") -> list[Example]:
    """What can be learnt from a mail: from its words alone if rules were made with it."""
    found = training.sentences_of(mail.text, lexicons.load(language))
    if mail.read:
        found = [Sentence(one.words, one.tokens) for one in found]
    examples: list[Example] = []
    for row, sentence in zip(second_opinion.features(found, vocabulary), found, strict=True):
        asks, promises = (float(training.among(sentence, marked)) for marked in (mail.asks, mail.promises))
        examples.append((row, (asks, promises, asks), (1.0, 1.0, 1.0)))
    return examples


def of_parakweet(items: Sequence[sets.Item], data: Path, vocabulary: frozenset[str]) -> list[list[Example]]:
    """What can be learnt from Parakweet's sentences, by our labels and, for texts of one sentence, by its own."""
    labels = training.labels_of_parakweet()
    known = " | ".join(letters(item.text) for load in (sets.gold, sets.mailex, sets.bc3) for item in load(data))
    found: list[list[Example]] = []
    for item in items:
        plain = letters(item.text)
        counts = (OF_PARAKWEET, OF_PARAKWEET, OF_ITS_OWN_LABELS)
        if len(plain) > SHORTEST_OVERLAP and plain in known:
            counts = (0.0, 0.0, 0.0)
        said = (*labels[item.id], float(bool(item.request)))
        pieces = training.sentences_of(item.text, lexicons.load("en"))
        found.append([(row, said, counts) for row in second_opinion.features(pieces, vocabulary)])
    return found


def letters(text: str) -> str:
    """The words of a text alone."""
    return " ".join(re.findall(r"\w+", text.lower()))


def fold_of(text: str) -> int:
    """In which fold a sentence is, by its first three words."""
    return int(md5(" ".join(sentences.tokens(text)[:3]).encode(), usedforsecurity=False).hexdigest()[:7], 16) % FOLDS


def choices_of(language: str) -> Choices:
    """What was chosen for a language."""
    return ENGLISH if language == "en" else OTHERS


def trained(examples: Sequence[Example], vocabulary: frozenset[str], language: str) -> SecondOpinion:
    """The model of some examples."""
    bias, weights = fitted(examples, language)
    return SecondOpinion.of_rows(bias, weights, vocabulary, choices_of(language).shares)


def fitted(examples: Sequence[Example], language: str) -> tuple[list[int], dict[str, tuple[int, ...]]]:
    """Bias and weights in hundredths; what weighs next to nothing is left out."""
    columns: list[dict[str, float]] = []
    bias = []
    for column in range(3):
        rows, said, weight = [], [], []
        for row, all_said, counts in examples:
            for answer, share in ((True, all_said[column]), (False, 1.0 - all_said[column])):
                if share * counts[column]:
                    rows.append(row)
                    said.append(answer)
                    weight.append(share * counts[column])
        numbered, model = training.fitted(rows, said, strength=STRENGTH, weight=weight, solver="liblinear")
        columns.append(dict(zip(numbered.names, model.coef_[0], strict=True)))
        lift = 0 if column == ACTS.index("promise") else choices_of(language).lift
        bias.append(round(100 * float(model.intercept_[0])) + lift)
    # What was seen once is learnt, so that it explains that sentence, but it says nothing about others.
    seen = Counter(name for row, _, _ in examples for name in row)
    weights = {}
    # The commonest come first: so they lie close together in memory, where they are found quicker.
    for name in sorted(
        (name for name, times in seen.items() if times >= SEEN_AT_LEAST), key=lambda one: (-seen[one], one)
    ):
        row = tuple(round(100 * float(column.get(name, 0.0))) for column in columns)
        if max(map(abs, row)) >= TOO_SMALL:
            weights[name] = row
    return bias, weights


def show(
    trade: str,
    mails: Sequence[training.Written],
    opinion: SecondOpinion,
    pairs: dict[str, list[tuple[bool, bool]]],
    context: Context,
) -> None:
    """Prints how mails of one trade fare with a model that has not seen them, and adds them to all pairs."""
    line = f"{trade:16}"
    for name, heard in (("rules", None), ("both", opinion)):
        second_opinion.load = lambda language, heard=heard: heard
        readings = [detector.read(mail.text, context) for mail in mails]
        for act in ACTS:
            true = [bool(mail.asks if act == "request" else mail.promises) for mail in mails]
            new = list(zip(true, (bool(getattr(reading, act)) for reading in readings), strict=True))
            pairs.setdefault(f"{act}, {name}", []).extend(new)
            line += f"  {act} {name} {figures(new)}"
    print(line, flush=True)


def figures(pairs: Sequence[tuple[bool, bool]]) -> str:
    """Precision, recall and F1."""
    precision, recall, f1 = detection.scores(pairs)
    return f"{precision:.2f} {recall:.2f} {f1:.3f}"


if __name__ == "__main__":
    main()
