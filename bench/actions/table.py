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
    from typing import Unpack

    from bench.actions.results import GivenTableOptions
    from bench.actions.study_results import StudyResults
    from bench.names import Format, View
    from bench.records.labels import Labels
    from bench.records.record import Record


@overload
def table(results: Results, *, labels: Labels = (), **options: Unpack[GivenTableOptions]) -> Results: ...


@overload
def table(  # type: ignore[overload-overlap]  # A text is also a sequence of texts.
    results: Path | str, *, labels: Labels = (), **options: Unpack[GivenTableOptions]
) -> Results | StudyResults: ...


@overload
def table(
    results: StudyResults | Sequence[Path | str], *, labels: Labels = (), **options: Unpack[GivenTableOptions]
) -> StudyResults: ...


def table(
    results: Results | StudyResults | Path | str | Sequence[Path | str],
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
        The folder of a run, or the `Results` of one. Several folders, each of one dataset, the folder of a study, or
        the `StudyResults` of one, make a table over the datasets.
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
    given: GivenTableOptions = {
        "k": k,
        "metrics": metrics,
        "views": views,
        "baseline": baseline,
        "beyond_accuracy": beyond_accuracy,
        "slices": slices,
    }
    if isinstance(results, Results) or (isinstance(results, Path | str) and not _is_study(results)):
        return _of_one_dataset(results, labels, given)
    return _over_datasets(results, labels, given)


def _is_study(folder: Path | str) -> bool:
    from bench.records.results_folders import is_study

    return is_study(Path(folder))


def _of_one_dataset(results: Results | Path | str, labels: Labels, given: GivenTableOptions) -> Results:
    found = _named(results_of(results), labels)
    options = found.options.changed(**given)
    if options.baseline is not None:
        from bench.records.groups import check_label

        check_label(options.baseline, [group.label for group in found.groups])
    return replace(found, options=options)


def _over_datasets(
    results: StudyResults | Path | str | Sequence[Path | str], labels: Labels, given: GivenTableOptions
) -> StudyResults:
    from bench.actions.study_results import StudyResults, compared_of, results_over

    if labels:
        raise ProtocolError("a table over datasets has the names of the stored records; give labels to the run")
    if isinstance(results, StudyResults):
        return replace(results, compared=compared_of(results.compared, **given))
    return results_over([results] if isinstance(results, Path | str) else results, **given)


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


def render(
    results: Results | StudyResults | Path | str | Sequence[Path | str], form: Format = "terminal", **options: Any
) -> str:
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
    found = table(results, **options)
    check_known("table format", form, FORMATS if isinstance(found, Results) else study_formats())
    return found.render(form)
