"""Settings of one recommender in the tables: a head that names what is varied, and rows below it, in all formats."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from hand_made import record
from latex_papers import compiled
from settings_of_one import with_parameters
from studies import keyed, task_of

from bench.studies.columns import DatasetRecords, Figure
from bench.studies.comparison import compare_over_datasets
from bench.tables.results import render
from bench.tables.study import render as render_study

if TYPE_CHECKING:
    from bench.records.record import Record


def ablation(of: dict | None = None) -> list[Record]:
    """By NDCG: mf with a=3, which is its default, ease, mf:a=2, mf:a=1."""
    rows = (("mf", 0, {"a": 3}), ("ease", 1, {"a": 1}), ("mf:a=2", 2, {"a": 2}), ("mf:a=1", 5, {"a": 1}))
    return [
        with_parameters(record(label, [place] * 12, of=of, deterministic=True), label.split(":")[0], parameters)
        for label, place, parameters in rows
    ]


def labels(text: str) -> list[str]:
    """Return the labels of a terminal's table."""
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("---"))
    return [
        line.partition("   ")[0] if line[:2] != "  " else f"  {line.strip().partition('  ')[0]}"
        for line in lines[first + 1 : first + 6]
    ]


def test_settings_are_below_a_head_in_each_format() -> None:
    text = render(ablation())
    assert [label.rstrip() for label in labels(text)] == ["mf, varied: a", "  mf (a=3)", "  mf:a=2", "  mf:a=1", "ease"]
    github = render(ablation(), "github")
    assert "| mf, varied: a  |" in github
    assert "| &emsp;mf:a=2   |" in github
    latex = render(ablation(), "latex")
    assert "mf, varied: a & " in latex
    assert r"\quad mf:a=2 & " in latex
    assert '<th scope="row">&emsp;mf:a=1' in render(ablation(), "html-fragment")
    rows = list(csv.DictReader(io.StringIO(render(ablation(), "csv"))))
    assert [(row["recommender"], row["setting"]) for row in rows] == [
        ("mf", "a=3"),
        ("mf:a=2", "a=2"),
        ("mf:a=1", "a=1"),
        ("ease", ""),
    ]


def test_one_setting_has_no_head() -> None:
    text = render(ablation()[:2])
    assert "varied" not in text


def test_the_table_over_datasets_has_the_head_too(tmp_path: Path) -> None:
    datasets = [
        DatasetRecords(name, tuple(map(keyed, ablation(task_of(name, 12)))), Path(name))
        for name in ("one", "two", "three")
    ]
    found = compare_over_datasets(datasets, Figure("NDCG", 10, "sampled"))
    assert found.labels == ("mf", "mf:a=2", "mf:a=1", "ease")
    text = render_study(found)
    assert [label.rstrip() for label in labels(text)][:2] == ["mf, varied: a", "  mf (a=3)"]
    for form in ("csv", "csv-long"):
        rows = list(csv.DictReader(io.StringIO(render_study(found, form))))
        assert {row["recommender"]: row["setting"] for row in rows} == {
            "mf": "a=3",
            "mf:a=2": "a=2",
            "mf:a=1": "a=1",
            "ease": "",
        }
    assert "Overfull" not in compiled([render_study(found, "latex")], tmp_path)
