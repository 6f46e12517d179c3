"""What lies in an Exchange mailbox, and how it moves: classes, moves, copies, names, and addresses of every kind."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest
from servers.fake_ews_office import ANN, BOB, NOON, Office, ews_account, office
from servers.fake_ews_store import Store

from mailwatch.adapters.ews import EwsProvider
from mailwatch.domain.message import Headers, Role, SetAside
from mailwatch.errors import RoleMissing
from mailwatch.testing import mail

MAIL = mail(sender=BOB, to=ANN, subject="moved", message_id="moved@x", sent_at=NOON)


def all_headers(one: Office, role: Role = Role.INBOX) -> list[Headers | SetAside]:
    box = next(mailbox for mailbox in one.provider.mailboxes() if mailbox.role is role)
    ids = one.provider.changes(box, None, NOON - timedelta(days=9)).created
    return list(one.provider.headers(box, ids))


def only(one: Office, role: Role = Role.INBOX) -> Headers:
    (found,) = all_headers(one, role)
    assert isinstance(found, Headers)
    return found


def test_a_message_that_moves_to_the_archive_and_back_counts_once() -> None:
    with office() as one:
        (item,) = one.deliver(1)
        one.poll()
        item = one.store.move(item.id, one.store.folder("Archive"))
        one.poll()
        one.store.move(item.id, one.store.folder("inbox"))
        one.poll()
        assert one.nothing_is_lost_or_doubled()


def test_a_message_that_moves_between_sync_and_reading_is_found_where_it_went() -> None:
    with office() as one:
        one.deliver(2)
        provider, read = one.provider, one.provider.headers
        moved: list[str] = []

        def headers(mailbox, ids):  # type: ignore[no-untyped-def]
            if not moved and ids:
                moved.append(ids[0])
                one.store.move(ids[0], one.store.folder("Archive"))
            return read(mailbox, ids)

        provider.headers = headers  # type: ignore[method-assign]
        one.poll()
        one.poll()
        assert one.nothing_is_lost_or_doubled()


def test_what_is_deleted_read_or_marked_brings_no_message() -> None:
    with office() as one:
        items = one.deliver(4)
        one.poll()
        one.store.remove(items[0].id)
        one.store.change(items[1].id, read=True)
        one.store.change(items[2].id, categories=("red",))
        asked = len(one.server.asked)
        one.poll()
        assert one.nothing_is_lost_or_doubled()
        assert "GetItem" not in one.server.asked[asked:]


def test_a_copy_is_the_same_message() -> None:
    with office() as one:
        for _ in range(2):
            one.store.add(one.store.folder("inbox"), MAIL, NOON)
        one.poll()
        assert one.known() == ["moved@x"]


def test_messages_without_an_id_are_kept_apart_by_their_times() -> None:
    with office() as one:
        for minute in range(3):
            told = {"InternetMessageId": None, "InternetMessageHeaders": None}
            one.store.add(one.store.folder("inbox"), MAIL, NOON + timedelta(minutes=minute), told=told)
        one.server.violations.clear()
        one.poll()
        assert one.known() == [None, None, None]
        one.ledger.forget_sync_state(ANN, "inbox")
        one.poll()
        assert one.known() == [None, None, None]


@pytest.mark.parametrize(
    ("tag", "item_class", "read"),
    [
        ("Message", "IPM.Note", True),
        ("Message", "IPM.Note.SMIME.MultipartSigned", True),
        ("Message", "ipm.note", True),
        ("Message", "REPORT.IPM.Note.NDR", False),
        ("Message", "IPM.Notebook", False),
        ("MeetingRequest", "IPM.Schedule.Meeting.Request", False),
        ("MeetingCancellation", "IPM.Schedule.Meeting.Canceled", False),
        ("PostItem", "IPM.Post", False),
        ("Task", "IPM.Task", False),
    ],
)
def test_only_messages_are_mail(tag: str, item_class: str, read: bool) -> None:
    with office() as one:
        one.store.add(one.store.folder("inbox"), MAIL, NOON, tag=tag, item_class=item_class)
        one.deliver(1)
        one.poll()
        assert sorted(one.known()) == sorted(["m0@x"] + ["moved@x"] * read)
        assert one.server.violations == []


@pytest.mark.parametrize("item_class", ["IPM.Note.Rules.OofTemplate.Microsoft", "IPM.Note.Microsoft.Voicemail.UM.CA"])
def test_what_exchange_itself_writes_is_a_programs(item_class: str) -> None:
    with office() as one:
        one.store.add(one.store.folder("inbox"), MAIL, NOON, item_class=item_class)
        assert only(one).automatic


@pytest.mark.parametrize(
    ("field", "automatic"),
    [
        ("Auto-Submitted: auto-replied", True),
        ("List-Id: <all.example.com>", True),
        ("X-Auto-Response-Suppress: All", True),
        ("Auto-Submitted: no", False),
    ],
)
def test_internet_headers_tell_a_program_from_a_person(field: str, automatic: bool) -> None:
    with office() as one:
        one.store.add(one.store.folder("inbox"), field.encode() + b"\r\n" + MAIL, NOON)
        assert bool(only(one).automatic) is automatic


def test_sent_mail_is_read_from_its_properties_since_it_has_no_internet_headers() -> None:
    with office() as one:
        message = mail(sender=ANN, to=BOB, subject="Grüße", message_id="s@x", in_reply_to="m@x", sent_at=NOON)
        one.store.add(one.store.folder("sentitems"), message, NOON)
        found = only(one, Role.SENT)
        assert (found.message_id, found.subject, found.in_reply_to, found.references, found.sent_at) == (
            "s@x",
            "Grüße",
            ("m@x",),
            ("m@x",),
            NOON,
        )
        assert found.author is not None
        assert (found.author.addr_spec, [each.addr_spec for each in found.to]) == (ANN, [BOB])


def test_the_copy_that_was_sent_and_the_one_that_came_have_one_key() -> None:
    with office() as one:
        message = mail(sender=ANN, to=f"{BOB}, {ANN}", subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?=", sent_at=NOON)
        one.store.add(one.store.folder("sentitems"), message, NOON)
        one.store.add(one.store.folder("inbox"), message, NOON + timedelta(seconds=3))
        assert only(one).key == only(one, Role.SENT).key


def test_somebody_who_has_left_is_named_by_the_header() -> None:
    with office() as one:
        one.store.add(one.store.folder("inbox"), MAIL, NOON)
        one.server.legacy_addresses = True
        found = only(one)
        assert found.author is not None
        assert (found.author.addr_spec, [each.addr_spec for each in found.to]) == (BOB, [ANN])


def named(store: Store) -> None:
    archive = store.folder("Archive")
    store.add_folder("2025", parent=archive.id)
    projects = store.add_folder("Projects")
    store.add_folder("Alpha", parent=projects.id)
    store.add_folder("Archive", parent=projects.id)
    store.add_folder("Archiv", kind="IPF.Task")


def test_archives_and_chosen_mailboxes_are_read_and_no_others() -> None:
    with office(also=("projects/alpha", "Inbox")) as one:
        named(one.store)
        found = [(mailbox.role, mailbox.name) for mailbox in one.provider.mailboxes()]
        assert found == [
            (Role.INBOX, "Inbox"),
            (Role.SENT, "Sent Items"),
            (Role.ARCHIVE, "Archive"),
            (Role.ARCHIVE, "Archive/2025"),
            (Role.OTHER, "projects/alpha"),
        ]
        assert one.server.asked == ["GetFolder", "FindFolder"]


def test_a_chosen_mailbox_that_is_not_there_is_named_with_those_that_are() -> None:
    with office(also=("Nowhere",)) as one, pytest.raises(RoleMissing, match=r'no mailbox "Nowhere".*Sent Items'):
        one.provider.mailboxes()


def test_rights_on_inbox_and_sent_items_alone_are_enough() -> None:
    with office() as one:
        one.server.fail("access denied", "FindFolder")
        assert [mailbox.role for mailbox in one.provider.mailboxes()] == [Role.INBOX, Role.SENT]


def test_a_mailbox_that_was_removed_is_looked_for_again() -> None:
    with office() as one:
        one.deliver(1)
        one.poll()
        del one.store.folders[one.store.folder("Archive").id]
        with pytest.raises(RoleMissing, match="Archive cannot be read now"):
            one.poll()
        one.poll()
        assert one.nothing_is_lost_or_doubled()


def test_the_first_round_tells_how_much_is_left_and_passes_by_what_is_old() -> None:
    with office(batch=2) as one:
        for days in range(50):
            one.store.add(one.store.folder("inbox"), MAIL, NOON - timedelta(days=days + 100))
        one.deliver(3)
        inbox = one.provider.mailboxes()[0]
        state, left, seen = None, [], 0
        while True:
            changes = one.provider.changes(inbox, state, NOON - timedelta(days=30))
            state, seen = changes.state, seen + len(changes.created)
            left.append(changes.remaining)
            if not changes.has_more:
                break
        assert seen == 3
        assert left == [*range(51, 0, -2), 0]


def test_what_is_quiet_costs_one_question_a_mailbox() -> None:
    with office() as one:
        one.deliver(3)
        one.poll()
        asked = len(one.server.asked)
        one.poll()
        assert one.server.asked[asked:] == ["SyncFolderItems"] * 3


def test_sync_asks_for_next_to_nothing() -> None:
    with office() as one:
        one.deliver(1)
        one.poll()
        assert one.server.fields_asked["SyncFolderItems"] == {"item:ItemClass", "item:DateTimeReceived"}
        assert "item:MimeContent" not in one.server.fields_asked["GetItem"]


def test_nothing_heavy_is_imported_before_a_server_is_asked() -> None:
    code = (
        "import sys, mailwatch.adapters.ews as ews, mailwatch.adapters.ews_submit as submit\n"
        "account = ews.EwsAccount('https://mail.example.com/EWS/Exchange.asmx', 'a@example.com', str)\n"
        "ews.EwsProvider(account).close(); submit.EwsSubmitter(account)\n"
        "assert not {'exchangelib', 'requests', 'lxml', 'urllib3'} & set(sys.modules), 'too much'\n"
        "sys.modules['exchangelib'] = None\n"
        "sys.modules['exchangelib.account'] = None\n"
        "try: ews.EwsProvider(account).mailboxes()\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "SettingsError" in run.stdout, run.stderr
    assert 'pip install "mailwatch[exchange]"' in run.stdout


def test_a_provider_of_a_server_that_is_away_is_made_all_the_same() -> None:
    with office() as one:
        account = ews_account(one.server)
        one.server.close()
        EwsProvider(account).close()
