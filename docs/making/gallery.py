"""The pictures and pages of the gallery, made from the committed results when these pages are built."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import bench

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from bench.names import ChartName

ROOT = Path(__file__).parents[2]
ML_100K = ROOT / "results" / "ml-100k"
STUDY = ROOT / "results" / "study"


class Picture(NamedTuple):
    """A chart of some results."""

    chart: ChartName
    results: Path
    width: str = "column"


PICTURES = {
    "pareto": Picture("pareto", ML_100K, "page"),
    "forest": Picture("forest", ML_100K),
    "views": Picture("views", ML_100K),
    "curves": Picture("curves", ML_100K, "page"),
    "ranks": Picture("ranks", STUDY),
    "cd": Picture("cd", STUDY),
    "heatmap": Picture("heatmap", STUDY, "page"),
}
"""What `docs/gallery.md` shows, by the name of its file in ``docs/made``."""

PAGES = {"ml-100k": ML_100K, "study": STUDY}
"""The pages that it links, by the name of their folder in ``gallery``."""


def draw(app: Sphinx) -> None:
    """Draw the pictures before Sphinx looks for them."""
    made = Path(app.confdir) / "made"
    made.mkdir(exist_ok=True)
    for name, picture in PICTURES.items():
        bench.plot(picture.chart, picture.results, made / f"{name}.svg", width=picture.width)


def write_pages(app: Sphinx, failure: Exception | None) -> None:
    """Write the pages beside what Sphinx has built."""
    if failure is not None:
        return
    for name, results in PAGES.items():
        folder = Path(app.outdir) / "gallery" / name
        folder.mkdir(parents=True, exist_ok=True)
        bench.report(results, folder / "report.html")


def setup(app: Sphinx) -> dict[str, bool]:
    """Let both be made with the pages."""
    app.connect("builder-inited", draw)
    app.connect("build-finished", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
