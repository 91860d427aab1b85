"""The mount table: `mount`, `findmnt`, `/proc/mounts`, `/proc/self/mountinfo`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from k3slogs.lazily import pattern
from k3slogs.model import Fact
from k3slogs.sources.facts._base import Sample, first, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME = "mount table"
PLACE = pattern(
    r"(?:^|/)(?:systeminfo/mount|proc/(?:self/|1/)?mount(?:s|info)|run-host/(?:mount|findmnt)\.txt|sos_commands/filesys/(?:mount|findmnt)[^/]*)$"
    r"|^(?:mount|findmnt)(?:\.txt)?$"
)
_FORMS = (
    pattern(r"(?P<source>\S.*?) on (?P<target>/.*?) type (?P<type>\S+) \((?P<options>[^()]*)\)"),
    pattern(r"\d+ \d+ \d+:\d+ \S+ (?P<target>/\S*) (?P<options>\S+)(?: \S+:\S+)* - (?P<type>\S+) (?P<source>\S+) (?P<more>\S+)"),
    pattern(r"(?P<source>\S+) (?P<target>/\S*) (?P<type>\S+) (?P<options>r[wo]\S*) \d \d"),
    pattern(r"[\s│├└─|`-]*(?P<target>/\S*)\s+(?P<source>\S+)\s+(?P<type>\S+)\s+(?P<options>r[wo]\S*)"),
)
_HEADER = pattern(r"TARGET\s+SOURCE\s+FSTYPE\s+OPTIONS")
_ESCAPED = pattern(r"\\([0-7]{3})")
_DATA = {
    "k3s": "/var/lib/rancher/k3s/agent/containerd",
    "containerd": "/var/lib/containerd",
    "docker": "/var/lib/docker",
}
"""Where layers of images lie, unless somebody moved them."""
_CGROUPS = "/sys/fs/cgroup"
_NEEDED = ("cpu", "cpuacct", "cpuset", "memory", "pids")
"""Controllers that k3s and the kubelet ask for."""
_KUBELET = ("cpu", "cpuacct", "cpuset", "memory")
"""Those that the kubelet looks up in the mount table, in the order in which it names them."""


class _Mount(NamedTuple):
    target: str
    type: str
    options: tuple[str, ...]
    line: int
    text: str

    def fact(self, name: str, value: str, **fields: str) -> Fact:
        return Fact(name, value, self.line, self.text, tuple(fields.items()))


def accepts(text: str) -> bool:
    head = first(text)
    return _HEADER.fullmatch(head.strip()) is not None or any(form.fullmatch(head) for form in _FORMS[:3])


def facts(text: str) -> Iterator[Fact]:
    """Of mounts on one folder the last counts: it hides the others."""
    table = {mount.target: mount for number, line in numbered(text) if (mount := _mount(number, line))}
    if root := table.get("/"):
        yield root.fact("root_filesystem", root.type, options=",".join(root.options))
        for program, folder in _DATA.items():
            below = _holding(folder, table)
            yield below.fact("data_filesystem", below.type, program=program, folder=folder, mount=below.target)
    yield from _cgroups(table)


def _mount(number: int, line: str) -> _Mount | None:
    found = next(filter(None, (form.fullmatch(line.strip()) for form in _FORMS)), None)
    if found is None:
        return None
    options = f"{found['options']},{found.groupdict().get('more') or ''}".strip(",").split(",")
    target = _ESCAPED.sub(lambda code: chr(int(code[1], 8)), found["target"])
    return _Mount(target, found["type"], tuple(options), number, line.strip())


def _holding(folder: str, table: Mapping[str, _Mount]) -> _Mount:
    """The mount that a folder lies on."""
    while folder not in table:
        folder = folder.rpartition("/")[0] or "/"
    return table[folder]


def _cgroups(table: Mapping[str, _Mount]) -> Iterator[Fact]:
    """Version 1 has a mount for each controller, version 2 a single one; a table without the root may leave some out."""
    unified = table.get(_CGROUPS)
    single = [mount for mount in table.values() if mount.type == "cgroup"]
    if unified and unified.type == "cgroup2":
        yield unified.fact("cgroup_version", "2")
        single = [unified]
    elif single:
        shown = unified or single[0]
        yield shown.fact("cgroup_version", "1")
        if "/" in table:
            yield from _not_mounted(shown, {option for mount in single for option in mount.options})
    elif root := table.get("/"):
        yield (table.get("/sys") or root).fact("cgroup_version", "none")
    for mount in single:
        if "ro" in mount.options:
            yield mount.fact("cgroup_access", "ro", mount=mount.target)


def _not_mounted(shown: _Mount, there: set[str]) -> Iterator[Fact]:
    missing = [name for name in _NEEDED if name not in there]
    for name in missing:
        yield shown.fact("cgroup_controller_missing", name, reason="not mounted")
    if asked := [name for name in _KUBELET if name in missing]:
        yield shown.fact("cgroup_controllers_not_mounted", " ".join(asked))


SAMPLES = (
    Sample(
        "systeminfo/mount",
        "/dev/vda on / type ext4 (rw,relatime,discard)\n"
        "proc on /proc type proc (rw,relatime)\n"
        "tmpfs on /sys/fs/cgroup type tmpfs (ro,nosuid,mode=755)\n"
        "cgroup on /sys/fs/cgroup/cpu type cgroup (rw,relatime,cpu)\n"
        "cgroup on /sys/fs/cgroup/cpuacct type cgroup (rw,relatime,cpuacct)\n"
        "cgroup on /sys/fs/cgroup/memory type cgroup (ro,relatime,memory)\n"
        "cgroup on /sys/fs/cgroup/pids type cgroup (rw,relatime,pids)\n"
        "overlay on /var/lib/rancher type overlay (rw,relatime,lowerdir=/lower,upperdir=/upper,workdir=/work)\n",
        (
            ("root_filesystem", "ext4", 1), ("data_filesystem", "overlay", 8), ("cgroup_version", "1", 3),
            ("cgroup_controller_missing", "cpuset", 3), ("cgroup_controllers_not_mounted", "cpuset", 3), ("cgroup_access", "ro", 6),
        ),
    ),
    Sample(
        "proc/mounts",
        "none / 9p rw,trans=fd,rfdno=4,wfdno=4,aname=/,dfltuid=4294967294,dfltgid=4294967294,cache=remote_revalidating 0 0\n"
        "none /sys sysfs ro,noexec,dentry_cache_limit=1000 0 0\n"
        "none /a\\040folder tmpfs rw 0 0\n",
        (("root_filesystem", "9p", 1), ("data_filesystem", "9p", 1), ("cgroup_version", "none", 2)),
    ),
    Sample(
        "sos_commands/filesys/findmnt",
        "TARGET                       SOURCE     FSTYPE     OPTIONS\n"
        "/                            /dev/vda   ext4       rw,relatime,discard\n"
        "├─/sys                       sysfs      sysfs      rw,relatime\n"
        "│ └─/sys/fs/cgroup           cgroup2    cgroup2    rw,nosuid,nodev\n",
        (("root_filesystem", "ext4", 2), ("cgroup_version", "2", 4)),
    ),
    Sample(
        "proc/self/mountinfo",
        "26 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard\n"
        "31 26 0:27 / /sys/fs/cgroup ro,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n",
        (("root_filesystem", "ext4", 1), ("cgroup_version", "2", 2), ("cgroup_access", "ro", 2)),
    ),
)  # fmt: skip
