"""A banner of a mail gateway goes, and nothing else: its sentences, above the words or below them."""

from __future__ import annotations

import pytest

from mailwatch.domain.html import to_text
from mailwatch.domain.quotation import split

BANNERS = [
    "[EXTERNAL] This message came from outside the company.",
    "[EXTERNAL]",
    "[EXT]",
    "[External Email]",
    "**EXTERNAL EMAIL**",
    "EXTERNAL: This e-mail came from outside. Do not click on links unless you know the sender.",
    "[EXTERNAL SENDER - proceed with caution]",
    "CAUTION: This email originated from outside of the organization. Do not click links or open attachments unless"
    " you recognize the sender and know the content is safe.",
    "CAUTION: This email originated from outside of the organization. Do not\n"
    "click links or open attachments unless you recognize the sender and know the\n"
    "content is safe.",
    "CAUTION!\nThis message was sent from outside the company. Please be careful.",
    "WARNING: This message is from an external sender. Report suspicious messages to the help desk.",
    "*** CAUTION: EXTERNAL EMAIL ***",
    "****************\nAttention: this email came from outside our network.\n****************",
    "You don't often get email from bob@example.org. Learn why this is important",
    "Some people who received this message don't often get email from bob@example.org. Learn why this is important",
    "Einige Personen, die diese Nachricht erhalten haben, erhalten nicht oft E-Mails von bob@example.org."
    " Erfahren Sie, warum dies wichtig ist",
    "This message was sent from outside the company",
    "The sender of this message is outside of your organization.",
    "ACHTUNG: Diese E-Mail stammt von einem externen Absender. Bitte klicken Sie nicht auf Links und öffnen Sie keine"
    " Anhänge, wenn Sie den Absender nicht kennen.",
    "ACHTUNG: Diese E-Mail wurde von außerhalb der Organisation gesendet. Klicken Sie\nnicht auf Links.",
    "Vorsicht: Diese Nachricht kommt von einem externen\nAbsender.",
    "Externe E-Mail: Diese Nachricht kommt von außerhalb.",
    "Sie erhalten nicht häufig E-Mails von bob@example.org. Erfahren Sie, warum dies wichtig ist",
    "Attention : ce message provient de l'extérieur",
    "ATTENTION : ce courriel provient de l’extérieur de l'entreprise. Ne cliquez pas sur les liens et n'ouvrez pas"
    " les pièces jointes si vous ne connaissez pas l'expéditeur.",
    "Ce message provient d'un expéditeur externe. Soyez vigilant.",
    "PRECAUCIÓN: este correo proviene de fuera de la organización. No haga clic en enlaces ni abra adjuntos.",
    "Atención: Este mensaje es de un remitente externo.",
    "ATTENZIONE: questa e-mail proviene dall'esterno. Non aprire gli allegati.",
    "LET OP: dit bericht is afkomstig van buiten de organisatie. Klik niet op links.",
    "*** Externe E-Mail! Bitte Vorsicht beim Öffnen von Anhängen und Links! ***",
    "UWAGA: Ta wiadomość pochodzi spoza organizacji. Nie klikaj w linki.",
    "ATENÇÃO: Este e-mail foi enviado de fora da organização. Não clique em links nem abra anexos.",
    "VARNING: Detta meddelande kommer utifrån organisationen. Klicka inte på länkar.",
    "ZjQcmQRYFpfptBannerStart\nThis Message Is From an Untrusted Sender\n"
    "You have not previously corresponded with this sender.\nZjQcmQRYFpfptBannerEnd",
    "[EXTERNAL]\n\nCAUTION: This email originated from outside of the organization.\n\nExercise caution with links.",
]
WORDS = ["Hi Ann,\ncould you send me the figures by Friday?", "Can you call me?", "Kannst du mich anrufen?"]


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("between", ["\n", "\n\n"])
@pytest.mark.parametrize("banner", BANNERS)
def test_a_banner_goes_and_leaves_the_senders_words(banner: str, between: str, words: str) -> None:
    parts = split(banner + between + words)
    assert parts.new.strip() == words
    assert parts.signature.split()[:3] == banner.split()[:3]


@pytest.mark.parametrize(
    "below", ["", "\n", "\n\n> Here is the plan.\n", "\n\nFrom: Ann <ann@example.com>\nTo: Bob\nSubject: x\n"]
)
@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("banner", BANNERS)
def test_a_banner_below_the_words_goes_too(banner: str, words: str, below: str) -> None:
    assert split(f"{words}\n\n{banner}{below}").new.strip() == words


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("banner", [banner for banner in BANNERS if banner.endswith((".", "]"))])
def test_words_on_the_line_of_a_banner_are_left(banner: str, words: str) -> None:
    assert split(f"{banner} {words}").new.strip() == words


@pytest.mark.parametrize(
    "words",
    [
        "Caution: the floor is wet in room 4, can you use room 5?",
        "Attention: the external drive must be back today, can you bring it?",
        "Hinweis: Die externe Firma schickt die Pläne morgen.",
        "External: Bob and Carla. Internal: you and me. Is that right?",
        "This message is for Carla, please pass it on.",
        "This email has the numbers for Friday. Please check them.",
        "Outside the company nobody knows this yet, please keep it so.",
        "Please do not click on the link that I sent, it is the wrong one.",
        "Notice: we meet outside the building, in front of the gate.",
        "Aviso: mañana llega el correo de fuera, ¿lo recoges tú?",
        "Diese Mail ist für Carla, gib sie ihr bitte.",
        "[Bob] Please see my answers below.",
        "Ext. 4711 is dead, can you have a look?",
    ],
)
def test_words_that_only_begin_like_a_banner_are_kept(words: str) -> None:
    assert split(words).new == words
    assert split(f"{words}\n\nThe rest.").new == f"{words}\n\nThe rest."
    assert split(f"Hello Ann,\n\n{words}").new == f"Hello Ann,\n\n{words}"


def test_what_the_sender_asks_below_a_banner_is_none_of_its_words() -> None:
    banner = "[EXTERNAL] This message came from outside."
    asked = "Please open the attachment and tell me what you think."
    assert split(f"{banner}\n{asked}").new == asked
    assert split(f"{banner} Can you recognize the sender of this letter?").new.strip().startswith("Can you")


@pytest.mark.parametrize(
    "frame",
    [
        "<table border=1 bgcolor=yellow><tr><td>{}</td></tr></table>",
        "<table><tr><td>!</td><td>{}</td></tr></table><br>",
        "<div style='background:#ffeb9c;border:1px solid'>{}</div>",
        "<p><span style='background:yellow'>{}</span></p>",
        "<div><b>{}</b><br></div>",
        "<div>{}<hr></div>",
    ],
)
def test_a_banner_in_a_table_or_a_box_of_html_goes(frame: str) -> None:
    banner = "<b>CAUTION:</b> This email originated from outside the company. Do not click links."
    words = to_text(frame.format(banner) + "<div>Hi Ann,</div><div>could you send me the figures?</div>")
    assert " ".join(split(words).new.split()) == "Hi Ann, could you send me the figures?"
