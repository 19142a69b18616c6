"""The notes below a table over datasets: what a reader must know to judge it. Each is one entry of `NOTES`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analysis.conduct import TIMES_SHARED
from bench.analysis.significance import ALPHA
from bench.records.compared import n_compared
from bench.studies.over_datasets import LEAST_DATASETS as LEAST_FOR_TESTS
from bench.studies.over_datasets import LEAST_ROWS
from bench.studies.resampling import LEAST_DATASETS
from bench.tables.claims import MORE_SEEDS, TOO_FEW_SEEDS, too_few_users
from bench.tables.defaults import TRIALS
from bench.tables.remaking_several import again_over_datasets
from bench.tables.subject import rivals_of, seeds_text, subject_of
from bench.tables.timing import timing_notes
from bench.writing.sheet import MARK
from bench.writing.text import count_text, enumerated, p_words
from protocol.evaluation.metrics import METRICS, PRIMARY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bench.studies.columns import Column
    from bench.studies.comparison import StudyComparison

    Note = Callable[[StudyComparison], Iterable[tuple[str, str]]]

FEW_DATASETS = 6
"""With fewer datasets no sign test of two recommenders can reach 5 %, whatever it finds: 2 / 2^5 is 6 %."""


def study_notes(found: StudyComparison) -> Iterable[tuple[str, str]]:
    """Yield keywords and sentences, in the order of `NOTES`."""
    for note in NOTES:
        yield from note(found)


def _lost(found: StudyComparison) -> Iterable[tuple[str, str]]:
    for name, problem in found.lost.items():
        yield "No data", f"{name}: {problem.rstrip('.')}. Nothing of it counts in this table."


def _missing(found: StudyComparison) -> Iterable[tuple[str, str]]:
    where: dict[tuple[str, str], list[str]] = {}
    for label, dataset, why in found.gaps:
        where.setdefault((label, why), []).append(dataset)
    for (label, why), datasets in where.items():
        yield "Missing", f"{label} on {enumerated(datasets)}: {why}"
    for column in found.columns:
        for label, why in column.partly.items():
            yield "Missing", f"some seeds of {label} on {column.name}: {why}"
    if found.gaps:
        left_out = (
            f" Left out of the tests over datasets: {enumerated(found.incomplete)}."
            if found.incomplete and len(found.columns) >= LEAST_FOR_TESTS
            else ""
        )
        yield (
            "Missing",
            "no figure is filled in. The ranks, the win rate and the relative score of a row are over the datasets "
            f"that it has a figure for, and the ranks of a dataset are among the rows that it has.{left_out}",
        )


def _suspicious(found: StudyComparison) -> Iterable[tuple[str, str]]:
    parts = [f"{label} on {column.name}" for column in found.columns for label in sorted(column.suspicious)]
    if parts:
        yield (
            "Suspicious",
            f"! marks figures that are too good to be true: {'; '.join(parts)}. They are never the best, and "
            "they count for ranks and win rates. Look for a leak.",
        )


def _within(found: StudyComparison) -> Iterable[tuple[str, str]]:
    reference = "the best one" if found.baseline is None else f"the baseline, {found.baseline},"
    yield (
        "Marks",
        f"{MARK} behind a figure: on this dataset, its sample of users cannot tell the row apart from {reference} "
        f"(paired t-tests, Holm's correction within the dataset, {100 * ALPHA:.0f} %), as in the table of the dataset. "
        '"Cannot tell apart" does not mean "equal".',
    )
    for column in found.columns:
        if column.significance is None:
            yield "Marks", f"there are none on {column.name}: {_why_untested(found, column)}."
    few = list(
        dict.fromkeys(label for each in found.columns if each.significance for label in each.significance.too_few_seeds)
    )
    if few:
        yield "Marks", f"{TOO_FEW_SEEDS}: {enumerated(few)}. Their marks are about the trained models. {MORE_SEEDS}."


def _why_untested(found: StudyComparison, column: Column) -> str:
    if found.baseline is not None and found.baseline not in column.rows:
        return f"the baseline, {found.baseline}, has no figure there"
    if column.has_too_few_users:
        return too_few_users(n_compared(column.task, found.figure.view))
    return "there is nothing to compare"


def _ranks(found: StudyComparison) -> Iterable[tuple[str, str]]:
    yield (
        "Mean rank",
        "1 is best; rows with equal figures share the mean of their ranks. Only ranks and shares of the best figure "
        "are put together over datasets, never the figures themselves: the tasks differ.",
    )
    few = len(found.columns) < LEAST_DATASETS
    over_datasets = (
        f"none with fewer than {LEAST_DATASETS} datasets"
        if few
        else f"how the mean rank moves with other datasets like these {len(found.columns)}"
    )
    yield (
        "Intervals",
        "95 %, by two bootstraps that are apart. Over users: the users of each dataset are drawn anew, so it says how "
        f"the mean rank on these datasets moves with other users. Over datasets: {over_datasets}. In neither is a "
        "model trained again.",
    )
    yield (
        "Win rate",
        "how often the row is above another one, over all other rows and the datasets that both have; a tie is half a "
        "win. Relative score: the mean over datasets of its figure as a share of the best one of the dataset.",
    )


def _tests(found: StudyComparison) -> Iterable[tuple[str, str]]:
    tests = found.tests
    if tests is None:
        yield (
            "Over datasets",
            f"no test: it needs {LEAST_FOR_TESTS} datasets and {LEAST_ROWS} rows that have a figure on each, and there "
            f"are {count_text(len(found.columns), 'dataset')} and "
            f"{count_text(len(found.rows) - len(found.incomplete), 'such row')}.",
        )
        return
    verdict = "do not all do equally well" if tests.p_value <= ALPHA else "are not shown to differ"
    yield (
        "Over datasets",
        f"Friedman's test of {len(tests.labels)} rows on {tests.n_datasets} datasets: {tests.statistic:.1f}, "
        f"{p_words(tests.p_value)}; the rows {verdict}. Nemenyi's critical difference of mean ranks at "
        f"{100 * ALPHA:.0f} % is {tests.critical_difference:.2f}. {MARK} behind a mean rank: not distinguishable from "
        f"the best one, {tests.labels[0]}.",
    )


def _few_datasets(found: StudyComparison) -> Iterable[tuple[str, str]]:
    n_datasets, tests = len(found.columns), found.tests
    if n_datasets >= FEW_DATASETS and (tests is None or tests.can_distinguish):
        return
    text = f"{count_text(n_datasets, 'dataset')}: what holds here need not hold on other datasets."
    if tests is not None and not tests.can_distinguish:
        text += (
            f" Mean ranks of {len(tests.labels)} rows differ by {len(tests.labels) - 1} at most, which is below the "
            "critical difference: with so few datasets these tests cannot tell any two rows apart, however different "
            "they are. Compare fewer rows, or more datasets."
        )
    elif tests is not None:
        text += f" Only rows whose mean ranks differ by {tests.critical_difference:.1f} or more can be told apart."
    yield "Few datasets", text


def _metric(found: StudyComparison) -> Iterable[tuple[str, str]]:
    if found.figure.metric != PRIMARY:
        yield "Metric", METRICS[found.figure.metric].explanation


def _parameters(found: StudyComparison) -> Iterable[tuple[str, str]]:
    """Say which rows have parameters of a search, and which of them are not of the dataset's own search."""
    tuned, foreign = [], []
    for column in found.columns:
        for label, row in column.rows.items():
            if row.has_foreign_parameters:
                foreign.append(f"{label} on {column.name}")
            elif row.found_parameters:
                tuned.append(label)
    if tuned:
        yield (
            "Parameters",
            f"found on the validation task of each dataset: {enumerated(list(dict.fromkeys(tuned)))}. --format "
            "csv-long has them by dataset.",
        )
    if foreign:
        yield "Parameters", f"not known to be found on these data: {'; '.join(foreign)}."


def foreign_defaults(found: StudyComparison) -> dict[str, dict[str, list[str]]]:
    """Return the rows with defaults that were chosen on other data: by these data, and by the dataset of the row."""
    where: dict[str, dict[str, list[str]]] = {}
    for column in found.columns:
        for label, row in column.rows.items():
            chosen = None if row.found_parameters else row.chosen_defaults
            if chosen is not None and chosen != column.task.dataset:
                where.setdefault(chosen, {}).setdefault(column.name, []).append(label)
    return where


def _defaults(found: StudyComparison) -> Iterable[tuple[str, str]]:
    """Say which rows have defaults that were chosen on other data, and on which datasets."""
    for chosen, by_dataset in foreign_defaults(found).items():
        labels = dict.fromkeys(label for labels in by_dataset.values() for label in labels)
        yield (
            "Not tuned",
            f"{enumerated(list(labels))}: defaults of {chosen}, not tuned on {enumerated(list(by_dataset))}; --tune "
            f"{TRIALS} with `recbench run`, or trials = {TRIALS} under [tuning] of a study file, tunes them first.",
        )


def _seeds(found: StudyComparison) -> Iterable[tuple[str, str]]:
    by_text: dict[str, list[str]] = {}
    for column in found.columns:
        seeds = sorted({seed for row in column.rows.values() if not row.external for seed in row.seeds})
        if seeds:
            by_text.setdefault(seeds_text(seeds), []).append(column.name)
    parts = [text if len(by_text) == 1 else f"{text} on {enumerated(names)}" for text, names in by_text.items()]
    if parts:
        yield "Seeds", f"training {'; '.join(parts)}. Figures are means over them."


def _timing(found: StudyComparison) -> Iterable[tuple[str, str]]:
    """Say which fit times of the page and of --format csv-long cannot be compared."""
    yield from timing_notes(found.timing, found.timing_sentence)
    shared = [
        f"{label} on {column.name}"
        for column in found.columns
        for label, row in column.rows.items()
        if TIMES_SHARED in row.faults
    ]
    if shared:
        yield TIMES_SHARED.keyword, f"{enumerated(shared)}: {TIMES_SHARED.text}"


def _datasets(found: StudyComparison) -> Iterable[tuple[str, str]]:
    for column in found.columns:
        users = count_text(n_compared(column.task, found.figure.view), "user")
        yield (
            "Dataset",
            f"{_called(column)}: {users}, each held-out item against "
            f"{rivals_of(column.task, {}, found.figure.view)}; task {column.task.digest}",
        )


def _called(column: Column) -> str:
    """Return what the study calls a dataset and, where they differ, what its records call it."""
    subject = subject_of(column.task)
    return column.name if subject == column.name else f"{column.name} ({subject})"


NOTES: tuple[Note, ...] = (
    _lost,
    _missing,
    _suspicious,
    _few_datasets,
    _within,
    _ranks,
    _tests,
    _metric,
    _parameters,
    _defaults,
    _seeds,
    _timing,
    _datasets,
    again_over_datasets,
)
"""Functions that yield a keyword and a text, once or several times, or nothing where the note does not apply."""
