"""Intervals of mean ranks by two bootstraps: over users within datasets, and over datasets.

They answer two questions. Over users: how would the ranks on these datasets move with other users like these? Over
datasets: how would they move with other datasets like these? Models are not trained again in either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.studies.ranking import ranks_of
from bench.writing.text import NOTHING
from protocol.evaluation.statistics import enough_users

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    Values = npt.NDArray[np.float64]

N_RESAMPLES = 1000

CONFIDENCE = 0.95

LEAST_DATASETS = 3
"""Fewer datasets have too few samples for an interval: two have three, of which one half of all draws is the study."""

_MOST_AT_ONCE = 2**22
"""Draws of users that are held at once."""


@dataclass(frozen=True)
class Span:
    """The ends of an interval that need not have its figure in the middle."""

    low: float
    high: float


def span_text(span: Span | None) -> str:
    """Return an interval of ranks: ``1.4-3.0``; nothing where there is none."""
    return NOTHING if span is None else f"{span.low:.1f}-{span.high:.1f}"


def spans_over_users(values: Sequence[Values]) -> list[Span | None]:
    """Return the interval of each row's mean rank over samples of the users of each dataset.

    The users of a dataset are drawn with replacement, each with what all rows made of them, so that rows stay paired.

    Parameters
    ----------
    values
        For each dataset float64, ``(n_rows, n_users)``; a row without figures there is NaN. Seeds are averaged before.

    Returns
    -------
    list
        By row; all None where a dataset has too few users (see `protocol.evaluation.statistics.LEAST_USERS`).
    """
    if not all(enough_users(of_dataset.shape[1]) for of_dataset in values):
        return [None] * len(values[0])
    stream = np.random.default_rng(0)
    # A row without figures on a dataset has no rank there, in no sample: the count stays the same.
    total = np.zeros((N_RESAMPLES, len(values[0])))
    for of_dataset in values:
        total += np.nan_to_num(ranks_of(np.concatenate(list(_resampled_means(of_dataset, stream)))))
    n_datasets = np.sum([~np.isnan(of_dataset[:, 0]) for of_dataset in values], axis=0)
    return _spans(total / n_datasets)


def _resampled_means(values: Values, stream: np.random.Generator) -> Iterator[Values]:
    """Yield the means of `N_RESAMPLES` samples of users, some at a time; float64, ``(n_samples, n_rows)``."""
    n_users, left = values.shape[1], N_RESAMPLES
    while left:
        n_samples = max(1, min(left, _MOST_AT_ONCE // n_users))
        drawn = stream.integers(n_users, size=(n_samples, n_users))
        drawn += n_users * np.arange(n_samples)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=n_samples * n_users).reshape(n_samples, n_users)
        yield counts.astype(np.float64) @ values.T / n_users
        left -= n_samples


def spans_over_datasets(ranks: Values) -> list[Span | None]:
    """Return the interval of each row's mean rank over samples of the datasets.

    Datasets are drawn with replacement. A sample counts for a row by the datasets that have it.

    Parameters
    ----------
    ranks
        float64, ``(n_datasets, n_rows)``; NaN where a row has no rank.

    Returns
    -------
    list
        By row; None where fewer than `LEAST_DATASETS` datasets have it.
    """
    n_datasets = len(ranks)
    drawn = np.random.default_rng(0).integers(n_datasets, size=(N_RESAMPLES, n_datasets))
    counts = np.array([np.bincount(sample, minlength=n_datasets) for sample in drawn], dtype=np.float64)
    known = ~np.isnan(ranks)
    n_known = counts @ known
    means = np.divide(counts @ np.nan_to_num(ranks), n_known, out=np.full(n_known.shape, np.nan), where=n_known > 0)
    enough = known.sum(axis=0) >= LEAST_DATASETS
    return [span if fine else None for span, fine in zip(_spans(means), enough, strict=True)]


def _spans(samples: Values) -> list[Span | None]:
    """Return the middle `CONFIDENCE` of the samples of each row, ``(n_samples, n_rows)``."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.nanquantile(samples, (tail, 1 - tail), axis=0)
    return [Span(float(one), float(other)) for one, other in zip(low, high, strict=True)]
