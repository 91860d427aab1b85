"""`k3s check-config`: what k3s' own check says of the kernel's options, the cgroups and iptables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k3slogs.lazily import pattern
from k3slogs.model import Fact
from k3slogs.sources.facts._base import Sample, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "k3s check-config"
PLACE = pattern(r"(?:^|/)(?:k3s[/-])?check-config(?:\.txt)?$")
_OPTION = pattern(r"\s*- (CONFIG_\w+): missing( \(fail\))?")
_HIERARCHY = pattern(r"\s*- cgroup hierarchy: (.+)")
_VERSION = pattern(r"cgroups? ?(V1|V2|Hybrid)\b", re.IGNORECASE)
_IPTABLES = pattern(r"\s*- \S+ (iptables v\S+ \(\w+\))")
_CONTROLLERS = {"CONFIG_MEMCG": "memory", "CONFIG_CPUSETS": "cpuset", "CONFIG_CGROUP_PIDS": "pids", "CONFIG_CGROUP_SCHED": "cpu"}
_EXTENSION = pattern(r"CONFIG_(?:NETFILTER_XT|IP_NF)_(MATCH|TARGET)_(\w+)")
_NO_ANSWER = pattern(r"Permission denied|cannot find kernel config")
"""Where these stand, the kernel's options could not be read, and all are called missing."""


def accepts(text: str) -> bool:
    return "Generally Necessary:" in text and ("- cgroup hierarchy" in text or "- CONFIG_" in text)


def facts(text: str) -> Iterator[Fact]:
    believed = not _NO_ANSWER.search(text)
    for number, line in numbered(text):
        if found := _HIERARCHY.match(line):
            yield Fact("cgroup_hierarchy", found[1], number, line)
            if version := _VERSION.search(found[1]):
                yield Fact("cgroup_version", "2" if version[1].upper() == "V2" else "1", number, line)
        elif found := _IPTABLES.match(line):
            yield Fact("iptables", found[1], number, line)
        elif believed and (found := _OPTION.fullmatch(line)):
            yield from _missing(found[1], number, line, needed=bool(found[2]))


def _missing(option: str, number: int, line: str, *, needed: bool) -> Iterator[Fact]:
    """An option, and what it is called where its lack shows: a controller of cgroups, a match or target of iptables."""
    extension = _EXTENSION.fullmatch(option)
    named = extension[2].lower() if extension and extension[1] == "MATCH" else extension[2] if extension else None
    fields = (("needed", "yes" if needed else "no"), *((("extension", named),) if named else ()))
    yield Fact("kernel_option_missing", option, number, line, fields)
    if controller := _CONTROLLERS.get(option):
        yield Fact("cgroup_controller_missing", controller, number, line, (("reason", "not built into the kernel"),))


SAMPLES = (
    Sample(
        "k3s/check-config",
        "\nSystem:\n- /usr/sbin iptables v1.8.11 (legacy): ok\n- swap: should be disabled\n\n"
        "\x1b[1;37minfo: reading kernel config from /proc/config.gz ...\x1b[m\n\n"
        "Generally Necessary:\n"
        "- \x1b[37mcgroup hierarchy\x1b[m: \x1b[1;31mcgroups V1 mounted, cpuset|memory controllers status: bad (fail)\x1b[m\n"
        "- \x1b[37mCONFIG_NAMESPACES\x1b[m: \x1b[32menabled\x1b[m\n"
        "- \x1b[37mCONFIG_BRIDGE_NETFILTER\x1b[m: \x1b[1;31mmissing (fail)\x1b[m\n\n"
        "Optional Features:\n- CONFIG_USER_NS: missing\n"
        '  - "overlay":\n    - CONFIG_VXLAN: missing\n\nSTATUS: 2 (fail)\n',
        (
            ("iptables", "iptables v1.8.11 (legacy)", 3), ("cgroup_version", "1", 9),
            ("cgroup_hierarchy", "cgroups V1 mounted, cpuset|memory controllers status: bad (fail)", 9),
            ("kernel_option_missing", "CONFIG_BRIDGE_NETFILTER", 11), ("kernel_option_missing", "CONFIG_VXLAN", 16),
        ),
    ),
)  # fmt: skip
