"""Write the pages of `tests/looks` anew: `python -m tests.looks`, then read the difference."""

from __future__ import annotations

import k3slogs
from tests.test_experiments import LOOKS, _lasting, folder


def main() -> None:
    three = k3slogs.compare([folder(15), folder(17), folder(18)])
    LOOKS.mkdir(exist_ok=True)
    pages = {"comparison.txt": three.render("terminal"), "comparison.md": three.render("md"), "writeup-18.md": k3slogs.writeup(folder(18))}
    for name, text in pages.items():
        (LOOKS / name).write_text(_lasting(text), "utf-8")


if __name__ == "__main__":
    main()
