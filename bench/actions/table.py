"""Show stored results as a table, again or in another way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from bench.actions.results import Results, results_of
from bench.names import FORMATS, check_known, study_formats
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.actions.study_results import StudyResults
    from bench.names import Format, View
    from bench.records.labels import Labels
    from bench.records.record import Record


@overload
def table(  # type: ignore[overload-overlap]  # A text is also a sequence of texts.
    results: Results | Path | str,
    *,
    labels: Labels = (),
    k: int | str | Sequence[int] | None = None,
    metrics: str | Sequence[str] | None = None,
    views: str | Sequence[View] | None = None,
    baseline: str | None = None,
    beyond_accuracy: bool | None = None,
    slices: bool | None = None,
) -> Results: ...


@overload
def table(
    results: Sequence[Path | str],
    *,
    labels: Labels = (),
    k: int | str | Sequence[int] | None = None,
    metrics: str | Sequence[str] | None = None,
    views: str | Sequence[View] | None = None,
    baseline: str | None = None,
    beyond_accuracy: bool | None = None,
    slices: bool | None = None,
) -> StudyResults: ...


def table(
    results: Results | Path | str | Sequence[Path | str],
    *,
    labels: Labels = (),
    k: int | str | Sequence[int] | None = None,
    metrics: str | Sequence[str] | None = None,
    views: str | Sequence[View] | None = None,
    baseline: str | None = None,
    beyond_accuracy: bool | None = None,
    slices: bool | None = None,
) -> Results | StudyResults:
    """Return results with another table, or a table over several datasets; nothing is fitted.

    ``bench.table("runs/ml-100k", k=(5, 10))``, ``bench.table(["runs/ml-100k", "runs/ml-1m"])``.

    Parameters
    ----------
    results
        The folder of a run, or the `Results` of one. Several folders, each of one dataset, or one folder of a study in
        a list, make a table over the datasets.
    labels
        What this table is to call rows, as for `bench.run`; the stored records keep their names.
    k, metrics, views, baseline, beyond_accuracy, slices
        See `bench.actions.results.TableOptions`; None leaves an option as it is. A table over datasets shows one
        cut-off, metric and view.

    Raises
    ------
    RecbenchError
        If the folder holds no records, an option does not take the value, or the table has no row like the baseline.
    """
    if not isinstance(results, Results | Path | str):
        return _over_datasets(
            results,
            labels,
            k=k,
            metrics=metrics,
            views=views,
            baseline=baseline,
            beyond_accuracy=beyond_accuracy,
            slices=slices,
        )
    found = _named(results_of(results), labels)
    options = found.options.changed(
        k=k, metrics=metrics, views=views, baseline=baseline, beyond_accuracy=beyond_accuracy, slices=slices
    )
    if options.baseline is not None:
        from bench.records.groups import check_label

        check_label(options.baseline, [group.label for group in found.groups])
    return replace(found, options=options)


def _over_datasets(folders: Sequence[Path | str], labels: Labels, **options: Any) -> StudyResults:
    from bench.actions.study_results import results_over

    if labels:
        raise ProtocolError("a table over datasets has the names of the stored records; give labels to the run")
    return results_over(folders, **options)


def _named(results: Results, labels: Labels) -> Results:
    """Return results whose rows have other names."""
    if not labels:
        return results
    from bench.records.labels import names_of_rows

    groups = results.groups
    names = names_of_rows(labels, {group.label: group.recommender.name for group in groups})
    name_of = {id(record): names.get(group.label) for group in groups for record in (*group.fitted, *group.failed)}

    def named(record: Record) -> Record:
        name = name_of[id(record)]
        if name is None:
            return record
        recommender = {**record.document["recommender"], "display_name": name}
        return replace(record, document={**record.document, "recommender": recommender})

    return replace(results, records=tuple(map(named, results.records)))


def render(results: Results | Path | str | Sequence[Path | str], form: Format = "terminal", **options: Any) -> str:
    """Return results as text: for a terminal, a paper, a page or a program.

    ``bench.render("runs/ml-100k", "latex", k=(5, 10))``.

    Parameters
    ----------
    form
        One of `bench.names.FORMATS`: ``"terminal"``, ``"github"``, ``"latex"``, ``"csv"``, ``"json"``,
        ``"html-fragment"``; of a table over datasets also ``"csv-long"``.
    options
        Those of `table`.

    Raises
    ------
    RecbenchError
        As `table`; or if the format is unknown.
    """
    if isinstance(results, Results | Path | str):
        check_known("table format", form, FORMATS)
        return table(results, **options).render(form)
    check_known("table format", form, study_formats())
    return table(results, **options).render(form)
