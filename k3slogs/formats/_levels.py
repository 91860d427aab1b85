"""The names and numbers that programs give to severities."""

from __future__ import annotations

from k3slogs.taxonomy import Level

_NAMES = {
    Level.DEBUG: "trace trac trc debug debu dbg t d",
    Level.INFO: "info inf notice n i",
    Level.WARNING: "warning warn wrn w",
    Level.ERROR: "error erro err e",
    Level.FATAL: "fatal fata ftl panic pani pnc dpanic critical crit alert emerg c f",
}
_LEVELS = {name: level for level, names in _NAMES.items() for name in names.split()}
_PRIORITIES = (Level.ERROR,) * 4 + (Level.WARNING, Level.INFO, Level.INFO, Level.DEBUG)
_FACILITY_NAMES = ("emerg", "alert", "crit", "err", "warn", "notice", "info", "debug")


def named(name: str) -> Level | None:
    return _LEVELS.get(name.lower())


def priority(number: int) -> Level:
    """The level of a syslog priority, with or without its facility."""
    return _PRIORITIES[number & 7]


def syslog_name(name: str) -> Level | None:
    """The level of a severity as `dmesg -x` names it."""
    return _PRIORITIES[_FACILITY_NAMES.index(name)] if name in _FACILITY_NAMES else None
