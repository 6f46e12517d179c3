"""Finds the banners that mail gateways set around a sender's words: "[EXTERNAL] This message came from outside"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_MOST_CHARACTERS: Final = 3000
_WRAPPED: Final = 45  # characters of a line that may have been cut off
_LONGEST_FRAME: Final = 200  # characters above a banner
_MOST_LINES_BELOW: Final = 12
_SIGNS: Final = " \t\r\n\xa0*_=!#|~[({<\ufeff\ufe0f\u26a0\U0001f6d1\u2757\U0001f6a8-"
_AROUND = re.compile(rf"(?:[{re.escape(_SIGNS)}]++|ZjQcmQRYFpfptBanner(?:Start|End))*")
"""What stands around banners, Proofpoint's own marks among it."""

_STARTS_TABLE: Final = """
    ext est zew eks cau war att ale not sec ach vor hin sic ave pru pré mis pre ate adv avi avv cui let waa pas uwa
    var bem obs thi the you die sie cet vou que non dit dez ten det den zjq som ein cer alg
"""
_STARTS = frozenset(_STARTS_TABLE.split()) | {"ce ", "no ", "u o", "ta "}
"""With these letters a banner begins; most mails begin with others."""

_EXTERNAL: Final = r"external|externe?[nrs]?|externos?|externa|esterno|esterna|zewnętrzn[ya]|ekstern|ext"
_MAIL: Final = (
    r"e-?mails?|mails?|messages?|senders?|sources?|nachricht|absender|courriel|expéditeur|correo|mensaje|remitente"
    r"|messaggio|mittente|bericht|afzender|mensagem|remetente|wiadomość|nadawc|meddeland|avsänd|besked|meddelelse"
    r"|afsender|avsender|organi[sz]"
)
_TAG = re.compile(rf"(?:{_EXTERNAL})(?:[ :-]{{1,3}}(?:{_MAIL}))?[ \t]{{0,2}}[])}}>*:!|-]{{1,6}}", re.IGNORECASE)
_WARNING = re.compile(
    r"(?:caution|warning|attention|alert|notice|security (?:notice|warning|alert)|achtung|vorsicht|hinweis|warnung"
    r"|sicherheitshinweis|avertissement|prudence|précaution|mise en garde|precaución|atención|advertencia|aviso"
    r"|cuidado|attenzione|avviso|cautela|let op|waarschuwing|pas op|atenção|uwaga|varning|advarsel|bemærk|obs)"
    r"[ \t\xa0]{0,2}[])}*:!,\n–-][])}*:! \t\xa0\r\n-]{0,8}",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"(?:this (?:e-?mail|message|mail|sender)|the sender of this|some people who received this"
    r"|einige personen, die diese|certaines personnes (?:qui ont reçu|ayant reçu)"
    r"|algunas personas que (?:han recibido|recibieron)|you don['’]t often get e-?mail|diese (?:e-?mail|mail"
    r"|nachricht)|externe e-?mail|sie erhalten nicht (?:oft|häufig)|ce (?:message|courriel|mail|courrier)|cet e-?mail"
    r"|vous ne? ?(?:n'|n’)?(?:obtenez|recevez) pas souvent|vous n['’]obtenez pas souvent|este (?:mensaje|correo"
    r"|e-?mail)|no suele recibir|questo messaggio|questa e-?mail|non ricevi spesso"
    r"|dit bericht|dit is een|deze e-?mail|ta wiadomość|ten e-?mail|detta (?:meddelande|mejl)|denna e-post"
    r"|denne (?:e-?mail|besked|meldingen)|u ontvangt niet vaak|esta mensagem|external (?:e-?mail|sender|message))\b",
    re.IGNORECASE,
)
_OUTSIDE = re.compile(
    r"external|outside|\bextern|au(?:ß|ss)erhalb|von au(?:ß|ss)en|ext[ée]rieur|fuera de|exterior|estern[oaie]\b"
    r"|all['’]esterno|\bbuiten|\bfora d|zewn[ąę]t|spoza|utifrån|utanför|udefra|uden ?for|utenfor|don['’]t often get"
    r"|nicht oft|nicht häufig|pas souvent|no suelen?|non ricevi spesso|niet vaak",
    re.IGNORECASE,
)
_SURELY_OUTSIDE = re.compile(
    r"outside (?:of )?(?:the|your|our|this|[a-z]+['’]s)\b|from outside\b|external (?:sender|source|e-?mail|address"
    r"|domain|system|account)|(?:untrusted|unknown) sender"
    r"|extern(?:e[nrs]?)? (?:absender|quelle|afzender|bron|e-?mail)"
    r"|spoza|z zewnątrz|zewnętrzn|utifrån|utanför|udefra|uden for|utenfor|au(?:ß|ss)erhalb|von extern"
    r"|von au(?:ß|ss)en|l['’]ext[ée]rieur|(?:expéditeur|source) externe|fuera de|(?:remitente|origen) externo"
    r"|del exterior|esterno\b|van buiten|buiten (?:de|onze|uw)|fora d|don['’]t often get|nicht oft|nicht häufig"
    r"|pas souvent|no suelen?|non ricevi spesso|niet vaak",
    re.IGNORECASE,
)
_ABOUT_MAIL = re.compile(rf"\b(?:{_MAIL})|\blinks?\b|attachment", re.IGNORECASE)
_WARNS = re.compile(
    r"phish|spoof|aka\.ms/learnaboutsender"
    r"|malicious|suspicious|learn why this|recogni[sz]e the sender|know (?:that )?the (?:content|sender)"
    r"|external sender|outside (?:of )?(?:the|your|our) (?:organi|compan|network|firm)|(?:exercise|use|with) caution"
    r"|be (?:careful|cautious|wary)|caution when|not previously corresponded|verdächtig|vorsicht (?:bei|mit)"
    r"|schadhaft|schädlich|vertrauenswürdig|von au(?:ß|ss)erhalb"
    r"|seien sie vorsichtig|erfahren sie, warum|absenders? (?:kennen|vertrauen)|hameçonnage|suspecte?s?\b"
    r"|découvrez pourquoi|soyez (?:prudent|vigilant)|faites preuve de|expéditeur et|source sûre|sospechos"
    r"|averigüe por qué|tenga (?:cuidado|precaución)|reconozca|conozca al remitente|sospett|prestare attenzione"
    r"|riconosc|scopri perché|attendibil|verdachte?\b|wees voorzichtig|afzender (?:her)?kent|tenha cuidado|suspeit"
    r"|podejrzan|zachowaj ostrożność|misstänk|mistænkelig|var försiktig|vær forsiktig|vær forsigtig",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:do not|don['’]t|never|unless|avoid|nicht|keine|niemals|ne|n['’]\w+|évitez|no|non|niet|geen|não|nie|inte"
    r"|ikke|only (?:if|when)|nur,? wenn|seulement si|s[oó]lo si|solo se|alleen als|só se)\b",
    re.IGNORECASE,
)
_TOUCH = re.compile(
    r"\b(?:click|links?\b|attachments?|klick|anklick|anhang|anhänge|liens?\b|pièces? jointe|cliqu|enlaces?\b|adjunto"
    r"|allegat|collegament|bijlage|klik|anexo|załącznik|bilag|vedlegg|bifog)",
    re.IGNORECASE,
)
_STOP = re.compile(r"(?:[.!?][])*\"'”]{0,3}|\]|\*{2,9})(?=\s|$)|\n")
_RULE = re.compile(r"\s*+(?:[-_=*#~]{3,}+[ \t\r]*+(?=\n|$)|ZjQcmQRYFpfptBannerEnd)")
_GOES_ON = re.compile(
    r"[a-zà-ÿ]|(?:Absender|Links?|Anhänge|Inhalt|Organisation|Quelle|Unternehmen|E-Mail|Nachricht|Sie|Ihre[mnrs]?)\b"
)


def banner_end(text: str) -> int:
    """Where the banners end that stand above the words of a mail; 0 if there is none.

    Sentence by sentence, since nothing but their words may part them from what the sender says. A question is never
    a part of them.
    """
    if text[:_LONGEST_FRAME].lstrip(_SIGNS)[:3].lower() not in _STARTS:
        return 0
    head = text[:_MOST_CHARACTERS]
    end, begun = 0, False
    while True:
        start, parted = _skip(head, end)
        tag = _TAG.match(head, start)
        if tag and (head[start - 1 : start] == "[" or head[start : start + 3].isupper()):
            end, begun = tag.end(), True
            continue
        warning = _WARNING.match(head, start)
        plain = _PLAIN.match(head, warning.end() if warning else start)
        if not (warning or plain or begun):
            return 0
        stop = _sentence_end(head, warning.end() if warning else start)
        sentence = head[start:stop]
        begins = plain and (_OUTSIDE if warning or begun else _SURELY_OUTSIDE).search(sentence)
        begins = begins or (warning and _SURELY_OUTSIDE.search(sentence) and _ABOUT_MAIL.search(sentence))
        if "?" in sentence or not (begins or (begun and _goes_on(sentence, parted=parted))):
            rule = _RULE.match(head, end) if begun else None
            return rule.end() if rule else end
        end, begun = stop, True


def bottom_banners(lines: Sequence[str]) -> int:
    """Where the banners begin that stand below the words of a mail; the end of the lines if there are none.

    Some gateways append theirs, and one that was above an answered mail may stand between the answer and its header.
    """
    found = len(lines)
    bottom = _last_words(lines, found)
    while (start := _banner_above(lines, bottom)) < bottom:
        found = bottom = _last_words(lines, start)
    return found


def _last_words(lines: Sequence[str], end: int) -> int:
    """Where lines end that say something: without blank and drawn ones at their end."""
    while end and not (lines[end - 1][:1].isalpha() or lines[end - 1].strip(_SIGNS)):
        end -= 1
    return end


def _banner_above(lines: Sequence[str], end: int) -> int:
    """The line with which the last lines begin to be nothing but a banner; `end` if they are none."""
    for start in range(max(0, end - _MOST_LINES_BELOW), end):
        line = lines[start]
        if start and lines[start - 1][:1].isalpha():
            continue  # It stands apart from the words above it.
        words = line if line[:1].isalpha() else line[:_LONGEST_FRAME].lstrip(_SIGNS)
        if words[:3].lower() in _STARTS:
            text = "\n".join(lines[start:end])
            if not text[banner_end(text) :].strip(_SIGNS):
                return start
    return end


def _goes_on(sentence: str, *, parted: bool) -> bool:
    """Whether a banner may go on with a sentence; beyond a blank line it must speak of nothing else."""
    if _WARNS.search(sentence):
        return True
    return not parted and bool(_NOT.search(sentence) and _TOUCH.search(sentence))


def _skip(text: str, start: int) -> tuple[int, bool]:
    """Where the next words begin behind blanks, drawn lines and frames, and whether a blank line was among them."""
    around = _AROUND.match(text, start)
    at = around.end() if around else start
    return at, text.count("\n", start, at) > 1


def _sentence_end(text: str, start: int) -> int:
    """Where a sentence ends: at its stop, or with a line that was not cut off."""
    line, at = text.rfind("\n", 0, start) + 1, start
    while stop := _STOP.search(text, at):
        if stop[0] != "\n" or stop.start() - line < _WRAPPED or not _GOES_ON.match(text, stop.end()):
            return stop.end()
        line = at = stop.end()
    return len(text)
