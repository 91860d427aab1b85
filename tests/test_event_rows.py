"""Tables of events that were copied from a narrow terminal, or wrapped by a mail: a row is one record, with the line where it begins."""

from __future__ import annotations

import io
import textwrap

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import k3slogs
from k3slogs import RuleBook
from k3slogs.sources import Input, numbered

SANDBOX = (
    'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "ea93": plugin type="flannel" failed '
    '(add): failed to find plugin "flannel" in path [/usr/lib/cni]'
)
SHORT = "Successfully assigned default/web to node-a"
GET = [
    "LAST SEEN             TYPE      REASON                   OBJECT    MESSAGE",
    f"40s                   Normal    Scheduled                pod/web   {SHORT}",
    f"10s (x12 over 6m)     Warning   FailedCreatePodSandBox   pod/web   {SANDBOX}",
    f"9s                    Normal    Pulling                  pod/db    {SHORT}",
]
ALL = ["NAMESPACE     " + GET[0], *(f"kube-system   {row}" for row in GET[1:])]
DESCRIBED = [
    "  Type     Reason                  Age                From               Message",
    "  ----     ------                  ----               ----               -------",
    f"  Normal   Scheduled               40s                default-scheduler  {SHORT}",
    f"  Warning  FailedCreatePodSandBox  10s (x12 over 6m)  kubelet            {SANDBOX}",
    "  Normal   Pulled                  9s                 kubelet            spec.containers{db}: Container image is there",
]
ROWS = {"get": GET, "get -A": ALL, "describe": DESCRIBED}


def read(text: str) -> list[tuple[int, str]]:
    reader = Input("paste", stream=io.BytesIO(text.encode())).open()
    return [(number, line.decode()) for block in reader.blocks() for number, line in numbered(block)]


def cut(row: str, width: int) -> list[str]:
    """As a terminal shows it, and as it is copied: without blanks at the ends of lines."""
    return [row[at : at + width].rstrip(" ") for at in range(0, len(row), width)]


def placed(pieces: list[list[str]]) -> tuple[str, list[int]]:
    """The text, and the line in which each row begins."""
    begins = [1 + sum(map(len, pieces[:at])) for at in range(len(pieces))]
    return "\n".join(piece for row in pieces for piece in row) + "\n", begins


@pytest.mark.parametrize("form", ROWS)
@given(width=st.integers(82, 170))
def test_what_a_terminal_cut_is_put_together(form: str, width: int) -> None:
    pieces = [cut(row, width) for row in ROWS[form]]
    assume(any(len(piece) == width for row in pieces for piece in row[:-1]))  # else nothing tells a blank that was lost from a cut word
    text, begins = placed(pieces)
    assert [(at, " ".join(row.split())) for at, row in read(text)] == list(
        zip(begins, (" ".join(row.split()) for row in ROWS[form]), strict=True)
    )


@pytest.mark.parametrize("form", ROWS)
@given(width=st.integers(98, 110))
def test_what_was_wrapped_between_words_is_put_together(form: str, width: int) -> None:
    wrapper = textwrap.TextWrapper(width, break_long_words=False, break_on_hyphens=False, replace_whitespace=False)
    pieces = [wrapper.wrap(row) for row in ROWS[form]]
    assume(min(len(piece) for row in pieces for piece in row[:-1]) < max(len(piece) for row in pieces for piece in row) - 1)
    text, begins = placed(pieces)
    assert [(at, " ".join(row.split())) for at, row in read(text)] == list(
        zip(begins, (" ".join(row.split()) for row in ROWS[form]), strict=True)
    )


@pytest.mark.parametrize("width", [82, 97, 121, 138])
@pytest.mark.parametrize("form", ROWS)
@pytest.mark.parametrize(
    "frame", ["{}", "# Issue\n\nIt fails.\n\n```\n{}```\n", "Name:         web\nStatus:       Pending\nEvents:\n{}\nName:         db\n"]
)
def test_a_wrapped_table_gives_the_findings_of_the_whole_one(form: str, width: int, frame: str, book: RuleBook) -> None:
    def found(text: str) -> list[tuple[str, int, str]]:
        analysis = k3slogs.analyze(io.BytesIO(frame.format(text).encode()), rules=book)
        return [(one.rule, one.count, " ".join(one.evidence[0].text.split())) for one in analysis.findings]

    text, _ = placed([cut(row, width) for row in ROWS[form]])
    whole = found("\n".join(ROWS[form]) + "\n")
    assert "cni-plugin-binary-missing" in {rule for rule, _, _ in whole}
    assert found(text) == whole


@pytest.mark.parametrize("form", ROWS)
def test_a_table_that_is_not_wrapped_is_read_as_it_is(form: str) -> None:
    text = "\n".join(["$ kubectl get events", *ROWS[form], "", "and that was all of it", "E1123 05:00:00.000000 x.go:1] Failed"])
    assert [line for _, line in read(text) if line] == [line for line in text.split("\n") if line]


def test_what_follows_a_table_is_no_part_of_it() -> None:
    after = ["$ kubectl get pods", 'time="2025-11-23T05:00:00Z" level=info msg="Starting k3s"', "plain words"]
    text, _ = placed([cut(row, 100) for row in GET])
    assert [line for _, line in read(text + "\n".join(after))][len(GET) :] == after
