"""The door for everything that leaves: control characters are taken out, then secrets."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2s
from typing import TYPE_CHECKING, Any

from k3slogs import lazily
from k3slogs.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Callable


def clean(text: str, *, redacted: bool = True, newlines: bool = False) -> str:
    """Safe to print: no control characters and, unless asked otherwise, no secrets."""
    text = sanitise(text, newlines=newlines)
    return redact(text) if redacted else text


def each_text(value: Any, change: Callable[[str], str]) -> Any:
    """The same value, a document or what was read from a file, with what becomes of each text in it."""
    if type(value) is str:  # no word of a closed list
        return change(value)
    if isinstance(value, Frozen):
        return value._replace(**{name: each_text(each, change) for name, each in value._asdict().items()})
    if isinstance(value, list | tuple):
        return type(value)(each_text(each, change) for each in value)
    if isinstance(value, dict):
        return {each_text(name, change): each_text(each, change) for name, each in value.items()}
    return value


def key_material(line: str) -> bool:
    """Is the line nothing but base64, as those of a key are that begins outside of what is shown?"""
    return re.fullmatch(r"\s*(?=[^\n]*[A-Z])[A-Za-z0-9+/]{40,}={0,2}\s*", line) is not None


# --- control characters -------------------------------------------------------------------------------------------

# Whole sequences come first, then any single one; all go in one pass, so what is left of a broken sequence cannot form a new one.
_UNSAFE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS and kin: titles, links, clipboard
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_BLANKS = "\t\n\u2028\u2029"


def sanitise(text: str, *, newlines: bool = False) -> str:
    """Without escape sequences, control, bidi and invisible characters; a tab or newline is one blank unless newlines are kept."""
    if (text.isascii() and text.isprintable()) or not _UNSAFE.search(text):
        return text
    return _UNSAFE.sub(_keep_newline if newlines else _harmless, text)


def _harmless(match: re.Match[str]) -> str:
    found = match[0]
    if found in _BLANKS:
        return " "
    return "\ufffd" if "\ud800" <= found <= "\udfff" else ""


def _keep_newline(match: re.Match[str]) -> str:
    return "\n" if match[0] == "\n" else _harmless(match)


# --- secrets ------------------------------------------------------------------------------------------------------

_PUBLIC = lazily.pattern(r"\[redacted:[0-9a-f]{6}\]|\*+|\$\{?\w+\}?|\$\(\w+\)|<[\w -]*>|null|true|false", re.IGNORECASE)
"""Values that give nothing away: what was redacted before, stars, variables, placeholders."""
_WORDS = lazily.pattern(
    "(?:is|are|was|were|be|been|has|have|had|and|or|not|no|but|nor|if|as|at|by|in|on|of|to|for|from|with|the|an?|this|that|it|must|may"
    "|can|cannot|could|should|will|would|does|did|do|when|while|flags?|options?|values?|file|path|required|missing|invalid|deprecated"
    "|empty|set|unset|given|used|specified|provided)",
    re.IGNORECASE,
)
"""Behind `--token` and a blank these are prose."""

_QUOTE = r"\\{0,8}[\"']"
"""As printed, however often it was escaped."""
_QUOTED = rf"(?P<quote>{_QUOTE})[^\n]{{0,2048}}?(?<!\\)(?P=quote)"
_BARE = r"(?:[^\s\"'\\]|\\(?![\"'\\nrt]))+"
_VALUE = rf"(?P<secret>{_QUOTED}|{_QUOTE}{_BARE}|{_BARE})"
_STRING = rf"(?P<secret>{_QUOTED}|{_QUOTE}{_BARE})"
_GLUE = rf"(?:(?:{_QUOTE})?[ \t]{{0,8}}[=:,][ \t]{{0,8}}|{_QUOTE}[ \t]{{1,8}}(?={_QUOTE})|[ \t]{{1,8}})"
"""Between a name and its value: `=`, `: `, `","`, `" "` or blanks."""
_COLON = rf"{_QUOTE}[ \t]{{0,8}}:[ \t]{{0,8}}"
_FLAGS = "--(?:token|agent-token|cluster-secret|datastore-endpoint|etcd-s3-access-key|etcd-s3-secret-key|etcd-s3-session-token|vpn-auth|password)"
_VARIABLES = (
    r"\b(?:(?:K3S|RKE2)_(?:TOKEN|AGENT_TOKEN|CLUSTER_SECRET|DATASTORE_ENDPOINT|VPN_AUTH)"
    r"|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN)"
)
_NAMES = r"(?<![a-z0-9])(?<!cluster-)(?:token|password|passwd)"
_SETTINGS = r"\b(?:agent-token|cluster-secret|datastore-endpoint|vpn-auth|etcd-s3-(?:access|secret)-key|client-key-data)"


@lru_cache(maxsize=2048)  # the same lines stand beside several findings
def redact(text: str) -> str:
    """Without secrets. Each becomes `[redacted:xxxxxx]`, the same tag for the same secret.

    The tag is 24 bits of a hash with a fixed key: equal secrets can be told across outputs, and an output is the same every time.
    The price: who guesses a weak secret can check the guess, and is wrong once in 16 million times.
    """
    lower = text.lower()
    for hint in HINTS:  # a loop, since every line that is shown comes here
        if hint in lower:
            break
    else:
        return text
    for _ in range(8):  # what was replaced may complete another pattern; the second round nearly always finds nothing
        before = text
        for hints, replace in _REPLACERS:
            if any(hint in lower for hint in hints):
                text = replace(text)
                lower = text.lower()
        if text == before:
            return text
    return text


def _tag(secret: str) -> str:
    if _PUBLIC.fullmatch(secret) or not secret:
        return secret
    digest = blake2s(secret.encode("utf-8", "replace"), key=b"k3slogs", digest_size=3).hexdigest()
    return f"[redacted:{digest}]"


def _hide(value: str) -> str:
    """The value with its secret part replaced: quotes, and what closes the sentence around a bare one, stay."""
    if _PUBLIC.fullmatch(value):
        return value
    if opening := re.match(_QUOTE, value):
        inner = value[opening.end() :]
        closing = opening[0] if inner.endswith(opening[0]) else ""
        return opening[0] + _tag(inner.removesuffix(closing)) + closing
    known = re.match(r"\[redacted:[0-9a-f]{6}\]", value)
    core = known[0] if known and not value[known.end() :].strip("])},;.") else value.rstrip("])},;.")
    return _tag(core) + value[len(core) :]


def _replacer(pattern: str, hide: Callable[[str], str], *, flags: int = 0) -> Callable[[str], str]:
    """Puts what `hide` makes of the pattern's group `secret` in its place."""

    def swap(match: re.Match[str]) -> str:
        start, end = match.start("secret") - match.start(), match.end("secret") - match.start()
        return match[0][:start] + hide(match["secret"]) + match[0][end:]

    found = lazily.pattern(pattern, flags)
    return lambda text: found.sub(swap, text)


def _exact(pattern: str, flags: int = 0) -> Callable[[str], str]:
    """The group is the secret, to the last character."""
    return _replacer(pattern, _tag, flags=flags)


def _value(pattern: str, flags: int = 0) -> Callable[[str], str]:
    """The group is a value as it is printed, perhaps in quotes."""
    return _replacer(pattern, _hide, flags=flags)


def _setting(name: str) -> Callable[[str], str]:
    """A name with its value behind; prose such as `--token is required` stays."""
    found = lazily.pattern(rf"{name}(?P<glue>{_GLUE}){_VALUE}")

    def swap(match: re.Match[str]) -> str:
        value = match["secret"]
        prose = value.startswith("-") or _WORDS.fullmatch(value.strip("\\\"'.,;:)"))
        if prose and "=" not in match["glue"]:
            return match[0]
        return match[0][: match.start("secret") - match.start()] + _hide(value)

    return lambda text: found.sub(swap, text)


_PAIR = lazily.pattern(rf"\b(?:token|password|passwd):[ \t]+{_VALUE}", re.IGNORECASE)
_BEFORE = lazily.pattern(r"(?:^|\n)[ \t]*(?:- )?\Z|[\w-]:[ \t]+\S+[ \t]+(?:- )?\Z")
_BEHIND = lazily.pattern(r"[ \t]*(?:$|\n|[\w.-]+:(?:\s|$)|- )")


def _yaml(text: str) -> str:
    """`token: x` where it stands among settings, or with a value that is no word; `bad token: unexpected end` is an error's text."""

    def swap(match: re.Match[str]) -> str:
        value = match["secret"]
        before, behind = text[max(0, match.start() - 300) : match.start()], text[match.end() : match.end() + 80]
        among_settings = _BEFORE.search(before) and _BEHIND.match(behind)
        no_word = len(value) >= 8 and any(char.isdigit() for char in value) and any(char.isalpha() for char in value)
        if value.startswith("/") or not (among_settings or no_word):
            return match[0]
        return match[0][: match.start("secret") - match.start()] + _hide(value)

    return _PAIR.sub(swap, text)


def _mysql(text: str) -> str:
    """`user:PASSWORD@tcp(host)`: the password may hold anything, so it is found from its end."""
    pieces: list[str] = []
    done = 0
    for match in re.finditer(r"@(?:tcp|unix)\(", text):
        word = re.split(r"[\s\"'=]|://", text[max(done, match.start() - 600) : match.start()])[-1]
        user, colon, password = word.partition(":")
        if colon:
            pieces += (text[done : match.start() - len(word)], user, colon, _tag(password))
            done = match.start()
    return "".join([*pieces, text[done:]])


# All are linear, or bounded by a number, on hostile text. Each is run only where the text holds one of its hints, in lower case: whatever it
# matches holds one.
_REPLACERS: tuple[tuple[tuple[str, ...], Callable[[str], str]], ...] = (
    (
        ("private key",),
        _exact(
            r"(?P<secret>-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----(?:(?!-----)[\s\S]){0,8192}(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----)?)"
        ),
    ),
    (("ls0tls1crudjti",), _exact(r"(?P<secret>LS0tLS1CRUdJTi[A-Za-z0-9+/=]+)")),
    (("k10",), _value(rf"(?P<secret>K10[0-9a-fA-F]{{8,128}}::{_BARE})")),
    (("eyj",), _exact(r"(?:(?<![\w-])|(?<=\\[nrt]))(?P<secret>eyJ[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]*)")),
    (("--token", "--agent-token", "--cluster-secret", "--datastore-endpoint", "--etcd-s3-", "--vpn-auth", "--password"), _setting(_FLAGS)),
    (("k3s_", "rke2_", "aws_"), _setting(_VARIABLES)),
    (
        ("k3s_", "rke2_", "aws_"),
        _value(rf"{_VARIABLES}{_QUOTE}[ \t]{{0,8}},[ \t]{{0,8}}{_QUOTE}value{_COLON}{_STRING}"),
    ),  # a pod's environment
    ((" -t",), _setting(r"\bk3s[\w.-]{0,40} (?:server|agent|token|etcd-snapshot)\b[^\n]{0,400}? -t")),
    (
        ("agent-token", "cluster-secret", "datastore-endpoint", "vpn-auth", "etcd-s3-", "client-key-data"),
        _value(rf"{_SETTINGS}(?:{_QUOTE})?:[ \t]{{0,8}}{_VALUE}"),
    ),
    (("token", "passw"), _value(rf"{_NAMES}{_COLON}{_STRING}", re.IGNORECASE)),
    (("token", "passw"), _value(rf"{_NAMES}={_VALUE}", re.IGNORECASE)),
    (("password:", "bearertoken:"), _value(rf"\b(?:Password|BearerToken):(?P<secret>{_BARE})")),  # a Go struct
    (("token:", "password:", "passwd:"), _yaml),
    (
        ("authorization",),
        _value(
            rf"\bauthorization(?:{_QUOTE})?[ \t]{{0,8}}[:=][ \t]{{0,8}}(?:{_QUOTE})?\[?(?:{_QUOTE})?(?:bearer|basic|token)[ \t]+(?P<secret>[^\s\"'\\]+)",
            re.IGNORECASE,
        ),
    ),
    (("bearer",), _exact(r"\bbearer[ \t]{1,8}(?P<secret>(?=[^\s\"'\\]{0,2048}[0-9])[\w.~+/=-]{16,})", re.IGNORECASE)),
    (("token",), _exact(r"token[^\n]{0,24}?\b(?P<secret>[a-z0-9]{6}\.[a-z0-9]{16})\b", re.IGNORECASE)),
    (("@",), _exact(r"://[^\s/@:\"']{0,256}:(?P<secret>[^\s/\"']{1,1024})(?=@)")),
    (("@tcp(", "@unix("), _mysql),
    (("akia", "asia"), _exact(r"\b(?P<secret>(?:AKIA|ASIA)[0-9A-Z]{16})\b")),
    (("x-amz-", "sig="), _exact(r"(?:X-Amz-(?:Signature|Credential|Security-Token)|[?&]sig)=(?P<secret>[^&\s\"'\\]+)", re.IGNORECASE)),
    (("signature=",), _exact(r"\bSignature=(?P<secret>[0-9a-f]{32,})")),
    (("auth",), _value(rf"{_QUOTE}auth{_COLON}{_STRING}")),
    (("tskey-",), _exact(r"\b(?P<secret>tskey-[A-Za-z0-9-]{4,})")),
    (("passw",), _exact(r"node[-_ ]?passw(?:or)?d[^\n]{0,40}?\b(?P<secret>[0-9a-f]{32})\b", re.IGNORECASE)),
    ((",server", ",node", ",admin"), _exact(r"(?<![\w-])(?P<secret>[0-9a-f]{32}),(?:server|node|admin)[,:]")),
)
_ALL_HINTS = {hint for hints, _ in _REPLACERS for hint in hints}
HINTS = frozenset(hint for hint in _ALL_HINTS if not any(part in hint for part in _ALL_HINTS - {hint}))
"""A text that holds none of them, in lower case, holds no secret. What holds another one is left out."""
