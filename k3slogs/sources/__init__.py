"""Bytes of files, directories and streams -> blocks of whole lines."""

from __future__ import annotations

from k3slogs.sources.facts import FactFile
from k3slogs.sources.facts import read as read_facts
from k3slogs.sources.lines import BLOCK, MAX_LINE, numbered
from k3slogs.sources.listing import Listing, Skipped, find
from k3slogs.sources.reader import Input, Reader

__all__ = ["BLOCK", "MAX_LINE", "FactFile", "Input", "Listing", "Reader", "Skipped", "find", "numbered", "read_facts"]
