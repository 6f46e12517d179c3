"""Subjects that programs and people write: the text tells a notice from a mail. And reactions, which say nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from mailwatch.domain.message import Headers, Message, Role, Text
from mailwatch.domain.mime import read_part, read_text, split_message
from mailwatch.domain.people import Address, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.reading import ReplyKind
from mailwatch.domain.secondlook import second_look
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.services import sync

BOB = Address("bob@example.com", "Bob Brown")


def seen(subject: str, words: str) -> tuple[str | None, Text]:
    headers = Headers("1", datetime(2026, 11, 17, tzinfo=UTC), author=BOB, subject=subject)
    headers, text = second_look(headers, Text("1", words))
    return headers.automatic, text


NOTICES = [
    ("away", "Out of Office: Figures", "I am out of the office until Monday and have no access to e-mail."),
    ("away", "OOO: Figures", "Thank you for your mail. I am on annual leave and will be back on 30 November."),
    ("away", "out of office", "I am currently away. In urgent cases please write to carla@example.com."),
    ("away", "Automatic reply", "I'm on vacation until Friday."),
    ("away", "Abwesend: Zahlen", "Ich bin bis Montag nicht im Büro. Ihre Mail wird nicht weitergeleitet."),
    ("away", "Abwesenheitsnotiz", "Vielen Dank für Ihre Nachricht. Ich bin im Urlaub."),
    ("away", "Absence du bureau", "Je suis absente jusqu'à lundi. En cas d'urgence, écrivez à Carla."),
    ("away", "Fuera de la oficina: Cifras", "Estoy de vacaciones hasta el lunes."),
    ("away", "Fuori sede: Cifre", "Sono in ferie fino a lunedì."),
    ("away", "Afwezig: Cijfers", "Ik ben met verlof tot maandag."),
    ("dsn", "Undeliverable: Figures", "Your message to bob@example.com couldn't be delivered.\nbob wasn't found."),
    ("dsn", "failure notice", "Sorry, I was unable to deliver your message.\n<bob@example.com>: user unknown"),
    ("dsn", "Returned mail: see transcript", "The message was returned to you.\n550 5.1.1 no such user"),
    ("dsn", "Unzustellbar: Zahlen", "Ihre Nachricht an bob@example.com konnte nicht zugestellt werden."),
    ("dsn", "Mail delivery failure", "Delivery to bob@example.com has failed permanently."),
    ("calendar", "Invitation: Board meeting", "Please accept or decline: Monday, 14:00, the big table."),
    (
        "calendar",
        "Updated invitation: Board meeting",
        "When: Monday 14:00\nWhere: Room 4\n\nCan you bring cake?",
    ),
    ("calendar", "Einladung: Sitzung", "Wann: Montag, 14 Uhr\nWo: Raum 4"),
    ("calendar", "Canceled: Board meeting", "Join the meeting now\nMeeting ID: 123 456"),
    ("calendar", "Accepted: Board meeting", ""),
    ("calendar", "Declined: Board meeting", "\n\n"),
    ("calendar", "Tentative: Board meeting", "\n-- \nBob Brown\nSales\n"),
    ("calendar", "Zugesagt: Sitzung", ""),
    ("calendar", "Mit Vorbehalt: Sitzung", ""),
    ("calendar", "Accepté : Réunion", ""),
    ("calendar", "Refusé : Réunion", ""),
    ("calendar", "Aceptado: Reunión", ""),
    ("calendar", "Rechazado: Reunión", ""),
    ("calendar", "Accettato: Riunione", ""),
    ("calendar", "Geaccepteerd: Vergadering", ""),
    (
        "mdn",
        "Read: Figures",
        "Your message\n\n  To: Bob\n  Subject: Figures\n\nwas read on Monday, 16 November 2026.",
    ),
    ("mdn", "Gelezen: Cijfers", "Uw bericht\n\n  Aan: Bob\n\nis gelezen op maandag 16 november 2026."),
    ("mdn", "Lida: Números", "A sua mensagem\n\n  Para: Bob\n\nfoi lida em segunda-feira, 16 de novembro de 2026."),
    ("mdn", "Przeczytano: Dane", "Twoja wiadomość\n\n  Do: Bob\n\nzostała przeczytana w dniu 16 listopada 2026."),
    ("mdn", "Läst: Siffror", "Ditt meddelande\n\n  Till: Bob\n\nlästes den 16 november 2026."),
    ("mdn", "Læst: Tal", "Din besked\n\n  Til: Bob\n\nblev læst den 16. november 2026."),
    ("mdn", "Non lu : Chiffres", "Votre message\n\n  À : Bob\n\na été supprimé sans avoir été lu lundi."),
    ("mdn", "Return Receipt: Figures", "This is a return receipt for the mail that you sent to bob@example.com."),
    ("mdn", "Return Receipt (displayed) - Figures", "This is a Return Receipt for the mail that you sent to bob."),
    ("mdn", "Empfangsbestätigung (angezeigt) - Zahlen", "Dies ist eine Empfangsbestätigung für Ihre Nachricht."),
    (
        "calendar",
        "Meeting Forward Notification: Board",
        "Your meeting was forwarded\n\nBob has forwarded it to Carla.",
    ),
    ("calendar", "Annehmen: Sitzung", "Ja, ich werde teilnehmen.\n\nKannst du den Saal heizen?"),
    ("calendar", "Accepter : Réunion", "Oui, je participerai."),
    ("dsn", "Delivered: Figures", "Your message has been delivered to the following recipients:\n\nbob@example.com"),
    ("recall", "Recall: Figures", "Bob Brown would like to recall the message, \u201cFigures\u201d."),
    ("recall", "Richiama: Cifre", 'Bob Brown desidera richiamare il messaggio "Cifre".'),
    ("recall", "Intrekken: Cijfers", "Bob Brown wil het bericht 'Cijfers' intrekken."),
    ("recall", "Återkalla: Siffror", 'Bob Brown vill återkalla meddelandet "Siffror".'),
    ("ticket", "Re: Lamp", "##- Please type your reply above this line -##\n\nCan you send the number?"),
    ("ticket", "Re: Lamp", "==== Reply above this line ====\n\nCan you send the number?"),
    ("ticket", "Re: Lampe", "Bitte antworten Sie oberhalb dieser Zeile.\n\nSchickst du die Nummer?"),
    ("reaction", "Re: Figures", "Bob Brown reacted to your message: \N{THUMBS UP SIGN}"),
    (
        "reaction",
        "Re: Figures",
        "\N{THUMBS UP SIGN} Bob Brown reacted to your message:\n\nFrom: Ann\nTo: Bob\nSubject: F\n",
    ),
    ("reaction", "AW: Zahlen", "Bob Brown hat auf Ihre Nachricht reagiert: \N{THUMBS UP SIGN}"),
    ("reaction", "RE: Chiffres", "Bob Brown a réagi à votre message : \N{HEAVY BLACK HEART}"),
    ("reaction", "RE: Cifras", "Bob Brown ha reaccionado a su mensaje: \N{THUMBS UP SIGN}"),
]
MAILS = [
    ("Failure notice for machine 3", "The press stands still. Can you send somebody by noon?"),
    ("Failure notice", "The press was delivered, and it is broken. Please call the maker."),
    ("Delivery failure: the pallets", "The pallets could not be delivered. Please call the carrier today."),
    ("Delivery status of the pallets", "Where are they? Delivery has failed twice. Please ask carrier@example.com."),
    ("Undeliverable: who tells the customer?", "The lamps are out of stock. Can you write to them?"),
    ("OOO: who covers for me?", "I am out of the office next week. Could you take the board meeting?"),
    ("Out of office next week", "I'm on leave from Monday. Who stands in for me?"),
    ("Out of office: the lamp", "The lamp in front of the building is broken. Please have it mended."),
    ("Automatic reply is broken", "Please have a look at it."),
    ("Abwesend: Wer vertritt mich?", "Ich bin nächste Woche im Urlaub. Kannst du die Sitzung übernehmen?"),
    ("Absence du bureau", "Peux-tu me remplacer lundi ? Je suis en congés."),
    ("Accepted: the offer of Miller", "Can you countersign it by Friday?"),
    ("Invitation: summer party", "Please tell me by Friday whether you come."),
    ("Zusage: Angebot Müller", "Schickst du mir bitte den Vertrag?"),
    ("Re: Figures", "Carla reacted to your message yesterday, and she is angry. Please call her."),
    ("Re: Figures", "Nobody reacted to your message.\nCould you send it again?"),
    ("Re: Accepted: Board meeting", ""),
    ("Read: the plan", "Your message was clear.\nWas it read by Carla too?"),
    ("Gelesen: der Plan", "Deine Nachricht wurde gestern gelesen. Kannst du Seite zwei ändern?"),
    ("Letto: contratto", "Il messaggio di Carla non è chiaro, puoi chiamarla?"),
    ("Delivered: the pallets", "Delivery to gate three is done. Could you check them?"),
    ("Recall: the lamps", "I would like to recall the lamps. Could you write to the customers?"),
    ("Rappel : réunion", "Je souhaite rappeler que la réunion est lundi. Tu viens ?"),
    ("Re: Lamp", "It is 4711-B.\n\n##- Please type your reply above this line -##\n\nCan you send the number?"),
    ("Form", "Please write your name above this line, can you?\n\nThank you."),
]


OF_THEMSELVES = [
    "Your badge expires on Friday. Please renew it at the gate.\n\nThis is an automatic e-mail, please do not reply.",
    "Order 12 awaits your approval.\n\n*** This message was generated automatically. Please do not respond. ***",
    "This is an automated message from the booking system.\n\nPlease confirm room 4 by noon.",
    "Please confirm room 4.\n\nThis is an auto-generated notification; do not answer it.",
    "Please confirm room 4.\n\nThis email has been automatically generated by the desk.\n\nACME Ltd, 1 High Street",
    "Please confirm room 4.\nThis is an automatically generated message, do not reply.",
    "Job 3 failed, please check the log.\n\n--\nThis is an automated notification sent to all owners of jobs, and"
    "\nreplies to it are not read.",
    "[Automated message]\n\nPlease confirm room 4.",
    "Bitte bestätigen Sie Raum 4.\n\nDiese E-Mail wurde automatisch erstellt. Bitte antworten Sie nicht darauf.",
    "Bitte bestätigen Sie Raum 4.\n\nDies ist eine automatisch generierte Nachricht.",
    "Bitte bestätigen Sie Raum 4.\n\n(Diese Nachricht wurde maschinell erstellt und kann nicht beantwortet werden,"
    " bitte nicht antworten)",
    "Veuillez valider la salle 4.\n\nCeci est un message automatique, merci de ne pas y répondre.",
    "Veuillez valider la salle 4.\n\nCe courriel a été envoyé automatiquement par le service des salles.",
    "Confirme la sala 4, por favor.\n\nEste es un mensaje automático, por favor no responda.",
    "Confirme la sala 4, por favor.\n\nEste correo electrónico ha sido generado automáticamente.",
    "You have two open tasks.\n\nPlease complete them.\nUnsubscribe | Notification settings",
]
OF_OTHERS = [
    "Please don't reply, call me: can you come at noon?",
    "Could you send me the plan?\n\nPlease do not reply to all.\n\nBob",
    "Could you mend the automatic door?\n\nThis is an automatic door, as you know.\n\nBob",
    "The portal sent me this:\n\nYour badge expires. This is an automatic e-mail, please do not reply.\n\n"
    "What shall I do?\n\nThanks\n\nBob",
    "The portal sent me this, what now?\n\nYour badge expires. This is an automatic e-mail, please do not reply.",
    "This message was sent automatically by mistake, please ignore it. Could you call me?",
    "This mail was scanned automatically.\n\nCould you send me the plan?",
    "Can you find out whether this message is sent automatically?",
    "Is this an automatic message?",
    "Could you stop the automatic messages?\n\nDo not reply to them.\n\nBob",
    "Das war eine automatische Nachricht, bitte nicht beachten. Schickst du mir den Plan?",
    "Diese Mail wurde automatisch in den Spam sortiert.\n\nKannst du sie suchen?",
    "Bitte nicht antworten, ruf mich lieber an.\n\nBob",
    "Ce message a été envoyé automatiquement hier, et personne ne l'a lu. Peux-tu le renvoyer ?",
    "Merci de ne pas répondre à tous.\n\nBob",
    "No responda a todos, por favor. ¿Me envía el plan?",
    "Unsubscribe",
    "Could you take me off the list?\n\nUnsubscribe does not work.",
    "Could you look at this?\n\n-----Original Message-----\nFrom: Portal <portal@example.com>\nSent: Monday\n"
    "To: Bob\nSubject: Badge\n\nYour badge expires.\n\nThis is an automatic e-mail, please do not reply.",
    "Could you look at this?\n\nOn Monday the portal wrote:\n> Your badge expires.\n>\n"
    "> This is an automatic e-mail, please do not reply.",
]


@pytest.mark.parametrize("words", OF_THEMSELVES)
def test_a_mail_may_say_itself_that_a_program_wrote_it(words: str) -> None:
    assert seen("Room 4", words)[0] == "notice"


@pytest.mark.parametrize("words", OF_OTHERS)
def test_who_writes_of_automatic_mail_is_a_person(words: str) -> None:
    assert seen("Room 4", words)[0] is None


@pytest.mark.parametrize("subject", ["Fwd: Room 4", "Re: Room 4", "WG: Raum 4"])
def test_what_a_person_answers_or_passes_on_is_theirs_whatever_stands_below(subject: str) -> None:
    assert seen(subject, OF_THEMSELVES[0])[0] is None


def test_the_users_own_mail_is_never_a_notice() -> None:
    own = Headers("1", datetime(2026, 11, 17, tzinfo=UTC), Role.SENT, author=BOB, subject="Room 4")
    assert second_look(own, Text("1", OF_THEMSELVES[0]))[0].automatic is None


@pytest.mark.parametrize(
    "piece", ["this is an automated message ", "automat ", "| unsubscribe ", "a|", "\n \n", "antworten "]
)
def test_a_long_text_is_searched_at_its_ends_only(piece: str) -> None:
    assert seen("Room 4", piece * 50_000)[0] in (None, "notice")


@pytest.mark.parametrize(("rule", "subject", "words"), NOTICES)
def test_a_notice_is_known_by_its_subject_and_its_text_together(rule: str, subject: str, words: str) -> None:
    assert seen(subject, words)[0] == rule


@pytest.mark.parametrize(("subject", "words"), MAILS)
def test_a_person_may_choose_the_subject_of_a_notice(subject: str, words: str) -> None:
    assert seen(subject, words)[0] is None


HEAD = b"From: Bob <bob@example.com>\r\nSubject: Board meeting\r\nMIME-Version: 1.0\r\n"


def _parts(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(b"--x\r\nContent-Type: " + part + b"\r\n" for part in parts)
    return HEAD + b"Content-Type: multipart/" + kind + b'; boundary="x"\r\n\r\n' + body + b"--x--\r\n"


PLAIN = b"text/plain; charset=utf-8\r\n\r\nPlease send me the figures before we meet."
EVENT = b"\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR"


def of_raw(raw: bytes, subject: str = "Board meeting") -> str | None:
    headers = Headers("1", datetime(2026, 11, 17, tzinfo=UTC), author=BOB, subject=subject)
    return second_look(headers, read_text(raw, provider_id="1"))[0].automatic


def test_an_invitation_is_a_calendars_whoever_wrote_into_it() -> None:
    assert (
        of_raw(_parts(b"alternative", PLAIN, b"text/calendar; charset=utf-8; method=REQUEST" + EVENT)) == "calendar"
    )
    assert of_raw(_parts(b"alternative", PLAIN, b'Text/Calendar; METHOD="reply"' + EVENT)) == "calendar"


def test_a_calendar_with_a_method_beside_the_words_invites_unless_a_person_passes_it_on() -> None:
    raw = _parts(b"mixed", PLAIN, b"text/calendar; method=REQUEST; name=board.ics" + EVENT)
    assert of_raw(raw) == "calendar"
    assert of_raw(raw, "Fwd: Board meeting") is None
    assert of_raw(raw, "AW: Board meeting") is None


@pytest.mark.parametrize("kind", [b"mixed", b"alternative"])
def test_a_calendar_that_is_only_a_file_or_only_shown_makes_no_invitation(kind: bytes) -> None:
    assert of_raw(_parts(kind, PLAIN, b"text/calendar; method=PUBLISH" + EVENT)) is None
    assert of_raw(_parts(kind, PLAIN, b"text/calendar; name=board.ics" + EVENT)) is None


@pytest.mark.parametrize(
    "words",
    [
        "\N{THUMBS UP SIGN}",
        "\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-3}",
        "\N{THUMBS UP SIGN}\N{THUMBS UP SIGN}!",
        "+1",
        ":-)",
        "\N{THUMBS UP SIGN}\n\nBob",
        "\N{THUMBS UP SIGN}\n\nOn 16/11/2026 16:02, Ann Smith wrote:\n> Can you come?\n",
        "\n\N{OK HAND SIGN}\n\nSent from my iPhone\n",
        "\N{CLAPPING HANDS SIGN}\n\nBob Brown reacted via Gmail <https://www.google.com/gmail/about/?utm_source=x>\n",
        "\N{PARTY POPPER}\n\nBob Brown hat über Gmail reagiert\n\nAm 16.11.26, 16:02 schrieb Ann:\n> Hallo\n",
    ],
)
def test_a_nod_is_an_acknowledgement_without_words(words: str) -> None:
    _, text = seen("Re: Figures", words)
    assert (text.words, text.reply) == ("", ReplyKind.ACKNOWLEDGEMENT)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "ok",
        "+10",
        "12",
        "\N{WHITE HEAVY CHECK MARK}",
        "\N{THUMBS UP SIGN}\n\nThe figures are attached.",
        "\N{THUMBS UP SIGN} for Friday",
        "+1\nand can you send the figures?",
        "Bob reacted via Gmail, he said. Is that so?",
    ],
)
def test_what_says_more_than_a_nod_is_read(words: str) -> None:
    _, text = seen("Re: Figures", words)
    assert (text.words, text.reply) == (words, None)


def test_gmails_reaction_is_known_by_its_part() -> None:
    reaction = b'text/vnd.google.email-reaction+json; charset="UTF-8"\r\n\r\n{"emoji": "x", "version": 1}'
    raw = _parts(b"alternative", b"text/plain\r\n\r\nx\r\n\r\nBob reacted", reaction, b"text/html\r\n\r\n<p>x</p>")
    assert read_text(raw, provider_id="1").reply is ReplyKind.ACKNOWLEDGEMENT
    part = read_part(*split_message(raw), provider_id="1")
    assert part is not None
    assert part.reply is ReplyKind.ACKNOWLEDGEMENT


def test_what_the_text_shows_to_be_a_programs_is_not_kept_and_a_nod_acknowledges() -> None:
    ann = Address("ann@example.com", "Ann Smith")
    policy = Policy(User(ann), WorkCalendar(ZoneInfo("UTC")))
    at = datetime(2026, 11, 17, tzinfo=UTC)
    subjects = {"1": "OOO: Figures", "2": "Re: Figures", "3": "Figures"}
    kept = {id: Message(Headers(id, at, author=BOB, to=(ann,), subject=subjects[id])) for id in subjects}
    texts = (
        Text("1", "I am out of the office until Monday. Please write to Carla."),
        Text("2", "\N{THUMBS UP SIGN}\n\nBob\n"),
        Text("3", "Could you send me the figures?"),
    )
    messages, set_aside = sync.read(sync.Fetched(kept, texts, {}, ()), policy)
    assert not set_aside
    read = {message.headers.provider_id: message.reading for message in messages}
    assert list(read) == ["2", "3"]
    assert (read["2"].reply, read["2"].empty) == (ReplyKind.ACKNOWLEDGEMENT, True)
    assert read["3"].request
