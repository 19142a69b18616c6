"""Records of repeated splits (P28): in order, each of one task, and only those that belong together."""

from __future__ import annotations

from typing import Any

import pytest
from hand_made import CUT, FACTS, record, task

from bench.records.splits import records_by_split
from protocol.errors import ProtocolError


def of(split: str, protocol_seed: int = 0, **changes: Any) -> dict[str, Any]:
    """Return a task whose digest is of its split and seed."""
    facts = FACTS | (CUT if split.startswith("time") else {})
    parts = task()["parts"] | {"split": split, "protocol_seed": str(protocol_seed)}
    digest = f"{split} {protocol_seed} {changes}".encode().hex().ljust(64, "0")[:64]
    return task(**{"parts": parts, "facts": facts, "digest": digest} | changes)


def names(*tasks: dict[str, Any]) -> list[str]:
    return [split.name for split in records_by_split([record("ease", [0, 1, 2, 3], of=each) for each in tasks])]


@pytest.mark.parametrize(
    ("tasks", "found"),
    [
        ([of("random:10"), of("random:2")], ["random:2", "random:10"]),
        ([of("time:0.45"), of("time:0.9"), of("time:0.675")], ["time:0.9", "time:0.675", "time:0.45"]),
        ([of("leave-last-out", 1), of("leave-last-out", 0)], ["protocol seed 0", "protocol seed 1"]),
    ],
)
def test_splits_are_in_the_order_in_which_they_were_asked_for(tasks: list[dict[str, Any]], found: list[str]) -> None:
    assert names(*tasks) == found


@pytest.mark.parametrize(
    ("one", "other", "differing"),
    [
        (of("random:0"), of("leave-last-out"), "split"),
        (of("time:0.9"), of("time:0.8,target=last"), "split"),
        (of("random:0"), of("random:1", 3), "protocol seed"),
        (of("random:0"), of("random:1", parts={**of("random:1")["parts"], "dataset": "e" * 64}), "dataset"),
        (of("random:0"), of("random:1", facts={**FACTS, "n_negatives": 20}), "split"),
        (of("imported"), of("imported", 1), "protocol seed"),
    ],
)
def test_other_tasks_are_refused_and_what_differs_is_named(
    one: dict[str, Any], other: dict[str, Any], differing: str
) -> None:
    """P18, P28."""
    with pytest.raises(
        ProtocolError, match=rf"no repetitions of one split: they are of 2 different tasks.*{differing}"
    ):
        names(one, other)


def test_one_split_is_no_repetition() -> None:
    with pytest.raises(ProtocolError, match="of one split; repeated splits need two or more"):
        names(of("random:0"))
