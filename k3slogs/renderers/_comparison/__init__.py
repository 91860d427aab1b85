"""Comparison -> text: a module of this folder is an output, with `render(document, *, transpose) -> str`."""
