"""Name what to cite beside a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.actions.results import results_of
from bench.options import read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.actions.results import Results


def cite(
    results: Results | Path | str | None = None,
    *,
    metrics: str | Sequence[str] | None = None,
    beyond_accuracy: bool = False,
) -> str:
    """Return BibTeX of what results are built on: recbench, the data, the protocol's sources, each recommender.

    Parameters
    ----------
    results
        The folder of a run, or the `Results` of one; None for the default protocol and all built-ins.
    metrics
        Metrics whose sources to include; hit rate and NDCG by default.
    beyond_accuracy
        Whether to include the sources of what ``beyond_accuracy`` shows in a table.

    Raises
    ------
    ProtocolError
        If the folder holds no records, or one is damaged.
    """
    from bench.citations import bibtex_text

    records = None if results is None else results_of(results).records
    return bibtex_text(records, metrics=read("metrics", metrics), beyond_accuracy=beyond_accuracy)
