"""The rules of the house that a machine can hold: docstrings, sizes, names, and where imports stand."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "mailwatch").rglob("*.py"))
LONGEST = 270
ONE_PAGE = {"mailwatch/ports.py": 360}  # All doors on one page, however many there are.
FAMOUS = {"requests", "celery", "redis", "click", "rich", "jinja2", "attrs", "numpy"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}


def name_of(module: Path) -> str:
    return str(module.relative_to(ROOT))


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_says_in_a_sentence_what_it_is_for(module: Path) -> None:
    said = ast.get_docstring(ast.parse(module.read_text("utf-8")))
    assert said, "no docstring"
    first = said.split("\n\n")[0]
    assert first.endswith((".", ":")), f"no sentence: {first!r}"


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_has_one_job_and_so_few_lines(module: Path) -> None:
    lines = len(module.read_text("utf-8").splitlines())
    assert lines <= ONE_PAGE.get(name_of(module), LONGEST), f"{lines} lines: is there a second job inside?"


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_no_module_has_a_vague_or_a_famous_name(module: Path) -> None:
    assert module.stem not in VAGUE
    assert module.stem not in FAMOUS
    # `html` and the like would hide a module of the standard library only at the top of the path; these do not.
    if module.parent == ROOT / "mailwatch":
        assert module.stem not in sys.stdlib_module_names or module.stem.startswith("__")


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_an_import_inside_a_function_says_why_it_is_there(module: Path) -> None:
    source = module.read_text("utf-8")
    lines = source.splitlines()
    for outer in ast.walk(ast.parse(source)):
        if not isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        for inner in ast.walk(outer):
            if isinstance(inner, (ast.Import, ast.ImportFrom)):
                around = "\n".join(lines[max(outer.lineno - 1, inner.lineno - 8) : inner.lineno])
                assert "#" in around or '"""' in around, f"line {inner.lineno}: an import without a reason"


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_no_pattern_repeats_a_group_possessively(module: Path) -> None:
    # Python before 3.11.5, and so Debian 12's, keeps what a last round took that failed half-way (CPython gh-106052).
    repeated = re.findall(r"""^.*[^\\(]\)(?:[*+?]|\{\d*,?\d*\})\+.*$""", module.read_text("utf-8"), re.MULTILINE)
    assert repeated == []


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_what_is_public_has_a_docstring(module: Path) -> None:
    tree = ast.parse(module.read_text("utf-8"))
    bare = [
        f"{node.name} (line {node.lineno})"
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not bare, ", ".join(bare)
