"""Regular expressions that are compiled when they are first asked: most logs have few of the forms that could be read."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, AnyStr, cast


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, but a wrong pattern is told later, and a call costs a tenth of a microsecond more: not for what every line is asked."""
    return cast("re.Pattern[AnyStr]", _Pattern(text, flags))


class _Pattern:
    def __init__(self, text: Any, flags: int) -> None:
        self._compile = partial(re.compile, text, flags)

    def __getattr__(self, name: str) -> Any:
        """Asked for once for each name, which is an attribute from then on."""
        value = getattr(self._compile(), name)
        setattr(self, name, value)
        return value
