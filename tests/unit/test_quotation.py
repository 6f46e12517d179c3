"""Which words of a mail are the sender's own, in the formats of the usual programs."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.domain import quotation
from mailwatch.domain.message import Role
from mailwatch.domain.mime import read_headers, read_text
from mailwatch.domain.quotation import TEXT_LIMIT, Parts, split

CORPUS = sorted((Path(__file__).parent.parent / "corpus" / "quotes").glob("*.eml"))
FORWARDS = {
    "outlook_german_fair",
    "apple_italian_forward_unsigned",
    "outlook_german_register",
    "owa_classification",
    "apple_forward",
    "apple_forward_portuguese",
    "apple_forward_unmarked",
    "fastmail_forward",
    "forward_without_comment",
    "gmail_forward",
    "lotus_notes_forwarded",
    "outlook_forward",
    "superhuman_forward",
    "thunderbird_forward_german",
    "thunderbird_forward_polish",
}


def parts_of(path: Path) -> Parts:
    raw = path.read_bytes()
    headers = read_headers(raw, provider_id="1", role=Role.INBOX, received_at=datetime(2026, 11, 17, tzinfo=UTC))
    return split(read_text(raw, provider_id="1").words, subject=headers.subject, author=headers.author_name)


def squeezed(text: str) -> list[str]:
    """Lines without the blank ones and without space at the ends."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def test_the_corpus_is_there() -> None:
    assert len(CORPUS) >= 40


@pytest.mark.parametrize("path", CORPUS, ids=[path.stem for path in CORPUS])
def test_the_new_words_are_what_the_sender_wrote(path: Path) -> None:
    expected = path.with_suffix(".expected.txt").read_text()
    assert squeezed(parts_of(path).new) == squeezed(expected)


@pytest.mark.parametrize("path", CORPUS, ids=[path.stem for path in CORPUS])
def test_forwarded_words_are_told_from_quoted_ones(path: Path) -> None:
    assert bool(parts_of(path).forwarded) is (path.stem in FORWARDS)


@pytest.mark.parametrize("name", ["thunderbird_inline", "inline_between_without_blank_lines", "html_gmail_inline"])
def test_words_between_quoted_lines_are_inline(name: str) -> None:
    path = next(path for path in CORPUS if path.stem == name)
    assert parts_of(path).inline


@pytest.mark.parametrize("name", ["gmail_top_english", "thunderbird_bottom", "outlook_desktop_english"])
def test_words_above_or_below_a_quote_are_not_inline(name: str) -> None:
    path = next(path for path in CORPUS if path.stem == name)
    assert not parts_of(path).inline


def test_a_reply_subject_and_a_forward_subject_read_the_same_block_differently() -> None:
    block = "Please look.\n\nFrom: Ann <ann@example.com>\nSent: Monday\nTo: Bob\nSubject: Offer\n\nTen licences.\n"
    assert split(block, subject="RE: Offer").quoted.startswith("From: Ann")
    assert split(block, subject="FW: Offer").forwarded.startswith("From: Ann")


@pytest.mark.parametrize(
    "footer",
    [
        "Sent from my iPhone",
        "Sent from Mail for Windows",
        "Get Outlook for Android",
        "Von meinem iPad gesendet",
        "Gesendet von Mail für Windows",
        "Envoyé de mon iPhone",
        "Télécharger Outlook pour iOS",
        "Enviado desde mi iPhone",
        "Inviato da iPhone",
        "Verstuurd vanaf mijn iPhone",
        "Enviado do meu iPhone",
        "Wysłane z iPhone'a",
        "Skickat från min iPhone",
        "Sendt fra min iPhone",
        "Hent Outlook til iOS",
        "iPhoneから送信",
        "发自我的iPhone",
        "내 iPhone에서 보냄",
        "Отправлено с iPhone",
        "iPhone'umdan gönderildi",
        "Lähetetty iPhonesta",
        "Odesláno z iPhonu",
        "Sent via Superhuman ( https://sprh.mn/?vip=bob@example.com )",
        "Sent from Edison Mail for iOS",
        "Sent from Mailspring (https://getmailspring.com/), the best free email app for work",
        "##- Please type your reply above this line -##",
    ],
)
def test_the_footer_of_a_phone_is_not_said_by_the_sender(footer: str) -> None:
    assert split(footer).new == ""
    assert split(f"Will do.\n\n{footer}\n").new.strip() == "Will do."


@pytest.mark.parametrize(
    "footer",
    [
        "P Please consider the environment before printing this email",
        "\N{EVERGREEN TREE} Please consider the environment before printing",
        "Please think of the environment before you print this e-mail.",
        "Bitte prüfen Sie, ob diese Mail wirklich ausgedruckt werden muss.",
        "\N{SEEDLING} Pensez à l'environnement",
        "Merci de penser à l'environnement avant d'imprimer ce message.",
        "Antes de imprimir este mensaje, piense en el medio ambiente",
    ],
)
@pytest.mark.parametrize("above", ["Will do.\n\n", "Will do.\nBob\n"])
def test_a_wish_for_less_paper_is_not_said_by_the_sender(above: str, footer: str) -> None:
    assert split(above + footer).new.strip() == above.strip()


@pytest.mark.parametrize(
    "line",
    [
        "Von meinem Chef habe ich gehört, dass du die Zahlen hast. Schickst du sie mir?",
        "Sent with the courier this morning. Please sign for it.",
        "Thanks for the call. Regards to Carla, and can she send the plan?",
        "This message is for Carla, please pass it on.",
        "The information you asked for is in the table below.",
        "On Friday Bob wrote: we need more time.",
        "Yours sincerely is too stiff, please use something else.",
        "From: is missing in the form, can you add it?",
        "-- this is a dash, and can you call me? --",
        "Reply above this plan, please, where it says so.",
        "Carla Diaz carla@example.com - 030 1234567, please call her.",
    ],
)
def test_words_that_only_look_like_something_else_are_kept(line: str) -> None:
    assert split(f"Hello Ann,\n\n{line}\n\nMore words here.\n").new.split("\n")[2] == line


@pytest.mark.parametrize(
    "closing",
    [
        "Mit freundlichen Grüßen / Kind regards\n\nBob Brown\nVertrieb",
        "Kind regards | Mit freundlichen Grüßen\n\nBob Brown",
        "Viele Grüße aus dem Norden\nBob",
        "Liebe Grüße und bis morgen\nBob",
        "Mit freundlichen Grüßen\n\ni. A. Bob Brown\nVertrieb",
        "Hochachtungsvoll\nppa. Bob Brown",
        "LG Bob",
        "Cheers Bob",
        "With best regards\nBob",
        "Best wishes from Berlin,\nBob (Sales)",
        "Have a great weekend,\nBob",
        "Einen schönen Tag noch\nBob",
        "Bonne fin de journée\nBob",
        "Très cordialement,\nBob",
        "Cdlt\nBob",
        "Reciba un cordial saludo,\nBob Brown",
        "Muchos saludos\nBob",
        "Groetjes\nBob",
        "Mit kollegialen Grüßen\nBob",
        "Mit vorzüglicher Hochachtung\nBob Brown",
        "Gruss, Bob",
        "Respectueusement,\nBob",
        "Besos, Bob",
    ],
)
def test_a_closing_formula_goes_with_the_name_below_it(closing: str) -> None:
    asked = "Could you approve the order?"
    assert split(f"{asked}\n\n{closing}\n").new.strip() == asked


@pytest.mark.parametrize(
    "words",
    [
        "Viele Grüße an Carla, und kann sie den Plan schicken?",
        "Have a good look at page two.",
        "Best practice",
        "See you soon: on Monday or Tuesday?",
        "Mit besten Leuten",
    ],
)
def test_words_like_a_closing_formula_stay(words: str) -> None:
    assert split(f"Could you approve it?\n\n{words}\n").new.strip().endswith(words)


def test_thanks_stay_beside_a_closing_formula() -> None:
    asked = "Könntest du die Bestellung freigeben?"
    assert split(f"{asked}\n\nDanke und Gruß\nBob\n").new.split("\n") == [asked, "", "Danke und Gruß"]


@pytest.mark.parametrize(
    "line",
    [
        "Northwind Example Ltd. | 12 Dock Street | London E1 8JP | England | www.northwind.example.com",
        "Matos & Filhos, Lda.",
        "Telf. 239 555 011",
        "Muster Pumpen GmbH & Co. KG",
        "Sitz der Gesellschaft: Kassel, Amtsgericht Kassel, HRA 99999",
        "NIP 000-000-00-00, KRS 0000000000",
        "[logo]",
    ],
)
def test_contact_data_and_registers_go_with_the_name_above_them(line: str) -> None:
    assert split(f"It is paid.\n\nRegards,\nBob Brown\nSales\n\n{line}\n").new == "It is paid."


@pytest.mark.parametrize(
    "line",
    [
        "P.S.: Can you call me?",
        "One more thing: please call Carla on 555 123 4567 before noon.",
        "Can you ring +44 20 7946 0012 for me?",
        "I print on both sides now, so think of it before you order paper.",
    ],
)
def test_a_sentence_below_contact_data_is_said_by_the_sender(line: str) -> None:
    assert split(f"It is paid.\n\nRegards,\nBob Brown\nTel. 555 123 4567\n\n{line}\n").new.split("\n")[-1] == line


@pytest.mark.parametrize(
    "line",
    [
        "Open from Monday to Thursday, 9 to 12",
        "Meet us at the fair, hall 6, stand B18",
        "A partner for bikes since 1987",
        "Our bank details never change. If you are told that they do, ring us at once.",
        "I work flexibly and do not expect an answer outside your own hours.",
    ],
)
def test_what_a_firm_adds_below_contact_data_is_not_said_by_the_sender(line: str) -> None:
    signed = "It is paid.\n\nRegards,\nBob Brown\nTel. 555 123 4567\n\n"
    assert split(signed + line).new == "It is paid."
    added = split(f"{signed}{line}\n\nOne thing more: Carla takes the keys.").new
    assert [one for one in added.split("\n") if one] == ["It is paid.", "One thing more: Carla takes the keys."]


def test_a_short_word_above_a_link_is_kept() -> None:
    text = "It is paid.\n\nRegards,\nBob Brown\n\nAnd ring Ann.\n\nhttps://example.com/rooms"
    assert "And ring Ann." in split(text).new


def test_a_notice_below_a_signature_ends_it_whatever_it_begins_with() -> None:
    notice = "När du skickar e-post till oss behandlar vi dina personuppgifter enligt lag.\nLäs mer på vår sida."
    assert split(f"Det är klart.\n\nHälsningar\nBo Ek\nTelefon: 0929-555 01\n{notice}\n").new == "Det är klart."


def test_a_poet_below_contact_data_says_nothing_for_the_sender() -> None:
    saying = '"The income tax is hard to understand." - Albert Einstein'
    assert split(f"It is paid.\n\nRegards,\nBob Brown\nTel. 555 123 4567\n\n{saying}\n").new == "It is paid."


def test_the_name_of_the_author_begins_a_signature_without_a_formula() -> None:
    text = "Oui.\n\nSophie Lambert\nResponsable logistique\n"
    assert split(text, author="Sophie Lambert").new == "Oui."
    assert split(text, author="Lambert, Sophie").new == "Oui."
    assert split(text, author="Paul Durand").new == text.strip()
    listed = "Please invite\nAnn Reed\nBob Brown\nto the fair."
    assert split(listed, author="Ann Reed").new == listed


def test_lines_of_the_senders_own_may_begin_like_quoted_ones() -> None:
    limits = "The limits are\n2-5 %   note it\n> 5 %   ring the bell\n\n> 10 % never came, then stop it."
    assert split(limits).new == limits
    assert split("Try it:\n$ python3\n>>> 2 + 2\n4").new == "Try it:\n$ python3\n>>> 2 + 2\n4"
    answered = "On Monday, Ann <ann@example.com> wrote:\n> 5 people came. Who pays?\n\nCarla."
    assert split(answered).new == "Carla."


def test_a_drawn_line_above_words_about_groups_begins_no_footer_of_a_list() -> None:
    text = "Hello Ann,\n\n-----\nWe work in two groups. Can you lead one?"
    assert split(text).new == text


def test_three_dashes_part_a_text_unless_a_name_alone_stands_below() -> None:
    text = "Please read the plan.\n\n---\n\nSecond Part\nIt is about the lamps, and Carla has to see it too."
    assert split(text).new == text
    assert split("Please read the plan.\n\n---\nBob Brown\nHead of Sales\n").new.strip() == "Please read the plan."


@pytest.mark.parametrize(
    "above",
    [
        "-------- Original message --------\nFrom: Ann <ann@example.com>\nDate: 16/11/2026 16:02",
        "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nOn Monday, November 16th, 2026 at 4:02 PM, Ann <ann@example.com> wrote:",
        "----- Mensaje original -----\nDe: Ann\nPara: Bob",
        'Gesendet: Montag, 16. November 2026\nVon: "Ann" <ann@example.com>\nAn: Bob\nBetreff: Zahlen',
        "Od: Ann <ann@example.com>\nOdesláno: pondělí 16. listopadu 2026\nKomu: Bob\nPředmět: Figures",
        "Kimden: Ann <ann@example.com>\nGönderilme: 16 Kasım 2026\nKime: Bob\nKonu: Figures",
        "От: Ann <ann@example.com>\nОтправлено: 16 ноября 2026 г.\nКому: Bob\nТема: Figures",
        "差出人: Ann <ann@example.com>\n送信日時: 2026年11月16日\n宛先: Bob\n件名: Figures",
        "发件人： Ann <ann@example.com>\n发送时间： 2026年11月16日\n收件人： Bob\n主题： Figures",
        "Lähettäjä: Ann <ann@example.com>\nLähetetty: 16. marraskuuta 2026\nVastaanottaja: Bob\nAihe: Figures",
        "Am 2026-11-16 16:02, schrieb Ann Smith:",
        "On Nov 16, 2026, 4:02 PM +0100, Ann Smith <ann@example.com>, wrote:",
        "On Mon, Nov 16, 2026 at 04:02:11PM +0100, Ann Smith wrote:",
        "Le 16/11/2026 à 16:02, Ann Smith a écrit :",
    ],
)
def test_an_unmarked_message_below_its_heading_is_quoted(above: str) -> None:
    parts = split(f"Will do.\n\n{above}\n\nCould you send me the figures?\n")
    assert parts.new.strip() == "Will do."
    assert parts.quoted.startswith(above)


MARKS = [
    "##- Please type your reply above this line -##",
    "## Please reply above this line ##",
    "--- REPLY ABOVE THIS LINE ---",
    "==== Reply above this line ====",
    "\u2014-\u2014-\u2014-\u2014\nReply above this line.",
    "\u2014 Please reply above this line \u2014",
    "##- Bitte geben Sie Ihre Antwort über dieser Zeile ein. -##",
    "--- Bitte antworten Sie oberhalb dieser Linie ---",
    "##- Veuillez saisir votre réponse au-dessus de cette ligne -##",
    "##- Por favor, escriba su respuesta por encima de esta línea -##",
    "##- Scrivi la tua risposta sopra questa riga -##",
    "##- Typ uw antwoord boven deze regel -##",
    "##- Digite a sua resposta acima desta linha -##",
    "##- Wpisz odpowiedź powyżej tej linii -##",
    "##- Skriv ditt svar ovanför den här raden -##",
    "##- Skriv dit svar over denne linje -##",
]


@pytest.mark.parametrize("mark", MARKS)
def test_what_stands_below_the_mark_of_a_ticket_is_quoted(mark: str) -> None:
    below = "Ann Smith commented:\n\nCan you send me the number?"
    parts = split(f"It is 4711-B.\n\n{mark}\n\n{below}\n")
    assert parts.new.strip() == "It is 4711-B."
    assert below in parts.quoted
    assert split(f"{mark}\n\n{below}\n").new.strip().endswith("Can you send me the number?")


@pytest.mark.parametrize(
    "line",
    [
        "Please write your name above this line, and sign below it.",
        "- reply to Carla, her mail is above this line in the list",
        "Is it right to reply above this line?",
        "# The line above this one is wrong",
        "Bitte antworte Carla, die Zeile steht über dieser.",
    ],
)
def test_a_line_that_only_speaks_of_a_line_is_no_mark(line: str) -> None:
    assert split(f"Hello Ann,\n\n{line}\n\nMore words here.\n").new.endswith("More words here.")


LINES = st.one_of(
    st.sampled_from(
        [
            "> quoted",
            ">> deeper",
            "",
            "-- ",
            "--",
            "On Mon, Nov 16, 2026 at 4:02 PM Ann <ann@example.com> wrote:",
            "-----Original Message-----",
            "---------- Forwarded message ---------",
            "From: Ann <ann@example.com>",
            "To: Bob",
            "Subject: x",
            "11/16/2026 04:02 PM",
            "Best regards,",
            "Thanks,",
            "Bob",
            "Sent from my iPhone",
            "________________",
            "Can you send it?",
            "[snip]",
            "| bar",
            "## Reply above this line ##",
            "[EXTERNAL]",
            "CAUTION: This e-mail came from outside the company.",
        ]
    ),
    st.text(max_size=40),
)


@given(st.lists(LINES, max_size=40).map("\n".join))
def test_every_line_is_kept_exactly_once(text: str) -> None:
    parts = split(text)
    kept = "\n".join((parts.new, parts.quoted, parts.signature, parts.forwarded))
    wanted = [line.rstrip("\r") for line in text[:TEXT_LIMIT].split("\n")]
    assert Counter(line for line in kept.split("\n") if line) == Counter(line for line in wanted if line)


@given(st.lists(LINES, max_size=5).map("\n".join))
def test_a_text_that_stands_alone_is_split_as_if_nobody_had_looked(text: str) -> None:
    quickly = split(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quotation, "stands_alone", lambda text, lines: False)
        assert split(text) == quickly


@given(st.text(max_size=300))
def test_any_text_can_be_split(text: str) -> None:
    assert isinstance(split(text), Parts)


def test_text_beyond_the_cap_is_not_looked_at() -> None:
    assert len(split("words " * TEXT_LIMIT).new) <= TEXT_LIMIT
