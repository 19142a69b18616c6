"""Collect the records of a plan into a folder of results."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.actions.results import Results, ResultsOverSplits, TableOptions, check_shown_over_splits
from bench.names import DEFAULT_VIEWS
from protocol.errors import RecbenchError, RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.names import View
    from bench.running.travel.plan_folder import PlanFolder

RESULTS = "results"
"""The folder of results in that of a plan."""

MOST_NAMED = 10
"""The number of missing jobs that a message names."""


@dataclass(frozen=True)
class Collection:
    """What was collected of a plan.

    Parameters
    ----------
    results
        Of the jobs that have a record.
    failed
        The indices of those that failed.
    missing
        The indices of the others.
    """

    results: Results
    failed: tuple[int, ...]
    missing: tuple[int, ...]


def collect(
    plan: Path | str,
    *,
    out: Path | str | None = None,
    k: int | str | Sequence[int] = 10,
    metrics: str | Sequence[str] | None = None,
    views: str | Sequence[View] = DEFAULT_VIEWS,
    baseline: str | None = None,
    beyond_accuracy: bool = False,
    slices: bool = False,
) -> Results:
    """Vet the records of a plan that `bench.plan` wrote, store them in a folder of results, and return these.

    Each record is compared with the specification of its job, and its ranks with the task. What is missing is a warning
    that says how to run it.

    Parameters
    ----------
    plan
        The folder of the plan.
    out
        The folder of results; ``results`` in that of the plan by default.
    k, metrics, views, baseline, beyond_accuracy, slices
        As for `bench.run`.

    Raises
    ------
    RecbenchError
        If there is no plan, no record of it, this is another code than that of the plan, or an option does not take its
        value.
    """
    options = TableOptions().changed(
        k=k, metrics=metrics, views=views, baseline=baseline, beyond_accuracy=beyond_accuracy, slices=slices
    )
    return collection(plan, out, options).results


def collection(plan: Path | str, out: Path | str | None, options: TableOptions) -> Collection:
    """Collect a plan (see `collect`); return its results, and which jobs failed or are missing."""
    from bench.running.travel.collecting import collect_into
    from bench.running.travel.plan_folder import PlanFolder

    found = PlanFolder(Path(plan))
    is_over_splits = any(job.folder for job in found.jobs)
    if is_over_splits:
        check_shown_over_splits(options)
    folder = Path(out) if out else found.folder / RESULTS
    collected = collect_into(found, folder)
    if not collected.records:
        raise RecbenchError(f"{found.folder} has no record yet: it{_what_is_missing(found, collected.missing)}")
    if collected.missing:
        warnings.warn(f"{found.folder}{_what_is_missing(found, collected.missing)}", RecbenchWarning, stacklevel=3)
    kind = ResultsOverSplits if is_over_splits else Results
    return Collection(
        kind(tuple(collected.records.values()), folder, options),
        failed=tuple(index for index, record in collected.records.items() if record.failed),
        missing=tuple(collected.missing),
    )


def _what_is_missing(plan: PlanFolder, missing: Mapping[int, str]) -> str:
    """Return which jobs have no record, why if it was damaged, and how to run them."""
    named = [f"{index} ({plan.jobs[index].title}{why})" for index, why in list(missing.items())[:MOST_NAMED]]
    more = f" and {len(missing) - MOST_NAMED:,} more" if len(missing) > MOST_NAMED else ""
    first = next(iter(missing), 0)
    return (
        f" lacks {len(missing):,} of {len(plan.jobs):,} records: {', '.join(named)}{more}; `recbench work "
        f"{plan.folder} --index {first}` runs the job {first}, and `recbench work {plan.folder} --index all` all that "
        "are left"
    )
