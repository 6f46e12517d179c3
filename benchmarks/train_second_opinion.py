"""Trains the linear model for requests on Parakweet's sentences and writes its weights into the lexicon.

    python benchmarks/train_second_opinion.py DATA [--write]

Needs scikit-learn, here only. DATA holds parakweet-train.jsonl (Apache-2.0); no other set is used for training.
Prints F1 by ten-fold cross-validation, where sentences that begin with the same three words stay in one fold, for
the model alone and together with the rules as a text of one sentence is scored.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from hashlib import md5
from pathlib import Path

import numpy
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

sys.path.insert(0, str(Path(__file__).parent))

import detection_sets as sets

from mailwatch.detection import lexicons, second_opinion, sentences, speechacts, weighing

TARGET = Path(__file__).parent.parent / "mailwatch" / "detection" / "lexicon" / "en.weights.json"
STRENGTH = 0.4
SEEN_AT_LEAST = 3
TOO_SMALL = 0.02


def main() -> None:
    """Trains, prints the cross-validated figures, and writes the weights if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    lexicon = lexicons.load("en")
    vocabulary = second_opinion.vocabulary_of(lexicon)
    items = sets.parakweet(options.data)
    said = numpy.array([bool(item.request) for item in items])
    rows, ruled, polite, groups = [], [], [], []
    for item in items:
        found = [speechacts.read(piece, sentences.tokens(piece), lexicon) for piece in sentences.split(item.text)]
        rows.append({name for sentence in found for name in second_opinion.features(sentence, vocabulary)})
        ruled.append(max((hit.score for sentence in found if (hit := sentence.best("request"))), default=0.0))
        polite.append(any(weighing.informs(sentence) for sentence in found))
        groups.append(int(md5(" ".join(sentences.tokens(item.text)[:3]).encode()).hexdigest()[:7], 16))
    seen = Counter(name for row in rows for name in row)
    names = sorted(name for name, times in seen.items() if times >= SEEN_AT_LEAST)
    number = {name: place for place, name in enumerate(names)}
    columns = [sorted(number[name] for name in row if name in number) for row in rows]
    ends = numpy.cumsum([0, *map(len, columns)]).astype("int32")
    flat = numpy.array([place for row in columns for place in row], dtype="int32")
    matrix = csr_matrix((numpy.ones(len(flat)), flat, ends), shape=(len(rows), len(names)))
    model = LogisticRegression(C=STRENGTH, max_iter=2000, solver="liblinear")
    guess = cross_val_predict(model, matrix, said, cv=GroupKFold(10), groups=groups, method="predict_proba")[:, 1]
    blend = numpy.array(
        [weighing.blended(rule, p, 1, offer) for rule, p, offer in zip(ruled, guess, polite, strict=True)]
    )
    for name, scores in (("rules", numpy.array(ruled)), ("model", guess), ("both", blend)):
        show(name, said, scores >= 0.5)
    for low in numpy.arange(0, 1, 0.1):
        inside = (blend >= low) & (blend < low + 0.1)
        if inside.any():
            print(f"    score {low:.1f}-{low + 0.1:.1f}: {inside.sum():5} sentences, {said[inside].mean():.2f} right")
    model.fit(matrix, said)
    weights = {
        name: round(float(weight), 3)
        for name, weight in zip(names, model.coef_[0], strict=True)
        if abs(weight) >= TOO_SMALL
    }
    text = json.dumps({"bias": round(float(model.intercept_[0]), 4), "weights": weights}, ensure_ascii=False)
    print(f"{len(weights)} weights, {len(text) / 1024:.0f} KB")
    if options.write:
        TARGET.write_text(text.replace('", "', '",\n"') + "\n", encoding="utf-8")


def show(name: str, said: numpy.ndarray, found: numpy.ndarray) -> None:
    """Prints precision, recall and F1 with a bootstrap interval, and F1 as if 3 in 10 sentences were requests."""
    rng = numpy.random.default_rng(7)
    drawn = []
    for _ in range(1000):
        pick = rng.integers(0, len(said), len(said))
        drawn.append(f1(said[pick], found[pick], 1.0))
    low, high = numpy.percentile(drawn, [2.5, 97.5])
    precision = (said & found).sum() / found.sum()
    recall = (said & found).sum() / said.sum()
    rarer = 3 / 7 * (~said).sum() / said.sum()
    print(
        f"{name:6} precision {precision:.3f} recall {recall:.3f} F1 {f1(said, found, 1.0):.3f} "
        f"[{low:.3f}, {high:.3f}], at 30 % requests {f1(said, found, rarer):.3f}"
    )


def f1(said: numpy.ndarray, found: numpy.ndarray, weight: float) -> float:
    """F1 with the true ones counted `weight` times."""
    true = weight * (said & found).sum()
    return float(2 * true / (2 * true + (~said & found).sum() + weight * (said & ~found).sum()))


if __name__ == "__main__":
    main()
