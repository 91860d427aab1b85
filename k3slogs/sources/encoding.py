"""Chunks of UTF-16 with its mark -> chunks of UTF-8; everything else stays as it is."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from k3slogs.sources.compression import Chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def to_utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    mark = len(codecs.BOM_UTF8)
    source = Chunks(chunks)
    if name := UTF16.get(source.peek(mark)[:2]):
        source = Chunks(_decoded(source, name))
    source.peek(mark)
    yield next(source, b"").removeprefix(codecs.BOM_UTF8)
    yield from source


def _decoded(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(name)("replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()
