"""Counts how usual short pieces of text are in ordinary lines: `python -m tests.generate_usual` writes k3slogs/rulebook/usual.txt."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from k3slogs.engine.scanner import Scanner
from k3slogs.rulebook import anchors, usual

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "k3slogs" / "rulebook" / "usual.txt"
LOUDEST = 1000
"""Lines that one log counts as, at most: a restart loop says one thing a thousand times."""
STEPS = (usual.RARE, *(step * size for size in (1.0, 10.0, 100.0) for step in (1, 2, 3, 5, 7)), 1000.0)
"""Counts are rounded up to these, so that neighbouring pieces are one row and a new sample changes few of them."""


def ordinary(data: bytes) -> list[str]:
    """Lines that no level marks as a warning or worse: those that are looked at in any case cost nothing more."""
    text = data.decode("utf-8", "replace")
    scanned = usual.masked(text).encode()
    marked = {scanned.count(b"\n", 0, end - 1) for end in Scanner({}).ends(scanned)}
    return [line for number, line in enumerate(text.split("\n")) if line and number not in marked]


def counted(logs: Iterable[list[str]], held: Callable[[str], Iterable[str]]) -> dict[str, float]:
    """Lines in a thousand by what they hold; `held` is asked once for each line that differs, with its digits masked."""
    total = 0.0
    found: defaultdict[str, float] = defaultdict(float)
    for lines in logs:
        weight = min(1.0, LOUDEST / max(1, len(lines)))
        total += weight * len(lines)
        for line, times in Counter(map(usual.masked, lines)).items():
            for text in held(line):
                found[text] += weight * times
    return {text: 1000 * lines / total for text, lines in found.items()}


def _held(line: str) -> set[str]:
    return {piece for part in anchors.pieces(line) for piece in _pieces(part)}


def rows(logs: list[list[str]]) -> list[str]:
    """`text<TAB>lines`: texts all of whose pieces round up to the same count. Each piece stands in one row."""
    left = {piece: STEPS[bisect_left(STEPS, lines)] for piece, lines in counted(logs, _held).items() if lines > usual.RARE}
    texts = {part for lines in logs for line in lines for part in anchors.pieces(usual.masked(line))}
    return sorted(row for text in sorted(texts, key=lambda text: (-len(text), text)) for row in _runs(text, left))


def _runs(text: str, left: dict[str, float]) -> Iterator[str]:
    """Takes the pieces that it gives out of `left`."""
    run, lines = "", 0.0
    for piece in _pieces(text):
        count = left.pop(piece, 0.0)
        if run and count == lines:
            run += piece[-1]
            continue
        if run:
            yield f"{run}\t{lines:g}"
        run, lines = (piece if count else ""), count
    if run:
        yield f"{run}\t{lines:g}"


def _pieces(text: str) -> Iterator[str]:
    return (text[at : at + usual.PIECE] for at in range(len(text) - usual.PIECE + 1))


def logs() -> list[list[str]]:
    """Ordinary lines of every log in samples/."""
    return [ordinary(path.read_bytes()) for path in sorted((ROOT / "samples").rglob("*.log"))]


def table(logs: list[list[str]]) -> str:
    return "".join(f"{row}\n" for row in rows(logs))


def main() -> None:
    TABLE.write_text(table(logs()), "utf-8")


if __name__ == "__main__":
    main()
