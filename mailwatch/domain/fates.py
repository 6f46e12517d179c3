"""Recognises what programs write of a mail's fate: that it was delivered, read, deleted unread, or is recalled."""

from __future__ import annotations

import re
from typing import Final

from mailwatch.domain.wordtable import entries

_READ_SUBJECTS = """
    read|not read|gelesen|nicht gelesen|ungelesen|lu|non lu|leído|leido|no leído|no leido|letto|non letto|gelezen
    niet gelezen|lida|lido|não lida|não lido|przeczytano|przeczytane|nie przeczytano|nieprzeczytane|läst|oläst
    inte läst|læst|ikke læst|ulæst|lest|ikke lest|ulest|return receipt|read receipt
    read-receipt|read confirmation|lesebestätigung|empfangsbestätigung
    accusé de lecture|accusé de réception|confirmación de lectura
    confirmación de entrega|conferma di lettura|ricevuta di ritorno|leesbevestiging|ontvangstbevestiging
    confirmação de leitura|potwierdzenie przeczytania|läskvitto|läsbekräftelse|kvittering for læsning|lesebekreftelse
"""
_DELIVERED_SUBJECTS = """
    delivered|relayed|expanded|zugestellt|übermittelt|weitergeleitet|remis|relayé|entregado|transmitido|recapitato
    consegnato|bezorgd|doorgestuurd|entregue|dostarczono|levererat|leveret|levert
"""
_RECALL_SUBJECTS = """
    recall|rückruf|rappel|recuperar|retirar|richiama|richiamo|intrekken|terughalen|odwołaj|odwołanie|återkalla
    tilbagekald|tilbakekall|message recall success|message recall failure|message recall report
"""
_READ: Final = 1500
_RECEIPT_SUBJECTS = frozenset(entries(_READ_SUBJECTS))
_RECALLING_SUBJECTS = frozenset(entries(_RECALL_SUBJECTS))
_DELIVERY_SUBJECTS = frozenset(entries(_DELIVERED_SUBJECTS))
SUBJECTS: Final = _RECEIPT_SUBJECTS | _RECALLING_SUBJECTS | _DELIVERY_SUBJECTS
"""What stands before the subject of the mail that was read, or shall be recalled."""

_YOUR_MESSAGE: Final = (
    r"\W{0,20}(?:your (?:message|e-?mail)|(?:ihre|deine) (?:nachricht|e-?mail)|votre (?:message|courriel)"
    r"|(?:su|el|tu) mensaje|il (?:tuo |suo )?messaggio|(?:uw|je|het) bericht|(?:a )?(?:sua )?mensagem"
    r"|(?:twoja |pana )?wiadomość|(?:ditt|ert) meddelande|(?:din|deres) (?:besked|meddelelse|melding)|meldingen)\b"
)
# It may stand below the fields of the mail that is meant, and its verb far behind its first word in German.
_WAS_READ = re.compile(
    rf"{_YOUR_MESSAGE}[\s\S]{{0,900}}?\n\s{{0,8}}"
    r"(?:was (?:read|displayed|deleted without being read)\b|wurde [^\n?]{0,120}\b(?:gelesen|gelöscht)"
    r"|a été (?:lu|affiché|supprimé sans)|(?:se leyó|fue leído|se (?:ha )?(?:leído|eliminó sin|eliminado sin))"
    r"|(?:è stato|è stata) (?:letto|letta|eliminat)|is (?:gelezen|verwijderd zonder)|(?:werd|was) gelezen"
    r"|foi (?:lida|lido|excluída sem|eliminada sem)|została? (?:przeczytan|usunięt)"
    r"|(?:lästes|har lästs|togs bort utan)|(?:blev|ble) (?:læst|lest|slettet uden|slettet uten))",
    re.IGNORECASE,
)
_RECEIPT = re.compile(
    r"\W{0,20}(?:this is an? (?:return|read) receipt|dies ist eine (?:lese|empfangs)bestätigung"
    r"|ceci est un accusé de|est[ea] es un[ao]? confirmación|questa è una (?:ricevuta|conferma)"
    r"|dit is een (?:lees|ontvangst)bevestiging)\b",
    re.IGNORECASE,
)
_WAS_DELIVERED = re.compile(
    r"\W{0,20}(?:your message has been delivered to the following|delivery to these recipients"
    r"|ihre nachricht wurde (?:den|an die) folgenden|die zustellung an diese empfänger"
    r"|votre message a été remis|la remise à ces destinataires|el mensaje se (?:ha )?entreg"
    r"|se ha completado la entrega|il messaggio è stato recapitato|il recapito a questi|uw bericht is bezorgd"
    r"|de bezorging aan deze|(?:a )?sua mensagem foi entregue|a entrega para estes)",
    re.IGNORECASE,
)
_RECALLS = re.compile(
    r"\W{0,20}\w[^\n?]{0,100} (?:would like to recall the message,? ?[\"“']"
    r"|möchte die nachricht [\"„'][^\n]{0,300} zurückrufen|(?:souhaite|voudrait|aimerait) rappeler le message"
    r"|(?:desea|quiere|querría) (?:recuperar|retirar) el mensaje|(?:desidera|vorrebbe) richiamare il messaggio"
    r"|wil(?: graag)? het bericht [^\n]{0,300} (?:intrekken|terughalen)"
    r"|(?:gostaria de|deseja) (?:cancelar|recuperar) a|chce odwołać wiadomość|vill återkalla meddelandet"
    r"|vil (?:gerne |gjerne )?til(?:bage|bake)kalde?)",
    re.IGNORECASE,
)
_WAS_RECALLED = re.compile(
    rf"{_YOUR_MESSAGE}[\s\S]{{0,900}}?\n\s{{0,8}}(?:was recalled|could not be recalled|konnte nicht zurück"
    r"|wurde zurück)|\W{0,20}(?:message recall|recall (?:success|failure|status))",
    re.IGNORECASE,
)


def fate_told(subject: str, words: str) -> str | None:
    """The rule by which a mail tells of the fate of another one, or None; the subject is in lower case.

    People choose such subjects too, so that the text must say it in the set phrase of a program, on top.
    """
    name, colon, _ = subject.partition(":")
    name, dash, _ = name.partition(" - ")
    name = name.partition(" (")[0].rstrip()  # In brackets it says how: "Return receipt (displayed) - Figures".
    if not (colon or dash) or name not in SUBJECTS:
        return None
    start = words[:_READ].lstrip()
    if name in _RECEIPT_SUBJECTS:
        return "mdn" if _WAS_READ.match(start) or _RECEIPT.match(start) else None
    if name in _DELIVERY_SUBJECTS:
        return "dsn" if _WAS_DELIVERED.match(start) else None
    return "recall" if _RECALLS.match(start) or _WAS_RECALLED.match(start) else None
