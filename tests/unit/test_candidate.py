"""The triage by headers: what is only counted, what is kept as a fact, and what is read."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from mailwatch.domain.candidate import Interest, as_group_mail, interest
from mailwatch.domain.message import Headers, Role
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.workcalendar import WorkCalendar

POLICY = Policy(User(Address("bob@example.com"), frozenset({"robert@example.org"})), WorkCalendar(ZoneInfo("UTC")))
DIRECTORY = Directory(
    domains=frozenset({"example.com"}),
    exceptions=frozenset({"printer@example.com"}),
    groups={"sales@example.com": frozenset({"bob@example.com"}), "board@example.com": frozenset({"ann@example.com"})},
)


def addresses(names: str) -> tuple[Address, ...]:
    return tuple(Address(name if "@" in name else f"{name}@example.com") for name in names.split())


def headers(
    who: str, to: str, cc: str = "", *, role: Role = Role.INBOX, automatic: str | None = None, reply: bool = False
) -> Headers:
    return Headers(
        provider_id="1",
        received_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
        role=role,
        message_id="1@mail",
        in_reply_to=("0@mail",) if reply else (),
        author=addresses(who)[0] if who else None,
        to=addresses(to),
        cc=addresses(cc),
        automatic=automatic,
    )


@pytest.mark.parametrize(
    "wanted",
    [
        headers("ann", "bob"),
        headers("ann", "carl", "bob"),
        headers("ann", "robert@example.org"),
        headers("ann", "bob+news@example.com"),
        headers("ann", "sales"),
        headers("ann", "carl", "sales"),
        headers("ann", "bob", role=Role.ARCHIVE),
        headers("ann@sub.example.com", "bob"),
        headers("bob", "ann", role=Role.SENT),
        headers("bob", "zoe@elsewhere.net", "ann", role=Role.SENT),
        headers("robert@example.org", "ann", role=Role.ALL),
        headers("office@elsewhere.net", "ann", role=Role.SENT),
        headers("", "ann", role=Role.SENT),
        headers("bob", "board", role=Role.SENT),
    ],
)
def test_mail_of_coworkers_to_the_user_and_the_users_own_to_coworkers_is_read(wanted: Headers) -> None:
    assert interest(wanted, POLICY, DIRECTORY) is Interest.TEXT


@pytest.mark.parametrize(
    "kept",
    [
        headers("ann", "carl"),  # it came by Bcc or through a list
        headers("ann", "everyone"),
        headers("carl", "board"),
        headers("bob", "zoe@elsewhere.net", role=Role.SENT, reply=True),  # it may go to a coworker's Reply-To
    ],
)
def test_what_may_settle_but_cannot_ask_is_kept_without_its_text(kept: Headers) -> None:
    assert interest(kept, POLICY, DIRECTORY) is Interest.HEADERS


@pytest.mark.parametrize(
    "counted",
    [
        headers("zoe@elsewhere.net", "bob"),
        headers("printer", "bob"),
        headers("", "bob"),
        headers("ann", "bob", automatic="list-id"),
        headers("bob", "ann", role=Role.SENT, automatic="auto-submitted"),
        headers("ann", "bob", role=Role.JUNK),
        headers("ann", "bob", role=Role.TRASH),
        headers("bob", "ann", role=Role.DRAFTS),
        headers("bob", "bob", role=Role.SENT, reply=True),
        headers("bob", "zoe@elsewhere.net", role=Role.SENT),
        headers("bob", "", role=Role.SENT, reply=True),
        headers("robert@example.org", "bob"),
    ],
)
def test_all_else_is_only_counted(counted: Headers) -> None:
    assert interest(counted, POLICY, DIRECTORY) is Interest.NONE


@pytest.mark.parametrize("mark", ["list", "precedence"])
def test_a_coworkers_mail_to_a_configured_group_is_a_persons_though_a_list_carried_it(mark: str) -> None:
    assert as_group_mail(headers("ann", "sales", automatic=mark), POLICY, DIRECTORY).automatic is None


@pytest.mark.parametrize(
    "other",
    [
        headers("ann", "bob", automatic="list"),
        headers("ann", "board", automatic="list"),
        headers("zoe@elsewhere.net", "sales", automatic="list"),
        headers("ann", "sales", automatic="auto-submitted"),
        headers("", "sales", automatic="list"),
    ],
)
def test_other_mail_of_lists_and_programs_stays_theirs(other: Headers) -> None:
    assert as_group_mail(other, POLICY, DIRECTORY).automatic == other.automatic
