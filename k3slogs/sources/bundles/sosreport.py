"""sosreport (`sosreport/sos`): the output of commands under `sos_commands/`, files under their own paths. It has nothing of k3s' own."""

from __future__ import annotations

from k3slogs.lazily import pattern
from k3slogs.model import NOBODY, Identity
from k3slogs.sources.bundles import NO_LOG, About, Files, _dates, _places

NAME = "sosreport"
_JOURNAL = pattern(r"^sos_commands/[^/]+/journalctl_[^/]*$")
_LISTS = pattern(r"--(?:list|disk-usage|verify)")
_KERNEL = pattern(r"^sos_commands/kernel/dmesg")
_DATES = ("sos_commands/date/date", "date", "sos_commands/general/date")
_HOSTS = ("hostname", "sos_commands/host/hostname", "etc/hostname")


def accepts(files: Files) -> bool:
    return files.below("sos_commands/")


def about(files: Files) -> About:
    node = next((text for name in _HOSTS if (text := files.text(name).strip())), None)
    for name in _DATES:
        if date := _dates.printed(files.text(name)):
            return About(node, date, f"the report's date ({name})")
    return About(node, _dates.named(files.name), "the date in the report's name")


def place(path: str, files: Files) -> Identity | str:  # noqa: ARG001 - a layout's signature
    if _KERNEL.match(path):
        return Identity(unit="kernel")
    if _JOURNAL.match(path) and not _LISTS.search(path):
        return NOBODY
    if path.startswith("var/log/containers/"):
        return "the same logs as in var/log/pods"
    return _places.place(path) or NO_LOG
