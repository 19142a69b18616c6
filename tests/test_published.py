"""Published figures on real data: the NCF paper's own split of MovieLens-1M, to four digits."""

from __future__ import annotations

import numpy as np
import pytest

from protocol.data.loading import load_dataset
from protocol.evaluation.evaluate import evaluate
from protocol.evaluation.metrics import hit_rate, ndcg
from protocol.tasks.task import Task, build_task
from recommenders.ease import EASE
from recommenders.popularity import Popularity

pytestmark = [pytest.mark.realdata, pytest.mark.slow]


@pytest.fixture(scope="module")
def ncf_task(real_data) -> Task:
    return build_task(load_dataset(f"ncf:{real_data / 'ml-1m' / 'ml-1m'}"))


@pytest.mark.parametrize(
    ("recommender", "published"),
    [
        # Rendle et al., "Neural Collaborative Filtering vs. Matrix Factorization Revisited", RecSys 2020.
        pytest.param(Popularity(), (0.4535, 0.2543), id="popularity"),
        # Ferrari Dacrema et al., ACM TOIS 2021, additional material.
        pytest.param(EASE(reg=1320), (0.7192, 0.4494), id="ease"),
    ],
)
def test_figures_are_the_published_ones(ncf_task: Task, recommender, published: tuple[float, float]) -> None:
    fitted = recommender.fit(ncf_task.train, rng=np.random.default_rng(0))
    ranks = evaluate(fitted, ncf_task, full=False).ranks
    assert (round(hit_rate(ranks, 10).mean(), 4), round(ndcg(ranks, 10).mean(), 4)) == published


def test_facts_of_the_files(ncf_task: Task) -> None:
    """P11: 156 users have their own held-out item among the negatives; for them 98 rivals count."""
    rivals = ncf_task.candidates.is_rival.sum(axis=1)
    assert ncf_task.candidates.n_evaluated == 6040
    assert len(ncf_task.train) == 994_169
    assert np.bincount(rivals)[[98, 99]].tolist() == [156, 5884]
