"""Trains the linear model that tells holding replies by their words alone, and writes its weights into the lexicon.

    python benchmarks/train_holding_opinion.py [--language en] [--write]

Needs scikit-learn, here only. It learns from the replies and mails of tests/corpus, all written for this project;
which of the mails read as holding replies stands in tests/corpus/holding.json, as a reader told who did not know the
program. Prints precision and recall over trades, each scored by what was learnt from all others.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass

import training

from mailwatch.detection import holding_opinion, lexicons, speechacts

STRENGTH = 1.0
TOO_SMALL = 0.02
FOLDS = 5
LEAST = 0.4
"""From so likely on a text is taken for a holding reply (best F1 over trades left out); its score is then half."""


@dataclass(frozen=True)
class Text:
    """A short text, the file that it is from, its features, and whether it reads as a holding reply."""

    file: str
    row: dict[str, int]
    holds: bool


def main() -> None:
    """Trains, prints the cross-validated figures, and writes the weights if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", default="en")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    vocabulary = training.vocabulary_of(options.language)
    texts = list(read(options.language, vocabulary))
    files = sorted({text.file for text in texts})
    told: list[tuple[bool, bool]] = []
    for fold in range(FOLDS):
        aside = set(files[fold::FOLDS])
        numbered, model = fitted([text for text in texts if text.file not in aside])
        tested = [text for text in texts if text.file in aside]
        likely = model.predict_proba(numbered.matrix([text.row for text in tested]))[:, 1]
        told += [(text.holds, bool(one >= LEAST)) for text, one in zip(tested, likely, strict=True)]
    right, said, true = sum(a and b for a, b in told), sum(b for _, b in told), sum(a for a, _ in told)
    print(f"{len(told)} texts, {true} hold: precision {right / said:.3f}, recall {right / true:.3f}")
    numbered, model = fitted(texts)
    weights = {
        name: round(float(weight), 2)
        for name, weight in zip(numbered.names, model.coef_[0], strict=True)
        if abs(weight) >= TOO_SMALL
    }
    bias = float(model.intercept_[0]) - math.log(LEAST / (1 - LEAST))
    document = {"bias": round(bias, 2), "vocabulary": sorted(vocabulary), "weights": weights}
    text = json.dumps(document, ensure_ascii=False)
    print(f"{len(weights)} features, {len(text) / 1024:.0f} KB")
    if options.write:
        target = training.LEXICON / f"{options.language}.holding.json"
        target.write_text(text.replace(', "', ',\n"') + "\n", encoding="utf-8")


def read(language: str, vocabulary: frozenset[str]) -> Iterator[Text]:
    """The short texts of a language as the rules and the model see them."""
    lexicon = lexicons.load(language)
    for file, text, holds in training.holding(language):
        found = [speechacts.as_reply(one, lexicon) for one in training.sentences_of(text, lexicon)]
        if found and holding_opinion.is_short(found):
            yield Text(file, dict.fromkeys(holding_opinion.features(found, vocabulary), 1), holds)


def fitted(texts: list[Text]) -> tuple[training.Numbered, training.LogisticRegression]:
    """The model of some texts, and the columns of its features."""
    return training.fitted([text.row for text in texts], [text.holds for text in texts], strength=STRENGTH)


if __name__ == "__main__":
    main()
