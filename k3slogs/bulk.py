"""Large pieces of bytes, gone over as fast as memory gives them. numpy does it where a piece is long enough to be worth its import, or what is
compiled.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from k3slogs import compiled

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LONG = 2 << 20
"""Bytes of a long piece."""
NEAR = 1 << 16
"""Bytes that stay near the processor while they are gone over several times."""
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of the GNU C library's `mallopt`."""
_KEPT = 64 << 20


def newlines(data: bytes) -> int:
    """How many there are."""
    if len(data) < LONG:
        return data.count(b"\n")
    if compiled.library() is not None:
        return compiled.newlines(data)
    import numpy as np

    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == ord("\n")))


def masked(text: bytes) -> bytes:
    """With every digit a 0."""
    if len(text) < LONG:
        return text.translate(_DIGITS)
    import numpy as np

    given, found = np.frombuffer(text, np.uint8), np.empty(len(text), np.uint8)
    for at in range(0, len(text), NEAR):
        found[at : at + NEAR] = zeroed(given[at : at + NEAR])
    return found.tobytes()


def zeroed(text: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The same of an array: of each byte its distance to 0 is taken away, if that is less than ten."""
    distance = text - ord("0")
    return text - distance * (distance < 10)


def pieces(text: bytes, size: int) -> npt.NDArray[np.uint8]:
    """All pieces of a size, from each place on, without a copy."""
    import numpy as np

    return np.ndarray((max(len(text) - size + 1, 0), size), np.uint8, text, strides=(1, 1))


def strings(text: bytes, size: int) -> npt.NDArray[np.bytes_]:
    """The same, each as one value: of one size they compare as their bytes do, in less than half of the time."""
    import numpy as np

    return np.ndarray((max(len(text) - size + 1, 0),), f"S{size}", text, strides=(1,))


def keep_memory() -> None:
    """Let this process keep what it frees, up to some megabytes: a piece of memory that is asked for anew is cleared first, page by page.

    It is for processes that read long logs and end. Where the C library is another one, nothing happens.
    """
    with suppress(OSError, AttributeError):
        library = _c_library()
        library.mallopt(_MMAP_THRESHOLD, _KEPT)
        library.mallopt(_TRIM_THRESHOLD, _KEPT)


def give_back_memory() -> None:
    """Give back what is kept so, but is too small for what is asked for: long pieces differ a little in size, and leave gaps."""
    with suppress(OSError, AttributeError):
        _c_library().malloc_trim(0)


def _c_library() -> Any:
    """Raises OSError where it is none of GNU's."""
    import ctypes

    if sys.platform != "linux":
        raise OSError
    return ctypes.CDLL(None)
