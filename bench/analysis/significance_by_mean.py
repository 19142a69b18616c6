"""The tests of a table by each of its means, as if that were the one that sorts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analysis.significance import Sample, run_tests
from bench.analysis.views import values_by_cutoff, views_of
from bench.names import value_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.analysis.significance import Significance
    from bench.analysis.summary import Summary
    from bench.names import View
    from bench.records.groups import Group

MOST_ROWS = 60
"""Without a baseline all pairs are tested: with more rows, by the mean that sorts the table alone."""


def significance_by_mean(summary: Summary, groups: Sequence[Group]) -> dict[str, Significance | None]:
    """Return the tests by each mean, under its name in `bench.analysis.rows.Row.accuracy`.

    A mean by which nothing can be tested has None (see `bench.analysis.significance.run_tests`). One that was not
    tested because there are more than `MOST_ROWS` rows is missing. Each family of tests has a correction of its own.

    Parameters
    ----------
    groups
        Of the rows of the summary.
    """
    found: dict[str, Significance | None] = {summary.primary: summary.significance}
    fitted = [group for group in groups if group.fitted]
    baseline = _baseline(summary)
    if baseline is None and len(fitted) > MOST_ROWS:
        return found
    for view in views_of(summary.task):
        for name, samples in _samples(summary, fitted, view).items():
            if name not in found:
                is_known = baseline is None or baseline in {sample.label for sample in samples}
                found[name] = run_tests(samples, name, baseline) if is_known else None
    return found


def _baseline(summary: Summary) -> str | None:
    if summary.significance is not None and summary.significance.is_baseline:
        return summary.significance.reference
    return summary.failed_baseline


def _samples(summary: Summary, fitted: Sequence[Group], view: View) -> Mapping[str, list[Sample]]:
    """Return the values of all rows by each mean of a view, the best row first and suspicious rows last."""
    found: dict[str, list[Sample]] = {}
    for group in fitted:
        for k, of_metrics in values_by_cutoff(group.fitted, view, summary.ks, summary.metrics).items():
            for metric, values in of_metrics.items():
                sample = Sample(group.label, values, group.deterministic)
                found.setdefault(value_name(view, metric, k), []).append(sample)
    return {name: list(_ordered(summary, name, samples)) for name, samples in found.items()}


def _ordered(summary: Summary, name: str, samples: Sequence[Sample]) -> Iterator[Sample]:
    means = {row.label: row.accuracy[name].mean for row in summary.rows if name in row.accuracy}

    def place(sample: Sample) -> tuple[bool, float, str]:
        return sample.label in summary.suspicions, -means[sample.label], sample.label

    yield from sorted(samples, key=place)
