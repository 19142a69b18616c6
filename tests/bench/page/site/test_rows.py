"""The places of the rows of a task."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bench.page.site.rows import best_mean, places_in


def test_a_suspicious_row_takes_no_place() -> None:
    means = {"ease": 0.4, "als": 0.3, "bpr": 0.3, "leak": 0.9, "failed": None}
    rows = [
        SimpleNamespace(label=label, accuracy={} if mean is None else {"NDCG@10": SimpleNamespace(mean=mean)})
        for label, mean in means.items()
    ]
    summary = SimpleNamespace(primary="NDCG@10", rows=rows, is_suspicious=lambda row: row.label == "leak")
    task: Any = SimpleNamespace(summary=summary)
    assert places_in(task) == {"ease": 1, "als": 2, "bpr": 2}
    assert best_mean(task) == 0.4
