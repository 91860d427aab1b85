"""What start banners say of versions, runtime, node and flags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k3slogs import document as doc
from k3slogs.taxonomy import Component, Effect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k3slogs.diagnosis import Diagnosis
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


def environment(diagnosis: Diagnosis, clean: Callable[[str], str]) -> doc.Environment:
    """The last word of the banners on each fact; of the kubelet's options those that k3s would not set by itself."""
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
    return doc.Environment(
        k3s_version=_clean(known, "k3s_version", clean),
        kubernetes_version=_clean(known, "kubernetes_version", clean),
        runtime=_clean(known, "runtime", clean),
        node=_clean(known, "node", clean),
        flags=tuple(clean(f"--kubelet-arg={name}={value}") for name, value in options.items() if not _set_by_k3s(name, value)),
    )


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


def _clean(known: dict[str, str], name: str, clean: Callable[[str], str]) -> str | None:
    return clean(known[name]) if name in known else None
