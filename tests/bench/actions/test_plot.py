"""What a chart takes: width, rows, metric and view; what it does not take is refused, naming what there is."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest
from drawn_texts import size_of, texts_of
from study_folders import write_study

import bench
from bench.cli.main import main
from bench.names import CHART_OPTIONS, CHARTS, STUDY_CHARTS
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("study"))


def test_each_chart_says_what_it_takes() -> None:
    assert tuple(CHART_OPTIONS) == CHARTS


OPTIONS: dict[str, Any] = {"k": 5, "metric": "HR", "view": "full", "baseline": "ease", "rows": ["ease"]}


@pytest.mark.parametrize("chart", CHARTS)
def test_what_a_chart_does_not_take_is_refused(chart: Any, study: Path, tmp_path: Path) -> None:
    place = study if chart in STUDY_CHARTS else study / "one"
    for name in OPTIONS.keys() - set(CHART_OPTIONS[chart]):
        with pytest.raises(ProtocolError, match=rf"{chart} does not take {name}: .*\({chart} takes .* and width\)"):
            bench.plot(chart, place, tmp_path / "a.svg", **{name: OPTIONS[name]})
    assert not (tmp_path / "a.svg").exists()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"width": "wide"}, r"width: 'wide' is no width; write column \(240 pt\), page \(504 pt\), or a number of"),
        ({"width": 10}, "width: 10 is no width"),
        (
            {"rows": ["easy"]},
            "no row is called 'easy', did you mean 'ease'|no row is called 'easy'.*; there are als, ease",
        ),
        ({"rows": []}, r"rows: \[\] names no row"),
        ({"rows": 3}, "rows: 3 names no row; write its name in the table, such as als"),
        ({"metric": "Accuracy"}, "metric: .*Accuracy"),
        ({"view": "half"}, "view: 'half' is no list of views; write some of sampled,expected,full"),
    ],
)
def test_a_wrong_value_is_named(given: dict[str, Any], error: str, study: Path, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=error):
        bench.plot("pareto", study / "one", tmp_path / "a.svg", **given)


def test_rows_metric_view_and_width_on_the_command_line(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "a.svg"
    words = [
        "plot",
        "pareto",
        str(study / "one"),
        "-o",
        str(place),
        "--width",
        "page",
        "--metric",
        "HR",
        "--view",
        "full",
    ]
    assert main([*words, "--rows", "mf", "--rows", "als"]) == 0
    texts = [each.text for each in texts_of(place.read_bytes())]
    assert "full HR@10" in texts
    assert {text for text in texts if text[:2] in ("ea", "mf", "al")} == {"mf:a=1", "mf:a=2", "mf:a=4", "als"}
    assert size_of(place.read_bytes())[0] == 504 / 0.75
    with pytest.raises(SystemExit, match="2"):
        main([*words[:5], "--width", "1"])
    assert "argument --width: '1' is no width" in capsys.readouterr().err


def test_too_few_rows_for_a_chart_are_counted(study: Path, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="nothing to draw as views: among 1 row named, fewer than two rows"):
        bench.plot("views", study / "one", tmp_path / "a.svg", rows="ease")
    with pytest.raises(ProtocolError, match="nothing to draw as ranks: among 1 row named, none of the rows has"):
        bench.plot("ranks", study, tmp_path / "a.svg", rows="pop")


def test_rows_of_a_chart_over_datasets(study: Path, tmp_path: Path) -> None:
    for chart in ("ranks", "heatmap", "settings"):
        place = bench.plot(chart, study, tmp_path / f"{chart}.svg", rows=["mf"])  # type: ignore[arg-type]
        texts = "".join(ET.fromstring(place.read_bytes()).itertext())
        assert "ease" not in texts
        assert "mf" in texts


def test_a_heat_map_that_does_not_fit_says_which_width_does(tmp_path: Path) -> None:
    from studies import dataset_of

    from bench.charts.library import image
    from bench.charts.study_drawing import draw_study
    from bench.charts.style import print_style
    from bench.studies.columns import Figure
    from bench.studies.comparison import compare_over_datasets

    datasets = [dataset_of(f"dataset-{number:02}", {"ease": [0] * 12, "als": [2] * 12}) for number in range(12)]
    found = compare_over_datasets(datasets, Figure("NDCG", 10, "sampled"))
    with pytest.raises(ProtocolError, match=r"of 12 datasets does not fit into 240 pt; .*\(--width (\d+)\)") as error:
        draw_study("heatmap", found)
    least = int(str(error.value).split("--width ")[1].strip(")"))
    svg = image(draw_study("heatmap", found, style=print_style(least)), "svg")
    assert size_of(svg)[0] == pytest.approx(least / 0.75, abs=1)
