"""Renders our mails from Jinja2 templates: the user's own folder first, then the ones that came with mailwatch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import css_inline
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2 import TemplateError as JinjaError

import mailwatch
from mailwatch.domain import textlayout
from mailwatch.domain.letters import Unreadable, Welcome
from mailwatch.domain.letterview import LetterView, unreadable_view, welcome_view
from mailwatch.domain.policy import Policy
from mailwatch.domain.receipt import ReceiptLetter
from mailwatch.domain.receiptview import receipt_view
from mailwatch.domain.reminder import Reminder
from mailwatch.domain.reminderview import ReminderView, reminder_view
from mailwatch.domain.summary import WeeklySummary
from mailwatch.domain.tongue import ENGLISH, Tongue
from mailwatch.domain.weekview import BarView, WeekView, week_view
from mailwatch.domain.wording import Wording, usual_working_day
from mailwatch.errors import TemplateError
from mailwatch.ports import RenderedMail

PACKAGE = "mailwatch.templates"
STYLES = "email.css"
_NO_FIELD = re.compile(r"^'mailwatch\.[\w.]*\.(\w+) object' has no attribute '(\w+)'$")  # The words of jinja2.

View = ReminderView | WeekView | LetterView


class TemplateRenderer:
    """A ports.Renderer. A mail NAME is NAME.subject.txt, NAME.txt and NAME.html; only HTML is escaped.

    `own_folder` holds the user's own templates, which go before those of the package, file by file. `answers_to` is
    the address that takes commands; without one it is the user's own. `tongues` gives the language of a code, and
    English for one that nobody has translated into; without it every mail is in English.
    """

    def __init__(
        self,
        own_folder: Path | None = None,
        *,
        answers_to: str | None = None,
        tongues: Callable[[str], Tongue] | None = None,
    ) -> None:
        """Raises TemplateError if the user's folder is not there."""
        if own_folder is not None and not own_folder.is_dir():
            raise TemplateError(
                f"The folder of templates {own_folder} is not there: make it, or take the setting out."
            )
        self._folder = own_folder
        self._answers_to = answers_to
        self._tongues = tongues or (lambda code: ENGLISH)
        self._environments: dict[str, Environment] = {}

    def reminder(self, reminder: Reminder) -> RenderedMail:
        """The digest of what is open. Raises TemplateError."""
        policy = reminder.policy
        view = reminder_view(reminder, self._wording(policy, reminder.at), self._address(policy))
        return self._mail("reminder", view)

    def weekly_summary(self, summary: WeeklySummary) -> RenderedMail:
        """The week in figures and words. Raises TemplateError."""
        policy = summary.policy
        view = week_view(summary, self._wording(policy, summary.at), self._address(policy))
        return self._mail("weekly-summary", view)

    def receipt(self, letter: ReceiptLetter) -> RenderedMail:
        """What the user said, what became of it, and what was not understood. Raises TemplateError."""
        policy = letter.policy
        view = receipt_view(letter, self._wording(policy, letter.at), self._address(policy))
        return self._mail("receipt", view)

    def welcome(self, welcome: Welcome) -> RenderedMail:
        """What is watched and stored, who sees it, and how to stop. Raises TemplateError."""
        policy = welcome.policy
        view = welcome_view(welcome, self._wording(policy, welcome.at), self._address(policy))
        return self._mail("welcome", view)

    def unreadable(self, unreadable: Unreadable) -> RenderedMail:
        """That the user's mail cannot be read, why, and what to do. Raises TemplateError."""
        policy = unreadable.policy
        view = unreadable_view(unreadable, self._wording(policy, unreadable.at), self._address(policy))
        return self._mail("unreadable", view)

    def template_names(self) -> frozenset[str]:
        """The names of all templates that there are, the user's own among them."""
        loader = self._environment(ENGLISH.code).loader
        assert loader is not None
        names = (name for name in loader.list_templates() if "/" not in name and not name.endswith((".py", ".pyc")))
        return frozenset(names)

    def _address(self, policy: Policy) -> str:
        return self._answers_to or policy.user.address.addr_spec

    def _wording(self, policy: Policy, now: datetime) -> Wording:
        calendar = policy.calendar
        return Wording(now, calendar.zone, usual_working_day(calendar), self._tongues(policy.language))

    def _mail(self, name: str, view: View) -> RenderedMail:
        environment = self._environment(view.language)
        # Every part is tried before one that is wrong is told of, so that all faults show at once.
        parts, faults = [], []
        for part in (f"{name}.subject.txt", f"{name}.txt", f"{name}.html"):
            try:
                parts.append(self._render(environment, part, view))
            except TemplateError as error:
                faults.append(str(error))
        if faults:
            raise TemplateError("\n".join(faults))
        subject, text, html = parts
        styles = self._source(environment, STYLES)
        try:
            inlined = css_inline.CSSInliner(load_remote_stylesheets=False, extra_css=styles).inline(html)
        except css_inline.InlineError as error:
            raise TemplateError(f"The styles of {name}.html cannot be inlined: {error}.") from None
        return RenderedMail(" ".join(subject.split()), _tidy(text), inlined)

    def _render(self, environment: Environment, name: str, view: View) -> str:
        try:
            return environment.get_template(name).render(mail=view)
        except TemplateError:
            raise
        except TemplateSyntaxError as error:
            where = error.filename or error.name or name
            raise TemplateError(f"{where}, line {error.lineno}: {error.message}.") from None
        except TemplateNotFound as error:
            raise TemplateError(f"The template {error.name} is not there; {name} needs it.") from None
        except JinjaError as error:
            said = _NO_FIELD.sub(r"\1 has no field '\2'", error.message or str(error))
            raise TemplateError(f"{_where(error, name)}: {said}.") from None
        except Exception as error:  # A template may do anything, and what it did wrong must be found.
            raise TemplateError(f"{_where(error, name)}: {type(error).__name__}: {error}.") from None

    def _source(self, environment: Environment, name: str) -> str:
        assert environment.loader is not None
        try:
            return environment.loader.get_source(environment, name)[0]
        except TemplateNotFound:
            raise TemplateError(f"The template {name} is not there.") from None

    def _environment(self, language: str) -> Environment:
        if language not in self._environments:
            self._environments[language] = self._new_environment(language)
        return self._environments[language]

    def _new_environment(self, language: str) -> Environment:
        loaders: list[BaseLoader] = [_OwnFolder(self._folder)] if self._folder else []
        environment = Environment(
            loader=ChoiceLoader([*loaders, _packaged()]),
            undefined=StrictUndefined,
            autoescape=lambda name: name is not None and name.endswith(".html"),
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        translations = self._tongues(language).catalogue
        environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
        environment.filters |= {"wrap": textlayout.wrap, "ends": textlayout.ends, "columns": textlayout.table}
        environment.filters |= {"columns_left": _columns_left, "bars": _bars}
        return environment


class _OwnFolder(FileSystemLoader):
    """The user's own templates; one that is not UTF-8 is named itself, and not the one that includes it."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """See BaseLoader. Raises TemplateError."""
        try:
            return super().get_source(environment, template)
        except UnicodeDecodeError as error:
            file, line = Path(self.searchpath[0]) / template, error.object.count(b"\n", 0, error.start) + 1
            raise TemplateError(f"{file}, line {line}: is not UTF-8 text; save the file as UTF-8.") from None


def _packaged() -> BaseLoader:
    """The templates of the installed package; where mailwatch is not installed, those of its source tree."""
    try:
        return PackageLoader(PACKAGE, "")
    except (ModuleNotFoundError, ValueError):
        return FileSystemLoader(Path(mailwatch.__file__).resolve().parent.parent / "templates")


def _where(error: BaseException, name: str) -> str:
    """File and line of a template that raised, taken from the innermost frame that lies in one."""
    found = name
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename.endswith((".html", ".txt")):
            found = f"{code.co_filename}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return found


def _tidy(text: str) -> str:
    """Text without blanks at line ends and with at most one empty line in a row."""
    lines: list[str] = []
    for line in text.strip("\n").split("\n"):
        if line.strip() or lines[-1:] != [""]:
            lines.append(line.rstrip())
    return "\n".join(lines) + "\n"


def _columns_left(rows: Iterable[tuple[str, str]], indent: str = "") -> str:
    """Pairs in two columns, both to the left; the second is wrapped."""
    pairs = list(rows)
    first = max((textlayout.width(left) for left, _ in pairs), default=0)
    lead = indent + " " * (first + 3)
    return "\n".join(
        textlayout.wrap(right, textlayout.COLUMNS, lead, f"{indent}{textlayout.pad(left, first)}   ")
        for left, right in pairs
    )


def _bars(rows: Iterable[BarView]) -> str:
    """A chart in text: what, how much, and a bar."""
    return textlayout.chart([(row.label, row.value, row.percent / 100) for row in rows])
