"""What the name of a file tells: its age among its siblings, and that it is no log."""

from __future__ import annotations

import re

from k3slogs.lazily import pattern

OURS = {"truth.json", "expect.yaml", "experiment.yaml"}
_ARCHIVES = pattern(r"\.(?:tar(?:\.\w+)?|t[gbx]z2?|tzst|zip|7z|rar)$", re.IGNORECASE)
_PACKED = pattern(r"\.(?:gz|bz2|xz|zst)$")
_STAMPED = pattern(r"^(.+)-(\d{4}-\d\d-\d\dT[\d.-]+)(\.\w+)$")
_DATED = pattern(r"^(.+)[.-](\d{4}-?\d\d-?\d\d[\dT:.-]*)$")
_COUNTED = pattern(r"^(.+)\.(\d{1,5})$")
_PREVIOUS = pattern(r"^(.+?)-previous(\.\w+)?$")
_ENDINGS = pattern(r"(?:\.tar)?(?:\.(?:gz|bz2|xz|zst))?$|\.(?:t[gbx]z2?|tzst|zip)$", re.IGNORECASE)
_IMAGES = pattern(r"(?:^|/)agent/images/|airgap-images[^/]*$|\.(?:jar|whl|docx|xlsx|odt|ods)$")

Natural = list[tuple[int, int, str]]
Age = tuple[Natural, tuple[int, int, str]]


def age_key(name: str) -> Age:
    """Sorts files by name with numbers in their order, and rotated ones before the file that they were: the oldest first."""
    plain = _PACKED.sub("", name)
    if match := _STAMPED.match(plain):
        return _natural(match[1] + match[3]), (1, 0, match[2])
    if match := _COUNTED.match(plain):
        return _natural(match[1]), (0, -int(match[2]), "")
    if match := _DATED.match(plain):
        return _natural(match[1]), (1, 0, match[2])
    if match := _PREVIOUS.match(plain):
        return _natural(match[1] + (match[2] or "")), (2, 0, "")
    return _natural(plain), (3, 0, "")


def _natural(name: str) -> Natural:
    parts = re.findall(r"[0-9]{1,18}|[^0-9]+", name)
    return [(0, int(part), "") if part.isdigit() and part.isascii() else (1, 0, part) for part in parts]


def stem(name: str) -> str:
    """An archive's name without its endings."""
    return _ENDINGS.sub("", name)


def refused(name: str) -> str | None:
    """Why a file of that name is no log, or None."""
    if name in OURS:
        return "describes the run"
    if name.startswith(".") or name == "__MACOSX":
        return "hidden"
    if name.lower().endswith((".md", ".markdown")):
        return "Markdown: name it to have it read"
    return "named like an archive, and is none that can be read: tar and zip can" if _ARCHIVES.search(name) else None


def closed(path: str) -> str | None:
    """Why an archive at that path is not opened, or None."""
    return "an archive that holds no logs: images, or a document" if _IMAGES.search(path) else None
