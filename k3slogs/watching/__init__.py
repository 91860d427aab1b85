"""Logs that grow -> events: what is new in them since it was last told."""

from __future__ import annotations

from k3slogs.watching.events import Event, Happening
from k3slogs.watching.goal import Goal, Until
from k3slogs.watching.watch import Watch

__all__ = ["Event", "Goal", "Happening", "Until", "Watch"]
