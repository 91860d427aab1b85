"""Named values that never change: what rules and documents are made of.

A frozen dataclass would do the same, but it writes and compiles its methods anew for each class: for thirty of them that is a tenth of the time
that a short log takes. A NamedTuple, which does not, is a tuple as well: equal to any other, and without a field that is called `count`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Never, Self, dataclass_transform, get_type_hints

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


_set = object.__setattr__


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Frozen:
    """The annotations of a subclass are its fields, given by name; one with a value may be left out. `_fields`, `_asdict` and `_replace`
    are those of a NamedTuple.
    """

    _fields: ClassVar[tuple[str, ...]] = ()
    _field_defaults: ClassVar[dict[str, Any]] = {}
    _known: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        cls._fields = (*cls._fields, *cls.__annotations__)
        cls._field_defaults = {name: getattr(cls, name) for name in cls._fields if hasattr(cls, name)}
        cls._known = frozenset(cls._fields)

    def __init__(self, **values: Any) -> None:
        if values.keys() != self._known:
            values = {**self._field_defaults, **values}
            if values.keys() != self._known:
                raise TypeError(f"{type(self).__name__}: wrong or missing: {', '.join(sorted(values.keys() ^ self._known))}")
        for name, value in values.items():  # one by one, so that all of a class share one table of names
            _set(self, name, value)

    def _asdict(self) -> dict[str, Any]:
        """The fields in their order; what is in them stays as it is."""
        return {name: getattr(self, name) for name in self._fields}

    def _replace(self, **changes: Any) -> Self:
        return type(self)(**{**self._asdict(), **changes})

    def __eq__(self, other: object) -> bool:
        return self._asdict() == other._asdict() if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self._asdict().values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

    def __setattr__(self, name: str, _value: object) -> Never:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed: it is frozen")

    def __delattr__(self, name: str) -> Never:
        self.__setattr__(name, None)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """How pydantic reads one: an object with these fields, and others that are passed over."""
        from pydantic_core import core_schema

        fields = {
            name: core_schema.typed_dict_field(handler.generate_schema(hint), required=name not in cls._field_defaults)
            for name, hint in get_type_hints(cls, include_extras=True).items()
            if name in cls._known
        }
        return core_schema.no_info_after_validator_function(lambda values: cls(**values), core_schema.typed_dict_schema(fields))
