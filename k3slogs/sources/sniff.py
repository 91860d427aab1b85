"""The first bytes of a file -> why it is no log."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from k3slogs.lazily import pattern
from k3slogs.sources.compression import kind_of

if TYPE_CHECKING:
    from k3slogs.sources.compression import Kind

HEAD = 8 * 1024
ARCHIVE = "archive: it is not read as a log"
FOREIGN = "archive of a kind that k3slogs does not open (tar and zip it does): unpack it first"
JOURNAL = "binary journal: unpack it, or print it with journalctl --file NAME -o json"

MAGIC = (
    (b"PK\x03\x04", ARCHIVE),
    (b"PK\x05\x06", ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", FOREIGN),
    (b"Rar!\x1a\x07", FOREIGN),
    (b"!<arch>\n", FOREIGN),
    (b"LPKSHHRH", JOURNAL),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\xfe\xed\xfa", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"RIFF", "an image"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\0", "a database"),
)
_OURS = pattern(rb'\s*\{\s*"(?:schema_version|verdict|runs)"\s*:')
"""The documents that we print ourselves."""
_NULS = 0.05
"""Share of NUL bytes in the head that no text has."""


def archive(head: bytes) -> bool:
    return head[257:262] == b"ustar" or any(head.startswith(magic) for magic, reason in MAGIC if reason is ARCHIVE)


def maybe_archive(head: bytes) -> bool:
    """Worth a closer look: a tar, a zip, or something compressed, which may hold one; an old tar has NULs and nothing else to tell."""
    return archive(head) or kind_of(head) is not None or (b"\0" in head[:512] and len(head) >= 512)


def refusal(head: bytes) -> str | None:
    """Why a file with this head is no log, or None. Of a compressed file the text inside is asked."""
    kind = kind_of(head)
    if kind:
        text = start_of_text(kind, head)
        return refusal(text) if text and not kind_of(text) else None
    if archive(head):
        return ARCHIVE
    for magic, reason in MAGIC:
        if head.startswith(magic):
            return reason
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    if head.count(b"\0") > _NULS * len(head):
        return "binary"
    if _OURS.match(head) and b'"schema_version"' in head and (b'"verdict"' in head or b'"runs"' in head):
        return "a document of k3slogs"
    return None


def start_of_text(kind: Kind, head: bytes) -> bytes:
    """What the head of a compressed file holds; nothing if it is too short for a whole block, or damaged."""
    try:
        return kind.decoder().decompress(head, HEAD)[:HEAD]
    except Exception:  # noqa: BLE001 - each library has its own; the reader will say what is wrong
        return b""
