"""The due times that sentences name, in four languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.detection import deadlines, detector, folding, lexicons, sentences
from mailwatch.detection.deadlines import When
from mailwatch.detection.detector import Context
from mailwatch.domain.reading import Deadline

BERLIN = ZoneInfo("Europe/Berlin")
WEDNESDAY = datetime(2026, 11, 18, 10, tzinfo=BERLIN)

ENGLISH = [
    ("Please send it by Friday.", "2026-11-20"),
    ("Please send it by Wednesday.", "2026-11-25"),
    ("Please send it before noon tomorrow.", "2026-11-19T12:00"),
    ("Please send it by the end of the week.", "2026-11-20"),
    ("Please send it before the weekend.", "2026-11-20"),
    ("Please send it by the end of next week.", "2026-11-27"),
    ("Please send it by next Friday.", "2026-11-27"),
    ("Please send it by this Friday.", "2026-11-20"),
    ("Please send it by the end of the month.", "2026-11-30"),
    ("Please send it by month end, by EOM at the latest.", "2026-11-30"),
    ("Please send it by the end of the quarter.", "2026-12-31"),
    ("Please send it by the end of the year.", "2026-12-31"),
    ("Please send it by EOD.", "2026-11-18"),
    ("Please send it by COB Thursday.", "2026-11-19"),
    ("Please send it by close of business tomorrow.", "2026-11-19"),
    ("Please send it by 5 pm on Friday.", "2026-11-20T17:00"),
    ("Please send it by Friday at 5:30 p.m.", "2026-11-20T17:30"),
    ("I will call you around 820 pm.", "2026-11-18T20:20"),
    ("Please send it by 1130 am tomorrow.", "2026-11-19T11:30"),
    ("He would rather meet you Thursday so no call needed today.", None),
    ("I'll flag it, this week is hectic.", None),
    ("I will return the forms on Friday.", "2026-11-20"),
    ("I will return on Friday.", None),
    ("Please bring me the USB drive tomorrow.", "2026-11-19"),
    ("They asked if you would sign it today.", "2026-11-18"),
    ("I will send it within the next days.", None),
    ("Please tell her I had a talk with Max today.", None),
    ("Are you able to bring the keys today?", "2026-11-18"),
    ("I will bring you lunch.", None),
    ("I will send it by lunch.", "2026-11-18"),
    ("I will send it after lunch.", "2026-11-18"),
    ("Please give me some dates and times within the next two weeks.", None),
    ("I'll book a table for us Friday night.", None),
    ("I will send it in the coming weeks.", None),
    ("I will send it within the next two weeks.", "2026-12-02"),
    ("Please send it by 3.", "2026-11-18T15:00"),
    ("Please send it before the 5th.", "2026-12-05"),
    ("Please send it by the 25th of November.", "2026-11-25"),
    ("Please send it by December 3.", "2026-12-03"),
    ("Please send it by 3 January.", "2027-01-03"),
    ("Please send it by Dec. 3rd, 2027.", "2027-12-03"),
    ("Please send it by 2026-12-24.", "2026-12-24"),
    ("Please send it by 12/24/2026.", "2026-12-24"),
    ("Please send it by 24/12/2026.", "2026-12-24"),
    ("Please send it by 24.12.2026.", "2026-12-24"),
    ("Please send it by 11/12.", None),
    ("Please send it by the 31st.", "2026-12-31"),
    ("Please send it by 11/17/2026.", "2026-11-17"),
    ("Please send it by August 30.", "2027-08-30"),
    ("Can you send it out by 3. Thanks!", "2026-11-18T15:00"),
    ("Please finish it by November 20. Then we are done.", "2026-11-20"),
    ("Please call me, any day but Tuesday.", None),
    ("Would you come out to the lake some weekend this summer?", None),
    ("Please reply within 48 hours.", "2026-11-20T10:00"),
    ("Please reply within two weeks.", "2026-12-02"),
    ("Please reply within 3 business days.", "2026-11-23"),
    ("Please reply by Thursday and no later than 4 pm.", "2026-11-19T16:00"),
    ("I need this on Friday at the latest.", "2026-11-20"),
    ("I'll send it tomorrow.", "2026-11-19"),
    ("I will get back to you later today.", "2026-11-18"),
    ("Could you please send the file today?", "2026-11-18"),
    ("Your comments are required by mid-December.", "2026-12-15"),
    ("The form must be returned by Monday, November 30.", "2026-11-30"),
    ("Please send it as soon as possible.", None),
    ("Can we meet on Friday at 10?", None),
    ("Please join the meeting tomorrow.", None),
    ("We will send the list by the 10th of each month.", None),
    ("Are you free on Monday?", None),
    ("The shop was open until Sunday.", None),
    ("It may be that they sat there in March.", None),
    ("Please send it by mail.", None),
    ("Please send it by June at the front desk.", "2027-06-01"),
    ("Please review the May figures.", None),
    ("Please send it by 31 February.", None),
    ("Please send me the report from last Friday.", None),
    ("I'll send you the numbers for March tomorrow.", "2026-11-19"),
    ("You'll get the April list on Friday.", "2026-11-20"),
]


@pytest.mark.parametrize(("words", "due"), ENGLISH, ids=[words for words, _ in ENGLISH])
def test_a_due_time_is_what_the_sender_wrote(words: str, due: str | None) -> None:
    found = detector.read(words, Context(WEDNESDAY, BERLIN, languages=("en",))).deadline
    assert (str(found) if found else None) == due


OTHERS = [
    ("de", "Bitte bis Dienstag zurückschicken.", "2026-11-24"),
    ("de", "Bitte bis spätestens 20. November um 16 Uhr melden.", "2026-11-20T16:00"),
    ("de", "Bitte bis 2.12. ausfüllen.", "2026-12-02"),
    ("de", "Ich schicke dir das bis übermorgen.", "2026-11-20"),
    ("de", "Bitte antworten Sie innerhalb von drei Tagen.", "2026-11-21"),
    ("de", "Ich schicke es Ihnen in den kommenden Wochen.", None),
    ("de", "Bitte bis Ende nächsten Monats erledigen.", "2026-12-31"),
    ("de", "Guten Morgen, kannst du mir das schicken?", None),
    ("de", "Ich bin bis Freitag krank.", None),
    ("de", "Bitte bis halb vier zurückrufen.", "2026-11-18T15:30"),
    ("de", "Bitte bis dreiviertel elf zurückrufen.", "2026-11-18T10:45"),
    ("de", "Bitte bis Viertel nach zwei zurückrufen.", "2026-11-18T14:15"),
    ("de", "Bitte morgen bis Viertel vor 9 Uhr anrufen.", "2026-11-19T08:45"),
    ("de", "Ich brauche den Schlüssel bis elf.", "2026-11-18T11:00"),
    ("de", "Bis elf melde ich mich.", "2026-11-18T11:00"),
    ("de", "Bitte bis zwei Seiten kürzen.", None),
    ("de", "Ich schicke dir das Donnerstag in einer Woche.", "2026-11-26"),
    ("de", "Ich schicke es dir am 3. Dezember.", "2026-12-03"),
    ("de", "Die Feier ist am 3. Dezember im Saal, kommst du?", None),
    ("de", "Ich nehme mir das morgen früh vor und melde mich.", "2026-11-19"),
    ("de", "Wir informieren Sie bis zum 30.11. schriftlich über den Stand.", "2026-11-30"),
    ("de", "Bitte sag mir, ob du am 3. Dezember zum Essen kommen willst.", None),
    ("de", "Vor morgen schicke ich es dir nicht.", None),
    ("de", "Bitte bis spaetestens uebermorgen zurueckschicken.", "2026-11-20"),
    ("fr", "Merci de répondre avant mardi.", "2026-11-24"),
    ("fr", "Je vous l'envoie dans les jours qui viennent.", None),
    ("es", "Te paso la lista de turnos de abril el viernes.", "2026-11-20"),
    ("fr", "Merci de répondre avant le 2 décembre.", "2026-12-02"),
    ("fr", "Je vous envoie cela d'ici demain.", "2026-11-19"),
    ("fr", "Merci de me répondre sous trois jours.", "2026-11-21"),
    ("fr", "Veuillez signer au plus tard vendredi à 16h30.", "2026-11-20T16:30"),
    ("fr", "Merci de payer avant la fin du mois prochain.", "2026-12-31"),
    ("fr", "Peux-tu venir à la réunion de vendredi ?", None),
    ("fr", "Merci de répondre pour le 25.", "2026-11-25"),
    ("fr", "Merci de répondre d'ici au 25.", "2026-11-25"),
    ("fr", "Merci de répondre avant le 15 du mois prochain.", "2026-12-15"),
    ("fr", "Merci de le déposer au plus tard le 1er décembre à 12h.", "2026-12-01T12:00"),
    ("fr", "Merci de le rendre jeudi 26 à midi dernier délai.", "2026-11-26T12:00"),
    ("fr", "Merci de le déposer pour lundi 2 fois plié.", "2026-11-23"),
    ("fr", "Je t'envoie la liste le 24.", "2026-11-24"),
    ("fr", "Je vous livre le 24 novembre.", "2026-11-24"),
    ("fr", "Peux-tu poser la plante au 3e ?", None),
    ("fr", "Il me faut ça d'ici ce soir.", "2026-11-18"),
    ("fr", "Je vous appelle demain dans la soirée.", "2026-11-19"),
    ("fr", "Merci de répondre d'ici fin de semaine prochaine.", "2026-11-27"),
    ("fr", "Vous avez jusqu'à lundi.", "2026-11-23"),
    ("fr", "Je te dépose la liste à 14h.", "2026-11-18T14:00"),
    ("fr", "Je dépose la liste à midi, pas avant.", "2026-11-18T12:00"),
    ("fr", "J'envoie Paul à la réunion de 14h.", None),
    ("fr", "Veuillez nous faire connaître votre choix jusqu'au 26 novembre.", "2026-11-26"),
    ("fr", "Peux-tu garder la clé jusqu'au 26 novembre ?", None),
    ("fr", "Merci de le déposer vendredi avant 17 heures.", "2026-11-20T17:00"),
    ("fr", "Merci de le déposer le vendredi 27, avant 17h.", "2026-11-27T17:00"),
    ("fr", "Il me faut les plaques dans l'heure.", "2026-11-18T11:00"),
    ("fr", "Il me faut la liste. 16h dernier carat.", "2026-11-18T16:00"),
    ("fr", "As-tu reçu le devis de lundi ?", None),
    ("fr", "Je suis absent jusqu'à vendredi, peux-tu me remplacer ?", None),
    ("es", "Por favor, responde antes del martes.", "2026-11-24"),
    ("es", "Se lo enviaré en los próximos días.", None),
    ("es", "Te lo mando en tres días.", "2026-11-21"),
    ("es", "Por favor, responde antes del 2 de diciembre.", "2026-12-02"),
    ("es", "Te lo mando mañana.", "2026-11-19"),
    ("es", "Responda en un plazo de tres días, por favor.", "2026-11-21"),
    ("es", "Firme como muy tarde el viernes a las 16:30, por favor.", "2026-11-20T16:30"),
    ("es", "¿Vienes a la reunión del viernes?", None),
    ("es", "Por favor, responde antes del 3.", "2026-12-03"),
    ("es", "Necesito la lista para el 26.", "2026-11-26"),
    ("es", "Te la mando el día 30.", "2026-11-30"),
    ("es", "Por favor, responde antes de las 3.", "2026-11-18T15:00"),
    ("es", "Te mando las fotos del 26.", None),
    ("es", "Necesito la lista para los 26 invitados.", None),
    ("es", "Por favor, responde antes del viernes 18.", "2026-12-18"),
    ("es", "A las 11 te llamo.", "2026-11-18T11:00"),
    ("es", "Te llamo a las 11 personas.", None),
    ("es", "Deben presentar la factura hasta el viernes 27.", "2026-11-27"),
    ("es", "Por favor, no enviar nada hasta el lunes.", None),
    ("es", "Necesito la llave, que estoy en casa hasta el viernes.", None),
]


@pytest.mark.parametrize(("language", "words", "due"), OTHERS, ids=[words for _, words, _ in OTHERS])
def test_other_languages_have_the_same_grammar(language: str, words: str, due: str | None) -> None:
    found = detector.read(words, Context(WEDNESDAY, BERLIN, languages=(language,))).deadline
    assert (str(found) if found else None) == due


def test_the_order_of_figures_is_the_readers() -> None:
    words = sentences.tokens("by 3/4")
    assert [str(d.deadline) for d in deadlines.mentions(words, When(WEDNESDAY, "en", "dmy"))] == ["2027-04-03"]
    assert [str(d.deadline) for d in deadlines.mentions(words, When(WEDNESDAY, "en", "mdy"))] == ["2027-03-04"]
    assert [str(d.deadline) for d in deadlines.mentions(words, When(WEDNESDAY, "en"))] == ["2027-03-04"]


def test_a_date_that_can_be_read_in_one_way_tells_how_its_neighbour_is_meant() -> None:
    context = Context(WEDNESDAY, BERLIN, order="mdy", languages=("en",))
    assert str(detector.read("We met on 17/11. Please send it by 3/12.", context).deadline) == "2026-12-03"
    assert str(detector.read("We met on 11/17. Please send it by 12/3.", context).deadline) == "2026-12-03"
    assert str(detector.read("Please send it by 12/3.", context).deadline) == "2026-12-03"


def test_a_weekday_beside_a_date_in_figures_tells_the_order() -> None:
    words = sentences.tokens("by Thursday 3/12")
    assert [str(d.deadline) for d in deadlines.mentions(words, When(WEDNESDAY, "en", "mdy"))] == ["2026-12-03"]


def test_an_afterthought_goes_with_what_was_asked_before_it() -> None:
    context = Context(WEDNESDAY, BERLIN, languages=("en",))
    assert str(detector.read("Please send me the list. Friday noon at the latest.", context).deadline) == (
        "2026-11-20T12:00"
    )
    assert detector.read("The list was long. Friday noon at the latest.", context).deadline is None


def test_a_clock_time_that_is_over_is_tomorrows() -> None:
    (due,) = deadlines.mentions(sentences.tokens("by 9 am"), When(WEDNESDAY, "en"))
    assert str(due.deadline) == "2026-11-19T09:00"
    (due,) = deadlines.mentions(sentences.tokens("by 9 am ET"), When(WEDNESDAY, "en"))
    assert str(due.deadline) == "2026-11-18T09:00"


def test_a_zone_that_is_named_is_kept() -> None:
    (due,) = deadlines.mentions(sentences.tokens("by 3 pm EST on Friday"), When(WEDNESDAY, "en"))
    assert due.deadline.zone is not None
    assert due.deadline.zone.utcoffset(None) == timedelta(hours=-5)
    assert str(due.deadline) == "2026-11-20T15:00"


def test_days_are_counted_in_the_readers_zone() -> None:
    late_in_new_york = datetime(2026, 11, 18, 23, 30, tzinfo=ZoneInfo("America/New_York"))
    (due,) = deadlines.mentions(sentences.tokens("by tomorrow"), When(late_in_new_york.astimezone(BERLIN), "en"))
    assert str(due.deadline) == "2026-11-20"


def test_the_earliest_due_time_of_a_message_counts() -> None:
    mail = "Please send the draft by Friday.\nI will send you my part by Thursday."
    reading = detector.read(mail, Context(WEDNESDAY, BERLIN))
    assert str(reading.request_deadline) == "2026-11-20"
    assert str(reading.promise_deadline) == "2026-11-19"
    assert str(reading.deadline) == "2026-11-19"


NAMED = Deadline(date(2026, 12, 10), time(15), "the 10th")


@pytest.mark.parametrize(
    ("language", "words", "due"),
    [
        ("en", "send it the day before", "2026-12-09"),
        ("en", "we need it two weeks earlier", "2026-11-26"),
        ("en", "have it ready by the Monday before.", "2026-12-07"),
        ("en", "have it ready by then", "2026-12-10T15:00"),
        ("en", "it starts on Tuesday, so send it the day before", "2026-11-23"),
        ("en", "it starts on Tuesday at 9, so send it before then", "2026-11-24T09:00"),
        ("en", "I am back on Monday and will send it to you then.", "2026-11-23"),
        ("en", "I see her on Monday, I'll ask her then and write", "2026-11-23"),
        ("en", "the day before the fair", None),
        ("de", "schick es spätestens am Vortag", "2026-12-09"),
        ("de", "schick es zwei Tage vorher", "2026-12-08"),
        ("de", "am Freitag davor", "2026-12-04"),
        ("de", "am Dienstag, vorher geht es nicht", "2026-11-24"),
        ("de", "bis dahin brauche ich es", "2026-12-10T15:00"),
        ("fr", "envoie-le la veille", "2026-12-09"),
        ("fr", "il me le faut d'ici là", "2026-12-10T15:00"),
        ("fr", "d'ici la fin novembre", "2026-11-30"),
        ("es", "mándalo el día anterior", "2026-12-09"),
        ("es", "lo necesito para entonces", "2026-12-10T15:00"),
    ],
)
def test_some_times_go_back_to_the_day_that_was_named_last(language: str, words: str, due: str | None) -> None:
    tokens = sentences.tokens(words, lexicons.load(language).accents)
    found = deadlines.mentions(tokens, When(WEDNESDAY, language), lambda: NAMED)
    assert [str(one.deadline) for one in found][-1:] == ([due] if due else [])


def test_without_a_day_before_it_by_then_is_no_time() -> None:
    assert deadlines.mentions(sentences.tokens("please send it by then"), When(WEDNESDAY, "en")) == ()


MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
CUES = st.sampled_from(["by", "before", "until", "no later than", "due", "within"])
WORDS = """the end of next this week month quarter year monday friday may 31 30 29 february 5 th 12 : am pm noon 2026
10/31 2/30/24 24.12. in two days hours weekend tomorrow eod cob at , - early mid before then earlier day"""
PIECES = st.lists(st.sampled_from(sorted(WORDS.split())), max_size=8)


@given(MOMENTS, CUES, PIECES)
def test_no_due_time_with_a_bare_day_is_in_the_past(sent: datetime, cue: str, pieces: list[str]) -> None:
    tokens = [*cue.split(), *pieces]
    for due in deadlines.mentions(tokens, When(sent, "en")):
        assert "2026" in tokens or "2/30/24" in tokens or due.deadline.day >= sent.date()


@given(MOMENTS, st.integers(0, 6))
def test_a_bare_weekday_is_within_the_next_seven_days(sent: datetime, weekday: int) -> None:
    name = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"][weekday]
    (due,) = deadlines.mentions(["by", name], When(sent, "en"))
    assert due.deadline.day.weekday() == weekday
    assert timedelta(days=1) <= due.deadline.day - sent.date() <= timedelta(days=7)


def due_in(text: str) -> str:
    return str(detector.read(text, Context(WEDNESDAY, BERLIN)).deadline)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Bitte schick mir die Liste bis 8 Uhr abends.", "2026-11-18T20:00"),
        ("Ich brauche das bis halb eins.", "2026-11-18T12:30"),
        ("Ich brauche das bis halb 24 Uhr.", "2026-11-18T23:30"),
        ("Peux-tu m'envoyer la liste demain avant 8h du soir ?", "2026-11-19T20:00"),
        ("Merci de me l'envoyer avant 14 heures 30.", "2026-11-18T14:30"),
        ("Merci de me l'envoyer pour le 31.", "2026-12-31"),
        ("Please send me the numbers by 9 tonight.", "2026-11-18T21:00"),
        ("Please send me the numbers tonight by 9.", "2026-11-18T21:00"),
        ("Please send it by 6 in the evening.", "2026-11-18T18:00"),
        ("Can you get it to me by 8 tomorrow night?", "2026-11-19T20:00"),
        ("Please send me the file by five.", "2026-11-18T17:00"),
        ("Please fax me the certificate for heat 7730 by two, the inspector flies at four.", "2026-11-18T14:00"),
        ("Give me a yes or a no before 2, please.", "2026-11-18T14:00"),
        ("Please have it here by quarter to five.", "2026-11-18T16:45"),
        ("Please have it here by half past two.", "2026-11-18T14:30"),
        ("I'll square it with planning by half three.", "2026-11-18T15:30"),
        ("The corrections have to be in by Thurs 26, so can you chase her?", "2026-11-26"),
        ("Please send the list by Friday 25 copies each.", "2026-11-20"),
        ("Can u send it 2morrow b4 noon?", "2026-11-19T12:00"),
        ("I need it for Friday.", "2026-11-20"),
        ("Please cut the list by two, then send it.", "None"),
        ("We were beaten by two, please send flowers.", "None"),
        ("Please send me four by six prints.", "None"),
        ("Can you do it in half a day?", "None"),
        ("Please send me the deck by 6 tomorrow morning.", "2026-11-19T06:00"),
        ("Please send it by 14:00, latest this afternoon.", "2026-11-18T14:00"),
        ("Schick mir bitte die Zahlen bis heute Abend um 8.", "2026-11-18T20:00"),
        ("Kannst du mir das bis Freitagabend um sieben schicken?", "2026-11-20T19:00"),
        ("Schick mir das bitte morgen früh bis 6 Uhr.", "2026-11-19T06:00"),
        ("Peux-tu m'envoyer les chiffres ce soir avant 9h ?", "2026-11-18T21:00"),
        ("Mándamelo esta noche antes de las 10, por favor.", "2026-11-18T22:00"),
        ("Mándamelo hoy antes de las once y media, por favor.", "2026-11-18T11:30"),
        ("Envíamelo antes de las once menos cuarto.", "2026-11-18T10:45"),
        ("Mándamelo antes de la una, por favor.", "2026-11-18T13:00"),
        ("Envíamelo esta noche 20 hs.", "2026-11-18T20:00"),
        ("Necesito que me confirmes el 20 % de descuento.", "None"),
        ("Peux-tu me l'envoyer avant trois heures et demie ?", "2026-11-18T15:30"),
        ("Merci de me répondre avant 11 heures moins le quart.", "2026-11-18T10:45"),
        ("Peux-tu m'appeler avant midi et demi ?", "2026-11-18T12:30"),
        ("Please send it tomorrow 10 hrs.", "2026-11-19T10:00"),
        ("I'll try you again at 4.", "2026-11-18T16:00"),
        ("Can you get me the list? Friday is fine.", "2026-11-20"),
        ("Could you send me the draft? End of next week would be great.", "2026-11-27"),
        ("The committee is tomorrow at 11. Please send me your slides by 10.", "2026-11-19T10:00"),
        ("We have the call on Monday at 9:30. Please have the numbers ready by 8:30.", "2026-11-23T08:30"),
        ("Le comité est demain à 11h. Envoyez-moi vos slides avant 10h.", "2026-11-19T10:00"),
        ("Mañana a las 11 tenemos comité. Mandadme las cifras antes de las 10.", "2026-11-19T10:00"),
        ("We meet on Friday at 10. Please send me the agenda by 3pm.", "2026-11-18T15:00"),
        ("We met yesterday at 4. Please send me the agenda by 3pm.", "2026-11-18T15:00"),
        ("I will call you at home.", "None"),
        ("I'll get it sorted this aft.", "2026-11-18"),
        ("Please send it to me inside of 48 hours.", "2026-11-20T10:00"),
        ("Please send it to me before the month ends.", "2026-11-30"),
        ("Please send me the key by the 25th, one day before the old one runs out.", "2026-11-25"),
    ],
)
def test_hours_as_people_tell_them_and_last_days_of_a_month_are_read(text: str, due: str) -> None:
    assert due_in(text) == due


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Please call me within half an hour.", "2026-11-18T10:30"),
        ("I'll send it within an hour and a half.", "2026-11-18T11:30"),
        ("Ruf mich bitte in einer halben Stunde an.", "2026-11-18T10:30"),
        ("Ich schicke es dir in anderthalb Stunden.", "2026-11-18T11:30"),
        ("Rappelle-moi d'ici une demi-heure.", "2026-11-18T10:30"),
        ("Je te l'envoie dans une heure et demie.", "2026-11-18T11:30"),
        ("Llámame en media hora, por favor.", "2026-11-18T10:30"),
        ("Te lo mando en hora y media.", "2026-11-18T11:30"),
    ],
)
def test_spans_with_a_name_of_their_own_are_counted_from_the_mail(text: str, due: str) -> None:
    assert due_in(text) == due


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Il me le faut lundi pour la réunion.", "2026-11-23"),
        ("Necesito el informe el viernes para el comité.", "2026-11-20"),
        ("Bitte schick mir Rechnung 12 bis Freitag.", "2026-11-20"),
        ("Schickst du mir die Zahlen für März bis morgen früh um 9?", "2026-11-19T09:00"),
        ("Ich brauche die Zahlen der letzten Woche bis Mittag.", "2026-11-18T12:00"),
        ("Kannst du vom 23. bis 25. November übernehmen?", "None"),
        ("Kannst du das von März bis Mai übernehmen?", "None"),
        ("Il est absent de lundi jusqu'à mercredi, tu peux le remplacer ?", "None"),
    ],
)
def test_what_is_asked_for_may_stand_beside_a_due_time(text: str, due: str) -> None:
    assert due_in(text) == due


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Could you send it\nby Friday, 5 p.m. please?", "by Friday, 5 p.m."),
        ("Kannst du mir das bis Mittwochabend um sieben schicken?", "bis Mittwochabend um sieben"),
        ("Schick mir die Straßenliste vor dem 3. März, bitte.", "vor dem 3. März"),
        ("Envíamelo mañana por la tarde, por favor.", "mañana por la tarde"),
        ("Die Prüfung ist am 3. Dezember um 9 Uhr. Schick mir die Mappe bis dahin.", "3. Dezember um 9 Uhr"),
        ("Die Prüfung ist am 3. Dezember um 9 Uhr. Schick mir die Mappe am Tag davor.", "Tag davor"),
    ],
)
def test_a_due_time_is_told_in_the_words_of_the_mail(text: str, words: str) -> None:
    deadline = detector.read(text, Context(WEDNESDAY, BERLIN)).deadline
    assert deadline is not None
    assert deadline.words == words


@given(st.text(max_size=80), st.integers(0, 6), st.integers(1, 4))
def test_tokens_are_found_again_in_their_sentence_or_not_at_all(text: str, start: int, width: int) -> None:
    for sentence in sentences.split(text):
        said = " ".join(sentences.tokens(sentence)[start : start + width])
        found = folding.as_written(said, sentence)
        assert found is None or found in sentence


AS_PEOPLE_TYPE = ["früh", "İst", "ß", "MÄRZ", "p.m.", "9h", "3.", ",", "-", "(", "l'été"]


@given(st.lists(st.sampled_from(AS_PEOPLE_TYPE), max_size=9))
def test_words_are_found_again_with_their_accents(words: list[str]) -> None:
    sentence = " ".join(["bis", *words])
    found = folding.as_written(" ".join(sentences.tokens(sentence)), sentence)
    assert found is not None
    assert sentences.tokens(found) == sentences.tokens(sentence)


@pytest.mark.parametrize("sent_at", [datetime(9999, 12, 31, 23, 30, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)])
@pytest.mark.parametrize("zone", [BERLIN, ZoneInfo("America/New_York")])
def test_a_message_from_the_end_of_the_calendar_is_read(sent_at: datetime, zone: ZoneInfo) -> None:
    assert detector.read("Please send it by Friday.", Context(sent_at, zone)).request
