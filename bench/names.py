"""Words that the command line, the functions and the table share; nothing heavy is imported for them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar, get_args

from protocol.errors import ProtocolError
from protocol.evaluation.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

Key = TypeVar("Key", bound="Hashable")

Format: TypeAlias = str
FORMATS: dict[Format, str] = {
    "terminal": "bench.writing.terminal",
    "github": "bench.writing.markdown",
    "latex": "bench.writing.latex",
    "csv": "bench.writing.csv",
    "json": "bench.writing.json",
    "html-fragment": "bench.writing.html",
}
"""The formats of tables, each with the module that writes it (see `bench.writing.formats`)."""

LONG_CSV: Format = "csv-long"
"""One more format of tables over datasets: CSV with a line for each recommender and dataset."""

View: TypeAlias = Literal["sampled", "expected", "full"]
"""Of one fit: against the candidates, their expectation over all draws, against all untouched items (P16)."""
VIEWS: tuple[View, ...] = get_args(View)

DEFAULT_VIEWS: tuple[View, ...] = ("sampled", "full")
"""The views of the table: the first with all metrics and intervals, the others with the primary metric only."""

REPORT_KS = (10, 5, 20)
"""Cut-offs to choose among on the page; the first one sorts, and is the one that tests and charts are about."""

EXTERNAL = "external"
"""The origin of a row that was not fitted here."""

ExportFormat: TypeAlias = Literal["ncf", "parquet", "trec"]
EXPORT_FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)

ChartName: TypeAlias = Literal["pareto", "curves", "views", "forest", "settings", "ranks", "cd", "heatmap"]
CHARTS: tuple[ChartName, ...] = get_args(ChartName)

STUDY_CHARTS: tuple[ChartName, ...] = ("ranks", "cd", "heatmap", "settings")
"""The charts over several datasets; ``settings`` is also one of a single dataset."""

CHART_OPTIONS: dict[ChartName, tuple[str, ...]] = {
    "pareto": ("k", "metric", "view", "rows"),
    "curves": ("rows",),
    "views": ("k", "metric", "rows"),
    "forest": ("k", "metric", "view", "baseline", "rows"),
    "settings": ("k", "metric", "view", "rows"),
    "ranks": ("k", "metric", "view", "rows"),
    "cd": ("k", "metric", "view"),
    "heatmap": ("k", "metric", "view", "rows"),
}
"""What each chart takes, beside the width."""

CHART_WIDTHS = {"column": 240, "page": 504}
"""The widths of a chart that have a name, in points: of a column of a paper with two, and of both together."""

LEAST_CHART_WIDTH, MOST_CHART_WIDTH = 180, 1440
"""Points."""


def value_name(view: View, metric: str, k: int) -> str:
    """Return what a mean is called: ``NDCG@10``, ``expected NDCG@10``, ``full HR@5``, ``full AUC``."""
    return f"{'' if view == 'sampled' else f'{view} '}{METRICS[metric].label(k)}"


def file_name(dataset: str) -> str:
    """Return what files of a dataset are called: ``a/ratings.csv.gz`` -> ``ratings``, ``ncf:a/ml`` -> ``ncf-ml``."""
    prefix, colon, path = dataset.rpartition(":")
    short = f"{prefix}{colon}{Path(path).name.split('.')[0] if '/' in path or '.' in path else path}"
    return re.sub(r"[^A-Za-z0-9._-]+", "-", short).strip("-.") or "dataset"


def distinct_names(wanted: Mapping[Key, str]) -> dict[Key, str]:
    """Return names of files; those that would be equal get a number: ``a``, ``a-2``.

    Capitals do not tell names apart, as some systems take them for small letters.
    """
    found: dict[Key, str] = {}
    taken: set[str] = set()
    for key, stem in wanted.items():
        name, number = stem, 1
        while name.lower() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.lower())
        found[key] = name
    return found


def study_formats() -> tuple[Format, ...]:
    """Return the formats of tables over datasets."""
    return *FORMATS, LONG_CSV


def check_known(kind: str, name: str, known: Iterable[str]) -> None:
    """Refuse a word that is none of those known.

    Raises
    ------
    ProtocolError
        Naming what there is.
    """
    if name not in known:
        raise ProtocolError(f"unknown {kind} {name!r}; there are {', '.join(known)}")


STAND_IN_NOTE = "no dataset was named and ml-100k could not be loaded"
"""A note of the dataset, and part of the table's title, where synthetic data replace the default dataset."""

CUTOFF = 10
"""NDCG at this rank is what selects."""
