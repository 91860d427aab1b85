"""Events of Kubernetes, in every form that kubectl prints: the same finding, with its time or with the word that there is none."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import k3slogs
from k3slogs.sources import Input, numbered

if TYPE_CHECKING:
    from pathlib import Path

    from k3slogs import Analysis, RuleBook

MESSAGE = "Back-off restarting failed container web in pod web_default(1)"
SEEN = datetime(2025, 11, 23, 15, 50, tzinfo=UTC)
EVENT: dict[str, Any] = {
    "apiVersion": "v1",
    "count": 12,
    "eventTime": None,
    "involvedObject": {"kind": "Pod", "name": "web", "namespace": "default", "fieldPath": "spec.containers{web}"},
    "kind": "Event",
    "lastTimestamp": "2025-11-23T15:50:00Z",
    "message": MESSAGE,
    "metadata": {"creationTimestamp": "2025-11-23T15:00:00Z", "name": "web.1", "namespace": "default"},
    "reason": "BackOff",
    "source": {"component": "kubelet", "host": "node-a"},
    "type": "Warning",
}
LIST: dict[str, Any] = {
    "apiVersion": "v1",
    "items": [{**EVENT, "message": "Pulled", "reason": "Pulled", "type": "Normal"}, EVENT],
    "kind": "List",
}
TABLE = f"LAST SEEN          TYPE      REASON    OBJECT    MESSAGE\n10m (x12 over 1h)   Warning   BackOff   pod/web   {MESSAGE}\n"
DESCRIBED = f"Events:\n  Type     Reason   Age                 From     Message\n  ----     ------   ----                ----     -------\n  Warning  BackOff  10m (x12 over 1h)  kubelet  {MESSAGE}\n"
TIMED = {
    "json": json.dumps(LIST, indent=4),
    "json a line": json.dumps(EVENT) + "\n",
    "json of the dump": json.dumps(
        {"kind": "EventList", "items": [{k: v for k, v in EVENT.items() if k not in ("kind", "apiVersion")}]}, indent=4
    ),
    "yaml": yaml.safe_dump(json.loads(json.dumps(LIST))),
    "yaml of a must-gather": "---\n" + yaml.safe_dump(json.loads(json.dumps(LIST))),
    "json below its command": "root@node-a:~# kubectl get events -o json\n" + json.dumps(LIST, indent=4),
    "json on one line": json.dumps(LIST, separators=(",", ":")) + "\n",
}
AGED = {"table": TABLE, "described": DESCRIBED}


def one(found: Analysis) -> tuple[datetime | None, int]:
    (backoff,) = [finding for finding in found.findings if "BackOff" in finding.evidence[0].text or MESSAGE in finding.evidence[0].text]
    return backoff.first, backoff.evidence[0].line


@pytest.mark.parametrize("form", TIMED)
def test_objects_of_the_api_have_their_time_and_their_line(form: str, book: RuleBook) -> None:
    found = k3slogs.analyze(io.BytesIO(TIMED[form].encode()), rules=book)
    line = next(number for number, text in enumerate(TIMED[form].splitlines(), 1) if MESSAGE in text)
    assert one(found) == (SEEN, line)
    assert not found.assumptions


def written(path: Path, text: str, moment: datetime) -> Path:
    path.write_text(text)
    os.utime(path, (moment.timestamp(), moment.timestamp()))
    return path


@pytest.mark.parametrize("form", AGED)
def test_ages_count_back_from_when_the_file_was_written(form: str, tmp_path: Path, book: RuleBook) -> None:
    path = written(tmp_path / "events.txt", AGED[form], SEEN + timedelta(minutes=10))
    found = k3slogs.analyze(path, rules=book)
    assert one(found)[0] == SEEN
    assert any("ages were counted back from 2025-11-23 16:00:00 UTC" in text for text in found.assumptions)


@pytest.mark.parametrize("form", AGED)
def test_ages_in_a_fresh_copy_give_no_time_and_it_is_said(form: str, tmp_path: Path, book: RuleBook) -> None:
    (tmp_path / "events.txt").write_text(AGED[form])
    found = k3slogs.analyze(tmp_path, rules=book)
    assert one(found)[0] is None
    assert any("ages give no time here" in text for text in found.assumptions)


def test_a_copy_far_from_the_logs_beside_it_gives_no_time(tmp_path: Path, book: RuleBook) -> None:
    written(tmp_path / "events.txt", TABLE, SEEN + timedelta(days=40))
    log = 'time="2025-11-23T15:40:00Z" level=info msg="Starting k3s v1.33.5+k3s1 (8a8e43b3)"\n'
    written(tmp_path / "k3s.log", log, SEEN + timedelta(days=40))
    assert any("ages give no time here" in text for text in k3slogs.analyze(tmp_path, rules=book).assumptions)
    written(tmp_path / "events.txt", TABLE, SEEN + timedelta(minutes=10))
    assert not any("ages give no time here" in text for text in k3slogs.analyze(tmp_path, rules=book).assumptions)


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize("cut", range(40, 900, 61))
def test_a_list_that_breaks_off_loses_nothing_of_the_rest(form: str, cut: int) -> None:
    text = TIMED[form].encode()[:-cut]
    reader = Input("x", stream=io.BytesIO(text)).open(chunk=64)
    lines = [line for block in reader.blocks() for _, line in numbered(block)]
    assert reader.error is None
    if b"Pulled" in text and text.count(b"involvedObject") > 1:
        assert any(line.startswith(b'{"') and b"Pulled" in line for line in lines)
