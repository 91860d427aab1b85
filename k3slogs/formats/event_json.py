"""An event of Kubernetes as an object on one line, as the API gives it: `kubectl get events -o json | jq -c .items[]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k3slogs.formats import _stamps
from k3slogs.formats._base import LineFormat, Sample
from k3slogs.formats._values import json_object, text_of
from k3slogs.model import Reading
from k3slogs.taxonomy import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k3slogs.model import Stamp


def _read(text: str) -> Reading | None:
    if not text.startswith("{") or '"involvedObject"' not in text:
        return None
    event = json_object(text)
    if event is None or "reason" not in event:
        return None
    involved = _part(event, "involvedObject")
    kind, name = text_of(involved.get("kind")) or "", text_of(involved.get("name")) or ""
    source = text_of(_part(event, "source").get("component")) or text_of(event.get("reportingComponent"))
    count = event.get("count")
    fields = {
        "reason": text_of(event.get("reason")),
        "object": f"{kind.lower()}/{name}",
        "namespace": text_of(involved.get("namespace")),
        "part": text_of(involved.get("fieldPath")),
        "source": source,
        "count": str(count) if isinstance(count, int) and count > 1 else None,
    }
    return Reading(
        text_of(event.get("message")) or "",
        stamp=_stamp(event),
        level=Level.WARNING if event.get("type") == "Warning" else Level.INFO,
        fields=tuple((key, value) for key, value in fields.items() if value),
        program="event",
    )


def _part(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = event.get(name)
    return value if isinstance(value, dict) else {}


def _stamp(event: Mapping[str, Any]) -> Stamp | None:
    """When it was seen last, as near as the event tells."""
    candidates = (
        _part(event, "series").get("lastObservedTime"),
        event.get("eventTime"),
        event.get("lastTimestamp"),
        _part(event, "metadata").get("creationTimestamp"),
    )
    return next((stamp for text in candidates if isinstance(text, str) and (stamp := _stamps.iso(text))), None)


FORMAT = LineFormat(
    name="event-json",
    starts="{",
    read=_read,
    samples=(
        Sample(
            '{"kind":"Event","count":12,"eventTime":null,"lastTimestamp":"2026-11-23T15:52:01Z","type":"Warning","reason":"BackOff",'
            '"message":"Back-off restarting failed container","source":{"component":"kubelet","host":"a"},'
            '"involvedObject":{"kind":"Pod","name":"web","namespace":"default","fieldPath":"spec.containers{web}"}}',
            {
                "message": "Back-off restarting failed container",
                "level": Level.WARNING,
                "program": "event",
                "moment": "2026-11-23T15:52:01+00:00",
                "fields": {
                    "reason": "BackOff",
                    "object": "pod/web",
                    "namespace": "default",
                    "part": "spec.containers{web}",
                    "source": "kubelet",
                    "count": "12",
                },
            },
        ),
        Sample(
            '{"involvedObject":{"kind":"Node","name":"a"},"reason":"Starting","message":"x","metadata":{"creationTimestamp":"2026-11-23T15:52:01Z"},"series":{"lastObservedTime":"2026-11-23T15:53:01.5Z"}}',
            {"level": Level.INFO, "moment": "2026-11-23T15:53:01.500000+00:00", "fields": {"reason": "Starting", "object": "node/a"}},
        ),
    ),
)
