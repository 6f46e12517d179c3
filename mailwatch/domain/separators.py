"""Recognises the lines that part a sender's words from another message: "-----Original Message-----" and the like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from mailwatch.domain.wordtable import entries


class Separator(StrEnum):
    """What a separator line says about the words below it."""

    REPLY = "reply"
    FORWARD = "forward"
    ANSWER_ABOVE = "answer above"  # the reply mark of a ticket system, which reads nothing below it


_MOST_CHARACTERS: Final = 400

_REPLY_WORDS_TABLE = """
    original message|original appointment|original mail|ursprüngliche nachricht|originalnachricht
    ursprünglicher termin|message d'origine|message original|message initial|mensaje original|messaggio originale
    oorspronkelijk bericht|oorspronkelijke bericht|mensagem original|oryginalna wiadomość|wiadomość oryginalna
    original-nachricht|ursprüngliche mail|mail original|courriel original|oprindelig besked
    ursprungligt meddelande|originalmeddelande|oprindelig meddelelse|original meddelelse|opprinnelig melding
    inline attachment follows|reply message|reply to message|isoriginal message
    原始信息|原始邮件|原始郵件|原邮件|元のメッセージ|元のメール|원본 이메일|원본 메시지|원본 메일|원본메일
    исходное сообщение|původní zpráva|původní e-mail|pôvodná správa|eredeti üzenet|orijinal mesaj|orijinal ileti
    alkuperäinen viesti|mesaj original|mesajul original|αρχικό μήνυμα|algne kiri|вихідне повідомлення
    оригинальное сообщение
"""
_FORWARD_WORDS_TABLE = """
    forwarded message|forwarded by|forwarded mail|begin forwarded message|start of forwarded|begin forward
    weitergeleitete nachricht|weitergeleitet von|anfang der weitergeleiteten|message transféré|message transmis
    début du message|transféré par|mensaje reenviado|inicio del mensaje|reenviado por|messaggio inoltrato
    inizio messaggio|inoltrato da|doorgestuurd bericht|begin doorgestuurd|doorgestuurd door|mensagem encaminhada
    início da mensagem|encaminhado por|przekazana wiadomość|wiadomość przekazana|początek przekazywanej
    treść przekazanej|początek wiadomości przekazanej|mensagem reencaminhada|mail transféré|courriel transféré
    weitergeleitete mail|början på vidarebefordrat
    转发的邮件|轉寄的郵件|転送されたメッセージ|전달된 메시지|пересылаемое сообщение|přeposlaná zpráva
    továbbított üzenet|iletilen ileti|välitetty viesti|mesaj redirecționat|переслане повідомлення
    przesłana wiadomość|vidarebefordrat|vidarebefordrad|videresendt|videresendte|start på videresendt
"""
_MARK_TABLE = """
    above this line|above the line|over this line|über dieser zeile|über dieser linie|oberhalb dieser zeile
    oberhalb dieser linie|au-dessus de cette ligne|por encima de esta línea|sobre esta línea|encima de esta línea
    sopra questa riga|sopra questa linea|al di sopra di questa riga|boven deze regel|boven deze lijn|acima desta linha
    powyżej tej linii|powyżej tego wiersza|ovanför den här raden|ovanför denna rad|over denne linje|over denne linjen
    ovenfor denne linje
"""
_MARKS = entries(_MARK_TABLE)
_LONGEST_MARK: Final = 150
_FRAME: Final = "#-_=*~—–<>[]("
_BEGINNINGS_TABLE = """
    please reply|reply above|please type|please write|type your reply|write your reply|bitte antworten sie
    bitte geben sie ihre antwort|antworten sie|veuillez répondre|répondez|responda|por favor, responda|rispondi
    antwoord|odpowiedz|svara|svar
"""
_BEGINS_A_MARK = entries(_BEGINNINGS_TABLE)
_ASKS_TO_ANSWER = re.compile(
    r"\b(?:repl|respon|type|write|answer|antwort|schreib|répon|réponse|écri|respuesta|respond|rispo|scriv|antwoord"
    r"|reageer|typ|respost|digite|escrev|odpowied|odpis|svar|skriv|besvar)"
)
_REPLY_WORDS = entries(_REPLY_WORDS_TABLE)
_FORWARD_WORDS = entries(_FORWARD_WORDS_TABLE)
_NAMED = re.compile(
    r"-{3,8}\s?(?=\S).{1,200}\b(?:wrote|schrieb|écrit|escribió|scritto|schreef|escreveu|skrev):? ?-{3,8}"
)


def is_rule(line: str) -> bool:
    """Whether a line is only a drawn line, as Outlook puts above a header block."""
    plain = line.strip()
    return len(plain) >= 5 and not plain.strip("_-=*—–~")


def is_title(line: str) -> bool:
    """Whether a line is only the name of another message, as BlackBerry puts above its header without a frame."""
    return len(line) < 100 and line.strip(" \t:").lower() in _REPLY_WORDS


def separator(line: str) -> Separator | None:
    """What a line says that parts the sender's words from another message, or None."""
    plain = line.strip(" \t*")
    if len(plain) > _MOST_CHARACTERS or len(plain) < 8:
        return None
    if "&" in plain:
        plain = plain.replace("&nbsp;", " ")  # So QQ writes it.
    words = plain.strip("-_=‐–— \t>").lower().replace("’", "'")
    framed = plain.startswith(("--", "__", "==", "‐‐", "––", "——"))
    if words.startswith(_FORWARD_WORDS) and (framed or plain.endswith(":")):
        return Separator.FORWARD
    if framed and (words.startswith(_REPLY_WORDS) or _NAMED.fullmatch(plain)):
        return Separator.REPLY
    if (plain[0] in _FRAME or words.startswith(_BEGINS_A_MARK)) and _asks_to_answer_above(plain):
        return Separator.ANSWER_ABOVE
    return None


def _asks_to_answer_above(line: str) -> bool:
    """Whether a line that begins so is a reply mark: "## Reply above this line ##", or "Reply above this line." """
    words = line.lower()
    if len(line) > _LONGEST_MARK or "?" in line or not _ASKS_TO_ANSWER.search(words):
        return False
    return words.rstrip(_FRAME + " .!").endswith(_MARKS) or (
        not (line[0].isalnum() or line[-1].isalnum()) and any(mark in words for mark in _MARKS)
    )


def separator_length(lines: Sequence[str], start: int) -> int:
    """How many lines a separator takes: Lotus wraps a long one."""
    if not lines[start].strip().endswith(("-", ":", "_", "=")) and start + 1 < len(lines):
        following = lines[start + 1].strip()
        if following.endswith("---") and len(following) < 120:
            return 2
    return 1
