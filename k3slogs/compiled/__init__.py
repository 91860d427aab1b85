"""The loops that go over every line of a long text, compiled where a C compiler was at hand when k3slogs was installed.

Without it numpy does the same, more slowly: what is found never depends on it.
"""

from __future__ import annotations

import os
from functools import cache
from hashlib import sha256
from itertools import accumulate, chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy as np
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

SOURCE = Path(__file__).with_name("lines.c")
LIBRARY = SOURCE.with_suffix(".library")
_KEY = os.urandom(16)


@cache
def library() -> Any:
    """The functions of `lines.c`; None where it was not compiled, not for this machine, or not as it is now."""
    import ctypes

    try:
        found = ctypes.CDLL(str(LIBRARY))
        of = (ctypes.c_char * 64).in_dll(found, "k3slogs_source")
        if of.value.decode() != sha256(SOURCE.read_bytes()).hexdigest():
            return None
    except (OSError, ValueError):
        return None
    place, number, text = ctypes.c_void_p, ctypes.c_int64, ctypes.c_char_p
    newlines, shapes, kinds, differ = (getattr(found, f"k3slogs_{name}") for name in ("newlines", "shapes", "kinds", "differ"))
    newlines.argtypes = (text, number)
    shapes.argtypes = (text, number, number, text, place, number, place, place, place, number, number, place, place, place, number)
    kinds.argtypes = (text, place, place, number, place, place, text, place, number, place, place)
    differ.argtypes, differ.restype = (text, place, number, number, place), None
    newlines.restype = shapes.restype = kinds.restype = number
    return found


def newlines(text: bytes) -> int:
    """How many there are."""
    return int(library().k3slogs_newlines(text, len(text)))


class Seen(NamedTuple):
    """Lines of a text: where each begins and ends, without its newline, and which shape it has."""

    starts: Ints
    ends: Ints
    which: Ints


class Shapes:
    """What lines are when every digit is a 0, and long ids are nothing else, each once, numbered in the order in which they were seen first."""

    def __init__(self, most: int, room: int, lines: int) -> None:
        """How many shapes, a power of two, and bytes of them are known at a time, and how many lines a text may have."""
        import numpy as np

        self._most, self._room = most, room
        self._texts, self._cuts = np.empty(room, np.uint8), np.zeros(most + 1, np.int64)
        self._slots, self._count = np.zeros((2 * most, 2), np.uint64), np.zeros(1, np.int64)
        self._lines = np.empty((3, lines), np.int64)

    def __len__(self) -> int:
        return int(self._count[0])

    def clear(self) -> None:
        self._slots[:] = 0
        self._count[0] = 0

    def see(self, text: bytes, begin: int, end: int) -> Seen | None:
        """The lines in text[begin:end], until the next call; None: there are too many, or too many new shapes. Some may be known then."""
        found = library().k3slogs_shapes(
            text, begin, end, _KEY, *_at(self._slots), 2 * self._most - 1, *_at(self._texts, self._cuts, self._count),
            self._most, self._room, *_at(*self._lines), self._lines.shape[1],
        )  # fmt: skip
        return None if found < 0 else Seen(*self._lines[:, :found])

    def since(self, number: int) -> tuple[memoryview, Ints]:
        """From this one on, each with a newline behind it, and where each of them ends, newline and all."""
        cuts = self._cuts[number : len(self) + 1]
        return self._texts.data[cuts[0] : cuts[-1]], cuts[1:] - cuts[0]

    def text(self, number: int) -> bytes:
        return self._texts[self._cuts[number] : self._cuts[number + 1] - 1].tobytes()


def kinds(text: bytes, starts: Ints, layouts: Ints, spans: Sequence[Collection[tuple[int, int]]]) -> tuple[Ints, Ints]:
    """The first line of each kind, and which kind each line is: of one kind are lines of one layout that are equal in all of its spans.

    `layouts` is the layout of each line, `spans` has those of each layout, from the begin of the line.
    """
    import numpy as np

    starts, layouts = (np.ascontiguousarray(each, np.int64) for each in (starts, layouts))
    cuts = np.array([0, *accumulate(map(len, spans))], np.int64)
    flat = np.array([*chain.from_iterable(chain.from_iterable(spans))], np.int64)
    slots = np.zeros((2 << len(starts).bit_length(), 2), np.uint64)
    firsts, which = np.empty(len(starts), np.int64), np.empty(len(starts), np.int64)
    found = library().k3slogs_kinds(
        text, *_at(starts, layouts), len(starts), *_at(cuts, flat), _KEY, *_at(slots), len(slots) - 1, *_at(firsts, which)
    )
    return firsts[:found], which


def differ(text: bytes, places: Ints, size: int) -> npt.NDArray[np.bool_]:
    """For each of these places but the first: do other bytes stand there than at the one before it? So many are compared."""
    import numpy as np

    places = np.ascontiguousarray(places, np.int64)
    found = np.empty(len(places), np.bool_)
    library().k3slogs_differ(text, *_at(places), len(places), size, *_at(found))
    return found[1:]


def _at(*arrays: npt.NDArray[Any]) -> list[int]:
    return [array.ctypes.data for array in arrays]
