"""Sources that go on: growing files and open pipes, polled for what is new."""

from __future__ import annotations

from k3slogs.sources.live.follower import Follower
from k3slogs.sources.live.followers import Followers
from k3slogs.sources.live.journal import Journal

__all__ = ["Follower", "Followers", "Journal"]
