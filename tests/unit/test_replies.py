"""What a message is as a reply."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import resources

import pytest

from mailwatch.detection import detector, lexicons, replies, reply_opinion, sentences, speechacts, weighing
from mailwatch.detection.detector import Context
from mailwatch.detection.reply_opinion import ReplyOpinion
from mailwatch.detection.speechacts import Sentence
from mailwatch.detection.weighing import Spoken
from mailwatch.domain.reading import ReplyKind

CONTEXT = Context(datetime(2026, 11, 18, 9, tzinfo=UTC), UTC, own=True, is_reply=True)

REPLIES = {
    ReplyKind.ACKNOWLEDGEMENT: (
        "Hi Jo, got your message. I'm looking at the logs now and will get back to you.",
        "Thanks, I'll check with our supplier and let you know.",
        "Sure, will send you the draft tomorrow.",
        "We are still waiting for the test results, I hope to know more on Monday.",
        "I'll have to ask my manager about this first.",
        "Sorry, hectic week. You'll have my comments by Friday.",
        "OK, will do.",
        "Good point, let me check.",
        "Just to confirm that I received your request. I will look at it next week.",
        "I haven't had a chance to look at this yet.",
    ),
    ReplyKind.ANSWER: (
        "The customer number is 7731.",
        "Yes, that is fine.",
        "I sent the parcel yesterday, the tracking number is in the attachment.",
        "We charge 40 euros an hour for that.",
        "Hi Ann,\n\nthe door code is 4411. The lift needs the card as well.\n\nBob",
        "I think the second draft is better because it is shorter.",
        "He left the company in June.",
        "The report is in the folder of the project.",
        "Both dates are fine with me.",
        "I added the two missing names and uploaded the list again.",
    ),
    ReplyKind.QUESTION: (
        "Which of the two files do you mean?",
        "Do you need the whole list or only the open items?",
        "Hi Sam, what do you need it for?",
        "I am not sure I follow. Is this about the old contract?",
        "How soon do you need this?",
    ),
    ReplyKind.DECLINE: (
        "I'm sorry, I can't do this.",
        "Unfortunately we have no one free that week.",
        "I would rather not share that.",
        "We don't have the capacity for another project.",
        "I have to say no to this one.",
    ),
    ReplyKind.REDIRECT: (
        "Please ask Ingrid, she looks after the fleet.",
        "I'm not the right person for this, try the travel desk.",
        "I have passed your mail on to Tariq.",
        "Bill would know, he set it up.",
        "Adding Noor who is responsible for the budget.",
    ),
    ReplyKind.RENEGOTIATION: (
        "I can't make Friday, would Monday be OK?",
        "I need another day for this.",
        "Could we move it to next week?",
        "It will take longer than planned, I'll send it on Thursday instead.",
        "Friday is too early for me.",
    ),
    ReplyKind.THANKS: ("Thanks!", "Thank you very much.", "Great, thanks a lot!", "Lovely, thank you Mia."),
    ReplyKind.WITHDRAWAL: (
        "Never mind, it works now.",
        "Please ignore my question, I found it.",
        "This is no longer needed.",
        "It has been resolved, thanks.",
    ),
}
CASES = [(kind, words) for kind, rows in REPLIES.items() for words in rows]


@pytest.mark.parametrize(("kind", "words"), CASES, ids=[words[:40] for _, words in CASES])
def test_a_reply_is_what_its_words_say(kind: ReplyKind, words: str) -> None:
    assert detector.read(words, CONTEXT).reply is kind


def said(words: str) -> list[Sentence]:
    lexicon = lexicons.load("en")
    read = (speechacts.read(piece, sentences.tokens(piece), lexicon) for piece in sentences.split(words))
    return [speechacts.as_reply(sentence, lexicon) for sentence in read]


def test_a_long_reply_is_left_to_the_rules() -> None:
    opinion = reply_opinion.load("en")
    assert opinion is not None
    short = said("I asked the landlord about the door. He is thinking about it.")
    assert set(opinion.scores(short)) == set(ReplyKind)
    assert opinion.scores(short * 20) == {}


def test_a_second_opinion_outweighs_an_answer_that_is_one_only_for_want_of_anything_else() -> None:
    nothing_known = said("The door is green.")
    assert replies.by_rules(nothing_known) == (ReplyKind.ANSWER, 0.0)
    seen = said("I have sent it to you yesterday.")
    assert replies.by_rules(seen) == (ReplyKind.ANSWER, replies.TRUST)
    opinion = ReplyOpinion((ReplyKind.ANSWER, ReplyKind.ACKNOWLEDGEMENT), {"green": (0.0, 2.0)}, frozenset({"green"}))
    assert replies.kind_of(nothing_known) is ReplyKind.ANSWER
    assert replies.kind_of(nothing_known, opinion=opinion) is ReplyKind.ACKNOWLEDGEMENT
    assert replies.kind_of(seen, opinion=opinion) is ReplyKind.ANSWER


def test_a_line_with_nothing_but_a_name_says_nothing() -> None:
    with_name, without = said("It is on its way.\n\nAnn"), said("It is on its way.")
    vocabulary = frozenset({"it", "is", "on"})
    assert set(reply_opinion.features(with_name, vocabulary)) == set(reply_opinion.features(without, vocabulary))


def test_a_language_without_a_model_has_no_second_opinion() -> None:
    assert reply_opinion.load("it") is None
    source = resources.files("mailwatch.detection.lexicon").joinpath("en.replies.json")
    assert len(source.read_bytes()) < 1024 * 1024


def test_an_acknowledgement_that_no_rule_saw_holds_with_the_second_opinion_as_its_evidence() -> None:
    spoken = [Spoken(one) for one in said("The door is green.")]
    held = weighing.holding_of(spoken, ReplyKind.ACKNOWLEDGEMENT, is_reply=True)
    assert held
    assert held.evidence is not None
    assert (held.evidence.rule, held.evidence.words) == (weighing.HOLDING_OPINION, "The door is green.")
    assert not weighing.holding_of(spoken, ReplyKind.ANSWER, is_reply=True)


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        ("Got it, I'll look into it and get back to you.", True),
        ("Working on it, will have it by Friday.", True),
        ("Sorry, I haven't got to it yet. Tomorrow!", True),
        ("Hallo Jo, danke für die Erinnerung, ich schaue es mir morgen an und melde mich.", True),
        ("Merci pour ton message, je regarde ça et je reviens vers toi demain.", True),
        ("Recibido, lo miro esta tarde y te digo.", True),
        ("The report is in the folder of the project.", False),
        ("Could you send me the figures by Friday?", False),
        ("The lift will be repaired on Monday.", False),
        ("Thanks a lot!", False),
    ],
)
def test_a_holding_reply_is_told_by_its_words_where_nothing_says_that_it_is_a_reply(words: str, holds: bool) -> None:
    first = Context(CONTEXT.sent_at, UTC)
    assert bool(detector.read(words, first).holding) is holds


def test_a_long_text_of_which_nobody_knows_that_it_is_a_reply_does_not_hold() -> None:
    words = "We met on Monday and talked about the fence. " * 20 + "I will look into it and get back to you."
    assert not detector.read(words, Context(CONTEXT.sent_at, UTC)).holding
