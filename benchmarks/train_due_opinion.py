"""Trains the linear model for due times and writes its weights into the lexicon.

    python benchmarks/train_due_opinion.py [DATA] [--language en] [--write]

Needs scikit-learn, here only. It learns from the times in the mails of tests/corpus/mails and tests/corpus/deadlines,
and for English in the sentences of Parakweet (parakweet-train.jsonl in DATA), labelled in tests/corpus/parakweet.csv.
All that is read with a second opinion that has not learnt from it, as strangers' mail will be; of mails with which
rules were made it does not learn how far the rules are to be trusted. Prints how many due times are right, wrong and
false when each fifth of the trades is left out in turn, by the rules alone and by both.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import detection_sets as sets
import train_second_opinion as second
import training

from mailwatch.detection import detector, due_opinion, due_times, second_opinion
from mailwatch.detection.detector import Context
from mailwatch.detection.due_opinion import DueOpinion
from mailwatch.detection.due_times import Candidate

FOLDS = 5
SEEN_AT_LEAST = 2
TOO_SMALL = 4  # hundredths


@dataclass(frozen=True)
class Choices:
    """What was chosen for a language by the figures that this prints.

    `strength` is that of the fit, `least` what the model of `due_opinion` keeps under that name.
    """

    strength: float
    least: tuple[float, float]


ENGLISH = Choices(0.1, (-1.5, 0.9))
OTHERS = Choices(0.5, (-1.3, 0.0))


@dataclass
class Example:
    """A text with its due time, its fold, how it is read, and what was read in it.

    Of a mail `read` says whether rules were made with it; of other texts it is None.
    """

    text: str
    due: str
    fold: int
    context: Context
    read: bool | None = None
    candidates: list[Candidate] = field(default_factory=list)

    def labelled(self) -> Iterable[tuple[Candidate, bool]]:
        """The times of which is known what they are; a later one may be due as well as the first."""
        for one in self.candidates:
            day = one.mention.deadline.day.isoformat()
            if not self.due or day <= self.due[:10]:
                yield one, bool(self.due) and self.due.startswith(day)


def main() -> None:
    """Trains, prints the cross-validated figures, and writes the weights if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--language", default="en")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    language = options.language
    vocabulary = training.vocabulary_of(language)
    examples = read(language, options.data, vocabulary)
    rest = ([one for one in examples if one.fold != fold] for fold in range(FOLDS))
    heard = [trained(others, vocabulary, language) for others in rest]
    for name, opinions in (("rules", [None] * FOLDS), ("both", heard)):
        print(f"{name:6} {figures([one for one in examples if one.read is False], opinions)}")
    model = trained(examples, vocabulary, language)
    document = {
        "bias": model.bias,
        "least": model.least,
        "vocabulary": sorted(vocabulary),
        "weights": dict(model.weights),
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), indent=0)
    print(f"{len(model.weights)} weights, {len(text) / 1024:.0f} KB")
    if options.write:
        target = training.LEXICON / f"{language}.due.json"
        target.write_text(text + "\n", encoding="utf-8")


def read(language: str, data: Path | None, vocabulary: frozenset[str]) -> list[Example]:
    """All that there is to learn from, each read with a second opinion that has learnt from the other folds."""
    mails = list(training.mails(language))
    trades = sorted({mail.trade for mail in mails})
    context = training.context_of(language)
    examples = [
        Example(mail.text, mail.deadline, trades.index(mail.trade) % FOLDS, context, mail.read) for mail in mails
    ]
    lessons = [second.of_mail(mail, vocabulary, language) for mail in mails]
    if language == "en" and data is not None:
        dues = training.dues_of_parakweet()
        items = sets.parakweet(data)
        examples += [Example(item.text, dues[item.id], second.fold_of(item.text), context) for item in items]
        lessons += second.of_parakweet(items, data, vocabulary)
    traps = list(training.due_times(language))
    examples += [Example(text, due, second.fold_of(text), training.OTHERS) for text, due in traps]
    lessons += [[]] * len(traps)
    for fold in range(FOLDS):
        rest = chain.from_iterable(rows for rows, one in zip(lessons, examples, strict=True) if one.fold != fold)
        opinion = second.trained(list(rest), vocabulary, language)
        second_opinion.load = lambda code, heard=opinion: heard if code == language else None
        for one in examples:
            if one.fold == fold:
                one.candidates = candidates_in(one.text, one.context, vocabulary)
    return [one for one in examples if one.due != "?"]


def candidates_in(text: str, context: Context, vocabulary: frozenset[str]) -> list[Candidate]:
    """The times that the detector sees in a text."""
    seen: list[Candidate] = []

    def remember(spoken, found, when):
        if found.asks or found.promises:
            seen.extend(due_times.candidates(spoken, found, when, vocabulary))
        return {}

    kept, due_times.of_acts = due_times.of_acts, remember
    try:
        detector.read(text, context)
    finally:
        due_times.of_acts = kept
    return seen


def trained(examples: Sequence[Example], vocabulary: frozenset[str], language: str) -> DueOpinion:
    """The model of some examples; what weighs next to nothing is left out."""
    rows = [
        (one.features - {due_opinion.OWNED} if example.read else one.features, due)
        for example in examples
        for one, due in example.labelled()
    ]
    choices = ENGLISH if language == "en" else OTHERS
    numbered, model = training.fitted([row for row, _ in rows], [due for _, due in rows], strength=choices.strength)
    seen = Counter(name for row, _ in rows for name in row)
    weights = {
        name: hundredths
        for name, weight in zip(numbered.names, model.coef_[0], strict=True)
        if seen[name] >= SEEN_AT_LEAST and abs(hundredths := round(100 * float(weight))) >= TOO_SMALL
    }
    return DueOpinion(round(100 * float(model.intercept_[0])), weights, vocabulary, choices.least)


def figures(examples: Sequence[Example], opinions: Sequence[DueOpinion | None]) -> str:
    """How many days are right, wrong and false, each judged by the opinion of its fold, or by the rules alone."""
    right = wrong = false = 0
    for one in examples:
        opinion = opinions[one.fold]
        ruled = ((act, time.mention, 0.0) for time in one.candidates if time.owned for act in time.acts)
        due = due_times.chosen(due_times.judged(one.candidates, opinion) if opinion else ruled)
        days = [deadline.day.isoformat() for deadline in due.values()]
        if not days:
            continue
        is_right = one.due.startswith(min(days))
        right += bool(one.due) and is_right
        wrong += bool(one.due) and not is_right
        false += not one.due
    due = sum(bool(one.due) for one in examples)
    return f"{right} of {due} right, {wrong} wrong; {false} false in {len(examples) - due}"


if __name__ == "__main__":
    main()
