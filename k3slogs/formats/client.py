"""Errors that command line tools and starting daemons print without time or level."""

from __future__ import annotations

from k3slogs.formats._base import LineFormat, Sample
from k3slogs.model import Reading
from k3slogs.taxonomy import Level

_PROGRAMS = {"ctr: ": "ctr", "docker: ": "docker"}
_ERRORS = (
    "Error: ",
    "error: ",
    "Error response from daemon: ",
    "Error from server",
    "runc: ",
    "runc run failed: ",
    "runc create failed: ",
    "containerd: ",
    "failed to start daemon: ",
    "unable to configure the Docker daemon",
    "running container: ",
    "creating container: ",
    "exec /",
)


def _read(text: str) -> Reading | None:
    for prefix, program in _PROGRAMS.items():
        if text.startswith(prefix):
            return Reading(text, level=Level.ERROR, program=program)
    if not text.startswith(_ERRORS):
        return None
    return Reading(text, level=Level.ERROR)


FORMAT = LineFormat(
    name="client",
    starts="cdeEfru",
    read=_read,
    samples=(
        Sample(
            "ctr: failed to create shim task: OCI runtime create failed: runc create failed: no cgroup mount found in mountinfo: unknown",
            {"program": "ctr", "level": Level.ERROR},
        ),
        Sample("docker: Error response from daemon: no such image.", {"program": "docker", "level": Level.ERROR}),
        Sample("Error response from daemon: no such image", {"program": None, "level": Level.ERROR}),
        Sample("Error: context deadline exceeded", {"program": None, "level": Level.ERROR, "message": "Error: context deadline exceeded"}),
        Sample("runc run failed: no cgroup mount found in mountinfo", {"level": Level.ERROR}),
        Sample("containerd: failed to load TOML: /etc/containerd/config.toml: bad", {"level": Level.ERROR}),
        Sample("exec /bin/app: exec format error", {"level": Level.ERROR}),
    ),
)
