"""The times that diagnosis judges by, in one place: they are judgement, and real logs may change them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
"""In place of a time that is not known."""
SAME_SOURCE = timedelta(seconds=1)
"""Lines of one file this close may stand in either order: the coarsest stamps are seconds."""
ACROSS_SOURCES = timedelta(seconds=2)
"""Slack between the stamps of two files."""
ENDING = timedelta(seconds=10)
"""A fault this close to the end of an attempt may have ended it."""
ENDING_RECORDS = 40
"""The same in lines, for records without time."""
INTERRUPTION = timedelta(seconds=30)
"""A loss that lasts longer is worth a verdict though it was made good."""
SETTLED = timedelta(seconds=15)
"""A start that has lived this long, past the point where others died, has come up."""
WAITING = timedelta(seconds=10)
WAITING_LINES = 3
"""How long a rung is retried before it counts as waiting for ever."""
EVIDENCE = 5
"""Lines that a finding shows."""
