"""Trains the linear model for requests and promises and writes its weights into the lexicon.

    python benchmarks/train_second_opinion.py DATA [--write]

Needs scikit-learn, here only. It learns from the mails of tests/corpus/mails, all written for this project, and for
requests from Parakweet's sentences too (parakweet-train.jsonl in DATA, Apache-2.0), which count less. Prints
precision, recall and F1 on mails of each trade when those of all others were learnt from, by the rules alone and by
both, and so on Parakweet in five folds, where sentences that begin with the same three words stay in one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import detection
import detection_sets as sets
import training

from mailwatch.detection import detector, lexicons, second_opinion, sentences
from mailwatch.detection.detector import Context
from mailwatch.detection.second_opinion import SecondOpinion

TARGET = training.LEXICON / "en.weights.json"
STRENGTH = 1.0
SEEN_AT_LEAST = 2
TOO_SMALL = 0.06
OF_PARAKWEET = 0.3
CONTEXT = Context(datetime(2001, 5, 16, 10, tzinfo=UTC), UTC)
ACTS = ("request", "promise")
FOLDS = 5


def main() -> None:
    """Trains, prints the cross-validated figures, and writes the weights if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--all-at-once", action="store_true", help="do not print how each trade fares")
    options = parser.parse_args()
    lexicon, vocabulary = lexicons.load("en"), training.vocabulary_of("en")
    mails = list(training.mails())
    rows: list[list[set[str]]] = []
    said: list[list[tuple[bool, bool]]] = []
    for mail in mails:
        found = training.sentences_of(mail.text, lexicon)
        rows.append(list(second_opinion.features(found, vocabulary)))
        said.append([(training.among(one, mail.asks), training.among(one, mail.promises)) for one in found])
    strangers: list[tuple[set[str], bool]] = []
    folds: list[int] = []
    items = sets.parakweet(options.data)
    for item in items:
        found = training.sentences_of(item.text, lexicon)
        learnt = [(row, bool(item.request)) for row in second_opinion.features(found, vocabulary)]
        strangers += learnt
        folds += [fold_of(item.text)] * len(learnt)
    trades = sorted({mail.trade for mail in mails}) if not options.all_at_once else []
    pairs: dict[str, list[tuple[bool, bool]]] = {}
    for trade in trades:
        inside = [mail.trade == trade for mail in mails]
        rest = [place for place, one in enumerate(inside) if not one]
        opinion = trained([rows[i] for i in rest], [said[i] for i in rest], strangers, vocabulary)
        show(trade, [mail for mail in mails if mail.trade == trade], opinion, pairs)
    for fold in range(FOLDS) if trades else ():
        rest = [row for row, place in zip(strangers, folds, strict=True) if place != fold]
        learnt_from_the_rest = trained(rows, said, rest, vocabulary)
        second_opinion.load = lambda language, heard=learnt_from_the_rest: heard
        pairs.setdefault("parakweet", []).extend(
            (bool(item.request), bool(detector.read(item.text, CONTEXT).request))
            for item in items
            if fold_of(item.text) == fold
        )
    for name, all_pairs in pairs.items():
        low, high = detection.interval(all_pairs, lambda drawn: detection.scores(drawn)[2])
        print(f"{name:18} {figures(all_pairs)} [{low:.3f}, {high:.3f}]")
    opinion = trained(rows, said, strangers, vocabulary)
    document = {
        "bias": opinion.bias,
        "vocabulary": sorted(vocabulary),
        "weights": opinion.weights,
    }
    text = json.dumps(document, ensure_ascii=False)
    print(f"{len(opinion.weights)} weights, {len(text) / 1024:.0f} KB")
    if options.write:
        TARGET.write_text(text.replace('], "', '],\n"') + "\n", encoding="utf-8")


def fold_of(text: str) -> int:
    """In which fold a sentence is, by its first three words."""
    return int(md5(" ".join(sentences.tokens(text)[:3]).encode(), usedforsecurity=False).hexdigest()[:7], 16) % FOLDS


def trained(
    rows: Sequence[Sequence[set[str]]],
    said: Sequence[Sequence[tuple[bool, bool]]],
    strangers: Sequence[tuple[set[str], bool]],
    vocabulary: frozenset[str],
) -> SecondOpinion:
    """The model of some mails; what weighs next to nothing is left out."""
    flat = [row for mail in rows for row in mail]
    columns: list[dict[str, float]] = []
    bias = []
    for act in range(2):
        learnt, told = list(flat), [one[act] for mail in said for one in mail]
        weight = [1.0] * len(flat)
        if act == 0:
            learnt += [row for row, _ in strangers]
            told += [request for _, request in strangers]
            weight += [OF_PARAKWEET] * len(strangers)
        numbered, model = training.fitted(learnt, told, strength=STRENGTH, weight=weight, solver="liblinear")
        columns.append(dict(zip(numbered.names, model.coef_[0], strict=True)))
        bias.append(round(float(model.intercept_[0]), 3))
    # What was seen once is learnt, so that it explains that sentence, but it says nothing about others.
    seen = Counter(name for row in flat for name in row)
    seen.update(name for row, _ in strangers for name in row)
    weights = {}
    for name in sorted((name for name, times in seen.items() if times >= SEEN_AT_LEAST)):
        pair = tuple(round(float(column.get(name, 0.0)), 2) for column in columns)
        if max(map(abs, pair)) >= TOO_SMALL:
            weights[name] = pair
    return SecondOpinion(tuple(bias), weights, vocabulary)


def show(
    trade: str, mails: Sequence[training.Written], opinion: SecondOpinion, pairs: dict[str, list[tuple[bool, bool]]]
) -> None:
    """Prints how mails of one trade fare with a model that has not seen them, and adds them to all pairs."""
    line = f"{trade:16}"
    for name, heard in (("rules", None), ("both", opinion)):
        second_opinion.load = lambda language, heard=heard: heard
        readings = [detector.read(mail.text, CONTEXT) for mail in mails]
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
