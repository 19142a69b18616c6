"""Draw one chart of results, for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.actions.study_results import one_of, study_of
from bench.names import CHART_OPTIONS, CHARTS, check_known
from bench.options import cutoff, read
from protocol.drafts import write_output
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.actions.results import Results
    from bench.actions.study_results import StudyResults
    from bench.charts.chart import Chart
    from bench.names import ChartName, View

_WHY_NOT = {
    ("curves", "k"): "it shows what each epoch reached",
    ("curves", "metric"): "it shows what each epoch reached",
    ("curves", "view"): "it shows what each epoch reached",
    ("views", "view"): "it shows all of them",
    ("cd", "rows"): "the critical difference is that of all rows",
}
"""Why a chart does not take an option, where that is not that it tests nothing."""


def plot(
    chart: ChartName,
    results: Results | StudyResults | Path | str | Sequence[Path | str],
    output: Path | str,
    *,
    k: int | None = None,
    metric: str | None = None,
    view: View | None = None,
    baseline: str | None = None,
    rows: str | Iterable[str] | None = None,
    width: int | str = "column",
) -> Path:
    """Draw one chart of results as an SVG, PDF or PNG file, and return the file.

    ``bench.plot("pareto", "runs/ml-100k", "pareto.pdf")``, ``bench.plot("cd", "runs/my-study", "cd.pdf")``. Needs the
    extra ``report``.

    Parameters
    ----------
    chart
        ``"pareto"``: accuracy against fit time; ``"curves"``: loss by epoch; ``"views"``: each row's place in each
        view; ``"forest"``: paired differences from the best row, or from the baseline; ``"settings"``: accuracy by a
        number in which rows of one recommender differ. Over several datasets: ``"ranks"``: mean ranks with intervals;
        ``"cd"``: the critical-difference diagram; ``"heatmap"``: recommenders by datasets; ``"settings"``.
    results
        The folder of a run, or the `Results` of one. Several folders, each of one dataset, the folder of a study, or
        the `StudyResults` of one, for a chart over datasets.
    output
        The file; its name ends in ``.svg``, ``.pdf`` or ``.png``. An old one is replaced.
    k
        Cut-off of the metric; 10 by default, or what the `StudyResults` show.
    metric
        What the chart is about; NDCG by default, or what the `StudyResults` show.
    view
        By default the first that the results have or, over datasets, what all are measured by.
    baseline
        Of ``"forest"``: the row that all others are tested against, if it was named beforehand.
    rows
        What is drawn: labels of rows, or names of recommenders; all by default. Ranks, tests and the Pareto front stay
        those of all rows.
    width
        In points, 1/72 of an inch: ``"column"`` (240), ``"page"`` (504), or a number. Text has 8 points in each.

    Raises
    ------
    RecbenchError
        If the extra is not installed, the chart or the file's ending is unknown, the chart does not take an option or
        the option its value, the folder holds no records, or there is nothing to draw.
    """
    from bench.charts.library import check_image, image

    check_known("chart", chart, CHARTS)
    place = Path(output)
    form = check_image(place)
    options = {"k": k, "metric": metric, "view": view, "baseline": baseline}
    _check_taken(chart, {**options, "rows": rows})
    look = {"rows": read("rows", rows), "width": read("width", width)}
    write_output(place, image(_drawn(chart, results, options, **look), form))
    return place


def _check_taken(chart: ChartName, given: Mapping[str, Any]) -> None:
    """Refuse an option that a chart does not take.

    Raises
    ------
    ProtocolError
        Naming those that it takes.
    """
    for name, value in given.items():
        if value is not None and name not in CHART_OPTIONS[chart]:
            why = _WHY_NOT.get((chart, name), "it tests nothing against one row")
            taken = " and ".join((", ".join(CHART_OPTIONS[chart]), "width"))
            raise ProtocolError(f"{chart} does not take {name}: {why}; leave it out ({chart} takes {taken})")


def _drawn(
    chart: ChartName,
    results: Results | StudyResults | Path | str | Sequence[Path | str],
    options: Mapping[str, Any],
    *,
    rows: tuple[str, ...] | None,
    width: int,
) -> Chart:
    from bench.charts.style import print_style

    over_datasets = study_of(results, **options)
    if over_datasets is not None:
        from bench.charts.study_drawing import draw_study

        return draw_study(chart, over_datasets.comparison, rows=rows, style=print_style(width))
    from bench.charts.drawing import draw

    return draw(
        chart,
        one_of(results).records,
        10 if options["k"] is None else cutoff(options["k"]),
        options["baseline"],
        metric=None if options["metric"] is None else read("metric", options["metric"]),
        view=read("view", options["view"]),
        rows=rows,
        style=print_style(width),
    )
