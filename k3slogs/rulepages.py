"""Rules -> pages that people read: one rule, the catalogue of all, the graph of causes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.safety import sanitise
from k3slogs.taxonomy import Category

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from k3slogs.rulebook import Rule, RuleBook
    from k3slogs.rulebook.rule import Remedy

MAX_EXAMPLE = 240


def page(rule: Rule, book: RuleBook, *, level: int = 1) -> str:
    """A rule as Markdown, its heading on the given level."""
    return "\n".join(_page(rule, book, "#" * level)) + "\n"


def _page(rule: Rule, book: RuleBook, mark: str) -> Iterator[str]:
    yield f"{mark} {rule.id}"
    yield ""
    yield f"**{_title(rule)}**"
    yield ""
    status = ", experimental" if rule.status == "experimental" else ""
    wrapper = ", a wrapper: it counts only where no inner rule matches" if rule.wrapper else ""
    yield f"{rule.category} · {rule.component} · stage {rule.stage} · {rule.effect}{status}{wrapper}"
    yield ""
    yield rule.cause.strip()
    yield ""
    if rule.examples.fires:
        yield "```text"
        yield from (_short(example.line) for example in rule.examples.fires[:1])
        yield "```"
        yield ""
    if rule.remedy:
        yield "What to try:"
        yield ""
        yield from (f"{number}. {_remedy(step)}" for number, step in enumerate(rule.remedy, 1))
        yield ""
    yield from _facts(rule, book)


def _facts(rule: Rule, book: RuleBook) -> Iterator[str]:
    links = {
        "Follows from": sorted(book.causes_of.get(rule.id, ())),
        "Causes": book.effects_of(rule.id),
        "Taken back by": sorted(book.clears_of.get(rule.id, ())),
        "Stands above": sorted(book.overrides.get(rule.id, ())),
    }
    facts = [f"- {name}: {', '.join(f'`{target}`' for target in targets)}" for name, targets in links.items() if targets]
    if rule.versions:
        facts.append(f"- Versions: {', '.join(f'{name} {span}' for name, span in rule.versions.items())}")
    if rule.threshold:
        within = f" within {rule.threshold.within}" if rule.threshold.within else ""
        facts.append(f"- Counts from {rule.threshold.count} lines on{within}")
    if rule.tolerate:
        since = "the start" if rule.tolerate.since == "attempt" else f"`{rule.tolerate.since}`"
        facts.append(f"- Tolerated for {rule.tolerate.for_} since {since}")
    if rule.references:
        facts.append(f"- References: {', '.join(f'`{reference}`' for reference in rule.references)}")
    if facts:
        yield from facts
        yield ""


def _remedy(step: Remedy) -> str:
    what = step.command or step.config
    text = f"`{what}`: {step.note}" if what and step.note else f"`{what}`" if what else step.note
    return " ".join((f"{text} (costs: {step.tradeoff})" if step.tradeoff else text).split())


def _title(rule: Rule) -> str:
    """A placeholder as an ellipsis: there is no line here to fill it from."""
    title = rule.title
    for name in (*rule.captures, "stage"):
        title = title.replace(f"{{{name}}}", "…")
    return title


def _short(line: str) -> str:
    line = "\t".join(sanitise(part, newlines=True) for part in line.strip("\n").split("\t"))
    return line if len(line) <= MAX_EXAMPLE else line[:MAX_EXAMPLE] + " ..."


def catalogue(book: RuleBook) -> str:
    """All rules in full, by category, as one Markdown page."""
    return "\n".join(["# Rules\n", *(category_page(category, book, level=2) for category in _categories(book))])


def category_page(category: Category, book: RuleBook, *, level: int = 1) -> str:
    """The rules of one category in full."""
    rules = _of(category, book)
    intro = f"{'#' * level} {category}\n\n{category.description[0].upper()}{category.description[1:]}. {_count(rules)}.\n"
    return "\n".join([intro, *(page(rule, book, level=level + 1) for rule in rules)])


def index(book: RuleBook, folder: str) -> str:
    """Every rule in a line, by category, each linked to its page in `folder`."""
    parts = [f"# Rules\n\n{_count(list(book))}. Each links to its example line, meaning, remedy, causes and effects.\n"]
    for category in _categories(book):
        parts.append(
            f"## {category}\n\n{category.description[0].upper()}{category.description[1:]}.\n\n| rule | effect | stage | what it says |\n|---|---|---|---|"
        )
        parts += [
            f"| [{rule.id}]({folder}/{category}.md#{rule.id}) | {rule.effect} | {rule.stage} | {_title(rule).replace('|', chr(92) + '|')} |"
            for rule in _of(category, book)
        ]
        parts.append("")
    return "\n".join(parts)


def _categories(book: RuleBook) -> list[Category]:
    return [category for category in Category if _of(category, book)]


def _of(category: Category, book: RuleBook) -> list[Rule]:
    return sorted((rule for rule in book if rule.category is category), key=lambda rule: rule.id)


def _count(rules: list[Rule]) -> str:
    return f"{len(rules)} rule{'' if len(rules) == 1 else 's'}"


def mermaid(book: RuleBook, chosen: Iterable[str] = ()) -> str:
    """Causes and effects as a Mermaid flowchart; with ids, only what is linked to them."""
    edges = [f"  {_node(cause)} --> {_node(effect)}" for cause, effect in _edges(book, set(chosen))]
    return "\n".join(["flowchart LR", *edges]) + "\n"


def dot(book: RuleBook, chosen: Iterable[str] = ()) -> str:
    """The same as a DOT graph."""
    edges = [f'  "{cause}" -> "{effect}";' for cause, effect in _edges(book, set(chosen))]
    return "\n".join(["digraph causes {", "  rankdir=LR;", *edges, "}"]) + "\n"


def _edges(book: RuleBook, chosen: set[str]) -> list[tuple[str, str]]:
    edges = sorted((cause, effect) for effect, causes in book.causes_of.items() for cause in causes)
    if not chosen:
        return edges
    around = chosen | {effect for rule in chosen for effect in book.all_effects.get(rule, ())}
    around |= {cause for cause in book.rules if book.all_effects[cause] & chosen}
    return [(cause, effect) for cause, effect in edges if cause in around and effect in around]


def _node(rule_id: str) -> str:
    """Mermaid takes `end` and dashes badly as ids, so each node has a plain id and its name as a label."""
    return f'n_{rule_id.replace("-", "_")}["{rule_id}"]'
