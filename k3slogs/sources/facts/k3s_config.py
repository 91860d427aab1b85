"""k3s' `config.yaml` and what lies in `config.yaml.d`: the options that it was started with. Values of secrets never leave this module.

Read line by line: a file that is no valid YAML still tells what stands in it, and where.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k3slogs.lazily import pattern
from k3slogs.model import Fact
from k3slogs.sources.facts._base import Sample, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "k3s config.yaml"
PLACE = pattern(r"(?:^|/)(?:k3s|rke2)/config\.yaml(?:\.d/[^/]+\.ya?ml)?$|(?:^|/)k3s-config\.yaml$")
HIDDEN = "***"
_KEY = pattern(r"""["']?([a-z][a-z0-9-]*)["']?\+?:(?:\s+(.*))?""")
_ITEM = pattern(r"\s*-\s+(.*)")
_SECRET = pattern(r"token|secret|passw|(?:^|[-_,])key|auth|datastore|credential|vpn", re.IGNORECASE)
_KNOWN = frozenset(
    [
        "advertise-address", "agent-token", "agent-token-file", "airgap-extra-registry", "bind-address", "cluster-cidr",
        "cluster-dns", "cluster-domain", "cluster-init", "cluster-reset", "container-runtime-endpoint", "data-dir",
        "datastore-cafile", "datastore-certfile", "datastore-endpoint", "datastore-keyfile", "debug",
        "default-local-storage-path", "disable", "disable-apiserver", "disable-cloud-controller", "disable-controller-manager",
        "disable-etcd", "disable-helm-controller", "disable-kube-proxy", "disable-network-policy", "disable-scheduler", "docker",
        "egress-selector-mode", "embedded-registry", "etcd-arg", "etcd-expose-metrics", "etcd-s3", "etcd-s3-access-key",
        "etcd-s3-bucket", "etcd-s3-endpoint", "etcd-s3-folder", "etcd-s3-region", "etcd-s3-secret-key", "etcd-snapshot-dir",
        "etcd-snapshot-retention", "etcd-snapshot-schedule-cron", "flannel-backend", "flannel-conf", "flannel-external-ip",
        "flannel-iface", "flannel-ipv6-masq", "helm-job-image", "https-listen-port", "image-credential-provider-bin-dir",
        "image-credential-provider-config", "kube-apiserver-arg", "kube-cloud-controller-manager-arg",
        "kube-controller-manager-arg", "kube-proxy-arg", "kube-scheduler-arg", "kubelet-arg", "lb-server-port", "log",
        "node-external-ip", "node-ip", "node-label", "node-name", "node-taint", "pause-image", "prefer-bundled-bin",
        "private-registry", "protect-kernel-defaults", "resolv-conf", "rootless", "secrets-encryption", "selinux", "server",
        "service-cidr", "service-node-port-range", "servicelb-namespace", "snapshotter", "system-default-registry", "tls-san",
        "tls-san-security", "token", "token-file", "v", "vmodule", "vpn-auth", "vpn-auth-file", "with-node-id",
        "write-kubeconfig", "write-kubeconfig-group", "write-kubeconfig-mode",
    ]
)  # fmt: skip
"""k3s-io/k3s: pkg/cli/cmds/agent.go, server.go."""


def accepts(text: str) -> bool:
    """Nothing but options of k3s at the top."""
    top = [line for _, line in numbered(text) if not line.startswith((" ", "\t", "-", "#"))]
    keys = [found[1] for line in top if (found := _KEY.fullmatch(line))]
    return bool(keys) and len(keys) == len(top) and _KNOWN.issuperset(keys)


def facts(text: str) -> Iterator[Fact]:
    key = ""
    for number, line in numbered(text):
        if found := _KEY.fullmatch(line):
            key, value = found[1], _plain(found[2] or "")
            inline = [part.strip() for part in value[1:-1].split(",")] if value.startswith("[") and value.endswith("]") else [value]
            for each in inline:
                if each and each[0] not in "|>":
                    yield _fact(key, _unquoted(each), number, f"{key}: ")
        elif (found := _ITEM.fullmatch(line)) and key:
            yield _fact(key, _unquoted(_plain(found[1])), number, "- ")
        elif not line.startswith((" ", "\t", "#")):
            key = ""


def _fact(key: str, value: str, number: int, before: str) -> Fact:
    """An item of a list such as `kubelet-arg` names an option of its own: its name may be shown."""
    shown = value
    if _SECRET.search(key):
        shown = HIDDEN
    elif _SECRET.search(value):
        name, equals, _ = value.partition("=")
        shown = f"{name}={HIDDEN}" if equals and re.fullmatch(r"[\w-]+", name) else HIDDEN
    return Fact("config", f"{key}={shown}", number, f"{before}{shown}", (("option", f"--{key}"),))


def _plain(value: str) -> str:
    """Without the comment at its end."""
    return re.sub(r"(?:^|\s)#.*$", "", value).strip()


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


SAMPLES = (
    Sample(
        "etc/rancher/k3s/config.yaml",
        "# written by hand\n"
        'token: "K10abc::server:very-secret"\n'
        "write-kubeconfig-mode: '0644'  # for the CI\n"
        "docker: true\n"
        "disable: [traefik, servicelb]\n"
        "kubelet-arg:\n"
        "  - cgroups-per-qos=false\n"
        '  - "enforce-node-allocatable="\n'
        "datastore-endpoint: postgres://k3s:pa55@db:5432/k3s\n",
        (
            ("config", "token=***", 2), ("config", "write-kubeconfig-mode=0644", 3), ("config", "docker=true", 4),
            ("config", "disable=servicelb", 5), ("config", "kubelet-arg=cgroups-per-qos=false", 7),
            ("config", "kubelet-arg=enforce-node-allocatable=", 8), ("config", "datastore-endpoint=***", 9),
        ),
    ),
)  # fmt: skip
