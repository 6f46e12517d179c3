"""Holds the requests and answers of EWS against its real schemas, where the schemas are present."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

_REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("MAILWATCH_EWS_SCHEMAS") or _REPOSITORY.parent / "shared" / "data" / "ews")


def present() -> bool:
    """Whether the schemas are on this machine."""
    return (FOLDER / "messages.xsd").is_file()


def violations(envelope: Any) -> list[str]:
    """What is wrong with the header and the body of an envelope; nothing where the schemas are missing.

    That they are missing is told once a run, and on CI is a failure, by tests/contract/test_schemas.py.
    """
    if not present():
        return []
    schema = _schema()
    found: list[str] = []
    for part in envelope:
        for element in part:
            if etree.QName(element).localname == "Fault":
                continue
            # A copy has no ancestors, whose namespaces and order are not the schema's business.
            alone = etree.fromstring(etree.tostring(element))
            if not schema.validate(alone):
                found += [f"{etree.QName(element).localname}: {error.message}" for error in schema.error_log]
    return found


@lru_cache(maxsize=1)
def _schema() -> Any:
    return etree.XMLSchema(etree.parse(str(FOLDER / "messages.xsd")))
