"""Mail on disk: layouts and roles, receive times, mbox files of all sorts, and that reading leaves no trace."""

from __future__ import annotations

import errno
import itertools
import os
import stat
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailwatch.adapters import mbox
from mailwatch.adapters.maildir import MaildirProvider, archive_provider
from mailwatch.domain.message import Headers, Role, SetAside, Text
from mailwatch.errors import CannotCalculateChanges, RoleMissing, Unreachable

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_numbers = itertools.count(1)


def raw(subject: str = "hello", received: str = "", date: str = "", body: str = "Could you send it?") -> bytes:
    lines = [f"Received: from a by b\n\twith ESMTP; {received}"] if received else []
    lines += ["From: Bo <bo@harbour.example>", "To: ann@harbour.example", f"Subject: {subject}"]
    lines += [f"Message-ID: <{subject}@harbour.example>"] + ([f"Date: {date}"] if date else [])
    return "\n".join([*lines, "", body, ""]).encode()


def maildir(path: Path) -> Path:
    for part in ("cur", "new", "tmp"):
        (path / part).mkdir(parents=True)
    return path


def put(box: Path, message: bytes, name: str = "", at: datetime = NOON, part: str = "cur") -> Path:
    file = box / part / (name or f"{int(at.timestamp())}.M{next(_numbers)}.host:2,S")
    file.write_bytes(message)
    os.utime(file, (at.timestamp(), at.timestamp()))
    return file


def read(provider: MaildirProvider, role: Role | None = None) -> list[Headers | SetAside]:
    found: list[Headers | SetAside] = []
    for mailbox in provider.mailboxes():
        if role in (None, mailbox.role):
            found += provider.headers(mailbox, provider.changes(mailbox, None, BEGINNING).created)
    return found


def subjects(found: Sequence[Headers | SetAside]) -> list[str]:
    return [each.subject if isinstance(each, Headers) else "set aside" for each in found]


# ---------------------------------------------------------------- layouts and roles


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        ([".Sent", ".Archive", ".Drafts", ".Junk", ".Trash"], {".": "inbox", ".Sent": "sent", ".Archive": "archive"}),
        ([".INBOX.Sent", ".INBOX.Archive"], {".": "inbox", ".INBOX.Sent": "sent", ".INBOX.Archive": "archive"}),
        ([".Gesendet", ".Entw&APw-rfe", ".Papierkorb"], {".": "inbox", ".Gesendet": "sent"}),
        ([".&AMk-l&AOk-ments envoy&AOk-s"], {".": "inbox", ".&AMk-l&AOk-ments envoy&AOk-s": "sent"}),
        ([".Sent", ".IDN.Sent", ".Projects"], {".": "inbox", ".Sent": "sent"}),
        ([".Sent", ".Archives.2025"], {".": "inbox", ".Sent": "sent", ".Archives.2025": "archive"}),
        (["Sent", "Archive/2025"], {".": "inbox", "Sent": "sent", "Archive/2025": "archive"}),
        ([".Sent Messages", ".Sent"], {".": "inbox", ".Sent": "sent", ".Sent Messages": "sent"}),
    ],
)
def test_roles_come_from_names(tmp_path: Path, folders: list[str], expected: dict[str, str]) -> None:
    maildir(tmp_path)
    for folder in folders:
        maildir(tmp_path / folder)
    found = MaildirProvider(tmp_path).mailboxes()
    assert {mailbox.id: str(mailbox.role) for mailbox in found} == expected
    assert found[0].role is Role.INBOX


def test_a_folder_of_maildirs_is_an_account(tmp_path: Path) -> None:
    for name in ("INBOX", "Sent", "Trash", "Projects"):
        maildir(tmp_path / name)
    assert [str(mailbox.role) for mailbox in MaildirProvider(tmp_path).mailboxes()] == ["inbox", "sent"]


def test_a_maildir_in_a_home_folder_is_the_inbox(tmp_path: Path) -> None:
    maildir(tmp_path / "ann" / "Maildir")
    maildir(tmp_path / "ann" / "Maildir" / ".Sent")
    roles = {mailbox.id: str(mailbox.role) for mailbox in archive_provider(tmp_path / "ann").mailboxes()}
    assert roles == {"Maildir": "inbox", "Maildir/.Sent": "sent"}


def test_the_settings_name_roles_and_further_mailboxes(tmp_path: Path) -> None:
    maildir(tmp_path)
    for folder in (".Raus", ".Sent", ".Projects.Crane"):
        maildir(tmp_path / folder)
    provider = MaildirProvider(tmp_path, roles={"sent": "Raus"}, also=["Projects/Crane"])
    assert {mailbox.name: str(mailbox.role) for mailbox in provider.mailboxes()} == {
        "INBOX": "inbox",
        "Raus": "sent",
        "Projects/Crane": "other",
    }
    with pytest.raises(RoleMissing, match=r'has no mailbox "Rein", .*INBOX, .*Raus'):
        MaildirProvider(tmp_path, roles={"sent": "Rein"}).mailboxes()


def test_a_name_is_shown_without_what_a_terminal_or_a_log_obeys(tmp_path: Path) -> None:
    maildir(tmp_path)
    hostile = "x\x1b[2J\r\n2026-03-09 INFO a line\u202e" + "y" * 100
    maildir(tmp_path / f".{hostile}")
    provider = MaildirProvider(tmp_path, roles={"sent": hostile})
    shown = provider.mailboxes()[-1].name
    assert shown.isprintable()
    assert len(shown) <= 80
    with pytest.raises(RoleMissing) as told:
        MaildirProvider(tmp_path).mailboxes()
    assert str(told.value).isprintable()


def test_an_account_needs_a_sent_mailbox_and_an_archive_does_not(tmp_path: Path) -> None:
    maildir(tmp_path)
    with pytest.raises(RoleMissing, match="shows no sent mailbox"):
        MaildirProvider(tmp_path).mailboxes()
    assert [mailbox.role for mailbox in archive_provider(tmp_path).mailboxes()] == [Role.INBOX]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["Inbox", "Sent", "Trash"], {"Inbox": "inbox", "Sent": "sent"}),
        (["Inbox.mbox", "Sent.mbox", "Projects.mbox"], {"Inbox.mbox": "inbox", "Sent.mbox": "sent"}),
        (["INBOX", "Archives.sbd/2025"], {"INBOX": "inbox", "Archives.sbd/2025": "archive"}),
        (["ann.mbox", "Sent.mbox", "Spam.mbox"], {"Sent.mbox": "sent", "ann.mbox": "all"}),
        (["2025-11.mbox", "2025-12.mbox"], {"2025-11.mbox": "all", "2025-12.mbox": "all"}),
        (
            ["INBOX.mbox/mbox", "Sent Messages.mbox/mbox"],
            {"INBOX.mbox/mbox": "inbox", "Sent Messages.mbox/mbox": "sent"},
        ),
    ],
)
def test_an_archive_of_mbox_files_has_roles_by_their_names(
    tmp_path: Path, files: list[str], expected: dict[str, str]
) -> None:
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes(b"From bo@harbour.example Mon Nov 16 12:00:00 2026\n" + raw())
    (tmp_path / "notes.txt").write_text("From here on: notes")
    (tmp_path / "notes.txt").write_text("no mail")
    assert {mailbox.id: str(mailbox.role) for mailbox in archive_provider(tmp_path).mailboxes()} == expected


@pytest.mark.parametrize(("name", "role"), [("all.mbox", Role.ALL), ("Sent.mbox", Role.SENT), ("mbox", Role.ALL)])
def test_a_single_mbox_file_is_an_archive(tmp_path: Path, name: str, role: Role) -> None:
    (tmp_path / name).write_bytes(b"From bo@harbour.example Mon Nov 16 12:00:00 2026\n" + raw())
    provider = archive_provider(tmp_path / name)
    assert [mailbox.role for mailbox in provider.mailboxes()] == [role]
    assert subjects(read(provider)) == ["hello"]


def test_what_holds_no_mail_is_told(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Bo")
    with pytest.raises(Unreachable, match='does not begin with "From "'):
        archive_provider(tmp_path / "letter.txt").mailboxes()
    with pytest.raises(Unreachable, match="is not there"):
        archive_provider(tmp_path / "gone").mailboxes()
    with pytest.raises(RoleMissing, match="neither a Maildir nor an mbox"):
        archive_provider(tmp_path).mailboxes()


def test_an_mbox_that_this_user_may_not_read_is_told_as_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "one.mbox"
    file.write_bytes(b"From bo@harbour.example Mon Nov 16 12:00:00 2026\n" + raw())

    def refuse(path: Path) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(mbox, "open_quietly", refuse)  # Who is root may read everything.
    with pytest.raises(Unreachable, match=r"one\.mbox cannot be read: Permission denied"):
        archive_provider(file).mailboxes()


def test_an_mbox_without_a_byte_holds_no_messages(tmp_path: Path) -> None:
    (tmp_path / "one.mbox").touch()
    assert read(archive_provider(tmp_path / "one.mbox")) == []


def test_what_is_neither_a_folder_nor_a_file_is_told_as_that(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Unreachable, match="pipe is neither a folder nor a file of mail"):
        archive_provider(tmp_path / "pipe").mailboxes()
    (tmp_path / "real.mbox").touch()
    (tmp_path / "link.mbox").symlink_to(tmp_path / "real.mbox")
    with pytest.raises(Unreachable, match=r"is a symbolic link, .* name the file itself: .*real\.mbox"):
        archive_provider(tmp_path / "link.mbox").mailboxes()


def test_symbolic_links_are_not_followed(tmp_path: Path) -> None:
    outside = maildir(tmp_path / "outside")
    secret = put(outside, raw("secret"))
    inside = maildir(tmp_path / "inside")
    (inside / ".Sent").symlink_to(outside)
    (inside / "cur" / "1.M1.host:2,").symlink_to(secret)
    put(inside, raw("own"))
    provider = archive_provider(inside)
    assert [mailbox.id for mailbox in provider.mailboxes()] == ["."]
    assert subjects(read(provider)) == ["own"]


def test_a_pipe_among_the_messages_blocks_nothing(tmp_path: Path) -> None:
    box = maildir(tmp_path)
    os.mkfifo(box / "cur" / "1.M1.host:2,")
    put(box, raw("own"))
    assert subjects(read(archive_provider(tmp_path))) == ["own"]
    os.mkfifo(tmp_path / "pipe.mbox")
    assert not mbox.is_mbox(tmp_path / "pipe.mbox")


# ---------------------------------------------------------------- times and states of a Maildir


@pytest.mark.parametrize(
    ("message", "at"),
    [
        (raw(received="Mon, 16 Nov 2026 10:00:00 +0100 (CET)"), datetime(2026, 11, 16, 9, tzinfo=UTC)),
        (raw(received="Mon, 16 Nov\n 2026 10:00:00\n +0100"), datetime(2026, 11, 16, 9, tzinfo=UTC)),
        (b"received: by c; 16 Nov 2026 08:00:00 GMT\n" + raw(received="Sun, 15 Nov 2026 10:00:00 +0100"),
         datetime(2026, 11, 16, 8, tzinfo=UTC)),
        (raw(received="some day"), NOON),
        (raw(date="Mon, 16 Nov 2026 03:00:00 +0000"), NOON),
        (raw(body="Received: x; Mon, 16 Nov 2026 10:00:00 +0100"), NOON),
    ],
    ids=["Received", "folded", "the topmost one", "a broken one", "the file before the Date", "not in the body"],
)  # fmt: skip
def test_the_receive_time_is_the_servers_else_the_files(tmp_path: Path, message: bytes, at: datetime) -> None:
    put(maildir(tmp_path), message)
    (found,) = read(archive_provider(tmp_path))
    assert isinstance(found, Headers)
    assert found.received_at == at


def test_without_received_and_file_time_the_date_stands_in(tmp_path: Path) -> None:
    box = maildir(tmp_path)
    put(box, raw("dated", date="Mon, 16 Nov 2026 03:00:00 +0000"), at=BEGINNING)
    put(box, raw("undated"), at=BEGINNING)
    found = read(archive_provider(tmp_path))
    assert {each.received_at for each in found if isinstance(each, Headers)} == {
        datetime(2026, 11, 16, 3, tzinfo=UTC)
    }
    assert [each.reason for each in found if isinstance(each, SetAside)] == [
        "Nothing tells when the message came: no Received, no time of the file, no Date."
    ]


def test_a_message_that_moves_or_gets_flags_is_the_same_message(tmp_path: Path) -> None:
    box = maildir(tmp_path)
    file = put(box, raw("first"), name="1.M1.host", part="new")
    provider = archive_provider(tmp_path)
    (inbox,) = provider.mailboxes()
    changes = provider.changes(inbox, None, BEGINNING)
    file.rename(box / "cur" / "1.M1.host:2,S")
    assert subjects(list(provider.headers(inbox, changes.created))) == ["first"]
    assert provider.changes(inbox, changes.state, BEGINNING).created == ()
    (box / "cur" / "1.M1.host:2,S").rename(box / "cur" / "1.M1.host:2,RS")
    (text,) = provider.texts(inbox, changes.created)
    assert isinstance(text, Text)
    assert "Could you send it?" in text.words
    assert archive_provider(tmp_path).changes(inbox, changes.state, BEGINNING).created == ()


def test_what_came_while_nobody_looked_is_new_however_long_that_was(tmp_path: Path) -> None:
    box = maildir(tmp_path)
    now = datetime.now(UTC)
    put(box, raw("known"), at=now)
    provider = archive_provider(tmp_path)
    (inbox,) = provider.mailboxes()
    state = provider.changes(inbox, None, now - timedelta(days=30)).state
    put(box, raw("later"), at=now + timedelta(days=1))
    later = archive_provider(tmp_path).changes(inbox, state, now + timedelta(days=40))
    assert subjects(list(provider.headers(inbox, later.created))) == ["later"]


def test_old_names_do_not_stay_in_the_state_for_ever(tmp_path: Path) -> None:
    box = maildir(tmp_path)
    now = datetime.now(UTC)
    for day in range(100):
        put(box, raw(f"day{day}"), at=now - timedelta(days=day))
    provider = archive_provider(tmp_path)
    (inbox,) = provider.mailboxes()
    first = provider.changes(inbox, None, now - timedelta(days=30, hours=1))
    assert len(first.created) == 31
    put(box, raw("new"), at=now)
    later = provider.changes(inbox, first.state, now - timedelta(days=10, hours=1))
    assert len(later.created) == 1
    assert len(later.state) < len(first.state)
    assert provider.changes(inbox, later.state, now - timedelta(days=10, hours=1)).created == ()


def in_words(at: datetime) -> str:
    return f"{at:%a, %d %b %Y %H:%M:%S +0000}"


def test_the_look_back_goes_by_when_mail_came_and_not_by_when_its_file_was_copied(tmp_path: Path) -> None:
    box = maildir(tmp_path)
    copied = datetime.now(UTC) - timedelta(hours=3)
    for days in (400, 2, 29, 31):
        put(box, raw(f"day{days}", received=in_words(copied - timedelta(days=days))), at=copied)
    put(box, raw("no-word-of-its-own", date="Mon, 16 Nov 2020 03:00:00 +0000"), at=copied)
    put(box, b"X: y\n" * 4000 + raw("long", received=in_words(copied - timedelta(days=1))), at=copied)
    oldest = datetime.now(UTC) - timedelta(days=30)
    seen, state, more = [], None, True
    while more:
        provider = MaildirProvider(tmp_path, complete=False, batch=1)  # Another process each time.
        (inbox,) = provider.mailboxes()
        changes = provider.changes(inbox, state, oldest)
        seen += subjects(list(provider.headers(inbox, changes.created)))
        state, more = changes.state, changes.has_more
    assert seen[0] == "no-word-of-its-own"
    assert sorted(seen) == ["day2", "day29", "long", "no-word-of-its-own"]
    put(box, raw("put-in", received=in_words(copied - timedelta(days=400))), at=datetime.now(UTC))
    later = provider.changes(inbox, state, oldest)
    assert subjects(list(provider.headers(inbox, later.created))) == ["put-in"]
    everything = archive_provider(tmp_path)
    assert len(everything.changes(inbox, None, BEGINNING).created) == 7


def test_the_look_back_of_sent_mail_which_no_server_received_goes_by_its_date(tmp_path: Path) -> None:
    maildir(tmp_path)
    sent = maildir(tmp_path / ".Sent")
    copied = datetime.now(UTC)
    put(sent, raw("of-last-year", date=in_words(copied - timedelta(days=365))), at=copied)
    put(sent, raw("of-last-week", date=in_words(copied - timedelta(days=7))), at=copied)
    put(sent, raw("undated"), at=copied)
    provider = MaildirProvider(tmp_path)
    _, box = provider.mailboxes()
    found = provider.changes(box, None, copied - timedelta(days=30))
    assert subjects(list(provider.headers(box, found.created))) == ["undated", "of-last-week"]


def test_reading_changes_no_time_and_no_name(tmp_path: Path) -> None:
    box = maildir(tmp_path)
    files = [put(box, raw("read"), part="cur"), put(box, raw("unread"), name="1.M1.host", part="new")]
    for file in files:
        os.utime(file, ns=(1_000_000_000, 2_000_000_000))
    before = [file.stat() for file in files]
    provider = archive_provider(tmp_path)
    (inbox,) = provider.mailboxes()
    changes = provider.changes(inbox, None, BEGINNING)
    assert len(list(provider.headers(inbox, changes.created))) == 2
    assert len(list(provider.texts(inbox, changes.created))) == 2
    assert provider.holds("read@harbour.example")
    provider.close()
    after = [file.stat() for file in files]
    assert [(s.st_mtime_ns, s.st_ctime_ns, s.st_ino) for s in after] == [
        (s.st_mtime_ns, s.st_ctime_ns, s.st_ino) for s in before
    ]
    if hasattr(os, "O_NOATIME"):
        assert [s.st_atime_ns for s in after] == [s.st_atime_ns for s in before]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_message_that_may_not_be_read_is_set_aside(tmp_path: Path) -> None:
    put(maildir(tmp_path), raw("closed")).chmod(0)
    put(tmp_path, raw("open"))
    found = read(archive_provider(tmp_path))
    assert sorted(subjects(found)) == ["open", "set aside"]


def test_a_file_name_of_no_known_charset_is_read(tmp_path: Path) -> None:
    box = maildir(tmp_path)
    os.close(os.open(os.fsencode(box / "cur") + b"/1.M\xff.host:2,", os.O_CREAT | os.O_WRONLY, 0o600))
    (box / "cur" / os.fsdecode(b"1.M\xff.host:2,")).write_bytes(raw("odd"))
    provider = archive_provider(tmp_path)
    (found,) = read(provider)
    assert isinstance(found, Headers)
    assert found.subject == "odd"
    found.provider_id.encode("utf-8")


# ---------------------------------------------------------------- mbox


AT_NINE, AT_TEN = b"Mon Nov 16 09:00:00 2026\n", b"Mon Nov 16 10:00:00 2026\n"
DATE = "Mon, 16 Nov 2026 03:00:00 +0000"
MBOXES: dict[str, tuple[bytes, list[str]]] = {
    "two messages": (
        b"From bo@h.example " + AT_NINE + raw("a") + b"\nFrom ann@h.example " + AT_TEN
        + raw("b") + b"\n",
        ["b", "a"],
    ),
    "line ends of a PC": (
        (b"From - " + AT_NINE + raw("a") + b"\nFrom - " + AT_TEN + raw("b")).replace(
            b"\n", b"\r\n"
        ),
        ["b", "a"],
    ),
    "zones and numbers of Google": (
        b"From 1650@xxx Mon Nov 16 09:00:00 +0000 2026\n" + raw("a")
        + b"\nFrom 1651@xxx Mon Nov 16 10:00:00 +0000 2026\n" + raw("b"),
        ["b", "a"],
    ),
    "no dates": (
        b"From bo@h.example\n" + raw("a", date=DATE) + b"\nFrom bo@h.example\n" + raw("b", date=DATE),
        ["b", "a"],
    ),
    "sentences that begin with From": (
        b"From bo@h.example " + AT_NINE
        + raw("a", body="Hi\n\nFrom here on we meet at ten.\n\nFrom 10:00 on 2026\nFrom: Bo\n\nFrom you?\nNo."),
        ["a"],
    ),
    "quoted starts": (
        b"From bo@h.example " + AT_NINE + raw("a", body="x\n\n>From bo@h.example " + AT_NINE.decode()),
        ["a"],
    ),
    "blank lines before the first": (b"From a@h.example Mon Nov 16 09:00:00 2026\n\n\n" + raw("a"), ["set aside"]),
    "empty messages": (
        b"From a@h.example Mon Nov 16 09:00:00 2026\n\nFrom a@h.example Mon Nov 16 09:00:01 2026\n" + raw("a"),
        ["a", "set aside"],
    ),
    "no line end at the end": (b"From a@h.example " + AT_NINE + raw("a").rstrip(b"\n"), ["a"]),
}  # fmt: skip


@pytest.mark.parametrize("chunk", [1 << 20, 40])
@pytest.mark.parametrize("kind", sorted(MBOXES))
def test_an_mbox_is_cut_where_messages_begin(
    tmp_path: Path, kind: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mbox, "_CHUNK", chunk)
    content, expected = MBOXES[kind]
    (tmp_path / "all.mbox").write_bytes(content)
    assert subjects(read(archive_provider(tmp_path / "all.mbox"))) == expected


def test_texts_of_an_mbox_end_where_the_next_message_begins_and_lose_their_quotes(tmp_path: Path) -> None:
    file = tmp_path / "all.mbox"
    file.write_bytes(
        b"From bo@h.example Mon Nov 16 09:00:00 2026\n"
        + raw("a", body="one\n>From the start\n>>From the middle\n> From afar")
        + b"\nFrom bo@h.example Mon Nov 16 10:00:00 2026\n"
        + raw("b", body="two")
    )
    provider = archive_provider(file)
    (box,) = provider.mailboxes()
    ids = provider.changes(box, None, BEGINNING).created
    for reader in (provider, archive_provider(file)):
        words = [each.words.strip() for each in reader.texts(box, ids) if isinstance(each, Text)]
        assert words == ["two", "one\nFrom the start\n>From the middle\n> From afar"]


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("From bo@h.example Mon Nov 16 09:00:00 2026", datetime(2026, 11, 16, 9, tzinfo=UTC)),
        ("From bo@h.example Mon Nov  2 09:00:00 2026", datetime(2026, 11, 2, 9, tzinfo=UTC)),
        ("From bo@h.example Mon Nov 16 09:00 +0100 2026", datetime(2026, 11, 16, 8, tzinfo=UTC)),
        ("From bo@h.example Mon Nov 16 09:00:00 2026 -0500", datetime(2026, 11, 16, 14, tzinfo=UTC)),
        ("From bo@h.example", datetime(2026, 11, 16, 3, tzinfo=UTC)),
    ],
)
def test_the_time_of_the_from_line_stands_in_for_received(tmp_path: Path, line: str, at: datetime) -> None:
    file = tmp_path / "all.mbox"
    file.write_bytes(line.encode() + b"\n" + raw("a", date="Mon, 16 Nov 2026 03:00:00 +0000"))
    (found,) = read(archive_provider(file))
    assert isinstance(found, Headers)
    assert found.received_at == at


def _append(file: Path, *subjects: str) -> None:
    with file.open("ab") as opened:
        for subject in subjects:
            opened.write(b"From bo@h.example Mon Nov 16 09:00:00 2026\n" + raw(subject) + b"\n")


def test_an_mbox_that_grew_goes_on_where_it_ended(tmp_path: Path) -> None:
    file = tmp_path / "all.mbox"
    _append(file, "a", "b", "c")
    provider = MaildirProvider(file, complete=False, batch=2)
    (box,) = provider.mailboxes()
    seen, state = [], None
    for expected in (["c", "b"], ["a"]):
        changes = provider.changes(box, state, BEGINNING)
        seen, state = subjects(list(provider.headers(box, changes.created))), changes.state
        assert seen == expected
    assert provider.changes(box, state, BEGINNING).state == state
    _append(file, "d", "e")
    fresh = MaildirProvider(file, complete=False, batch=9)
    changes = fresh.changes(box, state, BEGINNING)
    assert subjects(list(fresh.headers(box, changes.created))) == ["e", "d"]


def test_an_mbox_that_grows_during_the_first_round_loses_nothing(tmp_path: Path) -> None:
    file = tmp_path / "all.mbox"
    _append(file, "a", "b", "c")
    box = archive_provider(file).mailboxes()[0]
    seen, state, more = [], None, True
    while more:
        provider = MaildirProvider(file, complete=False, batch=1)
        changes = provider.changes(box, state, BEGINNING)
        seen += subjects(list(provider.headers(box, changes.created)))
        if seen == ["c"]:
            _append(file, "d")
        state, more = changes.state, changes.has_more or seen[-1] == "a"
    assert seen == ["c", "b", "a", "d"]


@pytest.mark.parametrize("change", ["shorter", "rewritten"])
def test_an_mbox_that_was_rewritten_is_read_anew(tmp_path: Path, change: str) -> None:
    file = tmp_path / "all.mbox"
    _append(file, "a", "b")
    provider = archive_provider(file)
    (box,) = provider.mailboxes()
    state = provider.changes(box, None, BEGINNING).state
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2] if change == "shorter" else content.replace(b"<b@", b"<x@"))
    with pytest.raises(CannotCalculateChanges):
        provider.changes(box, state, BEGINNING)


def test_mail_older_than_the_look_back_is_left_out_of_an_mbox(tmp_path: Path) -> None:
    file = tmp_path / "all.mbox"
    _append(file, "a")
    provider = archive_provider(file)
    (box,) = provider.mailboxes()
    assert provider.changes(box, None, NOON).created == ()
    assert len(provider.changes(box, None, NOON - timedelta(hours=4)).created) == 1


def test_the_look_back_in_an_mbox_goes_by_when_mail_came_and_not_by_its_from_line(tmp_path: Path) -> None:
    file = tmp_path / "all.mbox"
    for subject, received in (("old", "Mon, 16 Nov 2020 10:00:00 +0000"), ("new", "Mon, 16 Nov 2026 08:00:00 +0000")):
        with file.open("ab") as opened:
            opened.write(b"From - Mon Nov 16 09:00:00 2026\n" + raw(subject, received=received) + b"\n")
    provider = MaildirProvider(file, complete=False, batch=1)
    (box,) = provider.mailboxes()
    first = provider.changes(box, None, NOON - timedelta(days=30))
    assert subjects(list(provider.headers(box, first.created))) == ["new"]
    assert not first.has_more
    with file.open("ab") as opened:
        opened.write(b"From - Mon Nov 16 09:00:00 2026\n" + raw("put-in", received="Mon, 16 Nov 2020 10:00:00 +0000"))
    later = provider.changes(box, first.state, NOON - timedelta(days=30))
    assert subjects(list(provider.headers(box, later.created))) == ["put-in"]
    assert len(archive_provider(file).changes(box, None, BEGINNING).created) == 3


def test_an_mbox_holds_the_ids_in_it_and_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "all.mbox"
    _append(file, "a", "b")
    os.utime(file, ns=(1_000_000_000, 2_000_000_000))
    provider = archive_provider(file)
    assert provider.holds("<a@harbour.example>")
    assert not provider.holds("c@harbour.example")
    read(provider)
    assert file.stat().st_mtime_ns == 2_000_000_000
    assert stat.S_ISREG(file.stat().st_mode)
    if hasattr(os, "O_NOATIME"):
        assert file.stat().st_atime_ns == 1_000_000_000
