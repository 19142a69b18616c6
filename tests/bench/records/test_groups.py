"""Records of one task say the same of it; otherwise no table is made."""

from __future__ import annotations

import hand_made
import pytest

from bench.records.groups import check_one_task
from protocol.errors import ProtocolError


@pytest.mark.parametrize(
    "change",
    [
        {"facts": {**hand_made.FACTS, "n_negatives": 0}},
        {"purpose": "validation"},
        {"parts": {**hand_made.task()["parts"], "split": "imported"}},
    ],
)
def test_one_digest_for_two_tasks_is_refused(change: dict[str, object]) -> None:
    records = [hand_made.record(name, [0], of=hand_made.task()) for name in ("ease", "als")]
    check_one_task(records)
    with pytest.raises(ProtocolError, match="of one task by its digest, and differ in its parts; `recbench verify`"):
        check_one_task([*records, hand_made.record("mine", [0], of=hand_made.task(**change))])
