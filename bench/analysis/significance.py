"""Which rows of a table are distinguishable by the primary metric (P24)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from protocol.blocks import equal_blocks
from protocol.evaluation.statistics import (
    LEAST_SEEDS,
    Comparison,
    comparisons_of_differences,
    enough_users,
    holm,
    holm_levels,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    Compare = Callable[[Sequence[tuple[str, str]]], Sequence[tuple[Comparison, int]]]
    """Compares pairs of rows by their labels; returns each comparison with the seeds, or splits, that it is over."""

ALPHA = 0.05
"""The chance of any false claim among all those of one table."""

BLOCK_VALUES = 2**20
"""Per-user differences that are tested in one pass: 8 MiB."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One row's values of one metric.

    Parameters
    ----------
    values
        float64, ``(n_seeds, n_eval)``: by ascending training seed, the same users in the same order in each row.
    deterministic
        Whether training again gives the same model.
    """

    label: str
    values: npt.NDArray[np.float64]
    deterministic: bool

    @property
    def has_too_few_seeds(self) -> bool:
        """Whether training is random, and there are too few seeds for a claim about the algorithm."""
        return not self.deterministic and len(self.values) < LEAST_SEEDS


@dataclass(frozen=True)
class PairTest:
    """One row against another.

    Parameters
    ----------
    comparison
        The first row minus the second.
    n_seeds
        The number of training seeds compared: the larger one, if the rows differ.
    p_holm
        Holm's adjusted p-value within the table.
    level
        At which Holm's procedure tests this pair, for `ALPHA` within the table.
    """

    ours: str
    theirs: str
    comparison: Comparison
    n_seeds: int
    p_holm: float
    level: float

    @property
    def distinguishable(self) -> bool:
        """Whether the two rows are distinguishable; rows that are not need not be equal."""
        return self.p_holm <= ALPHA

    @property
    def holm_interval(self) -> tuple[float, float]:
        """The interval of the difference at the pair's level: without 0 exactly where the rows are distinguishable."""
        return self.comparison.interval(self.level)


@dataclass(frozen=True)
class Significance:
    """All tests of a table.

    Parameters
    ----------
    metric
        The mean that is compared: ``"NDCG@10"``.
    reference
        The row that the others are marked against: the baseline, or the best that is not suspicious.
    is_baseline
        Whether the reference was named beforehand; then every other row is tested against it only. Otherwise all pairs
        are tested, because the best row is found by looking at the results.
    pairs
        The row further down the table minus the one further up, where suspicious rows come last; or any row minus the
        baseline.
    too_few_seeds
        The rows that are random and have fewer training seeds than a claim about algorithms needs: their tests are
        about the trained models only.
    """

    metric: str
    reference: str
    is_baseline: bool
    pairs: tuple[PairTest, ...]
    too_few_seeds: tuple[str, ...]

    def against_reference(self, label: str) -> PairTest | None:
        """Return the test of a row against the reference; None for the reference itself."""
        return self._by_labels.get((label, self.reference))

    @cached_property
    def _by_labels(self) -> Mapping[tuple[str, str], PairTest]:
        return {(pair.ours, pair.theirs): pair for pair in self.pairs}


def run_tests(samples: Sequence[Sample], metric: str, baseline: str | None = None) -> Significance | None:
    """Compare rows by paired t-tests with Holm's correction; None with fewer than two rows or too few users.

    Without a baseline the best row is found by looking at the results, so the correction is over all K(K-1)/2 pairs.
    With a correction over only the K-1 pairs with the best row, eleven equal rows give false alarms in 15.5 % of tables
    (``results/simulation/``). With a baseline, the correction is over K-1 pairs.

    Parameters
    ----------
    samples
        In the order of the table, the best first; suspicious rows last.
    baseline
        The label of one of them.
    """
    if len(samples) < 2 or not enough_users(samples[0].values.shape[1]):
        return None
    by_label = {sample.label: sample for sample in samples}

    def compare(pairs: Sequence[tuple[str, str]]) -> list[tuple[Comparison, int]]:
        return compare_samples([(by_label[ours], by_label[theirs]) for ours, theirs in pairs])

    too_few = tuple(sample.label for sample in samples if sample.has_too_few_seeds)
    return holm_tests(list(by_label), compare, metric, baseline, too_few)


def holm_tests(
    labels: Sequence[str],
    compare: Compare,
    metric: str,
    baseline: str | None = None,
    too_few_seeds: tuple[str, ...] = (),
) -> Significance:
    """Return the tests of all pairs of rows or, with a baseline, of each other row against it.

    Parameters
    ----------
    labels
        In the order of the table, the best first; suspicious rows last.
    compare
        Is called once, with all pairs.
    """
    if baseline is None:
        pairs = [(ours, theirs) for theirs, ours in itertools.combinations(labels, 2)]
    else:
        pairs = [(label, baseline) for label in labels if label != baseline]
    comparisons = compare(pairs)
    p_values = [comparison.p_value for comparison, _ in comparisons]
    corrected = zip(holm(p_values), holm_levels(p_values, ALPHA), strict=True)
    return Significance(
        metric=metric,
        reference=labels[0] if baseline is None else baseline,
        is_baseline=baseline is not None,
        pairs=tuple(
            PairTest(ours, theirs, comparison, n_seeds, float(p), float(level))
            for (ours, theirs), (comparison, n_seeds), (p, level) in zip(pairs, comparisons, corrected, strict=True)
        ),
        too_few_seeds=too_few_seeds,
    )


def compare_samples(pairs: Sequence[tuple[Sample, Sample]]) -> list[tuple[Comparison, int]]:
    """Compare pairs of rows over the seeds that `paired` pairs; return each comparison with their number.

    Pairs with as many seeds are compared in one pass; see `protocol.evaluation.statistics.comparisons_of_differences`.
    """
    alike: dict[tuple[int, bool], list[int]] = {}
    for place, (ours, theirs) in enumerate(pairs):
        is_claim = not (ours.has_too_few_seeds or theirs.has_too_few_seeds)
        alike.setdefault((_n_seeds(ours, theirs), is_claim), []).append(place)
    found: dict[int, tuple[Comparison, int]] = {}
    for (n_seeds, is_claim), places in alike.items():
        n_users = pairs[places[0]][0].values.shape[1]
        for block in equal_blocks(len(places), n_seeds * n_users, BLOCK_VALUES):
            differences = np.stack([np.subtract(*paired(*pairs[place])) for place in places[block]])
            compared = comparisons_of_differences(differences, about_algorithms=is_claim)
            found |= {place: (each, n_seeds) for place, each in zip(places[block], compared, strict=True)}
    return [found[place] for place in range(len(pairs))]


def paired(ours: Sample, theirs: Sample) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the values of two rows, seed by seed: in ascending order, as many as both have.

    The seeds of two algorithms are independent, so the pairing does not matter as long as it is fixed beforehand. A
    single seed is compared with all seeds of the other row. So is a deterministic row, even if it was fitted often.
    """
    one, other = (sample.values[:1] if sample.deterministic else sample.values for sample in (ours, theirs))
    n_seeds = min(len(one), len(other))
    if n_seeds == 1:
        return one, other
    return one[:n_seeds], other[:n_seeds]


def _n_seeds(ours: Sample, theirs: Sample) -> int:
    return max(len(values) for values in paired(ours, theirs))
