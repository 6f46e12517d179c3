"""Addresses: that each has one form however it is spelt, in mail, settings, directory and on the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailwatch.adapters.directory import load_directory
from mailwatch.bootstrap.policies import policies, user_of
from mailwatch.domain.addresslist import read_addresses
from mailwatch.domain.people import Address, Directory, User, normal_address, normal_domain
from mailwatch.settings import load
from mailwatch.settings.kinds import address_of, domain_of

MONDAY = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
SPELLINGS = ("ann@bücher.example", "ann@xn--bcher-kva.example", "Ann@BÜCHER.Example", "ann@bu\u0308cher.example")
ONE = "ann@xn--bcher-kva.example"


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_an_international_domain_is_one_address(spelling: str, tmp_path: Path) -> None:
    assert Address(spelling) == Address(ONE)
    assert Address(spelling).addr_spec == address_of(spelling) == ONE
    assert [one.addr_spec for one in read_addresses(f"Ann <{spelling}>, {spelling}")] == [ONE, ONE]
    for other in SPELLINGS:
        domain = other.partition("@")[2]
        assert User(Address("b@x.example"), frozenset({normal_address(other)})).is_me(spelling)
        assert load_directory(domains=[domain]).is_coworker(spelling)
        assert load_directory(addresses=[other]).is_coworker(spelling)
        assert not load_directory(domains=[domain], exceptions=[other]).is_coworker(spelling)
        assert domain_of(domain) == normal_domain(domain) == "xn--bcher-kva.example"
    file = tmp_path / "mailwatch.toml"
    file.write_text(
        f'[[users]]\naddress = "{spelling}"\n[targets.senders."@bücher.example"]\nanswer = "1h"\n'
        '[users.mailbox]\nkind = "maildir"\npath = "mail"\n',
        encoding="utf-8",
    )
    settings = load(file, {})
    assert settings.users[0].address == ONE
    assert all(user_of(settings, other) for other in SPELLINGS)
    (policy,) = policies(settings, MONDAY)
    assert "@xn--bcher-kva.example" in policy.targets.senders


@pytest.mark.parametrize(
    ("domain", "form"),
    [
        ("straße.example", "xn--strae-oqa.example"),
        ("ｅxample。com", "example.com"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("no.münchen.xn--bcher-kva.example", "no.xn--mnchen-3ya.xn--bcher-kva.example"),
    ],
)
def test_an_international_domain_is_kept_as_it_goes_over_the_wire(domain: str, form: str) -> None:
    assert normal_address(f"jörg@{domain}") == f"jörg@{form}"


@pytest.mark.parametrize(
    "spec",
    [
        "ann@xn--zzzzzzzzz.example",
        "ann@büch er.example",
        "ann@bücher..example",
        "ann@-bücher.example",
        "ann@b＠cher.example",
        "ann@bü\ud800cher.example",
        "ann@" + "ü" * 64 + ".example",
        "ann@" + "ü" * 5000,
        "ann@bü℀cher.example",
        "ann",
        "jörg",
        "",
    ],
)
def test_what_is_no_valid_domain_stays_as_it_is(spec: str) -> None:
    assert normal_address(spec) == spec


def test_a_coworker_of_an_international_domain_is_known_below_it_too() -> None:
    known = Directory(domains=frozenset({"xn--bcher-kva.example"}))
    assert known.is_coworker("bo@nord.bücher.example")
    assert not known.is_coworker("bo@bucher.example")
