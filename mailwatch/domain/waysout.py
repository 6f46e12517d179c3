"""Honest words for what cannot be made: more time, somebody better, an alternative."""

from __future__ import annotations

from mailwatch.domain.wording import Wording


def ways_out(wording: Wording, by: str, *, asked: bool, late: bool = False) -> tuple[tuple[str, str], ...]:
    """Pairs of a label and the words to send; ____ stands for what the user fills in.

    `by` is until when it cannot be made. What was `asked` of the user somebody else may do; a promise is their own.
    """
    _ = wording.gettext
    later = (
        _("This is late, and I am sorry; you will have it by ____.")
        if late
        else _("I cannot make it {by}, and want you to know now; you will have it by ____.").format(by=by)
    )
    better = _("____ can help you with this better than I can; I have put them in copy.")
    instead = _("I cannot give you all of it {by}. What I can give you is ____.").format(by=by)
    someone = ((_("Someone else"), better),) if asked else ()
    return ((_("More time"), later), *someone, (_("An alternative"), instead))
