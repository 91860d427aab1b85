"""The typer application, put together from the modules of this folder."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Annotated

import typer


def build(asked: str | None = None) -> typer.Typer:
    """The application; of its commands only the one asked for, where there is one of that name: each costs what its options cost."""
    app = typer.Typer(
        name="k3slogs",
        help="Reads the logs of a k3s node and says what broke.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    names = [module.name for module in iter_modules([str(Path(__file__).parent)]) if not module.name.startswith("_")]
    for name in [asked] if asked in names else sorted(names):
        import_module(f"k3slogs.cli.{name}").register(app)
    return app


def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=lambda value: _version(shown=value))
    ] = False,
) -> None:
    """Reads the logs of a k3s node and says what broke."""


def _version(*, shown: bool) -> None:
    if shown:
        from importlib.metadata import version

        typer.echo(f"k3slogs {version('k3slogs')}")
        raise typer.Exit
