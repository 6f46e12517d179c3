"""Remind and summarize: decides whether a mail is due, fixes every byte of it, and puts it into the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import blake2b

from mailwatch.domain import outgoing, reminder, summary
from mailwatch.domain.people import Address
from mailwatch.domain.policy import Policy
from mailwatch.domain.reminder import PromiseItem, RequestItem
from mailwatch.ports import Ledger, OutboxMail, OutboxState, RenderedMail, Renderer

REMINDER = "reminder"
WEEKLY_SUMMARY = "weekly-summary"
WEEKS_BACK = 10
