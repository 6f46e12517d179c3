"""What every mail provider promises (ports.MailProvider), shown on each kind of account that there is."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from contract.accounts import BUILDERS, Account, build

from mailwatch.domain.message import Headers, Mailbox, Role, SetAside, Text
from mailwatch.errors import CannotCalculateChanges, RoleMissing
from mailwatch.ports import Changes, MailProvider, SyncState
from mailwatch.testing import mail

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
OLDEST = NOON - timedelta(days=30)
HOSTILE = {
    "without any header": b"\r\njust words\r\n",
    "of no sense at all": bytes(range(128, 256)) * 4 + b"\r\n",
    "deeply nested": b"From: a@example.com\r\nMIME-Version: 1.0\r\n"
    + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(300))
    + b"Content-Type: text/plain\r\n\r\ndeep\r\n",
    "line ends in an encoded subject": b"From: a@example.com\r\n"
    b"Subject: =?utf-8?q?a=0D=0ABcc:_x@example.com?=\r\n\r\nx\r\n",
    "broken id": b"From: a@example.com\r\nMessage-ID: <[x@y\r\nSubject: id\r\n\r\nx\r\n",
    "unknown charset": b"From: =?x-martian?q?caf=E9?= <a@example.com>\r\n"
    b"Content-Type: text/plain; charset=x-martian\r\n\r\ncaf\xe9\r\n",
    "long header": b"From: a@example.com\r\nSubject: " + b"long words " * 30_000 + b"\r\n\r\nx\r\n",
    "many recipients": b"To: " + b", ".join(b"p%d@example.com" % n for n in range(20_000)) + b"\r\n\r\nx\r\n",
    "raw bytes in From": b"From: \xe9\xed\xa0\x80 <a@example.com>\r\nSubject: \xff\xfe\r\n\r\n\xff\r\n",
    "nested comments": b"From: " + b"(" * 3000 + b")" * 3000 + b" a@example.com\r\n\r\nx\r\n",
    "bad dates": b"From: a@example.com\r\nDate: 31 Jun 2026 99:99:99 +99999\r\n\r\nx\r\n",
    "broken base64": b"From: a@example.com\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!====\r\n",
    "no end of parts": b'From: a@example.com\r\nContent-Type: multipart/mixed; boundary="q"\r\n\r\n--q\r\n',
}


@pytest.fixture(params=sorted(BUILDERS))
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[Sequence[Role]], Account]]:
    made: list[Account] = []

    def one(roles: Sequence[Role]) -> Account:
        folder = tmp_path / f"account{len(made)}"
        folder.mkdir()
        made.append(build(request.param, folder, roles))
        return made[-1]

    yield one
    for account in made:
        account.close()


@pytest.fixture
def account(make: Callable[[Sequence[Role]], Account]) -> Account:
    return make((Role.INBOX, Role.SENT, Role.ARCHIVE, Role.DRAFTS))


@pytest.fixture
def open_provider(account: Account) -> Iterator[Callable[..., MailProvider]]:
    opened: list[MailProvider] = []

    def one(**options: object) -> MailProvider:
        opened.append(account.provider(**options))
        return opened[-1]

    yield one
    for provider in opened:
        provider.close()


def deliver(account: Account, count: int, *, first: int = 0, mailbox: str = Role.INBOX) -> None:
    """Delivers numbered messages, a minute between two of them."""
    for number in range(first, first + count):
        message = mail(
            sender="bob@example.com", to="ann@example.com", subject=f"m{number}", message_id=f"m{number}@x"
        )
        account.deliver(mailbox, message, NOON + timedelta(minutes=number))


def box(provider: MailProvider, role: Role = Role.INBOX) -> Mailbox:
    return next(mailbox for mailbox in provider.mailboxes() if mailbox.role is role)


def subjects(provider: MailProvider, changes: Changes) -> list[str]:
    found = provider.headers(box(provider), changes.created)
    return [each.subject for each in found if isinstance(each, Headers)]


def rounds(provider: MailProvider, state: SyncState | None = None, role: Role = Role.INBOX) -> list[Changes]:
    """All the batches until there is no more."""
    found: list[Changes] = []
    while True:
        found.append(provider.changes(box(provider, role), state, OLDEST))
        state = found[-1].state
        if not found[-1].has_more:
            return found


def test_inbox_sent_and_archive_are_read_and_drafts_are_not(open_provider: Callable[..., MailProvider]) -> None:
    roles = [mailbox.role for mailbox in open_provider().mailboxes()]
    assert roles[0] is Role.INBOX
    assert sorted(roles) == [Role.ARCHIVE, Role.INBOX, Role.SENT]


def test_an_account_without_a_sent_mailbox_says_so(make: Callable[[Sequence[Role]], Account]) -> None:
    provider = make((Role.INBOX,)).provider()
    with pytest.raises(RoleMissing, match="sent"):
        provider.mailboxes()
    provider.close()


def test_an_empty_mailbox_has_no_changes(open_provider: Callable[..., MailProvider]) -> None:
    provider = open_provider()
    first = provider.changes(box(provider), None, OLDEST)
    assert (first.created, first.has_more) == ((), False)
    assert provider.changes(box(provider), first.state, OLDEST).created == ()


def test_the_first_round_comes_newest_first_in_batches(
    account: Account, open_provider: Callable[..., MailProvider]
) -> None:
    deliver(account, 7)
    provider = open_provider(batch=3)
    found = rounds(provider)
    assert [subjects(provider, each) for each in found] == [["m6", "m5", "m4"], ["m3", "m2", "m1"], ["m0"]]
    assert [each.remaining for each in found] == [4, 1, 0]


def test_a_first_round_resumes_from_the_last_committed_state(
    account: Account, open_provider: Callable[..., MailProvider]
) -> None:
    deliver(account, 7)
    state, seen = None, []
    for _ in range(3):
        # Another process each time: nothing is known but the state.
        provider = open_provider(batch=3)
        changes = provider.changes(box(provider), state, OLDEST)
        seen += subjects(provider, changes)
        state = changes.state
        provider.close()
    assert seen == [f"m{number}" for number in range(6, -1, -1)]
    assert not changes.has_more


def test_what_is_older_than_the_look_back_is_left_out(
    account: Account, open_provider: Callable[..., MailProvider]
) -> None:
    account.deliver(
        Role.INBOX, mail(sender="bob@example.com", to="a@x.org", subject="old"), OLDEST - timedelta(days=9)
    )
    deliver(account, 1)
    provider = open_provider()
    assert subjects(provider, provider.changes(box(provider), None, OLDEST)) == ["m0"]


def test_only_new_messages_come_after_the_first_round(
    account: Account, open_provider: Callable[..., MailProvider]
) -> None:
    deliver(account, 3)
    provider = open_provider()
    state = rounds(provider)[-1].state
    deliver(account, 2, first=3)
    later = provider.changes(box(provider), state, OLDEST)
    assert subjects(provider, later) == ["m4", "m3"]
    assert provider.changes(box(provider), later.state, OLDEST).created == ()


def test_many_new_messages_come_in_batches_too(account: Account, open_provider: Callable[..., MailProvider]) -> None:
    deliver(account, 2)
    provider = open_provider(batch=2)
    state = rounds(provider)[-1].state
    deliver(account, 5, first=2)
    found = rounds(provider, state)
    assert [subjects(provider, each) for each in found] == [["m6", "m5"], ["m4", "m3"], ["m2"]]


def test_where_nothing_changed_the_state_stays_as_it_was(
    account: Account, open_provider: Callable[..., MailProvider]
) -> None:
    deliver(account, 3)
    provider = open_provider()
    state = rounds(provider)[-1].state
    assert provider.changes(box(provider), state, OLDEST) == Changes((), state)


def test_a_message_that_arrives_during_the_first_round_is_not_lost(
    account: Account, open_provider: Callable[..., MailProvider]
) -> None:
    deliver(account, 4)
    provider = open_provider(batch=3)
    first = provider.changes(box(provider), None, OLDEST)
    deliver(account, 2, first=4)
    rest = rounds(provider, first.state)
    rest += rounds(provider, rest[-1].state)
    seen = [subject for each in (first, *rest) for subject in subjects(provider, each)]
    assert sorted(seen) == [f"m{number}" for number in range(6)]


def test_a_message_that_is_put_in_with_an_old_date_is_new_all_the_same(
    account: Account, open_provider: Callable[..., MailProvider]
) -> None:
    deliver(account, 2)
    provider = open_provider()
    state = rounds(provider)[-1].state
    message = mail(sender="bob@example.com", to="ann@example.com", subject="moved here")
    account.deliver(Role.INBOX, message, NOON - timedelta(days=5))
    assert subjects(provider, provider.changes(box(provider), state, OLDEST)) == ["moved here"]


def test_headers_tell_the_role_and_the_time_at_which_the_server_received(
    account: Account, open_provider: Callable[..., MailProvider]
) -> None:
    deliver(account, 1, mailbox=Role.SENT)
    provider = open_provider()
    changes = provider.changes(box(provider, Role.SENT), None, OLDEST)
    (found,) = provider.headers(box(provider, Role.SENT), changes.created)
    assert isinstance(found, Headers)
    assert (found.role, found.received_at, found.provider_id) == (Role.SENT, NOON, changes.created[0])
    assert (found.message_id, found.author and found.author.addr_spec) == ("m0@x", "bob@example.com")


def test_hostile_messages_stop_nothing(account: Account, open_provider: Callable[..., MailProvider]) -> None:
    for number, message in enumerate(HOSTILE.values()):
        deliver(account, 1, first=number)
        account.deliver(Role.INBOX, message, NOON + timedelta(minutes=number, seconds=30))
    provider = open_provider(batch=9)
    changes = rounds(provider)
    read = [each for one in changes for each in provider.headers(box(provider), one.created)]
    texts = [each for one in changes for each in provider.texts(box(provider), one.created)]
    assert len(read) == len(texts) == 2 * len(HOSTILE)
    good = {each.provider_id for each in read if isinstance(each, Headers) and each.message_id == f"{each.subject}@x"}
    assert len(good) == len(HOSTILE)
    assert all("figures" in each.words for each in texts if isinstance(each, Text) and each.provider_id in good)
    assert all(each.reason for each in (*read, *texts) if isinstance(each, SetAside))
    for headers in (each for each in read if isinstance(each, Headers)):
        headers.subject.encode()
        assert "\n" not in headers.subject
    for text in (each for each in texts if isinstance(each, Text)):
        text.words.encode()


def test_texts_are_capped(account: Account, open_provider: Callable[..., MailProvider]) -> None:
    message = mail(sender="bob@example.com", to="ann@example.com", text="Could you help? " + "word " * 600_000)
    account.deliver(Role.INBOX, message, NOON)
    provider = open_provider()
    (text,) = provider.texts(box(provider), provider.changes(box(provider), None, OLDEST).created)
    assert isinstance(text, Text)
    assert text.words.startswith("Could you help?")
    assert len(text.words) <= 256 * 1024


def _multipart(*parts: bytes) -> bytes:
    head = b'From: bob@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n'
    return head + b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + b"--x--\r\n"


PICTURE = b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(b"\1" * 60_000)
PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\nCould you look at the picture?\r\n"
HTML = b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Could you <b>look at</b> the picture?</p>\r\n"
NO_HTML = b"Content-Type: text/plain\r\n\r\nYour mail program does not support HTML.\r\n"
BLANK = b"Content-Type: text/plain\r\n\r\n \r\n\r\n"


def _alternative(*parts: bytes) -> bytes:
    return _multipart(*parts).replace(b"multipart/mixed", b"multipart/alternative")


TEXTS = {
    "one in HTML beside a blank one": _alternative(BLANK, HTML),
    "one in HTML beside one that points at it": _alternative(NO_HTML, HTML),
    "one in HTML beside a blank one within a part": _multipart(
        b'Content-Type: multipart/alternative; boundary="y"\r\n\r\n--y\r\n'
        + BLANK
        + b"--y\r\n"
        + HTML
        + b"--y--\r\n",
        PICTURE,
    ),
    "a plain one": b"From: bob@example.com\r\n\r\nCould you look at the picture?\r\n",
    "an encoded one": b"From: b@example.com\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(b"Could you look at the picture?"),
    "one in HTML": b"From: b@example.com\r\nContent-Type: text/html\r\n\r\n"
    b"<p>Could you <b>look at</b> the picture?</p>\r\n",
    "one before a picture": _multipart(PLAIN, PICTURE),
    "one behind a picture": _multipart(PICTURE, PLAIN),
    "one within a part": _multipart(
        b'Content-Type: multipart/alternative; boundary="y"\r\n\r\n--y\r\n' + PLAIN + b"--y--\r\n", PICTURE
    ),
    "one behind a style sheet": b"From: b@example.com\r\nContent-Type: text/html\r\n\r\n<html><style>"
    + b"p { color: black }\r\n" * 2000
    + b"</style><p>Could you look at the picture?</p></html>\r\n",
}


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_the_text_is_found_wherever_it_stands(
    kind: str, account: Account, open_provider: Callable[..., MailProvider]
) -> None:
    account.deliver(Role.INBOX, TEXTS[kind], NOON)
    provider = open_provider()
    (text,) = provider.texts(box(provider), provider.changes(box(provider), None, OLDEST).created)
    assert isinstance(text, Text)
    assert " ".join(text.words.split()).startswith("Could you look at the picture?")


def test_a_message_without_a_text_has_no_words(account: Account, open_provider: Callable[..., MailProvider]) -> None:
    account.deliver(Role.INBOX, _multipart(PICTURE), NOON)
    account.deliver(Role.INBOX, b"From: bob@example.com\r\nSubject: nothing\r\n\r\n", NOON)
    provider = open_provider()
    found = list(provider.texts(box(provider), provider.changes(box(provider), None, OLDEST).created))
    assert [each.words.strip() for each in found if isinstance(each, Text)] == ["", ""]


def test_a_message_that_is_gone_is_left_out(account: Account, open_provider: Callable[..., MailProvider]) -> None:
    deliver(account, 3)
    provider = open_provider()
    gone = provider.changes(box(provider), None, OLDEST)
    account.empty(Role.INBOX)
    deliver(account, 1, first=3)
    there = provider.changes(box(provider), gone.state, OLDEST)
    ids = (*gone.created, *there.created)
    assert [each.subject for each in provider.headers(box(provider), ids) if isinstance(each, Headers)] == ["m3"]
    assert [each.provider_id for each in provider.texts(box(provider), ids)] == list(there.created)


def test_reading_leaves_the_account_as_it_was(account: Account, open_provider: Callable[..., MailProvider]) -> None:
    deliver(account, 5)
    deliver(account, 2, first=5, mailbox=Role.SENT)
    account.deliver(Role.INBOX, mail(sender="bob@example.com", to="a@x.org"), NOON, ("\\Seen", "\\Answered"))
    before = account.state()
    provider = open_provider(batch=2)
    for mailbox in provider.mailboxes():
        for changes in rounds(provider, role=mailbox.role):
            list(provider.headers(mailbox, changes.created))
            list(provider.texts(mailbox, changes.created))
    provider.holds("m1@x")
    notice = provider.notice(NOON)
    if notice is not None:
        notice.close()
    provider.close()
    assert account.state() == before


def test_an_invalid_state_asks_for_a_full_round_which_finds_everything(
    account: Account, open_provider: Callable[..., MailProvider]
) -> None:
    deliver(account, 3)
    provider = open_provider()
    state = rounds(provider)[-1].state
    before = {
        each.key for each in provider.headers(box(provider), rounds(provider)[0].created) if isinstance(each, Headers)
    }
    provider.close()
    account.invalidate()
    provider = open_provider()
    with pytest.raises(CannotCalculateChanges):
        provider.changes(box(provider), state, OLDEST)
    anew = provider.changes(box(provider), None, OLDEST)
    after = {each.key for each in provider.headers(box(provider), anew.created) if isinstance(each, Headers)}
    assert after == before
    assert len(after) == 3


@pytest.mark.parametrize("state", ["", "nonsense", "[]", "{}", '{"validity": "x"}', "[" * 10_000])
def test_a_state_that_is_none_asks_for_a_full_round(state: str, open_provider: Callable[..., MailProvider]) -> None:
    provider = open_provider()
    with pytest.raises(CannotCalculateChanges):
        provider.changes(box(provider), state, OLDEST)


def test_a_message_is_held_whether_seen_or_not(account: Account, open_provider: Callable[..., MailProvider]) -> None:
    deliver(account, 1)
    account.deliver(Role.SENT, mail(sender="a@x.org", to="b@x.org", message_id="seen@x"), NOON, ("\\Seen",))
    account.deliver(Role.DRAFTS, mail(sender="a@x.org", to="b@x.org", message_id="draft@x"), NOON)
    provider = open_provider()
    assert provider.holds("m0@x")
    assert provider.holds("seen@x")
    assert not provider.holds("draft@x")
    deliver(account, 1, first=1)
    assert provider.holds("m1@x")


@pytest.mark.parametrize("role", [Role.ARCHIVE, Role.JUNK, Role.TRASH, Role.OTHER])
def test_a_message_is_held_wherever_a_rule_or_its_owner_put_it(
    role: Role, make: Callable[[Sequence[Role]], Account]
) -> None:
    account = make((Role.INBOX, Role.SENT, role))
    account.deliver(role, mail(sender="a@x.org", to="b@x.org", message_id="filed@x"), NOON)
    before = account.state()
    provider = account.provider()
    assert provider.holds("filed@x")
    assert not provider.holds("filed@y")
    provider.close()
    assert account.state() == before


@pytest.mark.parametrize(
    "message_id", ["0@x", "m0@", "", 'm0@x"', "m0@x\\", 'm0@x"\r\nA1 DELETE Sent\r\n', "ümlaut@x", "m" * 5000]
)
def test_what_is_not_the_whole_id_is_not_held(
    message_id: str, account: Account, open_provider: Callable[..., MailProvider]
) -> None:
    deliver(account, 1)
    assert not open_provider().holds(message_id)


def test_a_provider_can_be_closed_twice_and_before_anything_was_asked(
    open_provider: Callable[..., MailProvider],
) -> None:
    unused = open_provider()
    unused.close()
    used = open_provider()
    used.mailboxes()
    used.close()
    used.close()
