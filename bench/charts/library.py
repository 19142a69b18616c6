"""The drawing library: how it is imported, and how it draws a chart."""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING, Any

from protocol.errors import ProtocolError, RecbenchError
from protocol.installation import how_to_add

if TYPE_CHECKING:
    from pathlib import Path

    from bench.charts.chart import Chart

IMAGES = ("svg", "png", "pdf")
"""The formats of a saved chart, by the ending of the file's name."""

SCHEMA_VEGA = "https://vega.github.io/schema/vega/v6.json"
SCHEMA_VEGA_LITE = "https://vega.github.io/schema/vega-lite/v6.json"
_VEGA_LITE = "6.4"

_PNG_SCALE = 3
"""Pixels of a PNG per CSS pixel: 288 dots per inch."""

_POINTS_PER_PIXEL = 72 / 96


def import_library(needs: str, module: str = "vl_convert") -> Any:
    """Import a package of the extra ``report``.

    Parameters
    ----------
    needs
        The command that needs it, for the message: ``"recbench plot"``.

    Raises
    ------
    RecbenchError
        If it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise RecbenchError(
            f"{needs} needs the extra report, and {error.name} is not installed; {how_to_add('report')}"
        ) from error


def javascript(needs: str = "recbench report") -> str:
    """Return the library's script, which defines ``vegaEmbed``; no text in it closes a ``script`` element.

    Parameters
    ----------
    needs
        As for `import_library`.

    Raises
    ------
    RecbenchError
        If the library is not installed.
    """
    script: str = import_library(needs).javascript_bundle("window.vegaEmbed = vegaEmbed;", _VEGA_LITE)
    return script.replace("</script", r"<\/script").replace("<!--", r"<\!--")


def check_image(path: Path) -> str:
    """Return the format given by a file's ending.

    Raises
    ------
    ProtocolError
        If it is not one of `IMAGES`.
    """
    ending = path.suffix.removeprefix(".").lower()
    if ending not in IMAGES:
        raise ProtocolError(f"{path} ends in {path.suffix or 'nothing'!r}, expected one of .{', .'.join(IMAGES)}")
    return ending


def image(chart: Chart, form: str) -> bytes:
    """Return a chart as the bytes of an SVG, PNG or PDF file.

    Raises
    ------
    RecbenchError
        If the library is not installed.
    """
    library = import_library("recbench plot")
    is_vega = chart.spec["$schema"] == SCHEMA_VEGA
    language = "vega" if is_vega else "vegalite"
    options: dict[str, Any] = {"allowed_base_urls": []}
    if form == "png":
        return bytes(getattr(library, f"{language}_to_png")(chart.spec, scale=_PNG_SCALE, **options))
    drawn: str = getattr(library, f"{language}_to_svg")(chart.spec, **options)
    return f"{drawn}\n".encode() if form == "svg" else bytes(library.svg_to_pdf(_in_points(drawn)))


def _in_points(svg: str) -> str:
    """Return a picture whose size is in points: the library takes each unit of it for a point of the PDF."""
    return re.sub(
        r'width="([\d.]+)" height="([\d.]+)"',
        lambda size: 'width="{:g}" height="{:g}"'.format(*(float(each) * _POINTS_PER_PIXEL for each in size.groups())),
        svg,
        count=1,
    )
