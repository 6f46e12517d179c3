"""Reads the new words of a message and says what they mean to their reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from itertools import chain

from mailwatch.detection import (
    addressing,
    apart,
    bare_times,
    deadlines,
    due_times,
    folding,
    holding_opinion,
    language,
    lexicons,
    pointing,
    replies,
    reply_opinion,
    second_opinion,
    sentences,
    speechacts,
    urgency,
    weighing,
)
from mailwatch.detection.addressing import Called
from mailwatch.detection.deadlines import Standing, When
from mailwatch.detection.due_times import Found
from mailwatch.detection.second_opinion import Opinion
from mailwatch.detection.sentences import TEXT_LIMIT
from mailwatch.detection.sidebyside import Steps, alone
from mailwatch.detection.speechacts import PROMISE, REQUEST, Sentence
from mailwatch.detection.weighing import Spoken
from mailwatch.domain.reading import EVIDENCE_LIMIT, Deadline, Evidence, Finding, Reading, ReplyKind
from mailwatch.domain.subject import read_subject

AFTERTHOUGHT = 12
"""A sentence of so few words and marks that names a due time may go with the one before."""
A_LINE = 9
"""So few words below a subject are a greeting, a name, and perhaps a line that goes with what the subject says."""
SURE_OF_A_DATE = 0.53
"""So sure must be what is asked or promised for its due time to count: a false one makes a request late too soon."""
UNKNOWN_LANGUAGE_RULE = "unknown-language.request.question"
NO_RULES = {
    UNKNOWN_LANGUAGE_RULE: "A question, in a language of which mailwatch knows no more.",
    apart.TASK_RULE: "What the reader is to do stands behind their name, and others' tasks behind theirs.",
    weighing.REQUEST_OPINION: "No rule says so, but sentences like this one ask for something.",
    weighing.PROMISE_OPINION: "No rule says so, but sentences like this one promise something.",
    weighing.HOLDING_OPINION: "No rule says so, but replies like this one put the answer off.",
}
"""What stands in the place of a rule's description where none has fired."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a message beside its new words.

    `sent_at` is aware; `zone` is the reader's, `sender_zone` the one by whose days it was written, None if nobody
    knows. `reader_names` and `other_names` are lower-case words by which the reader and the other To recipients may
    be called. `own` says that the reader wrote it themselves.
    `order` is how the reader writes dates in figures, "mdy" or "dmy", where the message itself does not show it;
    None takes that of its language. `urgent` are the reader's own words for what is urgent, in lower case.
    `languages` are the languages to choose from; empty means all.
    """

    sent_at: datetime
    zone: tzinfo
    reader_names: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    subject: str = ""
    is_reply: bool = False
    own: bool = False
    order: str | None = None
    urgent: tuple[str, ...] = ()
    sender_zone: tzinfo | None = None
    languages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.sent_at.tzinfo is None:
            raise ValueError("Context.sent_at has no time zone: give an aware datetime.")


def read(words: str, context: Context) -> Reading:
    """What new words (quotes and signature already removed) say to their reader."""
    return alone(steps(words, context))


def steps(words: str, context: Context) -> Steps[Reading]:
    """The same in steps, so that many texts can be read side by side."""
    prefixes = read_subject(context.subject)
    is_reply = context.is_reply or prefixes.reply
    goes_on = is_reply or context.own or prefixes.forward  # Then the subject is another message's, or the reader's.
    if context.subject and not goes_on and len(words[:TEXT_LIMIT].split(None, A_LINE)) <= A_LINE:
        # "Can you send me the figures?" may be the subject of a mail that has little more than a name below it.
        bare = replace(context, subject="")
        in_subject = yield from steps(context.subject, bare)
        if in_subject.request:
            below = yield from steps(words, bare)
            return below if below.request or below.withdrawal else in_subject
    pieces = sentences.split(words)
    if not pieces:
        return Reading(empty=True)
    yield
    token_rows = [sentences.tokens(piece) for piece in pieces]
    yield
    code = language.language_of(chain.from_iterable(token_rows), context.languages)
    if code not in lexicons.languages():
        return _only_questions(pieces, token_rows, code, context)
    lexicon = lexicons.load(code)
    if lexicon.accents:
        # The language had to be known first.
        token_rows = [sentences.tokens(piece, lexicon.accents) for piece in pieces]
    yield
    found = [speechacts.read(piece, row, lexicon) for piece, row in zip(pieces, token_rows, strict=True)]
    yield
    tails = [place for place, sentence in enumerate(found) if place and "tail" in sentence.acts]
    found = found[: tails[0]] if tails else found
    replying = is_reply or context.own or _sounds_like_a_reply(found)
    if replying:
        found = [speechacts.as_reply(sentence, lexicon) for sentence in found]
    first_person = lexicon.first_person
    yield
    opinion = second_opinion.load(code)
    opinions = opinion.of(found, first_person) if opinion else [None] * len(found)
    shares = opinion.shares if opinion else second_opinion.NO_SHARES
    yield
    order = context.order
    if "/" in words:
        order = deadlines.order_in(sentence.tokens for sentence in found) or order
    days_in = context.sender_zone or context.zone
    when = When(_local(context.sent_at, days_in), code, order, context.zone if context.sender_zone else None)
    calls = addressing.each([one.words for one in found], context.reader_names, context.other_names)
    named = Called.READER in calls or Called.TOGETHER in calls
    spoken = _spoken(found, opinions, apart.to_reader(found, calls), when)
    yield
    subject = _subject(context.subject, lexicon)
    personal = not (first_person and all(map(first_person.isdisjoint, token_rows)))
    request = weighing.request_of(spoken, subject, shares, personal=personal, named=named)
    asked_apart = named and apart.asked(found, calls)
    if asked_apart and not request:
        request = apart.task(found, calls, lexicon)
    promise = weighing.promise_of(spoken, shares)
    enough = SURE_OF_A_DATE if opinion else weighing.SURE_ENOUGH
    surely = Found(request.score >= enough, promise.score >= enough)
    due = due_times.of_acts(spoken, surely, when)
    yield
    learnt = reply_opinion.load(code) if replying else None
    kind = replies.kind_of(found, lexicon.for_now, learnt, promised_by=PROMISE in due)
    if context.own and (offered := due_times.offered(spoken, when, kind)):
        due[PROMISE] = offered
        kind = replies.put_off(kind, found)
    only_a_time = bare_times.only_a_time(found, when, lexicon.beside_a_time) if context.own else None
    if only_a_time and PROMISE not in due:
        due[PROMISE], kind = only_a_time, ReplyKind.ACKNOWLEDGEMENT
    return Reading(
        request=request,
        promise=promise,
        holding=_holding(spoken, kind, code, is_reply=is_reply, read_as_reply=replying),
        withdrawal=weighing.strongest(spoken, "withdrawal"),
        request_deadline=_as_written(due.get(REQUEST), found),
        promise_deadline=_as_written(due.get(PROMISE), found),
        reply=kind,
        names_reader=named,
        asked_apart=asked_apart,
        asks_to_do=bool(request) and not context.own and bare_times.asks_to_do(found, when),
        only_a_time=only_a_time is not None,
        points_at_reader=not context.own and pointing.only_points_at(context.reader_names, found, kind),
        urgency=_urgency([one.tokens for one in ([subject] if subject else []) + found], lexicon, context),
        language=code,
    )


def _holding(spoken: Sequence[Spoken], kind: ReplyKind, code: str, *, is_reply: bool, read_as_reply: bool) -> Finding:
    """Whether the message only holds: as the reply that it is, or by its words alone where nothing says it is one."""
    found = [one.sentence for one in spoken]
    opinion = holding_opinion.load(code) if not is_reply and holding_opinion.is_short(found) else None
    if opinion is None:
        return weighing.holding_of(spoken, kind, is_reply)
    if not read_as_reply:
        lexicon = lexicons.load(code)
        found = [speechacts.as_reply(sentence, lexicon) for sentence in found]
    return weighing.held(found, opinion.of(found))


def _as_written(due: Deadline | None, found: Iterable[Sentence]) -> Deadline | None:
    """The same due time in the words of the text, which people know again, and not as tokens."""
    if due is None:
        return None
    written = (folding.as_written(due.words, sentence.words) for sentence in found)
    return next((replace(due, words=words) for words in written if words), due)


def _local(sent_at: datetime, zone: tzinfo) -> datetime:
    """A time in a zone; one at the end of the calendar, which no zone can move, keeps its figures."""
    try:
        return sent_at.astimezone(zone)
    except (OverflowError, ValueError):
        return sent_at.replace(tzinfo=zone)


def why(rule: str) -> str:
    """What a rule that a finding names stands for, in a sentence; nothing if there is no such rule."""
    if rule in NO_RULES:
        return NO_RULES[rule]
    language = rule.partition(".")[0]
    known = lexicons.load(language).rules if language in lexicons.languages() else ()
    return next((one.description for one in known if one.full_name == rule), "")


def _sounds_like_a_reply(found: Sequence[Sentence]) -> bool:
    """Whether the words alone make it worth while to ask what the message would be as a reply."""
    opens = any("opening" in sentence.acts for sentence in found[:3])
    return opens or any("withdrawal" in sentence.acts for sentence in found)


def _subject(subject: str, lexicon: lexicons.Lexicon) -> Sentence | None:
    """What the subject line does."""
    line = " ".join(subject[:300].split())
    return speechacts.read(line, sentences.tokens(line, lexicon.accents), lexicon) if line else None


def _spoken(
    found: Sequence[Sentence], opinions: Sequence[Opinion | None], to_reader: Sequence[bool], when: When
) -> list[Spoken]:
    """The sentences with their due times and whether they speak to the reader."""
    times = due_times.TimesNamed(found, when)
    spoken: list[Spoken] = []
    for sentence, opinion, speaks_to_reader in zip(found, opinions, to_reader, strict=True):
        tokens = sentence.tokens
        asks, promises = sentence.best(REQUEST), sentence.best(PROMISE)
        score = max(asks.score if asks else 0.0, promises.score if promises else 0.0)
        likely = weighing.is_likely(opinion, REQUEST) or weighing.is_likely(opinion, PROMISE)
        weak = score < weighing.SURE_ENOUGH and not likely
        acts = bool(score) or likely
        may_name = acts or (spoken and len(tokens) <= AFTERTHOUGHT)
        mentions = times.at(len(spoken), only_sure=weak) if may_name else ()
        least = Standing.SURE if weak else Standing.POSSIBLE
        dues = tuple([mention for mention in mentions if mention.standing >= least])
        if dues and not acts:
            # "Friday noon at the latest." goes with what was asked before it.
            spoken[-1] = replace(spoken[-1], dues=(*spoken[-1].dues, *dues))
        spoken.append(Spoken(sentence, opinion, mentions or None, dues, speaks_to_reader))
    return spoken


def _urgency(rows: Sequence[Sequence[str]], lexicon: lexicons.Lexicon, context: Context) -> str | None:
    """The urgent word of subject and text, the reader's own before those of the language."""
    for words in (urgency.words_of(context.urgent, lexicon.accents), lexicon.urgent):
        if found := urgency.urgent_word(rows, words, lexicon.negation):
            return found
    return None


def _only_questions(
    pieces: Sequence[str], token_rows: Sequence[Sequence[str]], code: str, context: Context
) -> Reading:
    """The reading of a text in a language without a lexicon: question marks and the reader's own urgent words."""
    rows = [sentences.tokens(context.subject[:300]), *token_rows]
    urgent = urgency.urgent_word(rows, urgency.words_of(context.urgent, None), frozenset())
    asked = next((piece for piece, row in zip(pieces, token_rows, strict=True) if "?" in row), None)
    if asked is None:
        return Reading(language=code, urgency=urgent)
    question = Finding(0.6, Evidence(UNKNOWN_LANGUAGE_RULE, asked[:EVIDENCE_LIMIT]))
    return Reading(request=question, language=code, urgency=urgent)
