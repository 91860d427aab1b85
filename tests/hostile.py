"""Logs whose text is markup, scripts, templates and Markdown: whoever renders it must show it as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import SEED, klog

if TYPE_CHECKING:
    from pathlib import Path

MARKUP = (
    "<script>window.owned=1</script>",
    "</script></style></title></textarea><script>window.owned=2</script>",
    '"><img src=x onerror=window.owned=3>',
    "'><svg onload=window.owned=4>",
    "<iframe src=javascript:window.owned=5></iframe>",
    "<a href=javascript:window.owned=6>click</a>",
    "<base href=http://127.0.0.1:9/><link rel=stylesheet href=http://127.0.0.1:9/x.css>",
    "<meta http-equiv=refresh content=0;url=http://127.0.0.1:9/>",
    "{{ 7 * 7 }}{% for x in y %}",
    "<!-- --> ]]> &lt;b&gt; &#60;",
    "<details open ontoggle=window.owned=7><summary>x",
)
MARKDOWN = (
    "a|b `c` ``d`` |e| \\| [x](http://127.0.0.1:9/) ![y](z.png) <b>",
    "# heading",
    "- item * star _under_ ~~gone~~ **bold**",
    "```fence ~~~ fence",
    "> quote",
    "1. one",
    "<http://127.0.0.1:9/> <!-- x",
    "$x^2$ :smile: @somebody #1 [^1]: note",
    "%%{init: {'x': 1}}%% section x; : task :crit, a, 1, 2",
    "----- ===== | --- |",
)


def hostile_logs(folder: Path, pieces: tuple[str, ...] = MARKUP) -> Path:
    """A folder with a failed run: hostile text in unknown lines, in what rules capture, in fields, near evidence and in a file's name."""
    lines = [
        'time="2026-11-23T05:00:01Z" level=info msg="Starting k3s v1.33.5+k3s1 (8a8e43b3)"',
        *(klog(f"something odd {piece}".replace('"', '\\"'), second=number) for number, piece in enumerate(pieces)),
        *(_sandbox(piece, 100 + number) for number, piece in enumerate(pieces)),
        *SEED.splitlines(),
        *(f"W1123 05:07:39.{number:06d} 1 x.go:1] {piece}" for number, piece in enumerate(pieces)),
    ]  # fmt: skip
    (folder / "k3s <b onclick=x>&amp; `a|b` [l](u).log").write_text("\n".join(lines) + "\n")
    return folder


def _sandbox(piece: str, second: int) -> str:
    inner = piece.replace("\\", "\\\\").replace('"', '\\"')
    return klog(
        "Failed to create sandbox for pod",
        second=second,
        err=f"rpc error: code = Unknown desc = failed to setup network for sandbox {inner}",
    )
