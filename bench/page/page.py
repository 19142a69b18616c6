"""The whole page: values, charts and sentences in the template, which escapes every text that others wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from bench.analysis.slices import slice_accuracies
from bench.analysis.summary import groups_of, summarise
from bench.analysis.timing_groups import TimingGroups
from bench.charts.chart import MOST_ROWS, shown, shown_parameters
from bench.charts.costs import cost
from bench.charts.curves import MOST_PANELS, curve_panels
from bench.charts.drawing import curves_of_settings
from bench.charts.forest import differences_from, forest, point
from bench.charts.heatmap import heatmap
from bench.charts.library import javascript
from bench.charts.pareto import pareto
from bench.charts.settings import setting_panels
from bench.charts.slope import slope
from bench.charts.style import PAGE
from bench.names import REPORT_KS
from bench.page.assembly import Panel, Tile, assemble, panel, panels_of
from bench.page.main_table import table_data
from bench.page.words import protocol_words, remake_command
from bench.records.compared import n_left_out
from bench.tables.machines import rows_of_environments
from bench.tables.notes import notes_of
from bench.tables.subject import is_imported, title_of
from bench.writing.text import accuracy_text, amount_text, count_text, enumerated, spread_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary
    from bench.records.groups import Group
    from bench.records.record import Record


def page(
    records: Iterable[Record],
    ks: Sequence[int] = REPORT_KS,
    baseline: str | None = None,
    *,
    metrics: Sequence[str] | None = None,
    library: str | None = None,
    slices: bool = False,
) -> str:
    """Return the page as HTML: a pure function of the records, without the time or the path of the run.

    Parameters
    ----------
    ks, baseline, metrics, slices
        See `bench.analysis.summary.summarise`.
    library
        The script of the drawing library; by default `bench.charts.library.javascript`.

    Raises
    ------
    RecbenchError
        If there are no records, they are of different tasks, no row has the name of the baseline, or the extra
        ``report`` is not installed.
    """
    kept = tuple(records)
    summary = summarise(kept, ks, baseline, metrics, slices=slices)
    sections = _sections(summary, groups_of(kept, summary))
    return assemble(
        "page.html",
        ["report.css"],
        "report.js",
        _data(summary, sections),
        library=javascript() if library is None else library,
        title=shown(title_of(summary)),
        head=f"{shown(summary.task.dataset)}: recommenders compared",
        tiles=list(_tiles(summary)),
        facts=list(_fact_chips(summary)),
        failures=[
            (shown(row.label), row.seeds, row.failure_kind, shown(row.failure or "")) for row in _failed(summary)
        ],
        notes=_notes(summary),
        protocol=[shown(text) for text in protocol_words(summary)],
        digest=summary.task.digest,
        parts=[(name.replace("_", " "), shown(str(part))) for name, part in to_builtins(summary.task.parts).items()],
        parameters=[(shown(row.label), shown_parameters(row.recommender.parameters)) for row in _once(summary)],
        environments=[_environment_lines(*each) for each in rows_of_environments(summary)],
        incomparable_times=summary.incomparable_times,
        command=remake_command(summary),
        primary=summary.primary,
        view=summary.primary_view,
        metric=summary.primary_label,
        reference=shown(summary.significance.reference) if summary.significance else None,
        is_baseline=bool(summary.significance and summary.significance.is_baseline),
        role=summary.reference_role,
        has_suspicious=bool(summary.suspicions),
        has_marks=any(summary.is_marked(row) for row in summary.rows),
        most_panels=MOST_PANELS,
        **sections,
    )


def _sections(summary: Summary, groups: Sequence[Group]) -> dict[str, Any]:
    """Return the charts of each section; None or an empty list if there is nothing to draw."""
    primary = summary.primary
    slices = slice_accuracies(groups, summary.primary_metric, summary.primary_view, summary.ks[0])
    drawn = {
        "pareto": panel("pareto", "", pareto(summary, PAGE)),
        "forest": panel("forest", "", forest(summary, PAGE)),
        "slope": panel("slope", "", slope(summary, PAGE)),
    }
    by_slice = (
        ("activity", "By training interactions of the user"),
        ("popularity", "By training interactions of the held-out item"),
    )
    by_cost = (("score_us_per_user", "Score time"), ("peak_mib", "Peak memory"))
    return {
        **drawn,
        "slices": [
            found for kind, title in by_slice if (found := panel(kind, title, heatmap(slices, kind, primary, PAGE)))
        ],
        "costs": [found for name, title in by_cost if (found := panel(name, title, cost(summary, name, PAGE)))],
        "settings": [
            Panel(f"setting-{number}", title, chart)
            for number, (title, chart) in enumerate(setting_panels(curves_of_settings(summary), primary, PAGE), start=1)
        ],
        "curves": [
            Panel(f"curve-{number}", title, chart)
            for number, (title, chart) in enumerate(curve_panels(groups, PAGE), start=1)
        ],
    }


def _data(summary: Summary, sections: dict[str, Any]) -> dict[str, Any]:
    """Return what the page's script reads: the table, the specifications, and the differences from each row."""
    return {
        "table": table_data(summary),
        "charts": {each.name: each.chart.spec for each in panels_of(sections.values())},
        "differences": _differences(summary),
    }


def _differences(summary: Summary) -> dict[str, list[dict[str, Any]]]:
    """Return the forest plot's data against each row, where all pairs are tested and the rows are few enough."""
    found = summary.significance
    if found is None:
        return {}
    fitted = [row.label for row in summary.rows if not row.failed]
    choices = [found.reference] if found.is_baseline or len(fitted) > MOST_ROWS else fitted
    return {
        shown(label): [point(place, each) for place, each in enumerate(differences_from(summary, label)[:MOST_ROWS])]
        for label in choices
    }


def _failed(summary: Summary) -> list[Row]:
    return [row for row in summary.rows if row.failed]


def _once(summary: Summary) -> list[Row]:
    """Return one row for each label: one that failed for some seeds has two."""
    return list({row.label: row for row in reversed(summary.rows)}.values())[::-1]


def _tiles(summary: Summary) -> Iterator[Tile]:
    """Yield the values that a reader wants to see first."""
    primary = summary.primary
    rows = [row for row in summary.rows if primary in row.accuracy]
    honest = [row for row in rows if not summary.is_suspicious(row)]
    if not honest:
        return
    best = honest[0]
    interval = best.accuracy[primary]
    yield Tile(
        f"Highest {primary}", shown(best.label), f"{accuracy_text(interval.mean)} {spread_text(interval.half_width)}"
    )
    found = summary.significance
    if found and not found.is_baseline:
        on_par = [row for row in rows if summary.is_marked(row)]
        yield Tile(
            "Not distinguishable from it",
            count_text(len(on_par), "row"),
            f"of {len(rows) - 1}; paired tests, corrected for all pairs",
        )
        yield from _fastest([best, *on_par])
    elif found:
        distinct = [row for row in rows if (test := summary.test_of(row)) and test.distinguishable]
        yield Tile(
            "Distinguishable from the baseline",
            count_text(len(distinct), "row"),
            f"of {len(rows) - 1}; {shown(found.reference)}",
        )
    swapped = {frozenset(pair) for agreement in summary.agreements for pair in agreement.swapped}
    if summary.agreements:
        yield Tile("Pairs that views order differently", f"{len(swapped)}", f"of {len(rows) * (len(rows) - 1) // 2}")


def _fastest(rows: Sequence[Row]) -> Iterator[Tile]:
    """Yield which of some rows was fitted fastest, if their times can be compared."""
    timed = [row for row in rows if row.fit_seconds is not None]
    timing = TimingGroups.of(record for row in timed for record in row.records)
    if timed and not timing.are_several:
        fastest = min(timed, key=lambda row: row.fit_seconds or 0.0)
        detail = f"{amount_text(fastest.fit_seconds)} s{', shared machine' if timing.is_shared else ''}"
        yield Tile("Fastest fit among those", shown(fastest.label), detail)


def _fact_chips(summary: Summary) -> Iterator[tuple[str, str]]:
    """Yield facts of the data by name."""
    facts = summary.task.facts
    evaluated = facts.n_evaluated
    yield "users", f"{facts.n_users:,}"
    yield "items", f"{facts.n_items:,}"
    yield "interactions", f"{facts.n_interactions:,}"
    yield "users evaluated", f"{evaluated:,}"
    yield "users left out", f"{facts.n_users - evaluated:,}"
    if not is_imported(summary.task):
        yield "latest time tied", f"{facts.n_tied_users / evaluated:.1%} of users"
    yield "repeated pairs collapsed", f"{facts.n_duplicates:,}"
    yield "held-out items never trained on", f"{facts.n_cold_heldout:,}"
    if n_out := n_left_out(summary.task, "sampled"):
        yield "users left out of the drawn views", f"{n_out:,}"


def _notes(summary: Summary) -> list[tuple[str, str]]:
    """Return the notes below the table; the page shows failures and the digest elsewhere."""
    return [
        (keyword, shown(text))
        for keyword, text in notes_of(summary, beyond_accuracy=True)
        if keyword not in ("Failed", "Task")
    ]


def _environment_lines(environment: Mapping[str, Any], labels: Sequence[str]) -> list[tuple[str, str]]:
    versions = ", ".join(f"{name} {number}" for name, number in environment.get("versions", {}).items())
    plain = [(name.replace("_", " "), shown(str(value))) for name, value in environment.items() if name != "versions"]
    return [*plain, ("versions", shown(versions)), ("rows", shown(enumerated(labels)))]
