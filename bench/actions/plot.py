"""Draw one chart of results, for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.actions.results import results_of_one_task
from bench.names import CHARTS, check_known
from bench.options import cutoff
from protocol.drafts import write_output

if TYPE_CHECKING:
    from bench.actions.results import Results
    from bench.names import ChartName


def plot(
    chart: ChartName, results: Results | Path | str, output: Path | str, *, k: int = 10, baseline: str | None = None
) -> Path:
    """Draw one chart of results as an SVG, PDF or PNG file, and return the file.

    ``bench.plot("pareto", "runs/ml-100k", "pareto.pdf")``. Needs the extra ``report``.

    Parameters
    ----------
    chart
        ``"pareto"``: accuracy against fit time; ``"curves"``: loss by epoch; ``"views"``: each row's place in each
        view; ``"forest"``: paired differences from the best row, or from the baseline.
    results
        The folder of a run, or the `Results` of one.
    output
        The file; its name ends in ``.svg``, ``.pdf`` or ``.png``. An old one is replaced.
    k
        Cut-off of NDCG.
    baseline
        The row that all others are tested against, if it was named beforehand.

    Raises
    ------
    RecbenchError
        If the extra is not installed, the chart or the file's ending is unknown, the folder holds no records, or there
        is nothing to draw.
    """
    from bench.charts.drawing import draw
    from bench.charts.library import check_image, image

    check_known("chart", chart, CHARTS)
    place = Path(output)
    form = check_image(place)
    write_output(place, image(draw(chart, results_of_one_task(results).records, cutoff(k), baseline), form))
    return place
