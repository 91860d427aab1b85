"""`k3slogs rules`: list, show, test, schema, graph."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from k3slogs.cli import _options, _output
from k3slogs.cli._arguments import Argument, Option
from k3slogs.taxonomy import Category, Component, Effect, Stage

if TYPE_CHECKING:
    from k3slogs.cli._app import App
    from k3slogs.rulebook import Rule


class ListForm(StrEnum):
    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class GraphForm(StrEnum):
    MERMAID = "mermaid"
    DOT = "dot"


def register(app: App) -> None:
    rules = app.group("rules", "The rules: list, show, test, schema, graph.")
    rules.add("list", list_rules)
    rules.add("show", show)
    rules.add("test", test)
    rules.add("schema", schema)
    rules.add("graph", graph)


def list_rules(
    category: Annotated[Category | None, Option(help="Only rules of this category.", show_default=False)] = None,
    stage: Annotated[Stage | None, Option(help="Only rules of this stage.", show_default=False)] = None,
    effect: Annotated[Effect | None, Option(help="Only rules of this effect.", show_default=False)] = None,
    component: Annotated[Component | None, Option(help="Only rules of this component.", show_default=False)] = None,
    form: Annotated[ListForm, Option("--format", "-f", help="How to print them.")] = ListForm.TEXT,
    packs: _options.Packs = None,
) -> int:
    """List the rules, one a line, or as the catalogue in Markdown."""
    from k3slogs.rulebook import RuleBook

    book = _options.book(packs)
    wanted = {"category": category, "stage": stage, "effect": effect, "component": component}
    rules = [rule for rule in book if all(value is None or getattr(rule, name) == value for name, value in wanted.items())]
    if form is ListForm.JSON:
        import json

        from k3slogs.rulebook import written

        said = [written.of(rule).model_dump(mode="json", exclude={"path"}, exclude_defaults=True) for rule in rules]
        _output.write(json.dumps(said, indent=2) + "\n")
    elif form is ListForm.MARKDOWN:
        from k3slogs.rulepages import catalogue

        _output.write(catalogue(book if len(rules) == len(book) else RuleBook(rules)))
    else:
        _output.write("".join(_row(rule) for rule in sorted(rules, key=lambda rule: (rule.category, rule.id))) + f"{len(rules)} rules\n")
    return _output.Exit.OK


def _row(rule: Rule) -> str:
    return f"{rule.category:<14} {rule.stage:<14} {rule.effect:<10} {rule.component:<15} {rule.id:<44} {rule.title}\n"


def show(rule_id: Annotated[str, Argument(metavar="RULE", help="A rule's id.")], packs: _options.Packs = None) -> int:
    """Show a rule's file as it is written."""
    rule = _options.rule(_options.book(packs), rule_id)
    _output.write(Path(rule.path).read_text("utf-8-sig"))
    return _output.Exit.OK


def test(
    folder: Annotated[Path | None, Argument(metavar="DIR", help="A pack; without it, the built-in rules.", show_default=False)] = None,
) -> int:
    """Run the examples of a pack against all rules: what must fire fires, what must stay silent does, and nothing is claimed twice."""
    from k3slogs.rulecheck import check

    book = _options.book([folder] if folder else None)
    ours = [rule for rule in book if folder is None or folder.resolve() in Path(rule.path).resolve().parents]
    report = check(book, ours)
    for problem in report.problems:
        _output.complain(str(problem))
    for warning in report.warnings:
        _output.complain(f"warning: {warning}")
    _output.write(
        f"{report.rules} rules, {report.fires} lines that fire, {report.silent} that stay silent, {report.streams} streams: "
        f"{len(report.problems) or 'no'} problem{'' if len(report.problems) == 1 else 's'}\n"
    )
    return _output.Exit.USAGE if report.problems else _output.Exit.OK


def schema() -> int:
    """Print the JSON schema of a rule file, for editors."""
    import json

    from k3slogs.rulebook.schema import rule_schema

    _output.write(json.dumps(rule_schema(), indent=2) + "\n")
    return _output.Exit.OK


def graph(
    rules: Annotated[
        list[str] | None,
        Argument(metavar="[RULE]...", help="Only what leads to these rules and follows from them.", show_default=False),
    ] = None,
    form: Annotated[GraphForm, Option("--format", "-f", help="The graph's language.")] = GraphForm.MERMAID,
    packs: _options.Packs = None,
) -> int:
    """Print the declared causes as a graph."""
    from k3slogs.rulepages import dot, mermaid

    book = _options.book(packs)
    for rule_id in rules or ():
        _options.rule(book, rule_id)
    draw = mermaid if form is GraphForm.MERMAID else dot
    _output.write(draw(book, rules or ()))
    return _output.Exit.OK
