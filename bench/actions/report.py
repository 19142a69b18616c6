"""Write results as one page, with tables and charts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.actions.results import results_of_one_task
from bench.names import REPORT_KS
from bench.options import read
from protocol.drafts import write_output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.actions.results import Results


def report(
    results: Results | Path | str,
    output: Path | str | None = None,
    *,
    k: int | str | Sequence[int] = REPORT_KS,
    metrics: str | Sequence[str] | None = None,
    baseline: str | None = None,
    slices: bool = False,
) -> Path:
    """Write results as one HTML page, which needs no network, and return the file.

    ``bench.report("runs/ml-100k", "page.html")``. Needs the extra ``report``.

    Parameters
    ----------
    results
        The folder of a run, or the `Results` of one.
    output
        The file; ``report.html`` in the results' folder by default. An old one is replaced.
    k
        Cut-offs to choose among on the page; tests and charts are about the first.
    metrics
        Metrics to choose among; hit rate and NDCG by default.
    baseline
        The row that all others are tested against, if it was named beforehand.
    slices
        Whether the page's table has a column for each slice of users, too; the charts always have them.

    Raises
    ------
    RecbenchError
        If the extra is not installed, the folder holds no records, or no row is called like the baseline.
    """
    from bench.page.page import page

    ks, chosen, found = read("k", k), read("metrics", metrics), results_of_one_task(results)
    place = found.folder / "report.html" if output is None else Path(output)
    text = page(found.records, ks, baseline, metrics=chosen, slices=read("slices", slices))
    # Half a surrogate pair, as in the name of a file that is not UTF-8, is shown by its number.
    write_output(place, text.encode("utf-8", "backslashreplace"))
    return place
