"""Go's own last words: panics, fatal errors, signals, and the goroutines below them."""

from __future__ import annotations

from k3slogs.formats._base import LineFormat, Sample
from k3slogs.lazily import pattern
from k3slogs.model import Reading
from k3slogs.taxonomy import Level

_START = pattern(r"panic: |fatal error: |SIG[A-Z]{2,8}: |runtime: |unexpected fault address ")
_BODY = pattern(
    r"\s|$|\[signal |goroutine [0-9]+ |created by |[^\s()]+\(.*\)$|exit status [0-9]+|\.\.\.|PC=|r\w{1,3} +0x|rip |rflags |[cfg]s +0x|-----"
)
_STACK = pattern(r"\n\s*(?:goroutine [0-9]|\[signal )")
_MAX_STACK = 4096


def starts_panic(inner: str) -> bool:
    return inner[:1] in "pfSru" and _START.match(inner) is not None


def continues_panic(inner: str) -> bool:
    return _BODY.match(inner) is not None


def _read(text: str) -> Reading | None:
    if not starts_panic(text):
        return None
    stack = _STACK.search(text)
    end = stack.start() if stack else len(text)
    fields = (("stack", text[end:].strip()[:_MAX_STACK]),) if stack else ()
    level = Level.ERROR if text.startswith("runtime: ") else Level.FATAL
    return Reading(text[:end].strip(), level=level, fields=fields)


FORMAT = LineFormat(
    name="go-panic",
    starts="pfSru",
    read=_read,
    multiline=True,
    samples=(
        Sample("panic: failed to open database", {"message": "panic: failed to open database", "level": Level.FATAL}),
        Sample(
            "fatal error: sync: inconsistent mutex state\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:7 +0x1d",
            {
                "message": "fatal error: sync: inconsistent mutex state",
                "fields": {"stack": "goroutine 1 [running]:\nmain.main()\n\t/src/main.go:7 +0x1d"},
            },
        ),
        Sample("SIGQUIT: quit", {"level": Level.FATAL}),
    ),
)
