"""Show stored results as a table, again or in another way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bench.actions.results import Results, results_of
from bench.names import FORMATS, check_known

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.names import Format, View
    from bench.records.labels import Labels
    from bench.records.record import Record


def table(
    results: Results | Path | str,
    *,
    labels: Labels = (),
    k: int | str | Sequence[int] | None = None,
    metrics: str | Sequence[str] | None = None,
    views: str | Sequence[View] | None = None,
    baseline: str | None = None,
    beyond_accuracy: bool | None = None,
    slices: bool | None = None,
) -> Results:
    """Return results with another table; nothing is fitted.

    ``bench.table("runs/ml-100k", k=(5, 10))``.

    Parameters
    ----------
    results
        The folder of a run, or the `Results` of one.
    labels
        What this table is to call rows, as for `bench.run`; the stored records keep their names.
    k, metrics, views, baseline, beyond_accuracy, slices
        See `bench.actions.results.TableOptions`; None leaves an option as it is.

    Raises
    ------
    RecbenchError
        If the folder holds no records, an option does not take the value, or the table has no row like the baseline.
    """
    found = _named(results_of(results), labels)
    options = found.options.changed(
        k=k, metrics=metrics, views=views, baseline=baseline, beyond_accuracy=beyond_accuracy, slices=slices
    )
    if options.baseline is not None:
        from bench.records.groups import check_label

        check_label(options.baseline, [group.label for group in found.groups])
    return replace(found, options=options)


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


def render(results: Results | Path | str, form: Format = "terminal", **options: Any) -> str:
    """Return results as text: for a terminal, a paper, a page or a program.

    ``bench.render("runs/ml-100k", "latex", k=(5, 10))``.

    Parameters
    ----------
    form
        One of `bench.names.FORMATS`: ``"terminal"``, ``"github"``, ``"latex"``, ``"csv"``, ``"json"``,
        ``"html-fragment"``.
    options
        Those of `table`.

    Raises
    ------
    RecbenchError
        As `table`; or if the format is unknown.
    """
    check_known("table format", form, FORMATS)
    return table(results, **options).render(form)
