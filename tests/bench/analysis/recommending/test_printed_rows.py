"""A row is found by what the table prints for it, and by nothing that it does not print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hand_made import record

from bench.analysis.recommending.printed_rows import label_of
from bench.records.groups import group_records
from bench.tables.results import render
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from bench.records.record import Record


def made(label: str, parameters: dict[str, Any] | None = None, **parts: Any) -> Record:
    found = record(label, [0, 3, 5, 9], deterministic=True)
    recommender = {**found.document["recommender"], "parameters": parameters or {}}
    return type(found)({**found.document, "recommender": recommender, **parts}, found.ranks)


def on(kind: str, **others: Any) -> dict[str, Any]:
    return {"kind": kind, "name": "a device", **others}


RECORDS = [
    made("ease"),
    made("mf", {"reg": 0.1, "epochs": 5}),
    made("mf:reg=0.5", {"reg": 0.5, "epochs": 5}),
    made("mf:epochs=9", {"reg": 0.1, "epochs": 9}),
    made("torch.mf"),
    made("torch.mf", device=on("cuda", index=0, precision="bf16")),
    made("torch.gmf", device=on("cuda", index=0, precision="bf16"), warnings=["it leaves out items.weight"]),
]
GROUPS = group_records(RECORDS)
NUMBERED = next(g.label for g in GROUPS if g.label.startswith("torch.mf #") and g.fitted[0].device is not None)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("ease", "ease"),
        ("  ease †", "ease"),
        ("ease (suspicious) †", "ease"),
        ("mf", "mf"),
        ("mf (reg=0.1, epochs=5)", "mf"),
        ("mf:reg=0.5", "mf:reg=0.5"),
        ("mf:reg=0.5 (reg=0.5, epochs=5)", "mf:reg=0.5"),
        ("torch.gmf", "torch.gmf"),
        ("torch.gmf (cuda, bf16)", "torch.gmf"),
        ("torch.gmf (cuda, bf16) (warned)", "torch.gmf"),
        ("torch.gmf (warned)", "torch.gmf"),
        (f"{NUMBERED} (cuda, bf16)", NUMBERED),
        ("torch.mf (cuda, bf16)", NUMBERED),
    ],
)
def test_what_is_printed_is_found(text: str, label: str) -> None:
    assert label_of(text, GROUPS) == label


@pytest.mark.parametrize(
    "text",
    [
        "mf (reg=0.5, epochs=5)",
        "mf (reg=0.1)",
        "ease (cuda)",
        "torch.gmf (cuda)",
        "torch.mf",
        "torch",
        "mf:reg",
        "ease ()",
        "",
        7,
    ],
)
def test_what_is_not_printed_is_not(text: Any) -> None:
    with pytest.raises(ProtocolError, match="no row is called"):
        label_of(text, GROUPS)


def test_every_line_of_the_table_names_its_row() -> None:
    lines = [line.split("|")[1] for line in render(RECORDS, "github").splitlines() if line.startswith("|")]
    printed = [line.replace("&emsp;", "").replace("\\", "") for line in lines[2:] if "varied" not in line]
    assert len(printed) == len(GROUPS)
    assert {label_of(line, GROUPS) for line in printed} == {group.label for group in GROUPS}
