"""What all charts share: names that others chose are data only, and every chart can be drawn."""

from __future__ import annotations

import copy
import re
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest
from drawn_texts import size_of
from hand_made import ALS, EASE, RECORDS, record
from many_records import HARM, harmful_records, many_records

from bench.analysis.slices import slice_accuracies
from bench.analysis.summary import groups_of, summarise
from bench.charts.chart import shown
from bench.charts.costs import cost
from bench.charts.curves import curve_panels
from bench.charts.drawing import draw
from bench.charts.forest import forest
from bench.charts.heatmap import heatmap
from bench.charts.library import image
from bench.charts.pareto import pareto
from bench.charts.slope import slope
from bench.charts.style import PAGE
from bench.cli.main import main
from bench.records.store import Store
from protocol.errors import ProtocolError
from protocol.installation import how_to_add

if TYPE_CHECKING:
    from pathlib import Path

    from bench.charts.chart import Chart
    from bench.records.store import Record

pytestmark = pytest.mark.usefixtures("few_users")

NAMES = ("pareto", "curves", "views", "forest")


def all_charts(records: list[Record]) -> list[Chart]:
    summary = summarise(records)
    groups = groups_of(records, summary)
    slices = slice_accuracies(groups, "NDCG", "sampled", 10)
    found = [
        pareto(summary, PAGE),
        forest(summary, PAGE),
        slope(summary, PAGE),
        *(heatmap(slices, kind, "NDCG@10", PAGE) for kind in ("activity", "popularity")),
        *(cost(summary, name, PAGE) for name in ("score_us_per_user", "peak_mib")),
        *(chart for _, chart in curve_panels(groups, PAGE)),
    ]
    return [chart for chart in found if chart]


def without_data(spec: Any) -> Any:
    if isinstance(spec, dict):
        return {name: without_data(value) for name, value in spec.items() if name != "values"}
    return [without_data(each) for each in spec] if isinstance(spec, list) else spec


def values_of(spec: Any) -> list[dict[str, Any]]:
    data = spec["data"]
    return list((data[0] if isinstance(data, list) else data)["values"])


def test_names_are_data_and_nothing_else() -> None:
    """An expression, a field or a domain made of a name would be code that someone else writes."""
    charts = all_charts(harmful_records())
    for chart in charts:
        text = repr(without_data(chart.spec))
        assert not [harm for harm in HARM if harm in text or "harmed" in text]
    everything = " ".join(value["label"] for chart in charts for value in values_of(chart.spec))
    assert [shown(harm) in everything for harm in HARM] == [True] * len(HARM)


def test_each_chart_says_what_it_shows_and_has_its_numbers() -> None:
    charts = all_charts(many_records(5, 2))
    assert len(charts) == 12
    for chart in charts:
        assert chart.alternative.endswith(".")
        assert chart.lines
        assert {len(line) for line in chart.lines} == {len(chart.headers)}


def test_places_by_hand() -> None:
    """Sampled: a before b before c; full: b before a before c."""
    rows = {"a": (0, 3), "b": (1, 0), "c": (5, 9)}
    made = [record(name, [place] * 4, full=[full] * 4) for name, (place, full) in rows.items()]
    chart = slope(summarise(made), PAGE)
    assert chart is not None
    views = [header.removeprefix("place, ") for header in chart.headers if header.startswith("place")]
    assert (views[0], views[-1]) == ("sampled", "full")
    assert {line[0]: (line[1], line[-2]) for line in chart.lines} == {"a": ("1", "2"), "b": ("2", "1"), "c": ("3", "3")}
    assert "2 of 3 rows do not have the same place" in chart.alternative
    assert slope(summarise([record("a", [0] * 4), record("b", [1] * 4)]), PAGE) is None, "there is one view only"


def test_a_slice_is_the_mean_over_its_users() -> None:
    """Users with 1 and 2 interactions are found at the first place, those with 3 and 4 never.

    Where negatives are drawn, the first user is left out, whose held-out item is cold (P7).
    """
    counts = ([1, 2, 3, 4], [0, 1, 1, 9], list(range(10)))
    groups = groups_of([made := record("a", [0, 0, 50, 50], full=[0, 0, 50, 50], counts=counts)], summarise([made]))
    found = {(each.kind, each.span): each for each in slice_accuracies(groups, "NDCG", "full", 10)}
    assert found["all", "all"].interval.mean == 0.5
    assert [found["activity", span].interval.mean for span in "1234"] == [1, 1, 0, 0]
    assert found["cold", "cold"].interval.mean == 1
    assert found["popularity", "1"].interval.mean == 0.5
    assert found["popularity", "9"].n_users == 1
    drawn = {(each.kind, each.span): each for each in slice_accuracies(groups, "NDCG", "sampled", 10)}
    assert drawn.keys() == found.keys() - {("cold", "cold"), ("activity", "1")}
    assert (drawn["all", "all"].n_users, drawn["all", "all"].interval.mean) == (3, pytest.approx(1 / 3))
    without = groups_of([made := record("a", [0, 0, 50, 50], counts=counts)], summarise([made]))
    assert slice_accuracies(without, "NDCG", "full", 10) == [], "there is no full ranking"


@pytest.mark.parametrize("name", NAMES)
def test_every_chart_is_drawn_as_vectors_with_its_names(name: str) -> None:
    drawn = ET.fromstring(image(draw(name, many_records(3, 2)), "svg"))
    texts = " ".join(drawn.itertext())
    # The best row is what the others of a forest plot are compared with.
    for number in range(name == "forest", 3):
        assert f"model_{number}:" in texts
    assert float(drawn.attrib["width"]) < 520, "a column of a paper"


def test_harmful_names_are_text_in_a_picture(tmp_path: Path) -> None:
    for name in NAMES:
        drawn = image(draw(name, harmful_records()), "svg").decode()
        tags = set(re.findall(r"<([a-zA-Z]+)", drawn))
        assert not tags & {"script", "img", "a", "foreignObject", "image"}
        assert ET.fromstring(drawn) is not None


def test_the_command_writes_each_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(tmp_path, [EASE, record("other", [3, 3, 3, 3])])
    for ending, magic in (("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        place = tmp_path / f"chart.{ending}"
        assert main(["plot", "pareto", str(tmp_path), "-o", str(place)]) == 0
        assert capsys.readouterr().out == f"{place}\n"
        assert place.read_bytes().startswith(magic)
    width, height = size_of((tmp_path / "chart.svg").read_bytes())
    size = re.search(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", (tmp_path / "chart.pdf").read_bytes())
    assert size is not None
    assert [float(each) for each in size.groups()] == [0.75 * width, 0.75 * height], "of 96 and of 72 to an inch"


def test_an_error_says_why_a_chart_cannot_be_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ProtocolError, match="nothing to draw as curves: no recommender learned for two or more epochs"):
        draw("curves", RECORDS)
    with pytest.raises(ProtocolError, match="nothing to draw as forest"):
        draw("forest", [EASE, ALS])
    fill(tmp_path, [EASE])
    assert main(["plot", "pareto", str(tmp_path), "-o", "chart.gif"]) == 2
    assert "chart.gif ends in '.gif', expected one of .svg, .png, .pdf" in capsys.readouterr().err
    assert main(["plot", "views", str(tmp_path), "-o", str(tmp_path / "views.svg")]) == 2
    assert not (tmp_path / "views.svg").exists()


@pytest.mark.parametrize(
    ("command", "module"),
    [("plot", "vl_convert"), ("report", "vl_convert"), ("report", "jinja2"), ("site", "vl_convert")],
)
def test_without_the_extra_the_error_says_what_to_install(
    command: str, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path, [EASE])
    monkeypatch.setitem(sys.modules, module, None)
    results = str(tmp_path)
    words = {
        "plot": ["plot", "pareto", results, "-o", str(tmp_path / "a.svg")],
        "report": ["report", results],
        "site": ["site", results, "--out", str(tmp_path / "site")],
    }
    assert main(words[command]) == 2
    assert capsys.readouterr().err == (
        f"recbench: error: recbench {command} needs the extra report, and {module} is not installed; "
        f"{how_to_add('report')}\n"
    )


def fill(folder: Path, records: list[Record]) -> None:
    """Write records as a run does; what a stored record always has is made up."""
    for number, each in enumerate(records):
        made = copy.deepcopy(each)
        counts = made.counts or record("", [0] * 4, counts=([1] * 4, [1] * 4, [4] * 5)).counts
        Store(folder).add(type(made)({**made.document, "key": f"{number:064}"}, made.ranks, counts=counts))
