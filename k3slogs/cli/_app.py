"""The typer application, put together from the modules of this folder."""

from __future__ import annotations

from importlib import import_module
from inspect import signature
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_type_hints

import typer

from k3slogs.cli._arguments import Argument, Option

if TYPE_CHECKING:
    from collections.abc import Callable


class App(typer.Typer):
    """Commands whose arguments are declared as in `_arguments`."""

    def add(self, name: str, command: Callable[..., int]) -> None:
        self.command(name)(_typed(command))

    def group(self, name: str, words: str) -> App:
        """Commands below a name."""
        inner = App(help=words, no_args_is_help=True)
        self.add_typer(inner, name=name)
        return inner


def build(asked: str | None = None) -> App:
    """The application; of its commands only the one asked for, where there is one of that name: each costs what its options cost."""
    app = App(
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


def _typed(command: Callable[..., int]) -> Callable[..., int]:
    """The command with its arguments declared as typer wants it."""

    def run(**given: Any) -> int:
        return command(**given)

    hints = {name: _for_typer(hint) for name, hint in get_type_hints(command, include_extras=True).items()}
    told = signature(command)
    parameters = [each.replace(annotation=hints[each.name]) for each in told.parameters.values()]
    run.__signature__ = told.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__, run.__doc__ = hints, command.__doc__
    return run


def _for_typer(hint: Any) -> Any:
    match get_args(hint):
        case [kind, Option(names=names, settings=settings)]:
            return Annotated[kind, typer.Option(*names, **settings)]
        case [kind, Argument(settings=settings)]:
            return Annotated[kind, typer.Argument(**settings)]
    return hint


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
