"""The charts over datasets: their numbers by hand, names without collisions, and the command that draws them."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from drawn_texts import collisions, outside, size_of, texts_of
from many_records import HARM
from studies import dataset_of
from study_folders import rows_of, write_study
from timed_on import on

from bench.actions.study_results import results_over
from bench.charts.chart import shown
from bench.charts.drawing import draw
from bench.charts.library import image
from bench.charts.study_drawing import draw_study
from bench.charts.study_time import study_time
from bench.charts.style import PRINT
from bench.cli.main import main
from bench.studies.columns import DatasetRecords, Figure
from bench.studies.comparison import StudyComparison, compare_over_datasets
from protocol.errors import ProtocolError

NAMES = ("ranks", "cd", "heatmap", "settings")
NDCG = Figure("NDCG", 10, "sampled")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def found(folder: Path) -> StudyComparison:
    return results_over([folder]).comparison


def many(n_rows: int, n_datasets: int) -> StudyComparison:
    rows = {f"recommender_{number}": [number % 9, (number * 7) % 60] * 6 for number in range(n_rows)}
    return compare_over_datasets([dataset_of(f"dataset-{number}", rows) for number in range(n_datasets)], NDCG)


def test_ranks_by_hand(found: StudyComparison) -> None:
    """ease is first everywhere; als is last on the two datasets that have it."""
    chart = draw_study("ranks", found)
    assert [(line[0], line[1], line[-1]) for line in chart.lines] == [
        ("ease", "1.00", "3 of 3"),
        ("mf:a=4", "2.00", "3 of 3"),
        ("mf:a=2", "3.00", "3 of 3"),
        ("mf:a=1", "4.00", "3 of 3"),
        ("als", "5.00", "2 of 3"),
    ]
    assert "Best: ease, 1.00" in chart.alternative


def test_bars_join_what_cannot_be_told_apart(found: StudyComparison) -> None:
    """Four rows on three datasets: the critical difference is 2.569 * sqrt(4 * 5 / 18) = 2.71, and 4 - 1 is more."""
    chart = draw_study("cd", found)
    assert [line[0] for line in chart.lines] == ["ease", "mf:a=4", "mf:a=2", "mf:a=1"]
    assert [line[2] for line in chart.lines] == ["1", "1, 2", "1, 2", "2"]
    assert "differ by 2.71 or more" in chart.alternative
    assert "Bars join: ease, mf:a=4, mf:a=2; mf:a=4, mf:a=2, mf:a=1." in chart.alternative
    assert "not drawn: als" in chart.alternative


def test_cells_have_figures_and_say_what_is_missing(found: StudyComparison) -> None:
    lines = {line[0]: line[1:] for line in draw_study("heatmap", found).lines}
    order = [column.name for column in found.columns]
    assert dict(zip(order, lines["als"], strict=True))["two"] == "-"
    assert dict(zip(order, lines["pop"], strict=True)) == {"one": "-", "two": "-", "three": "failed"}
    assert lines["ease"] == ("1.0000",) * 3
    lost = replace(found, lost={"nowhere": "there is no file"})
    assert [line[-1] for line in draw_study("heatmap", lost).lines] == ["no data"] * 6


def test_a_curve_for_each_dataset_over_the_number(found: StudyComparison) -> None:
    """mf:a=4 has one rival before: NDCG 1 / log2(3) = .6309, and ease has 1."""
    chart = draw_study("settings", found)
    assert {(line[1], line[3]) for line in chart.lines} == {
        (name, a) for name in ("one", "two", "three") for a in "124"
    }
    assert {line[4] for line in chart.lines if line[3] == "4"} == {".6309"}
    assert "mf by a, 3 values; highest for a 4" in chart.alternative


def test_a_curve_of_one_dataset_has_intervals() -> None:
    chart = draw("settings", rows_of("one"))
    assert [(line[0], line[3], line[4]) for line in chart.lines] == [
        ("mf:a=1", "1", ".3869"),
        ("mf:a=2", "2", ".4307"),
        ("mf:a=4", "4", ".6309"),
    ]
    assert "to" in chart.lines[0][5]


@pytest.mark.parametrize("n_rows", [3, 40])
def test_no_text_overprints_another_or_leaves_a_column(n_rows: int) -> None:
    found = many(n_rows, 4)
    for name in ("ranks", "cd", "heatmap"):
        drawn = image(draw_study(name, found), "svg")
        texts = texts_of(drawn)
        assert collisions(texts) == [], name
        assert outside(texts, size_of(drawn)) == [], name
        assert size_of(drawn)[0] == 320
        assert sum(each.text.startswith("recom") for each in texts) == n_rows


def test_names_of_lines_do_not_collide() -> None:
    """Equal curves on six datasets have their names at one end."""
    records = [rows_of("one")] * 6
    datasets = [DatasetRecords(f"dataset-{number}", tuple(made), Path()) for number, made in enumerate(records)]
    chart = draw_study("settings", compare_over_datasets(datasets, NDCG))
    names = chart.spec["vconcat"][0]["layer"][-1]["data"]["values"]
    low, high = chart.spec["vconcat"][0]["layer"][1]["encoding"]["y"]["scale"]["domain"]
    heights = sorted(chart.spec["vconcat"][0]["height"] * (each["at"] - low) / (high - low) for each in names)
    assert len(heights) == 6
    assert all(upper - lower >= 13 for lower, upper in pairwise(heights))


def test_names_of_others_are_data_and_text_in_a_picture() -> None:
    rows = {harm: [number] * 12 for number, harm in enumerate(HARM)}
    datasets = [dataset_of(harm, rows) for harm in HARM[:3]]
    found = compare_over_datasets(datasets, NDCG)
    for name in ("ranks", "cd", "heatmap"):
        chart = draw_study(name, found)
        text = repr(without_data(chart.spec))
        assert not [harm for harm in HARM if harm in text or "harmed" in text]
        drawn = image(chart, "svg").decode()
        assert not set(re.findall(r"<([a-zA-Z]+)", drawn)) & {"script", "img", "a", "foreignObject", "image"}
    assert {line[0] for line in draw_study("ranks", found).lines} == set(map(shown, HARM))


def without_data(spec: Any) -> Any:
    if isinstance(spec, dict):
        return {name: without_data(value) for name, value in spec.items() if name != "values"}
    return [without_data(each) for each in spec] if isinstance(spec, list) else spec


@pytest.mark.parametrize("name", NAMES)
def test_the_command_draws_over_a_study_and_over_folders(
    name: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / f"{name}.svg"
    assert main(["plot", name, str(folder), "-o", str(place)]) == 0
    assert capsys.readouterr().out == f"{place}\n"
    texts = " ".join(each.text for each in texts_of(place.read_bytes()))
    assert ("mf by a" if name == "settings" else "ease") in texts
    again = tmp_path / "again.svg"
    folders = [str(folder / each) for each in ("one", "three", "two")]
    assert main(["plot", name, *folders, "--out", str(again), "--metric", "NDCG"]) == 0
    assert again.read_bytes() == place.read_bytes()


def test_a_chart_of_another_kind_of_results_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["-o", str(tmp_path / "a.svg")]
    assert main(["plot", "pareto", str(folder), *out]) == 2
    assert "pareto is a chart of one dataset; name one folder, or draw ranks, cd, heatmap" in capsys.readouterr().err
    assert main(["plot", "cd", str(folder / "one"), *out]) == 2
    assert "cd is drawn over several datasets; name the folders of several" in capsys.readouterr().err
    assert main(["plot", "cd", str(folder / "one"), str(folder / "one"), *out]) == 2
    assert "is given twice" in capsys.readouterr().err
    assert not (tmp_path / "a.svg").exists()


def test_an_error_says_why_there_is_nothing_to_draw() -> None:
    two = compare_over_datasets([dataset_of("one", {"ease": [0] * 12, "als": [2] * 12})], NDCG)
    with pytest.raises(
        ProtocolError, match="nothing to draw as cd: Nemenyi's test needs 2 datasets or more, and 3 rows"
    ):
        draw_study("cd", two)
    with pytest.raises(
        ProtocolError, match="nothing to draw as settings: no recommender has rows that differ in a number"
    ):
        draw_study("settings", two)
    with pytest.raises(ProtocolError, match="nothing to draw as settings"):
        draw("settings", rows_of("one")[:2])


def test_times_over_datasets_of_unequal_machines_are_told_apart_and_joined_by_no_front() -> None:
    def over(**machine: Any) -> StudyComparison:
        datasets = [dataset_of(name, {"ease": [0] * 12, "als": [2] * 12}) for name in ("one", "two")]
        for each in datasets:
            for made in each.records:
                on(made)
        on(datasets[1].records[1], **machine)
        return compare_over_datasets(datasets, NDCG)

    alike, mixed = (study_time(found, PRINT) for found in (over(), over(cpu="CPU_B")))
    assert alike is not None
    assert mixed is not None
    assert [line[0] for line in alike.lines] == ["ease", "als"]
    assert "yes" in {line[-1] for line in alike.lines}
    assert [(line[0], line[-1]) for line in mixed.lines] == [("ease (a)", "no"), ("als (a+b)", "no")]
    assert "The times are of several machines, so no Pareto front is marked." in mixed.alternative
    assert "b (CPU_B): als on two." in mixed.alternative
