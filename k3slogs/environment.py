"""What start banners and the files beside the logs say of versions, runtime, node and flags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from k3slogs import document as doc
from k3slogs.engine import Quote, Sighting
from k3slogs.taxonomy import Component, Effect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from k3slogs.diagnosis import Diagnosis
    from k3slogs.engine import SourceScan
    from k3slogs.model import Fact
    from k3slogs.rulebook import Rule

_VERSIONS = {Component.K3S: "k3s_version", Component.KUBELET: "kubernetes_version"}
_SET_BY_K3S = frozenset(
    [
        "address",
        "allowed-unsafe-sysctls",
        "alsologtostderr",
        "anonymous-auth",
        "authentication-token-webhook",
        "authorization-mode",
        "cert-dir",
        "cgroup-driver",
        "cgroup-root",
        "client-ca-file",
        "cloud-provider",
        "cluster-dns",
        "cluster-domain",
        "cni-bin-dir",
        "cni-conf-dir",
        "config",
        "config-dir",
        "container-runtime",
        "container-runtime-endpoint",
        "containerd",
        "cpu-cfs-quota",
        "eviction-hard",
        "eviction-minimum-reclaim",
        "fail-swap-on",
        "healthz-bind-address",
        "hostname-override",
        "image-service-endpoint",
        "kubeconfig",
        "kubelet-cgroups",
        "log-file",
        "logtostderr",
        "network-plugin",
        "node-ip",
        "node-labels",
        "pod-infra-container-image",
        "pod-manifest-path",
        "protect-kernel-defaults",
        "read-only-port",
        "register-with-taints",
        "resolv-conf",
        "root-dir",
        "runtime-cgroups",
        "seccomp-default",
        "serialize-image-pulls",
        "streaming-connection-idle-timeout",
        "tls-cert-file",
        "tls-private-key-file",
        "volume-plugin-dir",
    ]
)
"""Options that k3s gives its kubelet unasked (k3s-io/k3s: pkg/daemons/agent/agent_linux.go); any other is the user's `--kubelet-arg`."""
_GATES_OF_K3S = frozenset(["CloudDualStackNodeIPs=true", "KubeletInUserNamespace=true"])
"""Feature gates that k3s adds by itself: the first 1.28 to 1.29, the second when rootless."""


_NAMES = {
    "k3s_version": "k3s_version", "host": "node", "kernel_version": "kernel", "os": "os", "root_filesystem": "root_filesystem",
    "cgroup_version": "cgroup_version", "sandbox": "sandbox",
}  # fmt: skip
"""Facts that a field of the environment holds."""


def environment(
    diagnosis: Diagnosis, hosts: Sequence[SourceScan], quote: Callable[[Sighting], doc.Evidence], clean: Callable[[str], str]
) -> tuple[doc.Environment, list[str]]:
    """What is known of the judged node, and in words where files beside the logs say something else, or tell of no node that was judged.

    The last word of the banners counts, and for the node's name, where neither they nor files tell, what the lines' envelopes do; of the kubelet's
    options those that k3s would not set by itself.
    """
    known, options = _told_by_banners(diagnosis)
    flags = {f"--kubelet-arg={name}={value}": None for name, value in options.items() if not _set_by_k3s(name, value)}
    files, contradicted = _files(hosts, diagnosis)
    own = [(fact, file.scan.source) for file in files if file.judged for fact in file.scan.facts]
    contradicted += [*_complete(known, own), *_complete_flags(flags, options, own)]
    if name := next((each.node.name for each in diagnosis.nodes if each.judged is diagnosis.judged), None):
        known.setdefault("node", name)
    fields = {name: clean(known[name]) for name in (*_NAMES.values(), "kubernetes_version", "runtime") if name in known}
    facts = (_entry(fact, file, quote, clean) for file in files for fact in file.scan.facts)
    return doc.Environment(**fields, flags=tuple(map(clean, flags)), facts=tuple(facts)), contradicted


def _told_by_banners(diagnosis: Diagnosis) -> tuple[dict[str, str], dict[str, str]]:
    known: dict[str, str] = {}
    options: dict[str, str] = {}
    for rule, captures in _banners(diagnosis):
        if version := captures.get("version"):
            known.update(_version(rule, version))
        if node := captures.get("node"):
            known["node"] = node
        if flags := captures.get("flags"):
            options = parsed_options(flags)
    if runtime := _runtime(options, known):
        known["runtime"] = runtime
    if "hostname-override" in options:
        known["node"] = options["hostname-override"]
    return known, options


class _File(NamedTuple):
    """A file beside the logs whose facts count, and whose they are."""

    scan: SourceScan
    node: str | None
    judged: bool
    """Of the node that was judged."""


def _files(hosts: Sequence[SourceScan], diagnosis: Diagnosis) -> tuple[list[_File], list[str]]:
    """The files whose facts count, and in words why those of the others do not."""
    owners = {id(process.lives[0]): process for process in diagnosis.processes}
    verdicts = {process: verdict for verdict in diagnosis.nodes for process in verdict.node.own}
    found: list[_File] = []
    unused: list[str] = []
    for scan in hosts:
        process = owners[id(scan.lives[0])]
        verdict = verdicts.get(process)
        if verdict or not diagnosis.nodes:
            found.append(_File(scan, verdict.node.name if verdict else process.node, verdict is None or verdict.judged is diagnosis.judged))
        elif scan.facts:
            whose = f"it is of {process.node}, and no log is" if process.node else "nothing tells of which node it is"
            unused.append(f"{scan.source}: its facts do not count, since {whose}")
    return found, unused


def _complete(known: dict[str, str], own: list[tuple[Fact, str]]) -> Iterator[str]:
    """Fill in what the logs do not say; says where a file contradicts them, or one before it."""
    said_by: dict[str, str] = {}
    for fact, source in own:
        name = _NAMES.get(fact.name)
        if name is None:
            continue
        if name not in known:
            known[name], said_by[name] = fact.value, f"{source}:{fact.line}"
        elif not _same(name, known[name], fact.value):
            first = said_by.get(name)
            yield (
                f"{name.replace('_', ' ')}: {first or 'the logs'} say{'s' if first else ''} {known[name]}, {source}:{fact.line} says {fact.value}; "
                f"{'the first counts' if first else 'the logs count'}"
            )


def _same(name: str, one: str, other: str) -> bool:
    """A machine may be called by its short name."""
    return one == other or (name == "node" and one.partition(".")[0].lower() == other.partition(".")[0].lower())


def _complete_flags(flags: dict[str, None], options: dict[str, str], own: list[tuple[Fact, str]]) -> Iterator[str]:
    """The options of the configuration file beside those that the logs print."""
    for fact, source in own:
        if fact.name != "config":
            continue
        key, _, value = fact.value.partition("=")
        name, _, wanted = value.partition("=")
        if key == "kubelet-arg" and name in options and options[name] != wanted:
            yield (
                f"{name}: the kubelet was started with {options[name]!r}, {source}:{fact.line} says {wanted!r}; the logs count, "
                "and the file was changed since"
            )
        else:
            flags[f"--{key}" if value == "true" else f"--{key}={value}"] = None


def _entry(fact: Fact, file: _File, quote: Callable[[Sighting], doc.Evidence], clean: Callable[[str], str]) -> doc.FactEntry:
    return doc.FactEntry(
        name=fact.name, value=clean(fact.value), node=clean(file.node) if file.node else None,
        evidence=quote(Sighting(file.scan.source, fact.line, Quote(None, fact.text))),
        fields={name: clean(value) for name, value in fact.fields},
    )  # fmt: skip


def _set_by_k3s(name: str, value: str) -> bool:
    return name in _SET_BY_K3S or (name == "feature-gates" and set(value.split(",")) <= _GATES_OF_K3S)


def parsed_options(text: str) -> dict[str, str]:
    """`--name=value --other` -> names and values; a value may hold blanks, and of an option given twice the last counts."""
    found: dict[str, str] = {}
    for part in re.split(r"(?:^|\s+)--(?=[a-z])", text):
        name, _, value = part.strip().partition("=")
        if name:
            found[name] = value
    return found


def _banners(diagnosis: Diagnosis) -> Iterator[tuple[Rule, dict[str, str]]]:
    for process in diagnosis.processes:
        for life in process.lives:
            for fold in life.folds.values():
                if fold.rule.effect is Effect.MILESTONE:
                    yield fold.rule, fold.captures


def _version(rule: Rule, version: str) -> dict[str, str]:
    if rule.component in _VERSIONS:
        return {_VERSIONS[rule.component]: version}
    if rule.component in {Component.CONTAINERD, Component.DOCKERD}:
        return {str(rule.component): f"{rule.component} {version}"}
    return {}


def _runtime(options: dict[str, str], known: dict[str, str]) -> str | None:
    """The runtime that the kubelet asks; else the daemon that spoke."""
    docker, containerd = known.get("dockerd"), known.get("containerd")
    if not options:
        return docker or containerd
    endpoint = options.get("container-runtime-endpoint", "")
    if "dockerd" in endpoint or (not endpoint and "network-plugin" in options):  # which only the built-in dockershim takes
        return docker or "docker"
    return containerd or "containerd" if endpoint else docker or containerd
