"""The table of a comparison as CSV."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from k3slogs.renderers._comparison import _words as words

if TYPE_CHECKING:
    from k3slogs.comparison import ComparisonDocument

_FORMULA = ("=", "+", "-", "@")


def render(document: ComparisonDocument, *, transpose: bool = False) -> str:
    """Rows with their heading. A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    for row in words.table(document, transpose=transpose):
        writer.writerow([f"'{text}" if text.startswith(_FORMULA) else text for text in row])
    return file.getvalue()
