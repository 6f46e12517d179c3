"""Undoes what programs do to the plain form of a mail: flowed lines, a signature around them, a hint at the HTML."""

from __future__ import annotations

import re
from typing import Final

_ARMOUR = "-----BEGIN PGP MESSAGE-----"
_CLEARSIGNED = re.compile(r"^-----BEGIN PGP SIGNED MESSAGE-----\n(?:\w[^\n]*+\n)*\s*+", re.MULTILINE)
_SIGNATURE = "\n-----BEGIN PGP SIGNATURE-----\n"
_END_OF_SIGNATURE = "\n-----END PGP SIGNATURE-----"
_LONGEST_PLACEHOLDER: Final = 1000  # characters, links and pictures among them
_PICTURE = re.compile(r"\[(?:cid:|image: |inline image)[^\[\]]{0,200}\]", re.IGNORECASE)
"""What programs write into the plain form where a picture stands."""
_LINK = re.compile(r"<?https?://[^\s<>]++>?", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"\b(?:support|client|viewer|reader|capable|compatible|enabled?|format|version|program|unterst|logiciel|messagerie"
    r"|cliente|lector|visualiz|programma)",
    re.IGNORECASE,
)
_BROWSER = re.compile(
    r"\b(?:view|see|read|open|display|ansehen|anzeigen|öffnen|lesen|voir|lire|afficher|visualise[rz]|ver|abrir|leer"
    r"|visualizza\w*|vedi|apri|bekijk\w*|lees)\b",
    re.IGNORECASE,
)
_IN_BROWSER = re.compile(
    r"\b(?:in|im|dans|en|nel|no)\s(?:(?:your|a|the|ihrem|deinem|einem|votre|un|su|tu|el|tuo|uw|je|de)\s)?"
    r"(?:web ?)?(?:browser|navigateur|navegador)\b",
    re.IGNORECASE,
)


def is_placeholder(words: str) -> bool:
    """Whether a text only stands for pictures, or says that there is an HTML form or a page to look at."""
    if len(words) > _LONGEST_PLACEHOLDER:
        return False
    words = _PICTURE.sub("", words) if "[" in words else words
    if not words.strip():
        return True
    words = _LINK.sub("", words)
    if len(words) >= 300 or "?" in words:
        return False
    in_html = "html" in words.lower() and _PLACEHOLDER.search(words)
    return bool(in_html or (_IN_BROWSER.search(words) and _BROWSER.search(words)))


def without_armour(words: str) -> str:
    """The words of a text without what is encrypted in it, and without the signature around it (RFC 9580 7)."""
    if "-----BEGIN PGP" not in words:
        return words
    words = words.partition(_ARMOUR)[0]
    head = _CLEARSIGNED.search(words)
    if head is None:
        return words
    signed, _, signature = words[head.end() :].partition(_SIGNATURE)
    above, below = words[: head.start()], signature.partition(_END_OF_SIGNATURE)[2]
    return above + "\n".join(line.removeprefix("- ") for line in signed.split("\n")) + below


def unflow(words: str, delete_space: bool) -> str:
    """Joins the lines of format=flowed (RFC 3676 4); quoted lines get one > and space for each level."""
    lines: list[str] = []
    open_level = -1  # of the paragraph that the next line may continue
    pieces: list[str] = []

    def close() -> None:
        if open_level >= 0:
            lines.append("> " * open_level + "".join(pieces))
            pieces.clear()

    for line in words.split("\n"):
        content = line.lstrip(">")
        level = len(line) - len(content)
        content = content[1:] if content.startswith(" ") else content
        if level != open_level or content == "-- ":
            close()
            open_level = level
        flows = content.endswith(" ") and content != "-- "
        pieces.append(content[:-1] if flows and delete_space else content)
        if not flows:
            close()
            open_level = -1
    close()
    return "\n".join(lines)
