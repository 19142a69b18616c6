"""Draw one chart of results, for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.actions.study_results import one_of, study_of
from bench.names import CHARTS, check_known
from bench.options import cutoff
from protocol.drafts import write_output
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.actions.results import Results
    from bench.actions.study_results import StudyResults
    from bench.charts.chart import Chart
    from bench.names import ChartName, View


def plot(
    chart: ChartName,
    results: Results | StudyResults | Path | str | Sequence[Path | str],
    output: Path | str,
    *,
    k: int | None = None,
    metric: str | None = None,
    view: View | None = None,
    baseline: str | None = None,
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
    metric, view
        Of a chart over datasets; as for `bench.study`.
    baseline
        The row that all others are tested against, if it was named beforehand.

    Raises
    ------
    RecbenchError
        If the extra is not installed, the chart or the file's ending is unknown, the folder holds no records, or there
        is nothing to draw.
    """
    from bench.charts.library import check_image, image

    check_known("chart", chart, CHARTS)
    place = Path(output)
    form = check_image(place)
    write_output(place, image(_drawn(chart, results, k=k, metric=metric, view=view, baseline=baseline), form))
    return place


def _drawn(
    chart: ChartName, results: Results | StudyResults | Path | str | Sequence[Path | str], **options: Any
) -> Chart:
    over_datasets = study_of(results, **options)
    if over_datasets is not None:
        from bench.charts.study_drawing import draw_study

        return draw_study(chart, over_datasets.comparison)
    from bench.charts.drawing import draw

    beside = [name for name in ("metric", "view") if options[name] is not None]
    if beside:
        raise ProtocolError(f"{', '.join(beside)}: a chart of one dataset is about NDCG; leave it out")
    k = 10 if options["k"] is None else options["k"]
    return draw(chart, one_of(results).records, cutoff(k), options["baseline"])
