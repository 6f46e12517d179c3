"""HTML mail as lines of text, quotes marked."""

from __future__ import annotations

import pytest

from mailwatch.domain.html import HTML_LIMIT, to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("a<br>b", "a\nb"),
        ("<p>a</p><p>b</p>", "a\n\nb\n"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<div>a<br></div><div><br></div><div>b</div>", "a\n\nb"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b\n"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc\n"),
        ("a\n  b&nbsp;c <b>d</b>", "a b c d"),
        ("<pre>a\n  b</pre>", "a\n  b\n"),
        ("x &lt;y&gt; &amp; z", "x <y> & z"),
        ("<a href='https://example.com'>here</a>", "here"),
        ("", ""),
    ],
)
def test_blocks_become_lines(html: str, text: str) -> None:
    assert to_text(html).strip() == text.strip()


@pytest.mark.parametrize(
    "hidden",
    [
        "<style>p{color:red}</style>",
        "<script>alert(1)</script>",
        "<title>x</title>",
        "<div style='display: none'>x</div>",
        "<div style='DISPLAY:NONE !important'>x</div>",
        "<span style='font-size:0px;color:red'>x</span>",
        "<span style='font-size:0'>x</span>",
        "<div style='max-height:0;overflow:hidden'>x</div>",
        "<div style='mso-hide:all'>x</div>",
        "<p hidden>x</p>",
        "<!-- x -->",
        "<![if !mso]>",
    ],
)
def test_what_is_not_shown_is_left_out(hidden: str) -> None:
    assert to_text(f"<html><body><p>shown</p>{hidden}</body></html>").strip() == "shown"


@pytest.mark.parametrize("style", ["font-size:10px", "font-size:0.9em", "opacity:0.5", "max-height:100px"])
def test_what_is_only_small_stays(style: str) -> None:
    assert to_text(f"<p style='{style}'>shown</p>").strip() == "shown"


@pytest.mark.parametrize(
    "quote",
    [
        "<blockquote>old</blockquote>",
        "<blockquote type=cite>old</blockquote>",
        "<blockquote class='gmail_quote' style='border:none'>old</blockquote>",
        "<div class='yahoo_quoted'>old</div>",
        "<div class='moz-cite-prefix'>old</div>",
        "<div class='gmail_attr'>old</div>",
    ],
)
def test_quotes_are_marked(quote: str) -> None:
    assert [line for line in to_text(f"<div>new</div>{quote}<div>more</div>").split("\n") if line.strip("> ")] == [
        "new",
        "> old",
        "more",
    ]


def test_quotes_in_quotes_are_marked_twice() -> None:
    assert "> > older" in to_text("<blockquote>old<blockquote>older</blockquote></blockquote>")


def test_an_indented_paragraph_is_the_senders_own() -> None:
    html = "<blockquote style='margin:0 0 0 40px;border:none;padding:0px'>own</blockquote>"
    assert to_text(html).strip() == "own"


@pytest.mark.parametrize(
    "mark",
    [
        "<div id='divRplyFwdMsg'>",
        "<div id='x_divRplyFwdMsg'>",
        "<div id='mail-editor-reference-message-container'>",
        "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>",
        "<div style='border:none; border-top:solid #B5C4DF 1.0pt; padding:3.0pt 0in 0in 0in'>",
    ],
)
def test_outlooks_header_block_has_a_separator_above(mark: str) -> None:
    lines = to_text(f"<div>new</div>{mark}<b>From:</b> Ann<br><b>Sent:</b> Monday</div>").split("\n")
    assert [line for line in lines if line] == ["new", "-----Original Message-----", "From: Ann", "Sent: Monday"]


def test_a_forwarded_message_of_gmail_is_not_marked_as_quoted() -> None:
    html = "<div class='gmail_attr'>---------- Forwarded message ---------<br>From: Ann</div>"
    assert to_text(html).startswith("---------- Forwarded")


def test_only_the_beginning_of_a_huge_page_is_read() -> None:
    assert len(to_text("<p>word</p>" * HTML_LIMIT)) < HTML_LIMIT


@pytest.mark.parametrize("tag", ["div", "blockquote", "b", "span", "table", "x-y", "font"])
def test_elements_nest_as_deep_as_they_like(tag: str) -> None:
    assert "deep" in to_text(f"<{tag}>" * 15_000 + "deep")


def test_lone_surrogates_and_controls_do_not_come_through() -> None:
    assert to_text("a&#xD800;b\x00c&#7;\u202ed").encode("utf-8").decode() == "a\ufffdbcd"


@pytest.mark.parametrize(
    "mark",
    [
        'id="Signature"',
        'id="ms-outlook-mobile-signature"',
        'class="gmail_signature" dir="ltr"',
        'class="moz-signature"',
        'class="protonmail_signature_block protonmail_signature_block-empty"',
    ],
)
def test_a_signature_that_is_marked_as_one_is_left_out(mark: str) -> None:
    signed = (
        f"<div>Yes, that works.</div><div {mark}>Bob<div>Please call me to book a slot.</div></div><p>PS: Hi!</p>"
    )
    assert to_text(signed).split() == ["Yes,", "that", "works.", "PS:", "Hi!"]


def test_a_mail_that_was_written_into_its_signature_is_read() -> None:
    assert to_text('<div id="Signature">Can you send me the plan?</div>') == "Can you send me the plan?"
    below = '<blockquote type="cite">Hi</blockquote><div id="Signature">Can you send me the plan?</div>'
    assert "Can you send me the plan?" in to_text(below)


ANSWERED = (
    "<p>{above}</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><b>From:</b> Ann</div>"
    "<p>Who pays?</p><p><span style='color:{colour}'>We do.</span></p>"
)


@pytest.mark.parametrize(
    ("above", "colour"),
    [
        ("See my answers in red.", "red"),
        ("See my answers in red.", "#C00000"),
        ("See my answers in red.", "#f00"),
        ("Antworten in Blau unten.", "#0070C0"),
        ("Mes réponses en vert.", "#00B050"),
        ("I have answered in green.", "rgb(0, 128, 0)"),
        ("Antwoorden in het rood.", "rgba(192, 0, 0, 1)"),
    ],
)
def test_answers_in_a_colour_that_is_announced_are_marked(above: str, colour: str) -> None:
    assert "==> We do." in to_text(ANSWERED.format(above=above, colour=colour))


@pytest.mark.parametrize(
    ("above", "colour"),
    [
        ("See below.", "red"),
        ("See my answers in red.", "#1F497D"),
        ("See my answers in red.", "windowtext"),
        ("See my answers in red.", "gray"),
        ("See my answers in red.", "#0070C0"),
        ("See my answers in green.", "rgb(0, 75, 135)"),
        ("See my answers in red.", "rgb(1,2"),
    ],
)
def test_other_colours_say_nothing(above: str, colour: str) -> None:
    assert "==>" not in to_text(ANSWERED.format(above=above, colour=colour))


def test_answers_in_a_colour_within_a_quote_stand_outside_of_it() -> None:
    html = "<p>Answers in red:</p><blockquote><p>Who pays?</p><p><font color='red'>We do.</font></p></blockquote>"
    assert to_text(html).split("\n")[-3:] == ["> Who pays?", "> ", "==> We do."]
