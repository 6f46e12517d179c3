"""How programs introduce a message that is answered or passed on, in many languages, and what phones add."""

from __future__ import annotations

import pytest

from mailwatch.domain.quotation import split

HEADS = {
    "roundcube en": "On 2026-11-16 16:02, Ann Smith wrote:",
    "roundcube de": "Am 2026-11-16 16:02, schrieb Ann Smith:",
    "roundcube fr": "Le 2026-11-16 16:02, Ann Smith a écrit :",
    "roundcube es": "El 2026-11-16 16:02, Ann Smith escribió:",
    "roundcube it": "Il 2026-11-16 16:02 Ann Smith ha scritto:",
    "roundcube nl": "Ann Smith schreef op 2026-11-16 16:02:",
    "roundcube nl2": "Op 2026-11-16 16:02 schreef Ann Smith:",
    "roundcube pt": "Em 2026-11-16 16:02, Ann Smith escreveu:",
    "roundcube pl": "W dniu 2026-11-16 16:02, Ann Smith napisał(a):",
    "roundcube sv": "Den 2026-11-16 16:02, skrev Ann Smith:",
    "roundcube nb": "Den 16.11.2026 16:02, skrev Ann Smith:",
    "proton": "On Monday, November 16th, 2026 at 4:02 PM, Ann Smith <ann@example.com> wrote:",
    "proton mobile": "-------- Original Message --------\nOn 16/11/2026 16:02, Ann Smith wrote:",
    "proton fr": "Le lundi 16 novembre 2026 à 16:02, Ann Smith <ann@example.com> a écrit :",
    "proton de": "Ann Smith <ann@example.com> schrieb am Montag, 16. November 2026 um 16:02:",
    "proton es": "El lunes, 16 de noviembre de 2026 a las 16:02, Ann Smith <ann@example.com> escribió:",
    "proton it": "Il lunedì 16 novembre 2026 16:02, Ann Smith <ann@example.com> ha scritto:",
    "spark de": "Am 16. Nov. 2026, 16:02 +0100 schrieb Ann Smith <ann@example.com>:",
    "spark it": "Il 16 nov 2026, 16:02 +0100, Ann Smith <ann@example.com>, ha scritto:",
    "tb fr": "Le 16/11/2026 à 16:02, Ann Smith a écrit :",
    "tb es": "El 16/11/26 a las 16:02, Ann Smith escribió:",
    "tb it": "Il 16/11/26 16:02, Ann Smith ha scritto:",
    "tb nl": "Op 16-11-2026 om 16:02 schreef Ann Smith:",
    "tb pt-PT": "Às 16:02 de 16/11/2026, Ann Smith escreveu:",
    "tb pt": "Em 16/11/2026 16:02, Ann Smith escreveu:",
    "tb pl": "W dniu 16.11.2026 o 16:02, Ann Smith pisze:",
    "tb sv": "Den 2026-11-16 kl. 16:02, skrev Ann Smith:",
    "tb da": "Den 16.11.2026 kl. 16.02 skrev Ann Smith:",
    "apple en": "On 16 Nov 2026, at 16:02, Ann Smith <ann@example.com> wrote:",
    "apple nl": "Op 16 nov 2026, om 16:02 heeft Ann Smith <ann@example.com> het volgende geschreven:",
    "apple pt": "No dia 16/11/2026, às 16:02, Ann Smith <ann@example.com> escreveu:",
    "apple pt-BR": "Em 16 de nov. de 2026, à(s) 16:02, Ann Smith <ann@example.com> escreveu:",
    "apple pl": ("Wiadomość napisana przez Ann Smith <ann@example.com> w dniu 16 lis 2026, o godz. 16:02:"),
    "ios pl": "Dnia 16 lis 2026 o godz. 16:02 Ann Smith <ann@example.com> napisał(a):",
    "apple sv": "16 nov. 2026 kl. 16:02 skrev Ann Smith <ann@example.com>:",
    "apple da": "Den 16. nov. 2026 kl. 16.02 skrev Ann Smith <ann@example.com>:",
    "apple nb": "16. nov. 2026 kl. 16:02 skrev Ann Smith <ann@example.com>:",
    "apple es": "El 16 nov 2026, a las 16:02, Ann Smith <ann@example.com> escribió:",
    "apple it": "Il giorno 16 nov 2026, alle ore 16:02, Ann Smith <ann@example.com> ha scritto:",
    "gmail pl": "pon., 16 lis 2026 o 16:02 Ann Smith <ann@example.com> napisał(a):",
    "gmail pt-PT": "Ann Smith <ann@example.com> escreveu (segunda, 16/11/2026 à(s) 16:02):",
    "gmail pt-BR": "Em seg., 16 de nov. de 2026 às 16:02, Ann Smith <ann@example.com> escreveu:",
    "gmail sv": "Den mån 16 nov. 2026 kl 16:02 skrev Ann Smith <ann@example.com>:",
    "gmail nb": "man. 16. nov. 2026 kl. 16:02 skrev Ann Smith <ann@example.com>:",
    "gmail da": "Den man. 16. nov. 2026 kl. 16.02 skrev Ann Smith <ann@example.com>:",
    "gmail es": "El lun, 16 nov 2026 a las 16:02, Ann Smith (<ann@example.com>) escribió:",
    "gmail nl": "Op ma 16 nov 2026 om 16:02 schreef Ann Smith <ann@example.com>:",
    "gmx": (
        "Gesendet: Montag, 16. November 2026 um 16:02 Uhr\n"
        'Von: "Ann Smith" <ann@example.com>\n'
        'An: "Bob Brown" <bob@example.com>\n'
        "Betreff: Zahlen"
    ),
    "gmx new": "Am 16.11.26, 16:02 schrieb Ann Smith <ann@example.com>:",
    "gmx newest": "Am 16. November 2026 um 16:02:11 MEZ schrieb Ann Smith <ann@example.com>:",
    "t-online": (
        "-----Original-Nachricht-----\n"
        "Betreff: Zahlen\n"
        "Datum: 2026-11-16T16:02:11+0100\n"
        'Von: "Ann Smith" <ann@example.com>\n'
        "An: bob@example.com"
    ),
    "inotes": (
        '-----"Ann Smith" <ann@example.com> wrote: -----\n'
        "To: bob@example.com\n"
        'From: "Ann Smith" <ann@example.com>\n'
        "Date: 11/16/2026 04:02PM\n"
        "Subject: Figures"
    ),
    "inotes de": (
        "-----Ann Smith/Berlin/DE schrieb: -----\n"
        "An: bob@example.com\n"
        "Von: Ann Smith/Berlin/DE\n"
        "Datum: 16.11.2026 16:02\n"
        "Betreff: Zahlen"
    ),
    "notes 8": (
        "Ann Smith ---11/16/2026 04:02:11 PM---Could you send me the figures?\n"
        "\n"
        "From:	Ann Smith/Berlin/DE\n"
        "To:	Bob Brown/Berlin/DE@Works\n"
        "Date:	11/16/2026 04:02 PM\n"
        "Subject:	Figures"
    ),
    "notes de": (
        "Von:	Ann Smith/Berlin/DE\n"
        "An:	Bob Brown/Berlin/DE@Works\n"
        "Kopie:	Carla Diaz/Berlin/DE@Works\n"
        "Datum:	16.11.2026 16:02\n"
        "Betreff:	Zahlen\n"
        "Gesendet von:	Erik Lund"
    ),
    "evolution de": "Am Montag, dem 16.11.2026 um 16:02 +0100 schrieb Ann Smith:",
    "kmail": "On Monday, 16 November 2026 16:02:11 CET Ann Smith wrote:",
    "kmail de": "Am Montag, 16. November 2026, 16:02:11 CET schrieb Ann Smith:",
    "kmail es": "En fecha lunes, 16 de noviembre de 2026, 16:02:11 CET, Ann Smith escribió:",
    "kmail fr": "Le lundi 16 novembre 2026, 16:02:11 CET Ann Smith a écrit :",
    "superhuman": "On Mon, Nov 16, 2026 at 4:02 PM, Ann Smith < ann@example.com > wrote:",
    "hey": "On November 16, 2026, Ann Smith <ann@example.com> wrote:",
    "front": "On November 16, 2026 at 4:02 PM GMT+1 ann@example.com wrote:",
    "mailbird": "On 11/16/2026 4:02:11 PM, Ann Smith <ann@example.com> wrote:",
    "fastmail": "On Mon, 16 Nov 2026, at 4:02 PM, Ann Smith wrote:",
    "samsung fr": (
        "-------- Message d’origine --------\n"
        "De : Ann Smith <ann@example.com>\n"
        "Date : 16/11/2026 16:02 (GMT+01:00)\n"
        "À : Bob Brown <bob@example.com>\n"
        "Objet : Chiffres"
    ),
    "samsung de": (
        "-------- Ursprüngliche Nachricht --------\n"
        "Von: Ann Smith <ann@example.com>\n"
        "Datum: 16.11.26 16:02 (GMT+01:00)\n"
        "An: bob@example.com\n"
        "Betreff: Zahlen"
    ),
    "samsung pl": (
        "-------- Oryginalna wiadomość --------\n"
        "Od: Ann Smith <ann@example.com>\n"
        "Data: 16.11.2026 16:02 (GMT+01:00)\n"
        "Do: bob@example.com\n"
        "Temat: Dane"
    ),
    "samsung da": (
        "-------- Oprindelig besked --------\n"
        "Fra: Ann Smith <ann@example.com>\n"
        "Dato: 16.11.2026 16.02 (GMT+01.00)\n"
        "Til: bob@example.com\n"
        "Emne: Tal"
    ),
    "samsung nb": (
        "-------- Opprinnelig melding --------\n"
        "Fra: Ann Smith <ann@example.com>\n"
        "Dato: 16.11.2026 16:02 (GMT+01:00)\n"
        "Til: bob@example.com\n"
        "Emne: Tall"
    ),
    "samsung sv": (
        "-------- Originalmeddelande --------\n"
        "Från: Ann Smith <ann@example.com>\n"
        "Datum: 2026-11-16 16:02 (GMT+01:00)\n"
        "Till: bob@example.com\n"
        "Ämne: Siffror"
    ),
    "samsung it": (
        "-------- Messaggio originale --------\n"
        "Da: Ann Smith <ann@example.com>\n"
        "Data: 16/11/26 16:02 (GMT+01:00)\n"
        "A: bob@example.com\n"
        "Oggetto: Cifre"
    ),
    "zimbra": (
        'From: "Ann Smith" <ann@example.com>\n'
        'To: "Bob Brown" <bob@example.com>\n'
        "Sent: Monday, November 16, 2026 4:02:11 PM\n"
        "Subject: Figures"
    ),
    "zimbra fr": (
        "----- Mail original -----\n"
        'De: "Ann Smith" <ann@example.com>\n'
        'À: "Bob Brown" <bob@example.com>\n'
        "Envoyé: Lundi 16 Novembre 2026 16:02:11\n"
        "Objet: Chiffres"
    ),
    "zimbra de": (
        "----- Ursprüngliche Mail -----\n"
        'Von: "Ann Smith" <ann@example.com>\n'
        'An: "Bob Brown" <bob@example.com>\n'
        "Gesendet: Montag, 16. November 2026 16:02:11\n"
        "Betreff: Zahlen"
    ),
    "zimbra es": (
        "----- Mensaje original -----\n"
        'De: "Ann Smith" <ann@example.com>\n'
        'Para: "Bob Brown" <bob@example.com>\n'
        "Enviados: Lunes, 16 de Noviembre 2026 16:02:11\n"
        "Asunto: Cifras"
    ),
    "zimbra it": (
        "----- Messaggio originale -----\n"
        'Da: "Ann Smith" <ann@example.com>\n'
        'A: "Bob Brown" <bob@example.com>\n'
        "Inviato: Lunedì, 16 novembre 2026 16:02:11\n"
        "Oggetto: Cifre"
    ),
    "emclient": (
        "------ Original Message ------\n"
        'From "Ann Smith" <ann@example.com>\n'
        'To "Bob Brown" <bob@example.com>\n'
        "Date 16/11/2026 16:02:11\n"
        "Subject Figures"
    ),
    "emclient de": (
        "------ Originalnachricht ------\n"
        'Von "Ann Smith" <ann@example.com>\n'
        'An "Bob Brown" <bob@example.com>\n'
        "Datum 16.11.2026 16:02:11\n"
        "Betreff Zahlen"
    ),
    "blackberry 10": (
        "  Original Message  \n"
        "From: Ann Smith\n"
        "Sent: Monday, November 16, 2026 4:02 PM\n"
        "To: Bob Brown\n"
        "Reply To: Ann Smith\n"
        "Subject: Figures"
    ),
    "blackberry": (
        "-----Original Message-----\n"
        "From: Ann Smith <ann@example.com>\n"
        "Date: Mon, 16 Nov 2026 16:02:11 \n"
        "To: <bob@example.com>\n"
        "Subject: Figures"
    ),
    "outlook pt": (
        "De: Ann Smith <ann@example.com>\n"
        "Enviado: segunda-feira, 16 de novembro de 2026 16:02\n"
        "Para: Bob Brown <bob@example.com>\n"
        "Assunto: Números"
    ),
    "outlook pt2": (
        "De: Ann Smith <ann@example.com>\n"
        "Enviada em: segunda-feira, 16 de novembro de 2026 16:02\n"
        "Para: Bob Brown <bob@example.com>\n"
        "Assunto: Números"
    ),
    "outlook nb": (
        "Fra: Ann Smith <ann@example.com>\n"
        "Sendt: mandag 16. november 2026 16:02\n"
        "Til: Bob Brown <bob@example.com>\n"
        "Kopi: Carla <carla@example.com>\n"
        "Emne: Tall"
    ),
    "new outlook mac": (
        "From: Ann Smith <ann@example.com>\n"
        "Date: Monday, 16 November 2026 at 16:02\n"
        "To: Bob Brown <bob@example.com>\n"
        "Subject: Figures"
    ),
    "outlook mac de": (
        "Von: Ann Smith <ann@example.com>\n"
        "Datum: Montag, 16. November 2026 um 16:02\n"
        "An: Bob Brown <bob@example.com>\n"
        "Betreff: Zahlen"
    ),
    "outlook mac fr": (
        "De : Ann Smith <ann@example.com>\n"
        "Date : lundi, 16 novembre 2026 à 16:02\n"
        "À : Bob Brown <bob@example.com>\n"
        "Objet : Chiffres"
    ),
    "outlook mac es": (
        "De: Ann Smith <ann@example.com>\n"
        "Fecha: lunes, 16 de noviembre de 2026, 16:02\n"
        "Para: Bob Brown <bob@example.com>\n"
        "Asunto: Cifras"
    ),
    "outlook fr can": (
        "De : Ann Smith <ann@example.com>\n"
        "Envoyé : 16 novembre 2026 16:02\n"
        "À : Bob Brown <bob@example.com>\n"
        "Objet : Chiffres"
    ),
    "outlook stars": (
        "*From:* Ann Smith <ann@example.com>\n"
        "*Sent:* Monday, November 16, 2026 4:02 PM\n"
        "*To:* Bob Brown <bob@example.com>\n"
        "*Subject:* Figures"
    ),
    "yahoo": "On Monday, November 16, 2026, 4:02 PM, Ann Smith <ann@example.com> wrote:",
    "yahoo de": (
        "Am Montag, 16. November 2026 um 16:02:11 MEZ hat Ann Smith <ann@example.com> Folgendes geschrieben:"
    ),
    "yahoo fr": "Le lundi 16 novembre 2026 à 16:02:11 UTC+1, Ann Smith <ann@example.com> a écrit :",
    "yahoo es": ("El lunes, 16 de noviembre de 2026, 16:02:11 CET, Ann Smith <ann@example.com> escribió:"),
    "yahoo it": "Il lunedì 16 novembre 2026 16:02:11 CET, Ann Smith <ann@example.com> ha scritto:",
    "teams gmail group": "On Monday, November 16, 2026 at 4:02:11 PM UTC+1 Ann Smith wrote:",
    "groupwise": ">>> Ann Smith <ann@example.com> 16.11.2026 16:02 >>>",
    "hotmail old": (
        "From: ann@example.com\nTo: bob@example.com\nSubject: Figures\nDate: Mon, 16 Nov 2026 16:02:11 +0100"
    ),
    "aol": (
        "-----Original Message-----\n"
        "From: Ann Smith <ann@example.com>\n"
        "To: Bob Brown <bob@example.com>\n"
        "Sent: Mon, Nov 16, 2026 4:02 pm\n"
        "Subject: Figures"
    ),
    "mail.ru": "Понедельник, 16 ноября 2026, 16:02 +03:00 от Ann Smith <ann@example.com>:",
    "yandex": '16.11.2026, 16:02, "Ann Smith" <ann@example.com>:',
    "libero": "Il 16/11/2026 16:02 Ann Smith <ann@example.com> ha scritto:",
    "sfr": (
        "envoyé : 16 novembre 2026 à 16:02\nde : Ann Smith <ann@example.com>\nà : bob@example.com\nobjet : Chiffres"
    ),
    "wp.pl": "Dnia 16 listopada 2026 16:02 Ann Smith <ann@example.com> napisał(a):",
    "onet": "W dniu 16.11.2026 o 16:02, Ann Smith napisała:",
    "tutanota": "16. Nov. 2026, 16:02 von ann@example.com:",
    "tutanota en": "Nov 16, 2026, 16:02 by ann@example.com:",
    "k9": (
        "-------- Original Message --------\n"
        "From: Ann Smith <ann@example.com>\n"
        "Sent: November 16, 2026 4:02:11 PM GMT+01:00\n"
        "To: bob@example.com\n"
        "Subject: Figures"
    ),
    "k9 inline": "Am 16. November 2026 16:02:11 MEZ schrieb Ann Smith <ann@example.com>:",
    "gmail cs": "po 16. 11. 2026 v 16:02 odesílatel Ann Smith <ann@example.com> napsal:",
    "gmail sk": "po 16. 11. 2026 o 16:02 Ann Smith <ann@example.com> napísal(a):",
    "gmail hu": "Ann Smith <ann@example.com> ezt írta (időpont: 2026. nov. 16., H, 16:02):",
    "gmail ro": "În lun., 16 nov. 2026 la 16:02, Ann Smith <ann@example.com> a scris:",
    "gmail el": "Στις Δευ 16 Νοε 2026 στις 4:02 μ.μ., ο χρήστης Ann Smith <ann@example.com> έγραψε:",
    "gmail tr": "Ann Smith <ann@example.com>, 16 Kas 2026 Pzt, 16:02 tarihinde şunu yazdı:",
    "gmail fi": "ma 16. marrask. 2026 klo 16.02 Ann Smith (ann@example.com) kirjoitti:",
    "gmail hr": "pon, 16. stu 2026. u 16:02 Ann Smith <ann@example.com> napisao je:",
    "gmail sl": "V V pon., 16. nov. 2026 ob 16:02 je oseba Ann Smith <ann@example.com> napisala:",
    "gmail bg": "На пн, 16.11.2026 г. в 16:02 Ann Smith <ann@example.com> написа:",
    "gmail uk": "пн, 16 лист. 2026 р. о 16:02 Ann Smith <ann@example.com> пише:",
    "gmail ca": "Missatge de Ann Smith <ann@example.com> del dia dl., 16 de nov. 2026 a les 16:02:",
    "gmail id": "Pada tanggal Sen, 16 Nov 2026 pukul 16.02 Ann Smith <ann@example.com> menulis:",
    "gmail vi": "Vào Th 2, 16 thg 11, 2026 vào lúc 16:02 Ann Smith <ann@example.com> đã viết:",
    "gmail et": "Kuupäev E, 16. november 2026 kell 16:02 kirjutas Ann Smith <ann@example.com>:",
    "gmail lv": "Ann Smith <ann@example.com> rakstīja (2026. gada 16. nov. 16:02):",
    "gmail lt": "2026-11-16, pr, 16:02 Ann Smith <ann@example.com> rašė:",
    "gmail ko": "2026년 11월 16일 (월) 오후 4:02, Ann Smith <ann@example.com>님이 작성:",
    "gmail ja": "2026年11月16日(月) 16:02 Ann Smith <ann@example.com>:",
    "gmail zh-TW": "Ann Smith <ann@example.com> 於 2026年11月16日 週一 下午4:02寫道：",
    "gmail zh-CN": "Ann Smith <ann@example.com> 于2026年11月16日周一 16:02写道：",
    "gmail he": "בתאריך יום ב׳, 16 בנוב׳ 2026 ב-16:02 מאת Ann Smith <ann@example.com>:",
    "gmail ar": "في الاثنين، 16 نوفمبر 2026 في 4:02 م تمت كتابة ما يلي بواسطة Ann Smith <ann@example.com>:",
    "gmail fa": "در تاریخ دوشنبه ۱۶ نوامبر 2026 ساعت 16:02 Ann Smith <ann@example.com> نوشت:",
    "apple cs": "16. 11. 2026 v 16:02, Ann Smith <ann@example.com>:",
    "apple hu": "2026. nov. 16. dátummal, 16:02 időpontban Ann Smith <ann@example.com> írta:",
    "apple ro": "Pe 16 nov. 2026, la 16:02, Ann Smith <ann@example.com> a scris:",
    "apple tr": "Ann Smith <ann@example.com> şunları yazdı (16 Kas 2026 16:02):",
    "apple el": "Στις 16 Νοε 2026, στις 4:02 μ.μ., ο/η Ann Smith <ann@example.com> έγραψε:",
    "apple fi": "Ann Smith <ann@example.com> kirjoitti 16.11.2026 kello 16.02:",
    "apple ca": "El 16 nov. 2026, a les 16:02, Ann Smith <ann@example.com> va escriure:",
    "apple hr": "Ann Smith <ann@example.com> je 16. stu 2026. u 16:02 napisao(la):",
    "apple zh": "2026年11月16日 16:02，Ann Smith <ann@example.com> 写道：",
    "roundcube cs": "Dne 2026-11-16 16:02, Ann Smith napsal:",
    "roundcube hu": "2026-11-16 16:02 időpontban Ann Smith ezt írta:",
    "roundcube tr": "2026-11-16 16:02 tarihinde Ann Smith yazdı:",
    "roundcube ro": "Pe 2026-11-16 16:02, Ann Smith a scris:",
    "roundcube ru": "Ann Smith писал(а) 2026-11-16 16:02:",
    "samsung ja": (
        "-------- 元のメッセージ --------\n差出人: Ann Smith <ann@example.com>\n"
        "日付: 2026/11/16 16:02 (GMT+09:00)\nTo: bob@example.com\n件名: 数字"
    ),
    "samsung hu": (
        "-------- Eredeti üzenet --------\nFeladó: Ann Smith <ann@example.com>\n"
        "Dátum: 2026. 11. 16. 16:02 (GMT+01:00)\nCímzett: bob@example.com\nTárgy: Számok"
    ),
    "outlook ro": (
        "De la: Ann Smith <ann@example.com>\nTrimis: luni, 16 noiembrie 2026 16:02\n"
        "Către: Bob Brown <bob@example.com>\nSubiect: Cifre"
    ),
    "outlook vi": (
        "Từ: Ann Smith <ann@example.com>\nĐã gửi: 16 Tháng Mười Một 2026 16:02\n"
        "Đến: Bob Brown <bob@example.com>\nChủ đề: Số liệu"
    ),
    "outlook is": (
        "Frá: Ann Smith <ann@example.com>\nSent: mánudagur, 16. nóvember 2026 16:02\n"
        "Til: Bob Brown <bob@example.com>\nEfni: Tölur"
    ),
    "ms 365 de bold": (
        "**Von:** Ann Smith <ann@example.com>\n"
        "**Gesendet:** Montag, 16. November 2026 16:02\n"
        "**An:** Bob Brown <bob@example.com>\n"
        "**Betreff:** Zahlen"
    ),
}
FORWARDS = {
    "tb pl": "-------- Treść przekazanej wiadomości --------",
    "tb pt-PT": "-------- Mensagem reencaminhada --------",
    "tb it": "-------- Messaggio Inoltrato --------",
    "tb nl": "-------- Doorgestuurd bericht --------",
    "tb sv": "-------- Vidarebefordrat meddelande --------",
    "tb da": "-------- Videresendt meddelelse --------",
    "tb nb": "-------- Videresendt melding --------",
    "tb fr": "-------- Message transféré --------",
    "tb es": "-------- Mensaje reenviado --------",
    "apple nl": "Begin doorgestuurd bericht:",
    "apple pt-PT": "Início da mensagem reencaminhada:",
    "apple pt": "Início da mensagem encaminhada:",
    "apple pl": "Początek przekazywanej wiadomości:",
    "apple sv": "Vidarebefordrat brev:",
    "apple sv2": "Början på vidarebefordrat meddelande:",
    "apple da": "Start på videresendt besked:",
    "apple nb": "Videresendt melding:",
    "apple nb2": "Start på videresendt melding:",
    "apple fr": "Début du message transféré :",
    "apple fr2": "Début du message réexpédié :",
    "apple es": "Inicio del mensaje reenviado:",
    "apple it": "Inizio messaggio inoltrato:",
    "apple de": "Anfang der weitergeleiteten Nachricht:",
    "proton": "------- Forwarded Message -------",
    "gmx": "Weitergeleitete Nachricht:",
    "emclient": "------ Forwarded Message ------",
    "emclient de": "------ Weitergeleitete Nachricht ------",
    "notes de": "----- Weitergeleitet von Ann Smith/Berlin/DE am 16.11.2026 16:02 -----",
    "yahoo": "----- Forwarded Message -----",
    "yahoo fr": "----- Message transféré -----",
    "yahoo es": "----- Mensaje reenviado -----",
    "yahoo de": "----- Weitergeleitete Nachricht -----",
    "zimbra fr": "----- Mail transféré -----",
    "zimbra de": "----- Weitergeleitete Mail -----",
    "roundcube en": "-------- Original Message --------",
    "samsung pl": "-------- Przekazana wiadomość --------",
    "tb en": "-------- Forwarded Message --------",
    "gmail": "---------- Forwarded message ---------",
    "gmail es": "---------- Mensaje reenviado ---------",
    "gmail pt": "---------- Mensagem encaminhada ---------",
    "gmail fr": "---------- Message transféré ---------",
    "fastmail": "----- Original message -----",
}
FOOTERS = [
    "Outlook für iOS herunterladen",
    "Outlook für iOS beziehen",
    "Holen Sie sich Outlook für iOS",
    "Obtenir Outlook pour iOS",
    "Télécharger Outlook pour Android",
    "Envoyé à partir de Outlook pour iOS",
    "Obtener Outlook para iOS",
    "Ottenere Outlook per iOS",
    "Scarica Outlook per iOS",
    "Outlook voor iOS downloaden",
    "Download Outlook voor iOS",
    "Obter o Outlook para iOS",
    "Baixe o Outlook para iOS",
    "Pobierz aplikację Outlook dla systemu iOS",
    "Uzyskaj program Outlook dla systemu iOS",
    "Hämta Outlook för iOS",
    "Skaffa Outlook för Android",
    "Hent Outlook til iOS",
    "Få Outlook for iOS",
    "Last ned Outlook for iOS",
    "Sent with Proton Mail secure email.",
    "Sent with [Proton Mail](https://proton.example/mail) secure email.",
    "Sent from Proton Mail for iOS",
    "Gesendet mit Proton Mail.",
    "Sent from Yahoo Mail for iPhone",
    "Von Yahoo Mail für iPhone gesendet",
    "Gesendet von Yahoo Mail auf Android",
    "Sent from my Galaxy",
    "Von meinem Galaxy gesendet",
    "Gesendet von meinem Samsung Galaxy Smartphone.",
    "Von meinem/meiner Galaxy gesendet",
    "Envoyé depuis mon appareil Galaxy",
    "Enviado desde mi Galaxy",
    "Inviato dal mio Galaxy",
    "Verzonden vanaf mijn Galaxy",
    "Enviado do meu Galaxy",
    "Wysłane z mojego Galaxy",
    "Skickat från min Galaxy",
    "Sendt fra min Galaxy",
    "Sent from my BlackBerry 10 smartphone on the Example network.",
    "Sent from my Verizon, Samsung Galaxy smartphone",
    "Sent from Outlook for Android",
    "Sent from Spark",
    "Sent via Superhuman",
    "Sent from my Pixel",
    "Envoyé de mon iPad",
    "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    "Sent from my Android device with K-9 Mail. Please excuse my brevity.",
    "Diese Nachricht wurde von meinem Android Mobiltelefon mit GMX Mail gesendet.",
    "Von unterwegs gesendet",
    "Sendt fra Outlook til Android",
    "Inviato da Outlook per iOS",
    "Verstuurd vanaf Outlook voor iOS",
    "Envoyé avec la messagerie sécurisée Proton Mail.",
    "Enviado con el correo cifrado de Proton Mail.",
    "Sent from Mail for Windows 10",
    "Sent from my mobile, please excuse typos.",
    "Envoyé de mon téléphone, veuillez excuser ma brièveté.",
    "Von meinem Handy gesendet",
    "Odesláno z iPhonu",
    "iPhone’umdan gönderildi",
    "iPhone'umdan gönderildi",
    "iPad’imden gönderildi",
    "Az iPhone készülékemről küldve",
    "Trimis de pe iPhone-ul meu",
    "Надіслано з iPhone",
    "Enviat des del meu iPhone",
    "Αποστολή από το iPhone μου",
    "Poslano s mog iPhonea",
    "Изпратено от моя iPhone",
    "Gửi từ iPhone của tôi",
    "Dikirim dari iPhone saya",
    "ส่งจาก iPhone ของฉัน",
    "נשלח מה-iPhone שלי",
    "أُرسلت من الـ iPhone",
    "나의 iPhone에서 보냄",
    "从我的 Galaxy 发送",
    "Získejte Outlook pro iOS",
    "Stáhnout Outlook pro Android",
    "iOS için Outlook'u edinin",
    "Скачать Outlook для iOS",
    "获取 Outlook for iOS",
    "Outlook for iOS を入手",
    "Hanki Outlook for iOS",
    "Λήψη του Outlook για iOS",
    "Get Outlook for Mac",
    "Von Proton Mail für Android gesendet.",
    "Von der GMX Mail App gesendet",
]
QUOTED = "Could you send me the figures?\n\nAnn"


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_what_stands_below_a_heading_is_quoted_though_nothing_marks_it(head: str) -> None:
    parts = split(f"Will do.\n\nBob\n\n{head}\n\n{QUOTED}\n")
    assert parts.new.strip() == "Will do.\n\nBob"
    assert QUOTED in parts.quoted


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_answers_between_marked_lines_below_a_heading_are_new(head: str) -> None:
    marked = "\n".join(f"> {line}" for line in QUOTED.split("\n"))
    parts = split(f"{head}\n\n{marked}\n\nYes, on Friday.\n\n> Who prints them?\n\nCarla does.\n")
    assert [line for line in parts.new.split("\n") if line] == ["Yes, on Friday.", "Carla does."]


def test_a_head_that_is_marked_itself_is_quoted() -> None:
    head = (
        "> Message du 16/11/26 16:02\n> De : Ann Smith <ann@example.com>\n> A : bob@example.com\n> Objet : Chiffres"
    )
    assert split(f"D'accord.\n\n{head}\n> \n> Dix licences.\n").new.strip() == "D'accord."


@pytest.mark.parametrize("head", FORWARDS.values(), ids=FORWARDS)
def test_what_is_passed_on_is_told_from_what_is_answered(head: str) -> None:
    fields = "From: Ann Smith <ann@example.com>\nDate: Mon, 16 Nov 2026\nSubject: Offer\nTo: Bob"
    parts = split(f"Please look at this.\n\n{head}\n\n{fields}\n\nTen licences.\n", subject="Fwd: Offer")
    assert parts.new.strip() == "Please look at this."
    assert "Ten licences." in parts.forwarded


@pytest.mark.parametrize("footer", FOOTERS)
def test_a_footer_above_a_quote_is_not_said_by_the_sender(footer: str) -> None:
    assert split(f"Will do.\n\n{footer}\n").new.strip() == "Will do."
    head = "On Monday, November 16, 2026, 4:02 PM, Ann Smith <ann@example.com> wrote:"
    assert split(f"Will do.\n\n{footer}\n\n{head}\n\n> Ten licences.\n").new.strip() == "Will do."


@pytest.mark.parametrize(
    "line",
    [
        "Sent with the courier this morning",
        "Ann Smith wrote on 16.11.2026 to the board: please keep the archive.",
        "I wrote to ann@example.com on Monday at 16:02:",
        "She said at 16:02:",
        "The figures of 16.11.2026, by department:",
        "Original message",
        "[Bob] is how I mark my answers.",
        "--> the door on the left",
        ">>> is the prompt of Python",
    ],
)
def test_words_that_only_look_like_a_heading_are_kept(line: str) -> None:
    parts = split(f"Hello Ann,\n\n{line}\n\nCan you call me?\n")
    assert "Can you call me?" in parts.new
    assert line in parts.new or line.startswith(">")
