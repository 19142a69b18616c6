"""The few sentences that a terminal shows below a table over datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.studies.ranking import DIGITS
from bench.tables.cautions import some
from bench.tables.study_notes import FEW_DATASETS, foreign_defaults
from bench.tables.subject import is_synthetic
from bench.writing.sheet import MARK, RESULT, Remark
from bench.writing.text import count_text
from protocol.evaluation.statistics import LEAST_SEEDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.studies.comparison import StudyComparison


def study_remarks(found: StudyComparison) -> Iterator[Remark]:
    """Yield the sentences, the most important first; the last one counts the datasets."""
    for text in _result(found):
        yield Remark(RESULT, text)
    for text in _cautions(found):
        yield Remark("Warning", text, is_warning=True)
    if any(score.is_marked for row in found.rows for score in row.scores.values()):
        yield Remark("Signs", f'{MARK}: not told apart from {_reference(found)} of the dataset, not "equal".')
    yield Remark("Limits", "mean ranks say nothing of how large differences are.")
    yield Remark("Datasets", f"{len(found.columns)}, each a task")


def _reference(found: StudyComparison) -> str:
    return "the best row" if found.baseline is None else f"the baseline {found.baseline}"


def _result(found: StudyComparison) -> Iterable[str]:
    """Say which row has the best mean rank, and whether the tests over datasets tell others apart from it."""
    best = [row.label for row in found.rows if round(row.mean_rank, DIGITS) == found.best_rank] if found.rows else []
    if not best:
        return
    parts = [f"Best mean rank by {found.figure.name}: {some(best)}."]
    tests = found.tests
    if tests is not None:
        beside = [label for label in tests.labels if tests.is_marked(label)]
        first = tests.labels[0]
        parts.append(
            f"Over datasets not told apart from {first} ({MARK}): {some(beside)}."
            if beside
            else f"Over datasets, all others are told apart from {first}."
        )
    yield " ".join(parts)


def _cautions(found: StudyComparison) -> Iterator[str]:
    synthetic = [column.name for column in found.columns if is_synthetic(column.task)]
    if synthetic:
        yield f"synthetic data: {some(synthetic)}."
    if found.lost:
        yield f"no data: {some(found.lost)}."
    gaps = [f"{label} on {dataset}" for label, dataset, _ in found.gaps]
    if gaps:
        yield f"no figure: {some(gaps)}; none is filled in."
    suspicious = [f"{label} on {column.name}" for column in found.columns for label in sorted(column.suspicious)]
    if suspicious:
        yield f"too good to be true (!): {some(suspicious)}; look for a leak of held-out items."
    if len(found.columns) < FEW_DATASETS:
        tests = "" if found.tests is None or found.tests.can_distinguish else ", too few for the tests"
        yield f"{count_text(len(found.columns), 'dataset')} only{tests}: on others the order may be another."
    few = [label for each in found.columns if each.significance for label in each.significance.too_few_seeds]
    if few:
        yield f"fewer than {LEAST_SEEDS} seeds of {some(few)}: {MARK} is of these models alone."
    foreign = [
        f"{label} on {column.name}"
        for column in found.columns
        for label, row in column.rows.items()
        if row.has_foreign_parameters
    ]
    if foreign:
        yield f"not known to be tuned on these data: {some(foreign)}."
    untuned = [
        f"{label} on {dataset}"
        for by_dataset in foreign_defaults(found).values()
        for dataset, labels in by_dataset.items()
        for label in labels
    ]
    if untuned:
        yield f"defaults not chosen on these data: {some(untuned)}."
