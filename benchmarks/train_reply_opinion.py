"""Trains the linear model for replies and writes its weights into the lexicon.

    python benchmarks/train_reply_opinion.py [--language en] [--write]

Needs scikit-learn, here only. It learns from the replies of tests/corpus, all written for this project. Prints what
share of the replies of each trade is told right when those of all others were learnt from: by the rules alone, by the
model alone, and by both together.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy
import training
from sklearn.linear_model import LogisticRegression

from mailwatch.detection import lexicons, replies, reply_opinion, speechacts

STRENGTH = 1.0
TOO_SMALL = 0.05
COUNTED = 2
"""How much more than another a reply counts that stands in a conversation."""


@dataclass(frozen=True)
class Reply:
    """A reply with what it is, its features, and what the rules see and how far they are trusted."""

    trade: str
    kind: str
    row: dict[str, int]
    ruled: str
    trust: float


def main() -> None:
    """Trains, prints the cross-validated figures, and writes the weights if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", default="en")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--all-at-once", action="store_true", help="do not print how each trade fares")
    options = parser.parse_args()
    language = options.language
    vocabulary = training.vocabulary_of(language)
    written = [*(earlier() if language == "en" else ()), *training.replies(language)]
    written += COUNTED * [("", kind, text) for kind, text in training.answers_in_conversations(language)]
    known = [read(trade, kind, text, vocabulary, language) for trade, kind, text in written]
    trades = sorted({reply.trade for reply in known if reply.trade}) if not options.all_at_once else []
    told: list[tuple[str, str, str, str]] = []
    for trade in trades:
        tested = [reply for reply in known if reply.trade == trade]
        numbered, model = fitted([reply for reply in known if reply.trade != trade])
        scores = model.decision_function(numbered.matrix([reply.row for reply in tested]))
        trusted = [[reply.trust * (kind == reply.ruled) for kind in model.classes_] for reply in tested]
        alone, both = (model.classes_[one.argmax(1)] for one in (scores, scores + numpy.array(trusted)))
        rows = [(one.kind, one.ruled, *found) for one, *found in zip(tested, alone, both, strict=True)]
        told += rows
        show(trade, rows)
    if told:
        show("all", told)
        show_confusion(told)
    numbered, model = fitted(known)
    weights = {
        name: [round(float(weight), 2) for weight in column]
        for name, column in zip(numbered.names, model.coef_.T, strict=True)
        if abs(column).max() >= TOO_SMALL
    }
    document = {"kinds": list(model.classes_), "vocabulary": sorted(vocabulary), "weights": weights}
    text = json.dumps(document, ensure_ascii=False)
    print(f"{len(weights)} features, {len(text) / 1024:.0f} KB")
    if options.write:
        target = training.LEXICON / f"{language}.replies.json"
        target.write_text(text.replace('], "', '],\n"') + "\n", encoding="utf-8")


def earlier() -> list[tuple[str, str, str]]:
    """The replies of the older batches, which belong to no trade."""
    files = sorted(training.CORPUS.glob("replies*.toml"))
    batches = [tomllib.loads(file.read_text("utf-8")) for file in files]
    return [("", kind, text) for batch in batches for kind, texts in batch.items() for text in texts]


def read(trade: str, kind: str, text: str, vocabulary: frozenset[str], language: str) -> Reply:
    """A reply as the rules and the model see it."""
    lexicon = lexicons.load(language)
    found = [speechacts.as_reply(one, lexicon) for one in training.sentences_of(text, lexicon)]
    ruled, trust = replies.by_rules(found, lexicon.for_now)
    return Reply(trade, kind, dict.fromkeys(reply_opinion.features(found, vocabulary), 1), ruled.value, trust)


def fitted(known: Sequence[Reply]) -> tuple[training.Numbered, LogisticRegression]:
    """The model of some replies, and the columns of its features."""
    rows, kinds = [reply.row for reply in known], [reply.kind for reply in known]
    return training.fitted(rows, kinds, strength=STRENGTH, fit_intercept=False)


def show(name: str, rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Prints the share that rules, model and both tell right, and how holding replies fare with both."""
    said, ruled, alone, both = (numpy.array(column) for column in zip(*rows, strict=True))
    shares = "  ".join(f"{(one == said).mean():.3f}" for one in (ruled, alone, both))
    holds, held, answers = said == "acknowledgement", both == "acknowledgement", said == "answer"
    print(
        f"{name:16} {len(said):4}  rules, model, both {shares}  holding: found {held[holds].mean():.2f}, "
        f"read as answers {(both == 'answer')[holds].mean():.2f}, right {holds[held].mean():.2f}; "
        f"answers found {(both == said)[answers].mean():.2f}",
        flush=True,
    )


def show_confusion(rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Prints the table of docs/detection.md: as written in rows, as read by both in columns."""
    counted = Counter((said, both) for said, _, _, both in rows)
    kinds = [kind for kind, _ in Counter(said for said, *_ in rows).most_common()]
    print("| |", " | ".join(kinds), "|")
    for said in kinds:
        print(f"| {said} |", " | ".join(str(counted[said, found] or "") for found in kinds), "|")


if __name__ == "__main__":
    main()
