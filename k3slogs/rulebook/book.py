"""All rules together, with their links resolved at both ends."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from k3slogs.rulebook.expressions import Kept
    from k3slogs.rulebook.rule import Rule


class RuleBook:
    """Rules by id, with their links as sets of ids.

    `causes_of[effect]`, `clears_of[finding]` and `overrides[winner]` hold the links of both ends.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: dict[str, Rule] = {rule.id: rule for rule in rules}
        self.causes_of = self._link("caused_by", "causes")
        self.clears_of = self._link("clears_by", "clears")
        self.overrides = self._link("overrides", "overridden_by")
        self.expressions: Mapping[str, Kept] = {}
        """The regular expressions, compiled, if the book comes from the cache."""

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules.values())

    def __len__(self) -> int:
        return len(self.rules)

    def __getitem__(self, rule_id: str) -> Rule:
        return self.rules[rule_id]

    def get(self, rule_id: str) -> Rule | None:
        return self.rules.get(rule_id)

    def effects_of(self, rule_id: str) -> list[str]:
        """Ids of the rules that name this one as a cause."""
        return sorted(effect for effect, causes in self.causes_of.items() if rule_id in causes)

    @cached_property
    def anchors(self) -> dict[str, set[str]]:
        """Ids of the rules about lines by anchor, as `anchors.table` has them."""
        from k3slogs.rulebook import anchors

        return anchors.table(rule for rule in self if rule.match and not rule.of_facts)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the rules say, in hexadecimal: two books with one digest find the same."""
        from k3slogs.rulebook import written

        texts = (written.of(self.rules[rule_id]).model_dump_json(exclude={"path"}) for rule_id in sorted(self.rules))
        return sha256("\n".join(texts).encode()).hexdigest()

    @cached_property
    def all_effects(self) -> Mapping[str, frozenset[str]]:
        """Everything that may follow from a rule, over any number of links."""
        direct: dict[str, set[str]] = defaultdict(set)
        for effect, causes in self.causes_of.items():
            for cause in causes:
                direct[cause].add(effect)
        return {rule_id: frozenset(_reachable(rule_id, direct)) for rule_id in self.rules}

    def _link(self, own: str, other: str) -> dict[str, set[str]]:
        links: dict[str, set[str]] = defaultdict(set)
        for rule in self.rules.values():
            links[rule.id].update(getattr(rule, own))
            for target in getattr(rule, other):
                links[target].add(rule.id)
        return links


def _reachable(start: str, direct: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        for target in direct.get(todo.pop(), ()):
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return seen
