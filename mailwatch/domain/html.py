"""Turns the HTML form of a mail into lines of text in which quoted words begin with `> `."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from mailwatch.domain.cleaning import many_lines
from mailwatch.domain.colours import announced, colour_of
from mailwatch.domain.pagelines import SPACES, Writer

HTML_LIMIT: Final = 256 << 10
_MOST_LEVELS: Final = 500
_MANY_TAGS: Final = 2000

_LEFT_OUT_TAGS: Final = "style script head title meta link template noscript select textarea object svg math"
_BLOCK_TAGS: Final = """
    p div br tr li ul ol dl dt dd table tbody thead hr h1 h2 h3 h4 h5 h6 pre blockquote center address article
    aside section header footer main nav figure figcaption form fieldset body
"""
_SPACED_TAGS: Final = "p h1 h2 h3 h4 h5 h6 blockquote ul ol table pre"
# These end by themselves when the next one begins, so they say nothing about depth.
_UNCOUNTED_TAGS: Final = "p li td th tr dt dd br img hr meta link input col area wbr option o"
_LEFT_OUT = frozenset(_LEFT_OUT_TAGS.split())
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_SPACED = frozenset(_SPACED_TAGS.split())
_UNCOUNTED = frozenset(_UNCOUNTED_TAGS.split())
_CELLS = frozenset({"td", "th"})
_HIDDEN = re.compile(
    r"display:none|visibility:hidden|font-size:0(?![.\d])|font-size:0*\.?0+(?:px|pt|em)|max-height:0(?![.\d])"
    r"|mso-hide:all|opacity:0(?![.\d])"
)
_OUTLOOK_BORDER = re.compile(r"border:none;border-top:solid#?\w{0,12}1(?:\.0)?pt")
_QUOTING_CLASSES = ("yahoo_quoted", "protonmail_quote", "tutanota_quote", "zmail_extra")
_ATTRIBUTION_CLASSES = ("gmail_attr", "moz-cite-prefix")
_SIGNATURE_CLASSES = ("gmail_signature", "moz-signature", "protonmail_signature_block", "front-signature")
_SIGNATURES = frozenset({"zm-_id_-sgn", "messagesignaturesection", "signature_old", "_mailautosig"})
"""The ids and names of elements that hold a signature, beside those that end in the word."""
_OUTLOOK_SIGNATURE = "mso-bookmark:_mailautosig"
_REPLY_HEADERS = frozenset({"divrplyfwdmsg", "mail-editor-reference-message-container", "olk_src_body_section"})
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*+)")


def _shallow(html: str) -> str:
    """Takes away opening tags beyond 500 levels: the parser's time grows with the square of the depth."""
    if html.count("<") < _MANY_TAGS:
        return html
    depth = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal depth
        if match[2].lower() not in _UNCOUNTED:
            if match[1]:
                depth = max(0, depth - 1)
            elif depth >= _MOST_LEVELS:
                return "<wbr"
            else:
                depth += 1
        return match[0]

    return _TAG.sub(keep, html)


def to_text(html: str) -> str:
    """The words of an HTML mail, one line for each paragraph, line break, list item or table row.

    Quotes of the usual programs come out as lines that begin with `> `, Outlook's as a header block below a
    separator line. What is not shown is left out, and below other words so is what is marked as a signature. Lines in
    a colour in which the sender says that they answer begin with an arrow. At most 256 K characters are read; linear;
    never raises.
    """
    try:
        root = LexborHTMLParser(_shallow(html[:HTML_LIMIT].replace("\0", ""))).root
    except Exception:
        # The parser is native code of others: whatever it refuses has no words for us.
        return ""
    if root is None:
        return ""
    text = _written(root, frozenset())
    colours = announced(text) if "color" in html else frozenset()
    return _written(root, colours) if colours else text


def _written(root: LexborNode, colours: frozenset[str]) -> str:
    """The text of a page, with answers in some colours marked."""
    writer = Writer(colours)
    _walk(root, writer)
    return many_lines("\n".join(writer.finish()))


@dataclass(slots=True)
class _Open:
    """An element that the walk is inside of, and what is to be undone at its end."""

    node: LexborNode
    tag: str
    quote: bool = False
    attribution: int = -1
    shaded: bool = False


def _walk(root: LexborNode, writer: Writer) -> None:
    """Visits every node in order without recursion, since elements nest as deep as a sender likes."""
    path: list[_Open] = []
    node: LexborNode | None = root
    while node is not None:
        child = None
        if node.is_text_node:
            writer.words(node.text_content or "", any_pre=writer.pre > 0)
        elif node.is_element_node:
            opened = _enter(node, writer)
            if opened is not None:
                path.append(opened)
                child = node.child
                if child is None:
                    _leave(path.pop(), writer)
        if child is not None:
            node = child
            continue
        following = node.next
        while following is None and path:
            done = path.pop()
            _leave(done, writer)
            following = done.node.next
        node = following


def _enter(node: LexborNode, writer: Writer) -> _Open | None:
    """Begins an element; None if it is not to be read."""
    tag = node.tag or ""
    if tag in _LEFT_OUT:
        return None
    attributes = node.attributes
    style = SPACES.sub("", attributes.get("style") or "").lower()[:2000] if attributes else ""
    if "hidden" in attributes or (style and _HIDDEN.search(style)):
        return None
    name = (attributes.get("id") or attributes.get("name") or "").lower()
    classes = (attributes.get("class") or "").lower()
    signs = (
        name.endswith("signature")
        or name in _SIGNATURES
        or tag == "signature"
        or _OUTLOOK_SIGNATURE in style
        or (classes and any(each in classes.split() for each in _SIGNATURE_CLASSES))
    )
    if signs and writer.has_said_something():
        return None
    opened = _Open(node, tag)
    if writer.colours and (colour := colour_of(style, attributes.get("color") or "")) is not None:
        opened.shaded = True
        writer.shades.append(colour in writer.colours)
    if tag == "br":
        writer.line_break()
    elif tag in _BLOCKS:
        writer.block(spaced=tag in _SPACED)
        if tag == "li":
            writer.words("- ", any_pre=True)
        elif tag == "pre":
            writer.pre += 1
    elif tag in _CELLS:
        writer.words(" ", any_pre=False)
    if tag == "blockquote":
        # The indent button of some programs makes a blockquote without a line; those words are the sender's own.
        opened.quote = "border:none" not in style or attributes.get("type") == "cite" or "gmail_quote" in classes
    elif name == "quote" or (classes and any(each in classes for each in _QUOTING_CLASSES)):
        opened.quote = True
    if name in _REPLY_HEADERS or name.endswith("divrplyfwdmsg") or _OUTLOOK_BORDER.match(style):
        writer.separator()
    if opened.quote:
        writer.block(spaced=True)
        writer.depth += 1
    if not writer.in_attribution and classes and any(each in classes for each in _ATTRIBUTION_CLASSES):
        writer.block(spaced=False)
        writer.in_attribution = True
        opened.attribution = len(writer.lines)
    return opened


def _leave(opened: _Open, writer: Writer) -> None:
    """Ends an element."""
    if opened.shaded:
        writer.shades.pop()
    if opened.tag in _BLOCKS and opened.tag != "br":
        writer.block(spaced=opened.tag in _SPACED)
        if opened.tag == "pre":
            writer.pre -= 1
    if opened.quote:
        writer.block(spaced=True)
        writer.depth -= 1
    if opened.attribution >= 0:
        writer.block(spaced=False)
        writer.quote_from(opened.attribution)
        writer.in_attribution = False
