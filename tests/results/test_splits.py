"""The page about splits: its taus by hand, and that it is made of records alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from jobs_here import jobs_here
from scripts import load_script

from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


@pytest.fixture(scope="module")
def splits() -> ModuleType:
    return load_script("splits.py")


def test_taus_are_over_the_recommenders_of_both_splits(splits: Any) -> None:
    """Of a, b, c: the same order, one pair swapped, and two recommenders in common."""
    one = splits.Order("last", 9, {"a": 0.3, "b": 0.2, "c": 0.1})
    same = splits.Order("random:0", 9, {"a": 0.5, "b": 0.4, "c": 0.3})
    swapped = splits.Order("random:1", 9, {"a": 0.4, "b": 0.5, "c": 0.3})
    fewer = splits.Order("time:0.9", 9, {"c": 0.5, "b": 0.4}, ("a",))
    found = splits.taus([one, same, swapped, fewer])
    assert found["last", "random:0"] == pytest.approx(1)
    assert found["last", "random:1"] == pytest.approx(1 / 3)
    assert found["last", "time:0.9"] == pytest.approx(-1)
    assert len(found) == 6


def test_the_page_is_made_of_the_records(splits: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    liked = 1 / np.arange(1, 41)
    lines = [
        f"{user},{item},{rng.integers(0, 5000)}"
        for user in range(40)
        for item in rng.choice(40, size=10, replace=False, p=liked / liked.sum())
    ]
    (tmp_path / "small.csv").write_text("\n".join(["user,item,timestamp", *lines, ""]))
    names = ["popularity", "item_knn"]
    with jobs_here():
        splits.run([f"small={tmp_path / 'small.csv'}"], names, tmp_path / "out", negatives=20, threads=1, quiet=True)
    text = splits.page(tmp_path / "out")
    assert text == splits.page(tmp_path / "out")
    assert text.count("\n## small, NDCG@10 ") == 2
    for split in splits.SPLITS:
        assert f" {split} " in text
    tau_rows = [line for line in text.splitlines() if line.startswith("| time:0.9,target=random")]
    assert len(tau_rows) == 2
    assert all("| 1 " in row for row in tau_rows)


def test_an_empty_folder_is_refused(splits: Any, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="holds no records"):
        splits.orders(tmp_path, "NDCG@10")
