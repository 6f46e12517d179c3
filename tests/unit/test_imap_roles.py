"""Which mailbox is for what: special uses, names in many languages, settings, and the false matches."""

from __future__ import annotations

import pytest
from imapclient import imap_utf7

from mailwatch.adapters.imap_account import ImapAccount
from mailwatch.adapters.imap_roles import Namespaces, choose, read_list, role_of_labels
from mailwatch.domain.message import Role
from mailwatch.errors import RoleMissing

OWN = Namespaces()
INBOX = ("inbox", "INBOX")


def account(**settings):
    return ImapAccount("localhost", 143, "ann", lambda: "secret", "plain", **settings)


def chosen(*lines, spaces=OWN, gmail=False, **settings):
    found = choose(account(**settings), read_list([line.encode() for line in lines]), spaces, gmail=gmail)
    return [(str(mailbox.role), mailbox.name) for mailbox in found]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (['() "/" INBOX', '(\\Sent) "/" Sent'], [INBOX, ("sent", "Sent")]),
        (['() "/" inbox', '(\\sent) "/" Ausgang'], [("inbox", "inbox"), ("sent", "Ausgang")]),
        # Two sent mailboxes, one for each mail program: an answer may lie in either.
        (
            ['(\\Sent) "/" Sent', '() "/" "Sent Items"', '() "/" INBOX'],
            [INBOX, ("sent", "Sent"), ("sent", "Sent Items")],
        ),
        (
            ['() "." INBOX', '() "." INBOX.Sent', '() "." INBOX.IDN.Sent'],
            [INBOX, ("sent", "INBOX.Sent")],
        ),
        (['() "/" INBOX', '() "/" "Gesendete Elemente"'], [INBOX, ("sent", "Gesendete Elemente")]),
        (
            ['() "/" INBOX', '() "/" "&AMk-l&AOk-ments envoy&AOk-s"'],
            [INBOX, ("sent", "Éléments envoyés")],
        ),
        (["() NIL INBOX", "() NIL Sent"], [INBOX, ("sent", "Sent")]),
        (
            ['() "/" INBOX', '(\\Archive) "/" Old', '() "/" Archives/2025'],
            [INBOX, ("archive", "Old"), ("archive", "Archives/2025")],
        ),
        (
            ['() "/" INBOX', '(\\Noselect) "/" Sent/x', '() "/" Drafts', '() "/" Junk', '() "/" Trash'],
            [INBOX],
        ),
        (['() "/" INBOX', '(\\Sent \\Trash) "/" Odd'], [INBOX]),
        (['() "/" INBOX', '() "/" Inbox2', '() "/" Posteingang', '() "/" "Sent to Bob"'], [INBOX]),
        # Elsewhere than at Gmail, all mail may hold junk.
        (['() "/" INBOX', '(\\All) "/" Everything', '(\\Archive) "/" Old'], [INBOX, ("archive", "Old")]),
    ],
)
def test_roles_are_found(lines, expected):
    assert chosen(*lines) == expected


def test_names_count_below_the_prefix_of_ones_own_namespace_only():
    lines = ['() "." INBOX', '() "." INBOX.Sent', '() "." Sent', '(\\Sent) "." user.bob.Sent']
    spaces = Namespaces(b"INBOX.", (b"user.",))
    assert chosen(*lines, spaces=spaces) == [("inbox", "INBOX"), ("sent", "INBOX.Sent")]


def test_gmail_is_read_by_inbox_sent_and_all_mail():
    lines = ['() "/" INBOX', '(\\Sent) "/" S', '(\\All) "/" A', '(\\Archive) "/" X', '() "/" Archive']
    assert chosen(*lines, gmail=True) == [("inbox", "INBOX"), ("sent", "S"), ("all", "A")]
    # All Mail can be hidden from IMAP.
    assert chosen(*lines[:2], lines[4], gmail=True) == [("inbox", "INBOX"), ("sent", "S"), ("archive", "Archive")]


def test_the_settings_have_the_last_word():
    lines = ['() "/" INBOX', '(\\Sent) "/" Sent', '() "/" "&ANY-sterreich"', '(\\All) "/" All', '() "/" Team']
    assert chosen(*lines, roles={"sent": "Österreich", "all": "All"}, also=("Team",)) == [
        ("inbox", "INBOX"),
        ("sent", "Österreich"),
        ("all", "All"),
        ("other", "Team"),
    ]


@pytest.mark.parametrize("settings", [{"roles": {"sent": "Nope"}}, {"also": ("Nope",)}])
def test_a_mailbox_that_the_settings_name_and_the_server_lacks_is_missing(settings):
    with pytest.raises(RoleMissing, match=r'localhost:143 has no mailbox "Nope".*mailboxes there: INBOX, Sent'):
        chosen('() "/" INBOX', '() "/" Sent', **settings)


def test_broken_lines_of_a_listing_are_left_out():
    lines = [b'() "/" INBOX', b'() "/" "open', b'() "/"', b"x", (b'() "/" {9}', b"two\r\nrows"), b"", b'() "/" NIL']
    assert [each.name for each in read_list(lines)] == [b"INBOX", b"NIL"]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [(b"R&D", "R&"), (b"R&-D", "R&D"), ("Gelöscht".encode(), "Gelöscht"), (b"&!!-", None), (b"a\xff", "a\ufffd")],
)
def test_a_name_that_breaks_the_rules_is_shown_somehow_and_sent_back_as_it_came(raw, shown):
    (listed,) = read_list([b'() "/" "' + raw + b'"'])
    assert listed.name == raw
    assert isinstance(listed.shown, str)
    if shown is not None:
        assert listed.shown.startswith(shown)


HOSTILE = "x\x1b[2J\x1b]0;owned\x07\r\n2026-03-09 INFO a line\u202e" + "y" * 200


@pytest.mark.parametrize(
    "raw",
    [imap_utf7.encode(HOSTILE), HOSTILE.replace("\r\n", " ").encode()],
    ids=["modified UTF-7", "UTF-8"],
)
def test_a_name_is_shown_without_what_a_terminal_or_a_log_obeys(raw):
    listing = read_list([b'() "/" INBOX', b'(\\Sent) "/" Sent', b'(\\Archive) "/" "' + raw + b'"'])
    archive = choose(account(), listing, OWN, gmail=False)[-1]
    with pytest.raises(RoleMissing) as told:
        choose(account(roles={"sent": "Gesendet"}), listing, OWN, gmail=False)
    assert archive.name.isprintable()
    assert len(archive.name) <= 80
    assert str(told.value).isprintable()
    assert archive.id.encode("latin-1") == raw


def test_a_name_of_nothing_that_can_be_seen_is_shown_by_a_sign():
    (listed,) = read_list([b'() "/" "' + imap_utf7.encode("\x1b\u202e") + b'"'])
    assert listed.shown == "?"


@pytest.mark.parametrize(
    ("labels", "role"),
    [([rb"\Inbox", rb"\Sent"], Role.SENT), ([b"x", rb"\inbox"], Role.INBOX), ([b"Sent"], Role.ALL), (None, Role.ALL)],
)
def test_gmail_labels_tell_the_role(labels, role):
    assert role_of_labels(labels, Role.ALL) is role
