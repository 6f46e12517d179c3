"""Puts this folder on the path, so that tests can say `from servers.dovecot import Dovecot`; no test is timed."""

from __future__ import annotations

from hypothesis import settings

# A busy machine takes longer than 200 ms for what usually takes four, and that is no fault of what is tested.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
