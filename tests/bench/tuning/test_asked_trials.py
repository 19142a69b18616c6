"""What searches asked for: kept after each, by search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.tuning.asked_trials import ASKED, AskedTrials
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from pathlib import Path


def test_each_suggestion_is_kept_with_all_its_digits(tmp_path: Path) -> None:
    kept = AskedTrials(tmp_path)
    assert kept.of("als 1") == []
    kept.add("als 1", {"reg": 0.1 + 0.2, "size": "64"})
    kept.add("bpr 2", {"neighbors": 5})
    kept.add("als 1", {"reg": 1e-300, "size": "8"})
    again = AskedTrials(tmp_path)
    assert again.of("als 1") == [{"reg": 0.1 + 0.2, "size": "64"}, {"reg": 1e-300, "size": "8"}]
    assert again.of("bpr 2") == [{"neighbors": 5}]
    assert [path.name for path in tmp_path.iterdir()] == [ASKED]


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"als 1": 3}', b'{"als 1": [3]}', b"\xff"])
def test_a_damaged_file_is_an_error_that_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ASKED).write_bytes(content)
    with pytest.raises(RecbenchError, match=r"asked\.json is damaged .*; remove it"):
        AskedTrials(tmp_path)
