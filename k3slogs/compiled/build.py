"""Compiles `lines.c` where k3slogs is installed from its sources. Without a C compiler nothing is compiled, and nothing fails."""

from __future__ import annotations

import os
import shlex
import subprocess
import sysconfig
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_SOURCE = Path(__file__).with_name("lines.c")
_LIBRARY = _SOURCE.with_suffix(".library")
"""No `.so`, which Python would take for a module."""
_OPTIONS = ("-std=gnu11", "-O3", "-fPIC", "-shared")
_COMPILERS = ("cc", "gcc", "clang")


class CompileHook(BuildHookInterface[Any]):
    """Adds the library to a wheel, which is then one for this system."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - so hatchling calls it
        if self.target_name == "wheel" and _compiled():
            build_data["pure_python"] = False
            build_data["artifacts"].append(f"/k3slogs/compiled/{_LIBRARY.name}")
            build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"


def _compiled() -> bool:
    named = os.environ.get("CC")
    return os.name == "posix" and any(map(_compiles, [named] if named else _COMPILERS))


def _compiles(compiler: str) -> bool:
    """The library is replaced only by a whole one: another process may be using it."""
    stamp = f'-DSOURCE="{sha256(_SOURCE.read_bytes()).hexdigest()}"'
    try:
        with TemporaryDirectory(dir=_LIBRARY.parent) as folder:
            draft = Path(folder, _LIBRARY.name)
            command = [*shlex.split(compiler), *_OPTIONS, stamp, str(_SOURCE), "-o", str(draft)]
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - the user's own compiler
            draft.replace(_LIBRARY)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
