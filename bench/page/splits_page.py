"""The page over repeated splits: the table, how the order of the rows changes, and a link to the page of each split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.analysis.views import shown_views
from bench.charts.chart import shown
from bench.charts.slope import slope_over_splits
from bench.charts.style import PAGE
from bench.names import DEFAULT_VIEWS
from bench.page.assembly import panel
from bench.page.heat import HeatCell, HeatLine, HeatTable, heat_cell, heat_cells, shade
from bench.page.several import Member, Members, Tile, page_over
from bench.records.compared import n_compared
from bench.tables.over_splits import make_sheet
from bench.tables.split_notes import caption_over_splits, notes_over_splits, tau_text, title_over_splits
from bench.tables.subject import DIGEST_DIGITS, is_split_at_time, time_text
from bench.writing.sheet import header_text
from bench.writing.text import NOTHING, accuracy_text, count_text, finite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bench.analysis.over_splits import SplitsSummary


def splits_page(summary: SplitsSummary, links: Mapping[str, str], *, library: str | None = None) -> str:
    """Return the page as HTML: a pure function of the summary and the links.

    Parameters
    ----------
    links
        By the name of a split, where its own page is, relative to this one.
    library
        The script of the drawing library; by default `bench.charts.library.javascript`.

    Raises
    ------
    RecbenchError
        If the extra ``report`` is not installed.
    """
    sheet = make_sheet(summary, shown_views(summary.first.task, DEFAULT_VIEWS))
    (block,) = sheet.blocks
    names = list(summary.summaries)
    sections: dict[str, Any] = {"places": panel("places", "", slope_over_splits(summary, PAGE))}
    taus, moves = _taus(summary), _moves(summary)
    return page_over(
        "splits.html",
        sections,
        title=shown(title_over_splits(summary)),
        head=f"{shown(summary.first.task.dataset)}: recommenders compared over {len(names)} splits",
        links=[("order", "Order")] if sections["places"] else [],
        tiles=_tiles(summary),
        table=HeatTable(
            tuple((shown(header_text(*header)), None) for header in block.headers),
            tuple(HeatLine(shown(line.label), tuple(map(heat_cell, line.cells)), line.mark) for line in block.lines),
        ),
        members=Members(
            "Splits",
            ("split", "cut at", "training interactions", "compared users", "best", "task"),
            tuple(_member(summary, name, links.get(name)) for name in names),
        ),
        notes=notes_over_splits(summary),
        library=library,
        marks=shown(caption_over_splits(summary)),
        primary=summary.first.primary,
        n_complete=len(summary.complete),
        taus=taus,
        moves=moves,
    )


def _tiles(summary: SplitsSummary) -> Iterator[Tile]:
    """Yield the values that a reader wants to see first."""
    name = summary.first.primary
    honest = [row for row in summary.complete if row.label not in summary.suspicious]
    if honest:
        best = honest[0]
        mean, deviation = best.mean(name) or 0.0, best.deviation(name) or 0.0
        detail = f"{accuracy_text(mean)}, sd {accuracy_text(deviation)} between splits"
        yield Tile(f"Highest mean {name}", shown(best.label), detail)
    taus = [each.kendall_tau for each in summary.agreements if finite(each.kendall_tau) is not None]
    if taus:
        mean_text = tau_text(sum(taus) / len(taus))
        yield Tile("Kendall's tau between splits, at least", tau_text(min(taus)), f"{mean_text} on average")
        yield Tile(
            "Change their place between splits",
            count_text(len(summary.moved), "row"),
            f"of {len(summary.complete)} that have every split",
        )


def _taus(summary: SplitsSummary) -> HeatTable:
    """Return the matrix with a line for each split: Kendall's tau with each split."""
    taus = {frozenset(each.splits): each.kendall_tau for each in summary.agreements}
    # A split has the same order as itself.
    taus |= {frozenset((name,)): 1.0 for name in summary.summaries if taus}
    names = list(summary.summaries if taus else ())
    lines = (HeatLine(shown(one), tuple(_tau_cell(taus[frozenset((one, other))]) for other in names)) for one in names)
    return HeatTable((("split", None), *((shown(name), None) for name in names)), tuple(lines))


def _tau_cell(tau: float) -> HeatCell:
    known = finite(tau)
    return HeatCell(NOTHING, kind="none") if known is None else HeatCell(tau_text(known), kind=shade(known))


def _moves(summary: SplitsSummary) -> HeatTable:
    """Return the rows that change their place, in the order of the table: their places, the best and the worst."""
    moved = summary.moved
    lines = (
        HeatLine(shown(row.label), heat_cells((*summary.places(row), *moved[row.label])))
        for row in summary.complete
        if row.label in moved
    )
    heads = ("recommender", *map(shown, summary.summaries), "best", "worst")
    return HeatTable(tuple((head, None) for head in heads), tuple(lines))


def _member(summary: SplitsSummary, name: str, link: str | None) -> Member:
    """Return what the page says about one split."""
    task, figure = summary.summaries[name].task, summary.first.primary
    figures = {row.label: row.values(figure) for row in summary.rows if row.label not in summary.suspicious}
    known = {label: values[name] for label, values in figures.items() if name in values}
    best = max(known, key=lambda label: known[label], default=None)
    cells = (
        time_text(task.facts.of_time_split().cut_time) if is_split_at_time(task) else NOTHING,
        f"{task.facts.n_train:,}",
        f"{n_compared(task, summary.first.primary_view):,}",
        f"{shown(best)}, {accuracy_text(known[best])}" if best is not None else NOTHING,
    )
    return Member(shown(name), link, cells, task.digest[:DIGEST_DIGITS])
