"""What a mailbox's name says about its role, in the languages of the usual mail programs."""

from __future__ import annotations

import pytest

from mailwatch.domain import rolenames
from mailwatch.domain.message import Role
from mailwatch.domain.rolenames import role_of_name, role_of_path


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("INBOX", Role.INBOX),
        ("Sent", Role.SENT),
        ("SENT", Role.SENT),
        ("Sent Items", Role.SENT),
        ("sent-mail", Role.SENT),
        ("Gesendet", Role.SENT),
        ("Gesendete Elemente", Role.SENT),
        ("Gesendete Objekte", Role.SENT),
        ("Envoyés", Role.SENT),
        ("Éléments envoyés", Role.SENT),
        ("Elements envoyes", Role.SENT),
        ("Enviados", Role.SENT),
        ("Elementos enviados", Role.SENT),
        ("Itens Enviados", Role.SENT),
        ("Posta inviata", Role.SENT),
        ("Verzonden items", Role.SENT),
        ("Skickat", Role.SENT),
        ("Sendt", Role.SENT),
        ("Lähetetyt", Role.SENT),
        ("Wysłane", Role.SENT),
        ("Odeslaná pošta", Role.SENT),
        ("Elküldött elemek", Role.SENT),
        ("Отправленные", Role.SENT),
        ("Надіслані", Role.SENT),
        ("Gönderilmiş Öğeler", Role.SENT),
        ("已发送", Role.SENT),
        ("寄件備份", Role.SENT),
        ("送信済み", Role.SENT),
        ("보낸편지함", Role.SENT),
        ("פריטים שנשלחו", Role.SENT),
        ("Archiv", Role.ARCHIVE),
        ("Archives", Role.ARCHIVE),
        ("All Mail", Role.ALL),
        ("Alle Nachrichten", Role.ALL),
        ("Entwürfe", Role.DRAFTS),
        ("Brouillons", Role.DRAFTS),
        ("Spamverdacht", Role.JUNK),
        ("Junk E-mail", Role.JUNK),
        ("Papierkorb", Role.TRASH),
        ("Deleted Items", Role.TRASH),
        ("Корзина", Role.TRASH),
    ],
)
def test_a_well_known_name_has_its_role(name: str, role: Role) -> None:
    assert role_of_name(name) is role


@pytest.mark.parametrize(
    "name",
    ["", "INBOX.IDN.Sent", "INBOX/Sent", "Sent to Bob", "Presents", "Outbox", "Postausgang", "Projects", "é" * 999],
)
def test_any_other_name_has_none(name: str) -> None:
    assert role_of_name(name) is None


@pytest.mark.parametrize(
    ("path", "role"),
    [
        (["Sent"], Role.SENT),
        (["INBOX", "Sent"], Role.SENT),
        (["", "Sent"], Role.SENT),
        (["[Gmail]", "Sent Mail"], Role.SENT),
        (["[Google Mail]", "Alle Nachrichten"], Role.ALL),
        (["INBOX", "IDN", "Sent"], None),
        (["Projects", "Sent"], None),
        (["Archives", "2025"], Role.ARCHIVE),
        (["INBOX", "Archive", "2025"], Role.ARCHIVE),
        (["Sent", "2025"], None),
        (["Trash", "Sent"], Role.TRASH),
        (["INBOX"], Role.INBOX),
        (["INBOX", "IDN"], None),
        ([], None),
    ],
)
def test_a_well_known_name_counts_only_where_servers_put_it(path: list[str], role: Role | None) -> None:
    assert role_of_path(path) is role


def test_no_name_stands_for_two_roles() -> None:
    seen: dict[str, Role] = {}
    for role, words in rolenames._NAMES.items():
        for line in words.replace("|", "\n").replace(",", "\n").splitlines():
            name = rolenames._folded(line)
            assert not name or seen.setdefault(name, role) is role, name
