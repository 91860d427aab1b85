"""What is dear to make and safe to lose, kept on disk from run to run. Nothing here ever raises or prints.

An entry is named by a hash of all that its content depends on, so none is ever out of date. It counts only where nobody else could have
written it, and only whole.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from hashlib import sha256
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

VARIABLE = "K3SLOGS_CACHE_DIR"
KEPT = 16
"""Entries of one kind that stay, the last used ones."""

_MAGIC = b"k3slogs cache 1\n"
_SUM = 32
_PYTHON = f"{sys.version} {EXTENSION_SUFFIXES[0]}".encode()
_ROOT = 0
_HARMLESS = (OSError, RuntimeError, ValueError)
"""A place that cannot be read or written, a user without a home, a path that is none."""


def folder() -> Path | None:
    """Where entries lie: `K3SLOGS_CACHE_DIR` (empty: nowhere), else k3slogs in `XDG_CACHE_HOME`, else in `~/.cache`."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) if named else None
    shared = Path(os.environ.get("XDG_CACHE_HOME", ""))
    with suppress(*_HARMLESS):
        return (shared if shared.is_absolute() else Path.home() / ".cache") / "k3slogs"
    return None


def key(*parts: bytes) -> str:
    """SHA-256 of the parts, and of this Python and the machine that it was built for, in hexadecimal."""
    digest = sha256()
    for part in (_PYTHON, *parts):
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.hexdigest()


def read(kind: str, key: str) -> bytes | None:
    """The content of an entry; None if there is none that can be trusted."""
    place = folder()
    with suppress(*_HARMLESS):
        if place is None or not _own(place.stat()):
            return None
        path = place / f"{kind}-{key}"
        with path.open("rb") as file:
            data = file.read() if _own(os.fstat(file.fileno())) else b""
        head, content = data[: len(_MAGIC) + _SUM], data[len(_MAGIC) + _SUM :]
        if head != _head(path.name, content):
            return None
        with suppress(OSError):
            os.utime(path)
        return content
    return None


def write(kind: str, key: str, content: bytes) -> None:
    """Keep an entry, whole or not at all, and let the oldest of its kind go."""
    place = folder()
    with suppress(*_HARMLESS):
        if place is None or not _made(place):
            return
        from tempfile import mkstemp

        path = place / f"{kind}-{key}"
        handle, draft = mkstemp(prefix=f"{kind}-", dir=place)
        try:
            with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor is no path
                file.write(_head(path.name, content) + content)
            Path(draft).replace(path)
        finally:
            Path(draft).unlink(missing_ok=True)
        for old in sorted(place.glob(f"{kind}-*"), key=lambda each: each.stat().st_mtime_ns, reverse=True)[KEPT:]:
            old.unlink(missing_ok=True)


def _head(name: str, content: bytes) -> bytes:
    return _MAGIC + sha256(name.encode() + content).digest()


def _own(status: os.stat_result) -> bool:
    """Can nobody else have written it? Where files have no owners, the folder lies in the user's profile."""
    return not hasattr(os, "geteuid") or (status.st_uid == os.geteuid() and not status.st_mode & 0o022)


def _made(place: Path) -> bool:
    """Is there a folder to write to? Root makes none in another's home: its owner could never use it."""
    nearest = next(path for path in (place, *place.absolute().parents) if path.exists())
    if hasattr(os, "geteuid") and os.geteuid() == _ROOT != nearest.stat().st_uid:
        return False
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _own(place.stat())
