"""Trains the linear model for replies on the replies in tests/corpus and writes its weights into the lexicon.

    python benchmarks/train_reply_opinion.py [--write]

Needs scikit-learn, here only. Prints what share is told right, batch by batch, by the rules, by a model that was
trained on the other batches, and by both together. The rules were widened with each batch after it had been scored,
so that their figures flatter; those of the model do not.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

import numpy
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from mailwatch.detection import lexicons, replies, reply_opinion, second_opinion, sentences, speechacts

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "mailwatch" / "detection" / "lexicon" / "en.replies.json"
BATCHES = ("", "_second", "_third", "_fourth", "_fifth", "_sixth", "_seventh")
STRENGTH = 1.0
TOO_SMALL = 0.05


def main() -> None:
    """Trains, prints the cross-validated figures, and writes the weights if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    lexicon = lexicons.load("en")
    vocabulary = second_opinion.vocabulary_of(lexicon)
    rows, kinds, ruled, trusts, batches = [], [], [], [], []
    for name in BATCHES:
        file = ROOT / "tests" / "corpus" / f"replies{name}.toml"
        for kind, texts in tomllib.loads(file.read_text("utf-8")).items():
            for text in texts:
                found = [
                    speechacts.as_reply(speechacts.read(piece, sentences.tokens(piece), lexicon), lexicon)
                    for piece in sentences.split(text)
                ]
                rows.append(dict.fromkeys(reply_opinion.features(found, vocabulary), 1))
                kinds.append(kind)
                kind_by_rules, trust = replies.by_rules(found, lexicon.for_now)
                ruled.append(kind_by_rules.value)
                trusts.append(trust)
                batches.append(name)
    said, seen, trusted, batch = (numpy.array(one) for one in (kinds, ruled, trusts, batches))
    print(f"{'batch':10} {'n':>4}  rules  model   both   holding: found, right   answers found")
    for name in BATCHES:
        inside = batch == name
        vectors, model = fitted([row for row, test in zip(rows, inside, strict=True) if not test], said[~inside])
        scores = model.decision_function(
            vectors.transform([row for row, test in zip(rows, inside, strict=True) if test])
        )
        alone = model.classes_[scores.argmax(1)]
        added = trusted[inside][:, None] * (model.classes_ == seen[inside][:, None])
        both = model.classes_[(scores + added).argmax(1)]
        show(name.strip("_") or "first", said[inside], seen[inside], alone, both)
    vectors, model = fitted(rows, said)
    weights = {
        name: [round(float(weight), 2) for weight in column]
        for name, column in zip(vectors.feature_names_, model.coef_.T, strict=True)
        if abs(column).max() >= TOO_SMALL
    }
    text = json.dumps({"kinds": list(model.classes_), "weights": weights}, ensure_ascii=False)
    print(f"{len(weights)} features, {len(text) / 1024:.0f} KB")
    if options.write:
        TARGET.write_text(text.replace('], "', '],\n"') + "\n", encoding="utf-8")


def fitted(rows: Sequence[dict[str, int]], said: numpy.ndarray) -> tuple[DictVectorizer, LogisticRegression]:
    """The model of some replies, and the order of its features."""
    vectors = DictVectorizer()
    model = LogisticRegression(C=STRENGTH, max_iter=3000, fit_intercept=False)
    model.fit(vectors.fit_transform(rows), said)
    return vectors, model


def show(name: str, said: numpy.ndarray, *found: numpy.ndarray) -> None:
    """Prints the share that rules, model and both tell right, and how holding replies fare with both."""
    shares = "  ".join(f"{(one == said).mean():.3f}" for one in found)
    both = found[-1]
    holds, held = said == "acknowledgement", both == "acknowledgement"
    answers = said == "answer"
    print(
        f"{name:10} {len(said):4}  {shares}   {held[holds].mean():14.2f} {holds[held].mean():6.2f} "
        f"{(both == said)[answers].mean():15.2f}"
    )


if __name__ == "__main__":
    main()
