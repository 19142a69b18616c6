"""What stored records hold, as `recbench show` prints it: a line each, or all about a row."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from jobs_here import jobs_here
from verified import BROKEN

import bench
from bench.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

DATASET = "synthetic:60x80x900"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with three seeds of a model whose epochs are chosen, a model without epochs, and a failure."""
    place = tmp_path_factory.mktemp("shown")
    (place / "broken.py").write_text(BROKEN)
    options = {"negatives": 20, "threads": 1, "seeds": "0-1", "patience": 1, "keep_models": True, "quiet": True}
    with jobs_here():
        suite = ["bpr:epochs=3", "popularity"]
        bench.run(DATASET, suite, plugins=[str(place / "broken.py")], out=place / "runs", **options)
    return place / "runs"


def shown(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main(["show", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def sections(text: str) -> dict[str, str]:
    """Return the text of each section by its title."""
    parts = re.split(r"^([A-Z][a-z ]+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_without_a_row_there_is_a_line_for_each_record(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, results).splitlines()
    assert lines[0] == f"SYNTHETIC DATA ({DATASET}): 5 records, 2 of a failure"
    rows = [line.split() for line in lines if re.match(r"(bpr|popularity|broken)\b", line)]
    assert [(row[0], row[1]) for row in rows] == [
        ("bpr:epochs=3", "0"),
        ("bpr:epochs=3", "1"),
        ("broken", "0"),
        ("broken", "1"),
        ("popularity", "0"),
    ]
    assert [row[-2] for row in rows] == ["ok", "ok", "raised", "raised", "ok"]
    assert {row[-1] for row in rows} == {path.name for path in (results / "records").iterdir()}
    assert any("broken, seed 0: ValueError: no luck" in line for line in lines)


def test_the_figures_are_those_of_the_table(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {one["recommender"]: one for one in json.loads(shown(capsys, results, "--format", "json"))["records"]}
    row = bench.table(results).frame.loc["popularity"]
    assert found["popularity"]["NDCG@10"] == pytest.approx(row["NDCG@10"])
    assert found["popularity"]["HR@10"] == pytest.approx(row["HR@10"])
    assert found["broken"]["NDCG@10"] is None
    assert "document" not in found["popularity"]


def test_of_a_row_all_is_shown(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, results, "bpr:epochs=3", "--seed", "1")
    assert text.startswith(f"bpr:epochs=3, seed 1, on SYNTHETIC DATA ({DATASET})\n")
    found = sections(text)
    about = ["Recommender", "Accuracy", "Learning curve", "Time", "Memory", "Machine", "Conduct", "Stored"]
    assert list(found) == about
    assert "epochs=3" in found["Recommender"]
    assert "learning_rate=" in found["Recommender"]
    assert re.search(r"NDCG@10 \.\d{4} ±\.\d{3}, against 20 drawn negatives", found["Accuracy"])
    assert re.search(r"^  activity \d+-\d+ +\d+ +\.\d{4} ±\.\d{3} +\.\d{4}", found["Accuracy"], re.MULTILINE)
    assert found["Learning curve"].count("|") >= 2
    assert "NDCG@10 on the validation task" in found["Learning curve"]
    assert re.search(r"fit +\d+\.\d+ s, processor time", found["Time"])
    assert "patience 1" in found["Time"]
    assert "MiB at the peak" in found["Memory"]
    assert "numpy" in found["Machine"]
    assert "kept: " in found["Stored"]
    assert "records/bpr-" in found["Stored"].replace("\n                ", "")


def test_all_seeds_of_a_row_follow_each_other(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, results, "bpr:epochs=3")
    assert re.findall(r"^bpr:epochs=3, seed (\d)", text, re.MULTILINE) == ["0", "1"]


def test_of_a_failure_its_traceback_comes_first(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, results, "broken", "--seed", "0")
    assert text.splitlines()[0].endswith(": failed (raised)")
    found = sections(text)
    assert next(iter(found)) == "Failure"
    assert found["Failure"].strip().startswith("ValueError: no luck")
    assert "Traceback (most recent call last):" in found["Failure"]
    assert re.search(r"broken\.py\", line \d+, in\s+fit", found["Failure"])
    assert "Accuracy" not in found


@pytest.mark.parametrize("width", range(60, 161, 20))
def test_no_line_is_wider_than_the_terminal_and_no_word_is_cut(results: Path, width: int) -> None:
    """Only what has no blank, such as a digest or a path, may be wider."""
    for row in ("bpr:epochs=3", "broken", "popularity"):
        whole = bench.show(results, row).render(width=10_000)
        text = bench.show(results, row).render(width=width)
        for line in text.splitlines():
            assert len(line) <= width or len(line.split()) <= 2, line
        words = set(whole.split())
        cut = [word for word in text.split() if word not in words and len(word) < 40]
        assert [word for word in cut if not set(word) <= set("-+|*O")] == []


def test_json_of_a_row_has_the_stored_document(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = json.loads(shown(capsys, results, "bpr:epochs=3", "--format", "json"))["records"]
    assert (one["seed"], other["seed"]) == (0, 1)
    stored = json.loads((results / "records" / one["record"] / "record.json").read_text())
    assert one["document"] == stored
    assert one["accuracy"]["NDCG@10"]["mean"] == pytest.approx(one["NDCG@10"])
    assert {each["slice"] for each in one["slices"]} > {"all"}


@pytest.mark.parametrize("form", ["csv", "github", "latex", "html-fragment"])
def test_other_formats_have_a_line_for_each_record(
    results: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = shown(capsys, results, "bpr:epochs=3", "--format", form)
    assert text.count("bpr-") == 2


def test_from_python_it_is_a_frame(results: Path) -> None:
    found = bench.show(results)
    assert found.frame["status"].tolist() == ["ok", "ok", "failed", "failed", "ok"]
    assert "popularity" in repr(found)
    assert "<table" in found._repr_html_()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["popularty"], "no row is called 'popularty' (did you mean 'popularity'?); there are bpr:epochs=3, broken"),
        (["bpr:epochs=3", "--seed", "7"], "the row bpr:epochs=3 has no record of the training seed 7; there are 0, 1"),
        (["--seed", "7"], "has no record of the training seed 7; there are 0, 1"),
        (["bpr", "--seed", "x"], "'x' is no whole number"),
    ],
)
def test_bad_input_is_named(
    results: Path, arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(["show", str(results), *arguments])
    except SystemExit as end:
        code = end.code
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert expected in said.err
    assert said.err.count("\n") == 1


def test_without_records_and_with_a_damaged_one_it_says_so(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", str(tmp_path / "nowhere")]) == 2
    assert "nowhere holds no records" in capsys.readouterr().err
