"""A journal entry -> one line, as `journalctl -o json` prints it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT = ("__REALTIME_TIMESTAMP", "_HOSTNAME", "SYSLOG_IDENTIFIER", "_SYSTEMD_UNIT", "_PID", "PRIORITY", "MESSAGE")


def entry(fields: Mapping[str, str | None]) -> bytes:
    kept = {key: fields[key] for key in KEPT if key in fields}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
