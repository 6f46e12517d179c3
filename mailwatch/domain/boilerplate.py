"""Recognises what programs and firms put around a sender's words: phone footers, disclaimers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailwatch.domain.separators import is_rule
from mailwatch.domain.wordtable import entries

_SENT_FROM_TABLE = """
    sent wirelessly|envoyé sans fil
    sent from |sent via |sent with |sent using |sent on the go|get outlook |get bluemail|download outlook
    von meinem |von meinem/|von yahoo |gesendet von |gesendet mit |gesendet über |von unterwegs gesendet
    diese nachricht wurde von|outlook für |holen sie sich outlook|envoyé de |envoyé depuis |envoyé à partir
    envoyé via |envoyé avec |télécharger outlook|obtenir outlook|enviado desde |enviado con |enviado do |enviado via
    enviado a partir |obtener outlook|descargar outlook|obter o outlook|baixe o outlook|inviato da|inviato con
    ottieni outlook|ottenere outlook|scarica outlook|verstuurd vanaf |verzonden vanaf|verzonden met |outlook voor
    outlook downloaden|wysłane z |wysłano z |pobierz outlook|pobierz aplikację outlook|uzyskaj outlook
    uzyskaj program outlook|skickat från|skickat med |skaffa outlook|hämta outlook|sendt fra |sendt med |sendt via
    hent outlook|få outlook|last ned outlook|iphoneから送信|ipadから送信|iphone에서 보냄|나의 iphone에서|내 iphone에서
    发自我的|從我的|发送自|отправлено с |отправлено из |lähetetty |odesláno z |odoslané z |iphone'umdan gönderildi
    please excuse typos|please excuse my typos|dictated, please|typed on a tiny|gesendet aus |téléchargez outlook
    obtén outlook|skickades från|verzonden vanuit|verstuurd vanuit
    získejte outlook|stáhnout outlook|stáhněte outlook|získajte outlook|ios için outlook|android için outlook
    mac için outlook|скачать outlook|получить outlook|获取 outlook|下载 outlook|取得 outlook|outlook for ios を
    outlook for android を|hanki outlook|λήψη του outlook|αποκτήστε το outlook|отримати outlook|obțineți outlook
    descarrega outlook|az ios outlook|az android outlook
    az iphone|az én iphone|trimis de pe |trimis din |надіслано з |надіслано із |enviat des del |enviat amb
    αποστολή από |στάλθηκε από |从我的|iphone’umdan|ipad'imden|ipad’imden|poslano s |poslano sa |poslano z
    изпратено от |saadetud minu|nosūtīts no |išsiųsta iš |sent frá |gửi từ |đã gửi từ |dikirim dari |ส่งจาก
    נשלח מ|أرسلت من|أُرسلت من|von proton |von spark |von gmx|von web.de|von outlook |von der |iphone から送信
"""
GLUED = re.compile(
    r"(?<=\S)(?=(?:Sent from my|Inviato dal mio|Wysłane z|Sendt fra min|Skickat från min|Gesendet von meinem"
    r"|Von meinem|Envoyé de(?:puis)? mon|Enviado desde mi|Enviado do meu|Verzonden vanaf mijn|Verstuurd vanaf mijn"
    r")\s[^\n]{1,60}\n-{5,20} )"
)
"""Between a sender's last word and a phone's footer; Samsung's program leaves no space in plain text."""
_FOOTERS_TABLE = """
    do you really need to print
    please consider the environment|consider the environment|think before you print|please think before
    please think of the environment|think of the environment|please do not print this e|please don't print this e
    save a tree|save paper|bitte denken sie an die umwelt|denken sie an die umwelt|denk an die umwelt
    bitte prüfen sie, ob diese e-mail|bitte prüfen sie, ob diese mail|bitte prüfen sie vor dem ausdruck
    pensez à l'environnement|pensons à l'environnement|merci de penser à l'environnement|avant d'imprimer
    antes de imprimir, pens|antes de imprimir pens|antes de imprimir, piens|antes de imprimir piens
    antes de imprimir, consid|tänk på miljön|tænk på miljøet|tenk på miljøet|denk aan het milieu
    pomyśl o środowisku|zanim wydrukujesz|rispetta l'ambiente|pensa all'ambiente|prima di stampare, pens
    piense en el medio ambiente|por favor, piense en el medio|por favor piense en el medio|antes de imprimir este
    classification: confidential|classification: internal|classification: public|classification: restricted
    sensitivity: confidential|sensitivity: internal|sensitivity: public|sensitivity: restricted
    klassifizierung: vertraulich|klassifizierung: intern|klassifizierung: öffentlich
    ref:msg|ref:tis|to unsubscribe|you received this message because|you are receiving this
    my work day may
    my working hours may|my working day may|i work flexibl|please do not feel obliged to|virus-free|virenfrei
    https://www.avast.com/sig|https://www.avast.com/antivirus|l'absence de virus dans ce|cet e-mail a été vérifié
    este correo electrónico ha sido comprobado|este correo electrónico no contiene virus|diese e-mail wurde von avast
    diese nachricht wurde von avast|questa e-mail è stata controllata|deze e-mail is gecontroleerd
    este e-mail foi verificado|ta wiadomość została sprawdzona|wolny od wirusów|det här e-postmeddelandet har
    denne e-mail er blevet kontrolleret|denne e-posten er kontrollert|este mensaje ha sido enviado desde
    este mensaje fue enviado desde|this message was sent using
    this email has been checked for viruses|this email has been scanned
    this sf.net email|yahoo! groups|do you yahoo|do you want a free e-mail|get your private, free
"""
_DISCLAIMERS_TABLE = """
    this e-mail|this email|this message|this communication|this transmission|this mail|the information|the contents
    confidencialidad|aviso de confidencialidad|confidentialité|vertraulichkeit|riservatezza|avviso di riservatezza
    confidentiality|confidential|privileged|disclaimer|notice:|legal notice|important notice|important: this
    if you are not the
    diese e-mail|diese nachricht|diese mail|der inhalt dieser|vertraulich|ce message|ce courriel|cet e-mail
    les informations
    ce mail|este mensaje|este correo|la información|aviso legal|questo messaggio|questa e-mail
    le informazioni|il presente
    dit bericht|deze e-mail|de informatie|esta mensagem|este e-mail|as informações|ta wiadomość|niniejsza|treść tej
    detta meddelande|detta e-post|denna e-post|denne e-mail|denne e-posten|denne meddelelse|denne meldingen
    denne mail
"""
_DEVICES = re.compile(
    r"iphon|ipad|icloud|android|outlook|blackberry|samsung|galaxy|huawei|xiaomi|pixel|windows|yahoo|proton|mobil|handy"
    r"|smartphone|telefon|téléphone|phone|móvil|celular|telemóvel|cellulare|tablet|телефон|мобильн|\bios\b|thunderbird|k-9"
    r"|typos|keyboard|dictated"
    r"|mailspring|superhuman|\bmail (?:for|app)\b|\bgmx\b|web\.de|手机|手機"
)
_MEETINGS_TABLE = """
    microsoft teams|teams-besprechung|réunion microsoft teams|réunion teams|reunión de microsoft teams
    join zoom|zoom meeting|zoom-meeting|webex meeting|cisco webex|google meet
"""
_SECRECY = re.compile(
    r"confiden|privileged|intended (?:only|solely|recipient|for)|vertraul|bestimmt|destina|riservat|vertrouwelijk"
    r"|beoogde|poufn|konfidentiell|fortrolig|tiltænkt|avsedd|unauthori[sz]ed|virus"
)
_PRIVACY = re.compile(
    r"\b(?:gdpr|dsgvo|rgpd|rodo)\b|personuppgift|personoplysn|personopplysn|danych osobowych|dati personali"
    r"|datos (?:personales|de carácter)|données (?:à caractère )?personnel|personenbezogen|datenschutz"
    r"|persoonsgegevens"
    r"|dados pessoais|personal data|(?:before|think|consider).{1,40}print|umwelt|l'environnement|medio ?ambiente"
    r"|meio ambiente|l'ambiente|miljön|miljøet|het milieu|środowisk"
)
_LINKED = re.compile(r"[(\[<]\s?(?:https?://|mailto:)[^\s<>()\[\]]++\s?[)\]>]", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s<>]++", re.IGNORECASE)
_SENT_FROM = entries(_SENT_FROM_TABLE)
_FOOTERS = entries(_FOOTERS_TABLE)
_DISCLAIMERS = entries(_DISCLAIMERS_TABLE)
_AROUND = " \t*_-[(<>#"
_TREE = "p "
"""Before a wish for less paper many mail programs set a tree, which in plain text is the letter P of its font."""
_MEETINGS = entries(_MEETINGS_TABLE)
_MOST_LINES_OF_A_MEETING = 25
_TITLE = 40  # characters of what may stand above a disclaimer
_START = 3
_OF_A_LIST = ("mailing list", "unsubscribe", "listinfo")
_STARTS = frozenset(entry.lstrip(_AROUND)[:_START] for entry in (*_SENT_FROM, *_FOOTERS, *_DISCLAIMERS))
"""With these letters a line begins that may be none of the sender's; few others do."""


def mark_boilerplate(lines: Sequence[str], marks: list[bool]) -> int:
    """Marks phone footers and disclaimers; where the sender's part ends."""
    paragraph_start, words_seen = True, False
    for index, line in enumerate(lines):
        plain = line[:300].replace("’", "'").strip(_AROUND).lower()
        if plain.startswith(_TREE) or not plain[:1].isalnum():
            plain = plain[1:].lstrip(_AROUND)
        if plain[:1].isalnum() and plain[:_START] not in _STARTS:
            paragraph_start, words_seen = False, True
            continue
        if is_rule(line) and _is_list_footer(lines, index):
            marks[index:] = [True] * (len(lines) - index)
            return index
        if not plain:
            paragraph_start = True
            if is_rule(line) and not marks[index]:
                end = _end_of_meeting(lines, index)
                marks[index:end] = [True] * (end - index)
            continue
        if paragraph_start and plain.startswith(_DISCLAIMERS) and _is_disclaimer(lines, index):
            marks[index:] = [True] * (len(lines) - index)
            return index
        below_another = index > 0 and marks[index - 1]
        if (
            (plain.startswith(_SENT_FROM) and _is_phone_footer(lines, index, words_seen))
            or (below_another and plain.startswith("http") and " " not in plain)
            or (
                plain.startswith(_FOOTERS)
                and (paragraph_start or below_another or not any(map(str.strip, lines[index + 1 :])))
            )
        ):
            marks[index] = True
            if index and not lines[index - 1].strip("-_= ") and lines[index - 1].strip():
                marks[index - 1] = True
        else:
            words_seen = True
        paragraph_start = False
    return len(lines)


def _is_disclaimer(lines: Sequence[str], start: int) -> bool:
    """Whether the paragraph that begins here speaks of secrecy; it must be longer than a sentence of a person."""
    words = _paragraph(lines, start)
    return len(words) > 100 and bool(_SECRECY.search(words))


def is_notice(lines: Sequence[str], start: int) -> bool:
    """Whether the paragraph that begins here, below a signature, speaks of secrecy, of data or of paper."""
    words = _paragraph(lines, start)
    return len(words) > _TITLE and bool(_SECRECY.search(words) or _PRIVACY.search(words))


def _paragraph(lines: Sequence[str], start: int) -> str:
    """The first lines of a paragraph in lower case, with what stands below its title."""
    words = ""
    for line in lines[start : start + 6]:
        if not line.strip() and len(words) > _TITLE:
            break
        words += line[:1000].lower() + " "
    return words


def _is_list_footer(lines: Sequence[str], start: int) -> bool:
    """Whether a drawn line begins what a mailing list adds: it says so, and little follows."""
    rest = [line[:200].lower() for line in lines[start + 1 : start + 9] if line.strip()]
    few = len(lines) - start <= 40 and sum(1 for line in lines[start + 1 :] if line.strip()) <= 10
    return few and any(sign in line for line in rest for sign in _OF_A_LIST)


def _end_of_meeting(lines: Sequence[str], start: int) -> int:
    """Where the lines end that tell how to join a meeting, between drawn lines; `start` if none begin here."""
    below = range(start + 1, min(start + _MOST_LINES_OF_A_MEETING, len(lines)))
    first = next((lines[index][:_TITLE] for index in below if lines[index].strip()), "")
    if not first.strip(_AROUND).lower().startswith(_MEETINGS):
        return start
    return max((index + 1 for index in below if is_rule(lines[index])), default=start)


def _is_phone_footer(lines: Sequence[str], index: int, words_seen: bool) -> bool:
    """Whether "Sent from …" names a device, or stands alone below other words: "Sent with the courier" may not."""
    line = lines[index]
    bare, linked = _LINKED.subn("", line)
    if len(bare) > 120 or "?" in _LINK.sub("", bare):
        return False
    if linked and bare.count(" ") < 5:
        return True  # A program names its maker's page.
    around = [*lines[max(0, index - 1) : index], *lines[index + 1 : index + 4]]
    alone = words_seen and len(line) <= 60 and line.count(" ") < 4 and not any(each.strip() for each in around)
    return alone or bool(_DEVICES.search(line.lower()))
