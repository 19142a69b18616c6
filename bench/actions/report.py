"""Write results as one page, with tables and charts; of several datasets or splits, one over them and one for each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from bench.actions.results import ResultsOverSplits
from bench.actions.study_results import one_of, study_of
from bench.names import REPORT_KS, distinct_names, file_name
from bench.options import read
from protocol.drafts import write_output
from protocol.evaluation.metrics import primary_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bench.actions.results import Results
    from bench.actions.study_results import StudyResults
    from bench.studies.comparison import StudyComparison

PAGE = "report.html"

_LONGEST_NAME = 80
"""Letters of a dataset's name in the name of a file."""


def report(
    results: Results | StudyResults | Path | str | Sequence[Path | str],
    output: Path | str | None = None,
    *,
    k: int | str | Sequence[int] | None = None,
    metrics: str | Sequence[str] | None = None,
    baseline: str | None = None,
    slices: bool = False,
) -> Path:
    """Write results as one HTML page, which needs no network, and return the file.

    ``bench.report("runs/ml-100k", "page.html")``, ``bench.report(["runs/ml-100k", "runs/ml-1m"])``. Needs the extra
    ``report``.

    Parameters
    ----------
    results
        The folder of a run, or the `Results` of one. Several folders, each of one dataset, the folder of a study, or
        the `StudyResults` of one, give a page over the datasets, and beside it a page for each of them, called like
        ``report-ml-100k.html``. Repeated splits give a page over the splits, which says how the order changes between
        them, and a page for each, called like ``report-random-0.html``.
    output
        The file; by default ``report.html`` in the results' folder or, of several, in the folder that holds all of
        them. An old one is replaced.
    k
        Cut-offs to choose among on the page; tests, charts and what is compared over datasets are about the first. By
        default `bench.names.REPORT_KS`, after the one that a study compares.
    metrics
        Metrics to choose among; hit rate and NDCG by default. Over datasets, NDCG is compared or, where it is not among
        them, the first.
    baseline
        The row that all others are tested against, if it was named beforehand.
    slices
        Whether the page's table has a column for each slice of users, too; the charts always have them.

    Raises
    ------
    RecbenchError
        If the extra is not installed, a folder holds no records, the datasets do not make a study, or no row is called
        like the baseline.
    """
    ks = None if k is None else read("k", k)
    chosen = None if metrics is None else read("metrics", metrics)
    study = study_of(results, k=ks[0] if ks else None, metric=primary_of(chosen) if chosen else None, baseline=baseline)
    if study is not None:
        return _study_report(study, output, ks, chosen, slices=read("slices", slices))
    from bench.page.page import page

    found = one_of(results, with_splits=True)
    place = found.folder / PAGE if output is None else Path(output)
    if isinstance(found, ResultsOverSplits):
        return _report_over_splits(found, place, ks or REPORT_KS, baseline, chosen, slices=read("slices", slices))
    text = page(found.records, ks or REPORT_KS, baseline, metrics=chosen, slices=read("slices", slices))
    _write(place, text)
    return place


def _study_report(
    study: StudyResults,
    output: Path | str | None,
    ks: Sequence[int] | None,
    metrics: Sequence[str] | None,
    *,
    slices: bool,
) -> Path:
    from bench.charts.library import javascript
    from bench.page.page import page
    from bench.page.study_page import study_page

    found = study.comparison
    place = _shared_folder([each.folder for each in study.datasets]) / PAGE if output is None else Path(output)
    links = page_names(place.name, [each.name for each in study.datasets])
    library = javascript()
    own_ks = tuple(ks or dict.fromkeys((found.figure.k, *REPORT_KS)))
    for each in study.datasets:
        baseline = _row_of(found, each.name)
        text = page(each.records_with_lists(), own_ks, baseline, metrics=metrics, library=library, slices=slices)
        _write(place.with_name(links[each.name]), text)
    _write(place, study_page(found, links, library=library))
    return place


def _report_over_splits(
    results: ResultsOverSplits,
    place: Path,
    ks: Sequence[int],
    baseline: str | None,
    metrics: Sequence[str] | None,
    *,
    slices: bool,
) -> Path:
    from bench.analysis.over_splits import summarise_splits
    from bench.charts.library import javascript
    from bench.page.page import page
    from bench.page.splits_page import splits_page
    from bench.records.results_folders import split_folder_name
    from bench.records.splits import records_by_split

    summary = summarise_splits(results.records, ks[:1], baseline, metrics)
    splits = records_by_split(results.records)
    links = page_names(place.name, [each.name for each in splits], called=split_folder_name)
    library = javascript()
    for each in splits:
        has_row = baseline in {row.label for row in summary.summaries[each.name].rows}
        text = page(each.records, ks, baseline if has_row else None, metrics=metrics, library=library, slices=slices)
        _write(place.with_name(links[each.name]), text)
    _write(place, splits_page(summary, links, library=library))
    return place


def page_names(over: str, parts: Iterable[str], called: Callable[[str], str] = file_name) -> dict[str, str]:
    """Return the name of the own page of each dataset or split: ``report-ml-100k.html`` beside ``report.html``.

    Names that become equal as names of files get a number.

    Parameters
    ----------
    over
        The name of the page over all of them.
    called
        What a dataset or a split is called as a file.
    """
    stem = Path(over).stem
    names = distinct_names({part: f"{stem}-{called(part)[:_LONGEST_NAME]}" for part in parts})
    return {part: f"{name}.html" for part, name in names.items()}


def _row_of(found: StudyComparison, dataset: str) -> str | None:
    """Return what the table of a dataset calls the baseline; None where it has no such row."""
    column = next(column for column in found.columns if column.name == dataset)
    row = column.rows.get(found.baseline) if found.baseline is not None else None
    return None if row is None else row.label


def _shared_folder(folders: Sequence[Path]) -> Path:
    """Return the folder that holds all folders, or the one folder that there is."""
    parents = {folder.parent for folder in folders}
    return parents.pop() if len(parents) == 1 else Path(os.path.commonpath([each.resolve() for each in parents]))


def _write(place: Path, text: str) -> None:
    # Half a surrogate pair, as in the name of a file that is not UTF-8, is shown by its number.
    write_output(place, text.encode("utf-8", "backslashreplace"))
