"""The page over several datasets: a table that is a heat map, ranks, critical differences, accuracy against time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.charts.chart import shown
from bench.charts.critical_difference import critical_difference_diagram
from bench.charts.settings import setting_panels
from bench.charts.study_drawing import curves_over_datasets, relative_name
from bench.charts.study_ranks import study_ranks
from bench.charts.study_time import study_time
from bench.charts.style import PAGE
from bench.page.assembly import Panel, panel
from bench.page.several import Member, Members, Tile, page_over
from bench.page.study_table import study_table
from bench.records.compared import n_compared
from bench.studies.resampling import LEAST_DATASETS
from bench.tables.study import caption_of, title_of
from bench.tables.study_notes import study_notes
from bench.tables.subject import DIGEST_DIGITS
from bench.writing.text import NOTHING, accuracy_text, count_text, p_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bench.studies.columns import Column
    from bench.studies.comparison import StudyComparison


def study_page(found: StudyComparison, links: Mapping[str, str], *, library: str | None = None) -> str:
    """Return the page as HTML: a pure function of the comparison and the links.

    Parameters
    ----------
    links
        By the name of a dataset, where its own page is, relative to this one.
    library
        The script of the drawing library; by default `bench.charts.library.javascript`.

    Raises
    ------
    RecbenchError
        If the extra ``report`` is not installed.
    """
    sections: dict[str, Any] = {
        "ranks": panel("ranks", "", study_ranks(found, PAGE)),
        "cd": panel("cd", "", critical_difference_diagram(found, PAGE)),
        "time": panel("time", "", study_time(found, PAGE)),
        "settings": [
            Panel(f"setting-{number}", title, chart)
            for number, (title, chart) in enumerate(
                setting_panels(curves_over_datasets(found), relative_name(found), PAGE), start=1
            )
        ],
    }
    return page_over(
        "study.html",
        sections,
        title=shown(title_of(found)),
        head=shown(title_of(found)),
        links=[(place, name) for chart, (place, name) in _PLACES.items() if sections[chart]],
        tiles=_tiles(found),
        table=study_table(found, links),
        members=Members(
            "Datasets",
            ("dataset", "users", "items", "interactions", "compared users", "best", "task"),
            tuple(_member(found, column, links.get(column.name)) for column in found.columns),
            tuple((shown(name), shown(problem)) for name, problem in found.lost.items()),
        ),
        notes=study_notes(found),
        library=library,
        figure=found.figure.name,
        marks=shown(caption_of(found)),
        few_datasets=len(found.columns) < LEAST_DATASETS,
        incomparable_times=found.timing.are_of,
    )


_PLACES = {
    "ranks": ("ranks", "Ranks"),
    "cd": ("critical-difference", "Critical difference"),
    "time": ("cost-of-accuracy", "Accuracy and time"),
    "settings": ("settings", "Settings"),
}
"""By the name of a chart, the place of its section in the page and its name."""


def _member(found: StudyComparison, column: Column, link: str | None) -> Member:
    """Return what the page says about one dataset."""
    facts = column.task.facts
    best = next((row for row in found.rows if (score := row.scores.get(column.name)) and score.is_best), None)
    cells = (
        f"{facts.n_users:,}",
        f"{facts.n_items:,}",
        f"{facts.n_interactions:,}",
        f"{n_compared(column.task, found.figure.view):,}",
        f"{shown(best.label)}, {accuracy_text(best.scores[column.name].mean)}" if best else NOTHING,
    )
    return Member(shown(column.name), link, cells, column.task.digest[:DIGEST_DIGITS])


def _tiles(found: StudyComparison) -> Iterator[Tile]:
    """Yield the values that a reader wants to see first."""
    best, tests = found.rows[0], found.tests
    yield Tile(
        "Best mean rank", shown(best.label), f"{best.mean_rank:.2f} over {count_text(len(best.scores), 'dataset')}"
    )
    if tests is not None:
        on_par = [label for label in tests.labels if tests.is_marked(label)]
        yield Tile(
            "Not distinguishable from it over datasets",
            count_text(len(on_par), "row"),
            f"of {len(tests.labels) - 1}; Nemenyi's test, critical difference {tests.critical_difference:.2f}",
        )
        yield Tile("Friedman's test, p", p_text(tests.p_value), f"{len(tests.labels)} rows on all datasets")
    if found.gaps or found.lost:
        yield Tile(
            "Missing figures",
            count_text(len(found.gaps), "cell"),
            f"and {count_text(len(found.lost), 'dataset')} without data" if found.lost else "see the notes",
        )
