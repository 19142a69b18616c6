"""What the number of rivals decides before anything is scored."""

from __future__ import annotations

import numpy as np
import pytest
from hand_made import FACTS, record, task
from hypothesis import given
from hypothesis import strategies as st

from bench.analysis.rivals import Rivals, rivals_by_view
from protocol.evaluation.metrics import METRICS
from protocol.evaluation.ranking import Ranks


def test_by_hand() -> None:
    rivals = Rivals(100, np.array([0, 5, 9, 10, 100]))
    assert (rivals.fewest, rivals.most) == (0, 100)
    assert [rivals.n_users_below(n) for n in (1, 10, 11)] == [1, 3, 4]
    assert rivals.n_decided("HR", 10) == 3
    assert [rivals.n_decided(metric, 10) for metric in ("NDCG", "MRR", "AUC")] == [1, 1, 1]
    assert not rivals.decides("HR", 10)
    assert Rivals(5, np.array([5, 5])).decides("HR", 6)
    assert not Rivals(5, np.array([5, 5])).decides("HR", 5)


@pytest.mark.parametrize("metric", METRICS)
@given(st.integers(0, 12), st.integers(1, 14))
def test_a_metric_is_decided_if_all_ranks_have_one_value(metric: str, n_rivals: int, k: int) -> None:
    every_rank = np.arange(n_rivals + 1)
    values = METRICS[metric].values(Ranks(every_rank, np.zeros_like(every_rank), np.full_like(every_rank, n_rivals)), k)
    assert Rivals(None, np.array([n_rivals])).decides(metric, k) == (len(set(values.tolist())) == 1)


def test_each_view_has_its_own_rivals() -> None:
    found = rivals_by_view([record("ease", [0, 1], full=[0, 1])])
    assert {view: (rivals.asked, rivals.counts.tolist()) for view, rivals in found.items()} == {
        "sampled": (100, [100, 100]),
        "expected": (100, [100, 100]),
        "full": (None, [1000, 1000]),
    }
    assert list(rivals_by_view([record("bpr", [0, 1])])) == ["sampled"]
    assert list(rivals_by_view([record("bpr", [0], full=[0], n_untouched=99)])) == ["sampled", "full"]
    alone = record("ease", [0, 1], of=task(facts=FACTS | {"n_negatives": 0}))
    assert {view: rivals.asked for view, rivals in rivals_by_view([alone]).items()} == {"full": None}
    assert rivals_by_view([]) == {}
