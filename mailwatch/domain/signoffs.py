"""Recognises the formulas that close a mail: "Kind regards", "Viele Grüße aus Berlin", "Have a nice day, Bob"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailwatch.domain.wordtable import entries

_SIGN_OFFS_TABLE = """
    regards|best regards|kind regards|warm regards|kindest regards|best|best wishes|cheers|sincerely|yours
    yours sincerely|yours truly|yours faithfully|all the best|take care|rgds|br|kr|warmly|respectfully|cordially
    mit freundlichen grüßen|mit freundlichen grüssen|mit freundlichem gruß|freundliche grüße|viele grüße|beste grüße
    liebe grüße|herzliche grüße|schöne grüße|gruß|grüße|mfg|lg|vg|viele gruesse|mit besten grüßen|freundliche grüsse
    cordialement|bien cordialement|bien à vous|salutations|meilleures salutations|sincères salutations|bonne journée
    amicalement|à bientôt|saludos|un saludo|saludos cordiales|atentamente|un cordial saludo|abrazos|cordialmente
    cordiali saluti|distinti saluti|saluti|un saluto|a presto|buona giornata|met vriendelijke groet|groeten|groet
    met vriendelijke groeten|vriendelijke groeten|hartelijke groet|mvg|atenciosamente|cumprimentos|abraço|abraços
    com os melhores cumprimentos|melhores cumprimentos|att|pozdrawiam|z poważaniem|pozdrowienia
    serdecznie pozdrawiam
    med vänliga hälsningar|vänliga hälsningar|hälsningar|mvh|med vänlig hälsning|vänligen|hälsning|med venlig hilsen
    hochachtungsvoll|bises|bisous|xoxo|xx|atte|cdt|cdlt|bien cdt|talk soon|speak soon|see you soon|see you
    herzlich|herzlichst|respectueusement|respetuosamente|besos|beso|un beso|amitiés|mit vorzüglicher hochachtung
    bien à toi|fraternellement|confraternellement|bien confraternellement|bien amicalement|alles liebe|au plaisir
    con aprecio|con cariño|freundlich grüßt|pfiat di|ciao|votre dévoué|glück auf|biz|love|hugs|feliz día|bàv|bàt|bussi
    quedo a sus órdenes|grüßle|grüessli|baba|tschüss|ergebenst|je t'embrasse
    hope this helps|sincerely yours|very truly yours|yours ever|hth|bis bald|bis dann|bis morgen
    hasta pronto|hasta luego|tot ziens|groetjes|doei|till snart|vi ses
    liebi grüess|belle journée|un cordiale saluto|med hilsen
    łączę wyrazy szacunku|z wyrazami szacunku|pozdr|pozdrowienia
    venlig hilsen|hilsen|mange hilsner|vh|med vennlig hilsen|vennlig hilsen|bedste hilsner|best rgds
"""
_THANKS_TABLE = """
    thanks|thank you|many thanks|thanks in advance|thx|ty|thanks a lot|thanks again|thank you very much|with thanks
    thanks and regards|thanks & regards|thanks and best regards|danke|vielen dank|besten dank|danke im voraus
    vielen dank im voraus|merci|merci d'avance|merci beaucoup|gracias|muchas gracias|gracias de antemano|grazie
    grazie mille|bedankt|alvast bedankt|dank je|obrigado|obrigada|dziękuję|dzięki|z góry dziękuję|tack
    tack på förhand
    tak|på forhånd tak|takk|på forhånd takk
    thanks much|danke dir|danke euch|mil gracias|merci bcp|avec mes remerciements
"""
_FAMILIES = re.compile(
    r"(?:mit )?(?:\w{4,16}e[mnr]? ){0,2}gr(?:u|ü|ue)(?:ß|ss)(?:e|en)?(?: (?:aus|vom|von|und|nach|zum|in) .{1,40})?"
    r"|(?:with )?(?:my )?(?:(?:very )?(?:best|kind|kindest|warm|warmest|many|friendly) )?(?:regards|wishes|greetings)"
    r"(?: from .{1,30})?"
    r"|have a (?:very )?(?:nice|great|good|lovely|wonderful) (?:day|week|weekend|evening|one|rest of .{1,12})"
    r"|(?:einen? )?(?:schöne[ns]?|gute[ns]?) (?:tag|wochenende|abend|woche|feierabend|start .{1,20})(?: noch)?"
    r"|(?:très |bien |très bien )?cordialement|bonne? (?:soirée|fin de (?:journée|semaine)|journée|week-end|semaine)"
    r"|(?:sincères |meilleures |cordiales )?salutations(?: distinguées)?"
    r"|(?:un |muchos |reciba un |recibe un )?(?:fuerte |cordial )?(?:abrazo|saludos?)(?: cordial(?:es)?)?"
    r"|(?:hartelijke |vriendelijke |met (?:vriendelijke|hartelijke) )groet(?:en|jes)?"
)
"""Formulas that are varied at will."""
_OPENERS_TABLE = """
    mit viele vielen beste besten bester bestem liebe lieber liebem herzlicher herzlichem freundlicher
    kollegiale kollegialer verbindliche verbindlicher gruess grüessli lieben herzliche herzlichen schöne schönen
    schöner schönes freundliche freundlichen sonnige grüße grüsse gruß gruss gruesse with my very best kind
    kindest warm warmest many friendly regards wishes greetings have ein einen gute guten gutes guter très bien
    cordialement bonne bon sincères meilleures cordiales salutations un muchos reciba recibe fuerte cordial
    abrazo saludos saludo hartelijke vriendelijke met groet groeten groetjes
"""
_ANY_NAME = frozenset(
    {"lg", "vg", "mfg", "cheers", "gruß", "grüße", "viele grüße", "liebe grüße", "regards", "kr", "br"}
)
"""What a name follows without a comma."""
_AROUND = " \t*,.!-–—"
_PARTED = re.compile(r" ?[/|] ?| und | & | et | and | y ")
"""What stands between two formulas: the same in two languages, or thanks and a greeting."""

_SIGN_OFFS = frozenset(entries(_SIGN_OFFS_TABLE))
_THANKS = frozenset(entries(_THANKS_TABLE))
_FIRST_WORDS = frozenset(_OPENERS_TABLE.split()) | {each.partition(" ")[0] for each in _SIGN_OFFS | _THANKS}
"""What all these begin with."""


@dataclass(frozen=True, slots=True)
class Closing:
    """A line that closes a mail: whether it thanks, and what stands behind the formula, which must be a name."""

    thanks: bool = False
    name: str = ""


def closing(line: str) -> Closing | None:
    """What a short line is that closes a mail; None if it is none."""
    head = line.strip(_AROUND).lower()
    if head.partition(" ")[0].partition(",")[0] not in _FIRST_WORDS:
        return None  # So it is with nearly all lines.
    first = head.partition(",")[0].strip()
    if head in _THANKS:
        return Closing(thanks=True)
    if head in _SIGN_OFFS:
        return Closing()
    name = head[len(first) :].strip(" ,")
    if first in _THANKS:
        return Closing(thanks=True, name=name)
    if _closes(first):
        return Closing(name=name)
    before, _, last = first.rpartition(" ")
    if before in _ANY_NAME and first == head and line.rstrip(_AROUND).rpartition(" ")[2][:1].isupper():
        return Closing(name=last)
    parts = _PARTED.split(first)
    if len(parts) > 1 and all(part in _THANKS or _closes(part) for part in parts):
        return Closing(thanks=any(part in _THANKS for part in parts), name=name)
    return None


def _closes(words: str) -> bool:
    """Whether words are one formula that closes a mail."""
    return words in _SIGN_OFFS or bool(_FAMILIES.fullmatch(words))
