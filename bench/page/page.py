"""The whole page: values, charts and sentences in the template, which escapes every text that others wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from bench.analysis.significance_by_mean import significance_by_mean
from bench.analysis.slices import slice_accuracies
from bench.analysis.summary import groups_of, summarise
from bench.charts.chart import MOST_ROWS, shown, shown_parameters
from bench.charts.costs import cost
from bench.charts.curves import MOST_PANELS, curve_panels
from bench.charts.drawing import curves_of_settings
from bench.charts.forest import differences_from, forest, points
from bench.charts.heatmap import heatmap
from bench.charts.library import javascript
from bench.charts.pareto import pareto
from bench.charts.settings import setting_panels
from bench.charts.slope import slope
from bench.charts.style import PAGE
from bench.names import REPORT_KS, file_name
from bench.page.assembly import Panel, assemble, panel, panels_of
from bench.page.main_table import main_table
from bench.page.verdict import verdict
from bench.page.words import protocol_words
from bench.records.compared import n_left_out
from bench.tables.machines import rows_of_environments
from bench.tables.notes import notes_of
from bench.tables.remaking import FOLDER, remaking_of
from bench.tables.subject import is_imported, title_of
from bench.writing.quoting import shell_text
from bench.writing.text import enumerated

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
    home: str | None = None,
) -> str:
    """Return the page as HTML: a pure function of the records, without the time or the path of the run.

    Parameters
    ----------
    ks, baseline, metrics, slices
        See `bench.analysis.summary.summarise`.
    library
        The script of the drawing library; by default `bench.charts.library.javascript`.
    home
        See `bench.page.assembly.assemble`.

    Raises
    ------
    RecbenchError
        If there are no records, they are of different tasks, no row has the name of the baseline, or the extra
        ``report`` is not installed.
    """
    kept = tuple(records)
    summary = summarise(kept, ks, baseline, metrics, slices=slices)
    groups = groups_of(kept, summary)
    sections = _sections(summary, groups)
    table = main_table(summary, significance_by_mean(summary, groups))
    return assemble(
        "page.html",
        ["report.css"],
        "report.js",
        {
            "name": file_name(summary.task.dataset),
            "task": summary.task.digest,
            "table": table.data,
            "charts": {each.name: each.chart.spec for each in panels_of(sections.values())},
            "differences": _differences(summary),
        },
        library=javascript() if library is None else library,
        home=home,
        title=shown(title_of(summary)),
        head=f"{shown(summary.task.dataset)}: recommenders compared",
        links=list(_links(summary, sections)),
        verdict=list(verdict(summary)),
        table=table,
        marks=table.data["tests"][summary.primary]["text"] if summary.primary in table.data["tests"] else "",
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
        remaking=remaking_of(summary),
        report_command=shell_text(_report_words(ks, baseline, metrics, slices=slices)),
        primary=summary.primary,
        reference=shown(summary.significance.reference) if summary.significance else None,
        is_baseline=bool(summary.significance and summary.significance.is_baseline),
        has_suspicious=bool(summary.suspicions),
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


def _links(summary: Summary, sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the sections below the table that there are: places in the page, and names."""
    places = {
        "pareto": ("cost-of-accuracy", "Accuracy and time"),
        "forest": ("differences", "Differences"),
        "slope": ("views", "Views"),
        "slices": ("slices", "Slices"),
        "settings": ("settings", "Settings"),
        "curves": ("curves", "Learning curves"),
        "costs": ("costs", "Memory and score time"),
    }
    yield from (place for name, place in places.items() if sections[name])
    if _failed(summary):
        yield "failures", "Failures"
    yield from (("protocol", "Protocol"), ("data", "Data"), ("remake", "Make it again"))


def _report_words(
    ks: Sequence[int], baseline: str | None, metrics: Sequence[str] | None, *, slices: bool
) -> Iterator[str]:
    """Yield the command that makes the page of what was measured again."""
    yield from ("recbench", "report", FOLDER)
    yield from ("--k", ",".join(map(str, ks))) if tuple(ks) != REPORT_KS else ()
    yield from ("--metric", ",".join(metrics)) if metrics else ()
    yield from ("--baseline", baseline) if baseline is not None else ()
    yield from ["--slices"] * slices


def _differences(summary: Summary) -> dict[str, list[dict[str, Any]]]:
    """Return the forest plot's data against each row, where all pairs are tested and the rows are few enough."""
    found = summary.significance
    if found is None:
        return {}
    fitted = [row.label for row in summary.rows if not row.failed]
    choices = [found.reference] if found.is_baseline or len(fitted) > MOST_ROWS else fitted
    return {shown(label): points(differences_from(summary, label)) for label in choices}


def _failed(summary: Summary) -> list[Row]:
    return [row for row in summary.rows if row.failed]


def _once(summary: Summary) -> list[Row]:
    """Return one row for each label: one that failed for some seeds has two."""
    return list({row.label: row for row in reversed(summary.rows)}.values())[::-1]


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
    """Return the notes below the table; the page has sections for the others."""
    return [
        (keyword, shown(text))
        for keyword, text in notes_of(summary, beyond_accuracy=True)
        if keyword not in ("Failed", "Again", "Task")
    ]


def _environment_lines(environment: Mapping[str, Any], labels: Sequence[str]) -> list[tuple[str, str]]:
    versions = ", ".join(f"{name} {number}" for name, number in environment.get("versions", {}).items())
    plain = [(name.replace("_", " "), shown(str(value))) for name, value in environment.items() if name != "versions"]
    return [*plain, ("versions", shown(versions)), ("rows", shown(enumerated(labels)))]
