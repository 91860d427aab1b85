"""The closed vocabularies: stages, categories, effects, levels, components. Each word is described once, here."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """The rungs from a process to a running pod, lowest first."""

    PROCESS = "process"
    DATASTORE = "datastore"
    CONTROL_PLANE = "control-plane"
    AGENT = "agent"
    RUNTIME = "runtime"
    KUBELET = "kubelet"
    NODE = "node"
    NETWORK = "network"
    IMAGE = "image"
    SANDBOX = "sandbox"
    CONTAINER = "container"
    RUNNING = "running"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {stage: rank for rank, stage in enumerate(Stage)}


class Category(StrEnum):
    """Where a root cause lives."""

    CGROUP = "cgroup"
    FILESYSTEM = "filesystem"
    KERNEL = "kernel"
    SANDBOX = "sandbox"
    RUNTIME = "runtime"
    IMAGE = "image"
    NETWORK = "network"
    DATASTORE = "datastore"
    CERTIFICATE = "certificate"
    AUTH = "auth"
    CONFIGURATION = "configuration"
    RESOURCES = "resources"
    STORAGE = "storage"
    TIME = "time"
    NODE = "node"
    CONTROLPLANE = "controlplane"
    ADDON = "addon"
    WORKLOAD = "workload"
    BENIGN = "benign"

    @property
    def description(self) -> str:
        return _CATEGORIES[self]


_CATEGORIES = {
    Category.CGROUP: "control groups: controllers, drivers, statistics",
    Category.FILESYSTEM: "file systems and mounts of the node: overlay, permissions, device lookups",
    Category.KERNEL: "kernel features, modules and parameters",
    Category.SANDBOX: "gVisor and other restricted hosts: missing privileges or emulated kernel interfaces",
    Category.RUNTIME: "containerd, runc, dockerd, shims and the CRI between them",
    Category.IMAGE: "pulling, importing and unpacking images",
    Category.NETWORK: "CNI, flannel, kube-proxy, iptables, ports, DNS",
    Category.DATASTORE: "etcd, kine and their databases",
    Category.CERTIFICATE: "certificates and certificate authorities",
    Category.AUTH: "tokens, passwords, RBAC",
    Category.CONFIGURATION: "flags, configuration files and settings that contradict each other",
    Category.RESOURCES: "disk, memory, process and file limits that are used up",
    Category.STORAGE: "volumes and disks: mounts of pods, slow devices",
    Category.TIME: "clocks",
    Category.NODE: "the node object: registration, leases, readiness",
    Category.CONTROLPLANE: "API server, controllers, scheduler",
    Category.ADDON: "the bundled add-ons: coredns, traefik, metrics-server, servicelb, local-path",
    Category.WORKLOAD: "a pod's own fault; the node is fine",
    Category.BENIGN: "harmless lines that people chase",
}


class Effect(StrEnum):
    """What a rule's line means for the node."""

    FATAL = "fatal"
    DEGRADED = "degraded"
    SYMPTOM = "symptom"
    BENIGN = "benign"
    MILESTONE = "milestone"

    @property
    def description(self) -> str:
        return _EFFECTS[self]


_EFFECTS = {
    Effect.FATAL: "stops the node, or keeps every pod from starting",
    Effect.DEGRADED: "works with loss",
    Effect.SYMPTOM: "follows from something else",
    Effect.BENIGN: "harmless",
    Effect.MILESTONE: "proves that a stage was entered or passed",
}

FAULTS = frozenset({Effect.FATAL, Effect.DEGRADED, Effect.SYMPTOM})
GRAVE = frozenset({Effect.FATAL, Effect.DEGRADED})
"""Faults that follow from nothing else."""


class Level(StrEnum):
    """Severity of a line, whatever the program calls it."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    FATAL = "fatal"

    @property
    def alarming(self) -> bool:
        return self in _ALARMING


_ALARMING = frozenset({Level.WARNING, Level.ERROR, Level.FATAL})


class Status(StrEnum):
    """How well a rule is supported by evidence."""

    STABLE = "stable"
    EXPERIMENTAL = "experimental"


class Component(StrEnum):
    """Who writes lines, and where a fault lives."""

    K3S = "k3s"
    KUBELET = "kubelet"
    CADVISOR = "cadvisor"
    CONTAINERD = "containerd"
    RUNC = "runc"
    DOCKERD = "dockerd"
    CRI_DOCKERD = "cri-dockerd"
    ETCD = "etcd"
    KINE = "kine"
    KUBE_APISERVER = "kube-apiserver"
    KUBE_CONTROLLER_MANAGER = "kube-controller-manager"
    KUBE_SCHEDULER = "kube-scheduler"
    CLOUD_CONTROLLER_MANAGER = "cloud-controller-manager"
    KUBE_PROXY = "kube-proxy"
    FLANNEL = "flannel"
    CNI = "cni"
    NETWORK_POLICY = "network-policy"
    IPTABLES = "iptables"
    COREDNS = "coredns"
    TRAEFIK = "traefik"
    METRICS_SERVER = "metrics-server"
    HELM_CONTROLLER = "helm-controller"
    SERVICELB = "servicelb"
    LOCAL_PATH = "local-path"
    RUNSC = "runsc"
    CRUN = "crun"
    PODMAN = "podman"
    KERNEL = "kernel"
    SYSTEMD = "systemd"
    CTR = "ctr"
    DOCKER = "docker"
    ETCDCTL = "etcdctl"
    EVENT = "event"
    POD = "pod"
    FACT = "fact"
    """No program: a file beside the logs that tells of the node."""


class Outcome(StrEnum):
    """What became of a run, best first."""

    RUNNING = "running"
    DEGRADED = "degraded"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


class Ended(StrEnum):
    """How an attempt ended."""

    EXITED = "exited"
    STOPPED = "stopped"
    LOG_ENDED = "log-ended"


class Confidence(StrEnum):
    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Standing(StrEnum):
    """How far a rung of the ladder was climbed."""

    REACHED = "reached"
    ENTERED = "entered"
    BLOCKED = "blocked"
    NEVER_REACHED = "never-reached"
    NOT_APPLICABLE = "not-applicable"


_KUBERNETES = {
    Component.KUBELET, Component.CADVISOR, Component.KUBE_APISERVER, Component.KUBE_CONTROLLER_MANAGER, Component.KUBE_SCHEDULER,
    Component.CLOUD_CONTROLLER_MANAGER, Component.KUBE_PROXY,
}  # fmt: skip
_BELOW_CONTAINERD = {Component.RUNC, Component.CRUN, Component.RUNSC, Component.CNI, Component.FLANNEL, Component.IPTABLES}
HOSTS: dict[Component, frozenset[Component]] = {
    Component.K3S: frozenset(
        _KUBERNETES | _BELOW_CONTAINERD | {
            Component.CONTAINERD, Component.ETCD, Component.KINE, Component.NETWORK_POLICY, Component.HELM_CONTROLLER,
            Component.SERVICELB, Component.CRI_DOCKERD, Component.EVENT,
        }
    ),
    Component.KUBELET: frozenset({Component.CADVISOR, Component.RUNC, Component.CONTAINERD, Component.CNI, Component.EVENT}),
    Component.CONTAINERD: frozenset(_BELOW_CONTAINERD),
    Component.DOCKERD: frozenset(_BELOW_CONTAINERD | {Component.CONTAINERD}),
    Component.CTR: frozenset(_BELOW_CONTAINERD | {Component.CONTAINERD}),
    Component.DOCKER: frozenset(_BELOW_CONTAINERD | {Component.CONTAINERD, Component.DOCKERD}),
}  # fmt: skip
"""Whose lines a program's stream holds beside its own: k3s prints for all that it embeds, and errors carry the text of what lies below."""

OWNERS = (Component.K3S, Component.KUBELET, Component.DOCKERD, Component.CONTAINERD, Component.ETCD, Component.KUBE_APISERVER)
"""Programs that can own a run, the first of them that is present; clients come after."""
