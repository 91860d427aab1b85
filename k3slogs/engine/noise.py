"""Lines that come again and again and mean nothing: after a while most of them are only counted, not parsed."""

from __future__ import annotations

_DIGITS = bytes.maketrans(b"0123456789", b"0000000000")
LEARNED = 100
"""Times that a shape must have been read and found harmless before it is only counted."""
MAX_SHAPES = 4096
MAX_SHAPE = 4096
"""Bytes of a line that is worth remembering."""


class Noise:
    """Shapes of single lines that no rule but a plain benign one claims."""

    def __init__(self) -> None:
        self._harmless: dict[bytes, int] = {}

    def learn(self, shape: bytes) -> None:
        """A line of this shape was read, and nothing but its count matters."""
        if shape in self._harmless or (len(self._harmless) < MAX_SHAPES and len(shape) <= MAX_SHAPE):
            self._harmless[shape] = self._harmless.get(shape, 0) + 1

    def knows(self, shape: bytes) -> bool:
        return self._harmless.get(shape, 0) >= LEARNED


def shape_of(raw: bytes) -> bytes:
    """The line with its digits made equal."""
    return raw.translate(_DIGITS)
