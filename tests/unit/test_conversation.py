"""Which messages answer each other: by their headers, else by subject, people and time."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.domain.conversation import base_subject, link, subjects
from mailwatch.domain.message import Headers, Message, Role
from mailwatch.domain.people import Address, User
from mailwatch.domain.reading import Finding, Reading
from mailwatch.domain.subject import PREFIXES, read_subject

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
_numbers = itertools.count()


def addresses(names: str) -> tuple[Address, ...]:
    return tuple(Address(f"{name}@example.com") for name in names.split())


def mail(
    name: str | None,
    who: str = "ann",
    to: str = "bob",
    subject: str = "Figures",
    *,
    days: float = 0,
    reply_to: Sequence[str] = (),
    refs: Sequence[str] = (),
    **more: object,
) -> Message:
    """A mail with the Message-ID `name`@mail; Bob is the owner of the mailbox, so that his lie in Sent."""
    at = MONDAY + timedelta(days=days)
    headers = Headers(
        provider_id=str(next(_numbers)),
        received_at=at,
        sent_at=at,
        role=Role.SENT if who == "bob" else Role.INBOX,
        message_id=name and f"{name}@mail",
        in_reply_to=tuple(f"{one}@mail" for one in reply_to),
        references=tuple(f"{one}@mail" for one in refs),
        author=addresses(who)[0],
        to=addresses(to),
        subject=subject,
    )
    return Message(replace(headers, **more))  # type: ignore[arg-type]


def linked(*messages: Message) -> list[list[str | None]]:
    """The Message-IDs of each conversation."""
    return [[(m.headers.message_id or "").partition("@")[0] for m in one.messages] for one in link(messages)]


# ---------------------------------------------------------------- subjects


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("Figures", "figures"),
        ("Re: Figures", "figures"),
        ("RE: AW: WG: Figures", "figures"),
        ("Re[2]: Figures", "figures"),
        ("Re(3): Re^2: Re*2: Figures", "figures"),
        ("Re : Figures", "figures"),
        ("RE:Figures", "figures"),
        ("[team] Re: [team] Figures", "figures"),
        ("Fwd: [a] [b] Figures (fwd) (FWD)", "figures"),
        ("[Fwd: Re: Figures]", "figures"),
        ("Re: [Fwd: Figures]", "figures"),
        ("  Figures \t of\r\n  May  ", "figures of may"),
        ("İLT: Merhaba", "merhaba"),
        ("Trả lời: Xin chào", "xin chào"),
        ("回复：你好", "你好"),
        ("转发: 你好", "你好"),
        ("Vá: Továbbítás: Szia", "szia"),
        ("Regards: Figures", "regards: figures"),
        ("re figures", "re figures"),
        ("Lunch (was: Figures)", "lunch"),
        ("Re: Lunch (was: Re: [team] Figures)", "lunch"),
        ("Lunch [was Figures]", "lunch"),
        ("Lunch (was: Figures (was: Dinner))", "lunch"),
        ("Lunch (was: Figures", "lunch"),
        ("Mittag (war: Zahlen)", "mittag"),
        ("Dinner (war room)", "dinner (war room)"),
        ("(was: Figures)", "(was: figures)"),
        ("Wasps (wasps)", "wasps (wasps)"),
        ("[team]", "[team]"),
        ("Re:", ""),
        ("", ""),
    ],
)
def test_the_base_of_a_subject(subject: str, base: str) -> None:
    assert base_subject(subject) == base


@pytest.mark.parametrize(
    ("prefix", "reply"),
    [
        (w.replace("_", " "), reply)
        for pair in PREFIXES.values()
        for words, reply in zip(pair, (True, False), strict=True)
        for w in words.split()
    ],
)
def test_every_prefix_is_taken_away_in_any_case(prefix: str, reply: bool) -> None:
    for written in (prefix, prefix.upper(), prefix.title()):
        found = read_subject(f"{written}: Figures")
        assert found.base == "figures"
        assert found.reply or found.forward
        assert prefix == "vs" or found.reply is reply


@pytest.mark.parametrize(
    ("subject", "reply", "forward"),
    [
        ("Figures", False, False),
        ("[team] Figures", False, False),
        ("[team] Re: Figures", True, False),
        ("Re: Fwd: Figures", True, False),
        ("Fwd: Re: Figures", False, True),
        ("Figures (fwd)", False, True),
        ("Re: Figures (fwd)", True, False),
    ],
)
def test_the_outermost_mark_says_what_the_message_is(subject: str, reply: bool, forward: bool) -> None:
    found = read_subject(subject)
    assert (found.reply, found.forward) == (reply, forward)


@pytest.mark.parametrize(
    ("subject", "was"),
    [
        ("Lunch (was: Re: [team] Figures)", "figures"),
        ("Re: Lunch (was Figures)", "figures"),
        ("Lunch (was: Figures (was: Dinner))", "figures"),
        ("Lunch (was: Figures", "figures"),
        ("Déjeuner (était : Chiffres)", "chiffres"),
        ("Lunch", ""),
        ("(was: Figures)", ""),
    ],
)
def test_a_changed_subject_says_what_it_was(subject: str, was: str) -> None:
    assert read_subject(subject).was == was


@pytest.mark.parametrize(
    "subject",
    [
        "Reminder: Spring figures",
        "REMINDER - Spring figures",
        "Gentle reminder: Spring figures",
        "2nd reminder: Spring figures!",
        "Erinnerung: Spring figures",
        "2. Erinnerung: Spring figures",
        "Rappel : Spring figures",
        "2ème relance : Spring figures",
        "Recordatorio: Spring figures",
        "Spring figures - reminder",
        "Spring figures (second reminder)",
        "Spring figures - Erinnerung",
        "[team] Reminder: URGENT: Spring figures??",
    ],
)
def test_the_mark_of_a_reminder_is_no_part_of_the_subject_and_answers_nobody(subject: str) -> None:
    found = read_subject(subject)
    assert (found.base, found.reminder, found.reply, found.forward) == ("spring figures", True, False, False)
    answer = read_subject(f"Re: {subject}")
    assert (answer.base, answer.reply) == ("spring figures", True)


@pytest.mark.parametrize(
    "subject",
    [
        "URGENT: Spring figures",
        "Urgent! Spring figures",
        "Dringend: Spring figures",
        "Sehr dringend: Spring figures",
        "Urgente: Spring figures",
        "Spring figures (urgent)",
        "Spring figures??",
        "Spring figures?!",
    ],
)
def test_the_mark_of_haste_is_no_part_of_the_subject(subject: str) -> None:
    found = read_subject(subject)
    assert (found.base, found.reminder, found.reply, found.forward) == ("spring figures", False, False, False)


@pytest.mark.parametrize(
    "subject",
    [
        "payment reminder: may",
        "reminder of the fair",
        "the reminder-mail",
        "reminders: a plan",
        "urgent care",
        "urgency: a scale",
        "reminder:",
        "reminder",
        "fair-reminder",
        "rappelle: moi",
    ],
)
def test_what_only_sounds_like_a_mark_is_the_subject(subject: str) -> None:
    assert (read_subject(subject).base, read_subject(subject).reminder) == (subject, False)


@given(
    st.lists(st.sampled_from(["Reminder", "2nd", " ", ":", " - ", "(", ")", "!", "?", "urgent", "x"])).map("".join)
)
def test_the_base_of_the_base_of_a_reminder_is_itself(subject: str) -> None:
    assert base_subject(base_subject(subject)) == base_subject(subject)


@given(st.text(alphabet="Rre:wFdV []()^2 xİas", max_size=400))
def test_the_base_of_a_base_is_itself(subject: str) -> None:
    once = base_subject(subject)
    assert base_subject(once) == once
    assert len(once) <= 200


@given(st.text())
def test_any_text_has_a_base(subject: str) -> None:
    assert isinstance(base_subject(subject), str)


@pytest.mark.parametrize(
    "piece",
    [
        "re:",
        "(was: ",
        "(was",
        "[a]",
        "[",
        "]",
        "(fwd)",
        "re[",
        "[fwd:",
        " ",
        "re ",
        "\ufdfa",
        "?",
        "reminder: ",
        " - reminder",
    ],
)
def test_a_long_subject_costs_little(piece: str) -> None:
    assert len(base_subject(piece * 100_000)) <= 200


# ---------------------------------------------------------------- headers


def test_a_reply_is_linked_by_in_reply_to() -> None:
    assert linked(mail("a"), mail("b", "bob", "ann", "Other", days=1, reply_to="a")) == [["a", "b"]]


def test_a_reply_is_linked_by_any_of_its_references() -> None:
    assert linked(mail("a"), mail("c", "dora", "carl", "Other", days=1, refs=["a", "x", "y"])) == [["a", "c"]]


def test_two_replies_to_a_message_that_is_not_held_are_one_conversation() -> None:
    assert linked(mail("b", "carl", refs="a"), mail("c", "dora", subject="Other", days=1, reply_to="a")) == [
        ["b", "c"]
    ]


def test_a_changed_subject_does_not_split_a_conversation() -> None:
    assert linked(mail("a"), mail("b", "bob", "ann", "Lunch (was: Figures)", days=1, reply_to="a")) == [["a", "b"]]


def test_an_old_conversation_stays_one_however_late_the_reply() -> None:
    assert linked(mail("a"), mail("b", "bob", "ann", days=400, reply_to="a")) == [["a", "b"]]


def test_the_id_is_the_key_of_the_earliest_message() -> None:
    first = mail("a")
    (one,) = link([mail("b", "bob", "ann", days=1, reply_to="a"), first])
    assert one.id == first.headers.key


def test_a_message_comes_after_the_one_it_answers_whatever_its_clock_says() -> None:
    question, answer = mail("a"), mail("b", "bob", "ann", days=-0.2, reply_to="a")
    assert linked(answer, question) == [["a", "b"]]


def test_messages_that_name_each_other_in_a_circle_are_survived() -> None:
    assert linked(mail("a", refs="bc"), mail("b", days=1, refs="ca"), mail("c", days=2, refs="ab")) == [
        ["a", "b", "c"]
    ]
    assert linked(mail("a", reply_to="a")) == [["a"]]


@pytest.mark.parametrize(
    "garbage", ["", " ", "your mail of Monday", "bob@example.com", "ANN@example.com", "<", "@" * 5000]
)
def test_garbage_in_in_reply_to_links_no_strangers(garbage: str) -> None:
    one = mail("a", "ann", in_reply_to=(garbage,), references=(garbage,))
    other = mail("b", "ann", subject="Lunch", days=1, in_reply_to=(garbage,))
    assert linked(one, other) == [["a"], ["b"]]


def test_a_reused_message_id_does_not_merge_strangers() -> None:
    one, other = mail("a"), mail("a", "carl", subject="Lunch", days=1)
    assert linked(one, other) == [["a"], ["a"]]
    reply = mail("b", "bob", "carl", "Re: Lunch", days=2, reply_to="a")
    assert linked(one, other, reply) == [["a"], ["a", "b"]]


def test_a_list_copy_with_a_tag_belongs_to_its_original() -> None:
    assert linked(mail("a"), mail("a", subject="[team] Figures")) == [["a", "a"]]


def test_copies_of_a_message_count_once_and_the_sent_copy_wins() -> None:
    sent = mail("a", "bob", "ann")
    copy = replace(sent, headers=replace(sent.headers, role=Role.INBOX, received_at=MONDAY - timedelta(1)))
    for order in ((sent, copy), (copy, sent)):
        (one,) = link(order)
        assert one.messages == (sent,)


def test_what_was_read_of_any_copy_counts() -> None:
    sent, read = mail("a", "bob", "ann"), Reading(holding=Finding(0.9))
    copy = Message(replace(sent.headers, role=Role.ARCHIVE), read)
    (one,) = link([copy, sent])
    assert one.messages == (Message(sent.headers, read),)


def test_mail_from_programs_joins_nobody() -> None:
    robot = mail("r", "carl", days=1, refs="ab", automatic="auto-submitted")
    assert sorted(linked(mail("a"), mail("b", subject="Lunch"), robot)) == [["a"], ["b"], ["r"]]


# ---------------------------------------------------------------- subject, people and time

HELLO = mail("a", "ann", "bob carl", "Hello")


@pytest.mark.parametrize(
    "reply",
    [
        mail("b", "bob", "ann", "Re: Hello", days=1),
        mail("b", "bob", "ann", "AW: [team] Hello", days=1),
        mail("b", "bob", "dora ann", "Fwd: Hello", days=1),
        mail("b", "carl", "ann", "Re: Hello", days=1),
        mail("b", "ann", "bob", "Re: Hello", days=1),
        mail("b", "ann", "carl", "Re: Hello", days=14),
        mail("b", "bob", "ann", "Re: Hello", days=1, reply_to="unknown"),
        mail("b", "bob", "ann", "Hello", days=1, reply_to="unknown"),
        mail("b", "bob", "ann", "Re: Hello", days=1, author=Address("robert@example.org")),
        mail("b", "bob", "carl", "Re: Hello", days=1),
        mail("b", "bob", "ann", "Hello", days=1),
        mail("b", "dora", "ann", "Re: Hello", days=1),
        mail("b", "bob", "ann", "Lunch (was: Hello)", days=1),
        mail("b", "bob", "ann", "Re: Lunch (was: Re: Hello)", days=1),
        mail("b", "bob", "ann", "Re: Hello", days=1, received_at=MONDAY + timedelta(days=5)),
    ],
)
def test_a_reply_without_a_held_ancestor_goes_by_subject_people_and_time(reply: Message) -> None:
    assert linked(HELLO, reply) == [["a", "b"]]


@pytest.mark.parametrize(
    ("why", "other"),
    [
        ("a fresh subject", mail("b", "ann", "bob carl", "Hello", days=1)),
        ("the same words back too late", mail("b", "bob", "ann", "Hello", days=4)),
        ("the same words to somebody else", mail("b", "bob", "carl", "Hello", days=1)),
        ("the same words weeks later", mail("b", "ann", "bob carl", "Hello", days=30)),
        ("too late", mail("b", "bob", "ann", "Re: Hello", days=15)),
        ("before it", mail("b", "bob", "ann", "Re: Hello", days=-1)),
        ("another subject", mail("b", "bob", "ann", "Re: Hello again", days=1)),
        ("to nobody who had to do with it", mail("b", "bob", "dora", "Re: Hello", days=1)),
        ("from a program", mail("b", "carl", "ann", "Re: Hello", days=1, automatic="auto-submitted")),
    ],
)
def test_it_is_another_conversation(why: str, other: Message) -> None:
    assert sorted(linked(HELLO, other)) == [["a"], ["b"]], why


FAIR = mail("a", "ann", "bob", "Spring fair")


@pytest.mark.parametrize(
    ("again", "days"),
    [
        (mail("c", "ann", "bob", "Spring fair", days=2), 2),
        (mail("c", "ann", "bob carl", "URGENT: Spring fair??", days=2), 2),
        (mail("c", "ann", "bob", "Reminder: Spring fair", days=10), 10),
        (mail("c", "ann", "carl bob", "Spring fair - 2nd reminder", days=14), 14),
    ],
)
def test_who_asks_again_in_a_new_mail_goes_on_with_the_same(again: Message, days: float) -> None:
    other = mail("b", "bob", "carl", "Lunch", days=1)
    assert linked(FAIR, other, again) == [["a", "c"], ["b"]]
    reply = mail("d", "bob", "ann", f"Re: {again.headers.subject}", days=days + 1)
    assert linked(FAIR, other, again, reply) == [["a", "c", "d"], ["b"]]


def test_a_reminder_goes_on_after_an_answer_too() -> None:
    hold = mail("b", "bob", "ann", "Re: Spring fair", days=1, reply_to="a")
    assert linked(FAIR, hold, mail("c", "ann", "bob", "Reminder: Spring fair", days=2)) == [["a", "b", "c"]]


@pytest.mark.parametrize(
    ("why", "messages"),
    [
        (
            "the owner has written in between",
            [
                mail("b", "bob", "ann", "Re: Spring fair", days=1, reply_to="a"),
                mail("c", "ann", "bob", "Spring fair", days=2),
            ],
        ),
        ("too late for a mail without a mark", [mail("c", "ann", "bob", "Spring fair", days=4)]),
        ("too late for a reminder", [mail("c", "ann", "bob", "Reminder: Spring fair", days=15)]),
        ("another author", [mail("c", "carl", "bob", "Reminder: Spring fair", days=1)]),
        ("to a list alone", [mail("c", "ann", "everyone", "Spring fair", days=1)]),
    ],
)
def test_who_writes_the_same_subject_begins_anew(why: str, messages: list[Message]) -> None:
    found = linked(mail("o", "bob", "dora", "Lunch", days=-1), FAIR, *messages)
    assert ["c"] in found, why


def test_what_the_owner_sends_twice_are_two() -> None:
    assert linked(mail("a", "bob", "ann", "Spring fair"), mail("b", "bob", "ann", "Spring fair", days=1)) == [
        ["a"],
        ["b"],
    ]


BOB = User(Address("bob@example.com"), frozenset({"robert@example.com"}))


def test_a_reply_to_a_group_belongs_to_what_went_to_the_group() -> None:
    first = mail("a", "ann", "everyone", "Hello")
    assert linked(first, mail("b", "carl", "everyone", "Re: Hello", days=1)) == [["a", "b"]]


def test_that_both_went_to_the_owner_says_nothing() -> None:
    for owner in ("bob", "robert"):
        heap = mail("a", "ann", owner, "Hello"), mail("b", "carl", owner, "Re: Hello", days=1)
        assert len(link(heap, BOB)) == 2
        # What is not known cannot be told from a group, unless something lies in the sent mailbox.
        assert len(link(heap)) == 1
    seen = mail("c", "bob", "dora", "Lunch")
    assert len(link((mail("a", "ann", "bob", "Hello"), mail("b", "carl", "bob", "Re: Hello", days=1), seen))) == 3


def test_who_is_answered_counts_more_than_what_is_latest() -> None:
    to_ann, to_all = mail("a", "ann", "carl", "Hello"), mail("b", "dora", "ann everyone", "Hello", days=1)
    reply = mail("c", "carl", "ann everyone", "Re: Hello", days=2)
    assert linked(to_ann, to_all, reply) == [["a", "c"], ["b"]]


@pytest.mark.parametrize(
    ("subject", "days", "together"),
    [
        ("Plan of the spring fair", 3, True),
        ("Plan of the spring fair", 3.1, False),
        ("Spring fair", 1, False),
    ],
)
def test_a_telling_subject_is_enough_for_three_days(subject: str, days: float, together: bool) -> None:
    heap = mail("a", "ann", "bob", subject), mail("b", "carl", "dora", f"Re: {subject}", days=days)
    assert len(link(heap, BOB)) == (1 if together else 2)


@pytest.mark.parametrize(
    ("who", "subject", "to", "days", "together"),
    [
        ("carl", "[team] Hello", "", 1, True),
        ("carl", "[team] Re: Hello", "", 1, True),
        ("ann", "[team] Re: Hello", "", 1, True),
        ("ann", "[team] Hello", "", 1, False),
        ("carl", "[team] Hello", "", 4, False),
        ("carl", "[team] Hello", "dora", 1, False),
    ],
)
def test_an_archive_without_recipients_goes_by_the_subject(
    who: str, subject: str, to: str, days: float, together: bool
) -> None:
    heap = mail("a", "ann", "", "[team] Hello"), mail("b", who, to, subject, days=days)
    assert len(link(heap, BOB)) == (1 if together else 2)


def test_an_author_who_goes_on_in_an_archive_stays_in_the_discussion() -> None:
    heap = [mail(f"{n}", who, "", "Hello", days=n / 4) for n, who in enumerate(("ann", "carl", "carl", "dora"))]
    assert len(link(heap, BOB)) == 1


def test_a_reply_that_came_before_its_question_is_found_by_one_question() -> None:
    early = mail("c", "carl", "ann", "Re: Hello", days=-0.4)
    assert linked(early, HELLO, mail("d", "ann", "bob carl", "Hello", days=0.05)) == [["c", "a"], ["d"]]


def test_messages_without_a_subject_have_nothing_in_common() -> None:
    assert linked(mail("a", subject=""), mail("b", "bob", "ann", "Re:", days=1)) == [["a"], ["b"]]


def test_a_reply_joins_the_latest_message_that_it_can_answer() -> None:
    old, new = mail("a", subject="Hello"), mail("b", subject="Hello", days=7)
    assert linked(old, new, mail("c", "bob", "ann", "Re: Hello", days=8)) == [["a"], ["b", "c"]]


def test_a_reply_whose_ancestor_is_held_does_not_join_its_namesakes() -> None:
    one, other = mail("a", subject="Hello"), mail("b", subject="Hello", days=1)
    assert linked(one, other, mail("c", "bob", "ann", "Re: Hello", days=2, reply_to="a")) == [["a", "c"], ["b"]]


def test_the_same_words_of_the_same_author_to_others_are_another_conversation() -> None:
    assert linked(mail("a", "ann", "carl"), mail("b", "ann", "dora", "Re: Figures", days=1)) == [["a"], ["b"]]


def test_messages_without_a_message_id_are_linked_by_subject() -> None:
    first, reply = mail(None), mail(None, "bob", "ann", "Re: Figures", days=1)
    assert [len(one.messages) for one in link([first, reply])] == [2]


# ---------------------------------------------------------------- what always holds


@st.composite
def heaps(draw: st.DrawFn) -> list[Message]:
    names = st.sampled_from([None, *"abcdef"])
    return [
        mail(
            draw(names),
            draw(st.sampled_from(["ann", "bob", "carl"])),
            " ".join(draw(st.lists(st.sampled_from(["ann", "bob", "carl", "list"]), max_size=3))),
            draw(
                st.sampled_from(
                    [
                        *("Hello", "Re: Hello", "Fwd: Lunch", "Lunch", "The plan for May", "Re: The plan for May"),
                        *("Reminder: The plan for May", ""),
                    ]
                )
            ),
            days=draw(st.integers(0, 30)),
            reply_to=draw(st.lists(st.sampled_from("abcdefxy"), max_size=1)),
            refs=draw(st.lists(st.sampled_from("abcdefxy"), max_size=3)),
        )
        for _ in range(draw(st.integers(0, 12)))
    ]


@given(heaps(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(heap: list[Message], random: Random) -> None:
    shuffled = list(heap)
    random.shuffle(shuffled)
    assert link(shuffled) == link(heap)


@given(heaps())
def test_every_message_is_in_one_conversation_exactly_once(heap: list[Message]) -> None:
    keys = [message.headers.key for one in link(heap) for message in one.messages]
    assert sorted(keys) == sorted({message.headers.key for message in heap})


@given(heaps())
def test_linking_again_changes_nothing(heap: list[Message]) -> None:
    once = link(heap)
    assert link([message for one in once for message in one.messages]) == once


@given(heaps(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter_when_the_owner_is_known_either(
    heap: list[Message], random: Random
) -> None:
    shuffled = list(heap)
    random.shuffle(shuffled)
    assert link(shuffled, BOB) == link(heap, BOB)


@given(heaps())
def test_without_names_only_messages_of_one_subject_are_together(heap: list[Message]) -> None:
    bare = [replace(m, headers=replace(m.headers, message_id=None, in_reply_to=(), references=())) for m in heap]
    for one in link(bare, BOB):
        bases = {base_subject(message.headers.subject) for message in one.messages}
        assert len(bases) == 1
        assert len(one.messages) == 1 or bases != {""}


@given(heaps())
def test_mail_of_programs_changes_no_conversation_of_people(heap: list[Message]) -> None:
    robots = [replace(m, headers=replace(m.headers, automatic="list", message_id="x@robot")) for m in heap]
    people = {one.messages for one in link(heap, BOB)}
    assert people <= {one.messages for one in link([*heap, *robots], BOB)}


@given(heaps())
def test_what_a_message_can_belong_to_is_found_by_its_subjects_and_names(heap: list[Message]) -> None:
    """So that triage, which looks only these up in the ledger, links what linking everything would."""
    for one in link(heap, BOB):
        for message in one.messages[1:]:
            names = {message.headers.message_id, *message.headers.ancestors} - {None}
            others = [other.headers for other in one.messages if other is not message]
            assert any(
                {*subjects(message.headers)} & {*subjects(other)} - {""}
                or names & {other.message_id, *other.ancestors}
                for other in others
            )


@pytest.mark.parametrize(
    "hostile",
    [
        [mail(f"{n}", subject="Re: Hello", days=n / 5000) for n in range(2000)],
        [mail(f"{n}", subject=f"{n}", refs=[f"{k}" for k in range(2000)], days=n / 5000) for n in range(300)],
        [mail("same", f"p{n}", subject=f"{n}", reply_to=["same"]) for n in range(2000)],
        [mail(f"{n}", "ann", " ".join(f"p{k}" for k in range(1000)), "Re: Hello", days=n / 500) for n in range(200)],
        [mail(f"{n}", reply_to=[f"{n + 1}"], days=n / 5000) for n in range(5000)],
    ],
    ids=["one subject", "thousands of references", "one Message-ID", "thousands of recipients", "a long chain"],
)
def test_hostile_heaps_are_sorted(hostile: list[Message]) -> None:
    assert sum(len(one.messages) for one in link(hostile)) == len(hostile)
