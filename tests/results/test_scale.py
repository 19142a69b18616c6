"""The page about large data: from measured lines alone, with the plan scaled as it says."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from scripts import load_script

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType


@pytest.fixture(scope="module")
def scale() -> ModuleType:
    return load_script("scale.py")


@pytest.fixture(scope="module")
def at_places() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path])
        yield load_script("scale/at_places.py")


def lines_of(scale: ModuleType, names: tuple[str, ...], **changes: Any) -> list[Any]:
    """Return lines of ten million interactions of 500,000 users, each with a GiB above the base."""
    sizes = {"n_users": 500_000, "n_items": 1_000, "n_interactions": 10**7}
    peak = scale.BASE_MIB + 1024.0
    one = scale.Measured(**sizes, what="", seconds=9.0, cpu_seconds=7.2, peak_mib=peak, held_mib=1.0, disk_mib=0.0)
    return [replace(one, what=name, **changes) for name in names]


def test_a_line_replaces_one_of_the_same_name_and_size(scale: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "measured.csv"
    assert scale.read_measured(path) == []
    for line in lines_of(scale, ("bpr:epochs=1", scale.PACK, scale.READ, "bpr:epochs=1")):
        scale.add(line, path)
    (other,) = lines_of(scale, (scale.READ,), n_interactions=10)
    scale.add(other, path)
    found = scale.read_measured(path)
    assert [line.what for line in found] == [scale.READ, scale.READ, scale.PACK, "bpr:epochs=1"]
    assert found[0] == other


def test_the_plan_is_scaled_by_interactions_and_by_users(scale: ModuleType, tmp_path: Path) -> None:
    """A GiB at 10^7 interactions of 500,000 users is 200 GiB for 2 * 10^9 of 10^8; 7.2 s are 1,440 s, .4 hours."""
    names = (*scale.STAGES, "popularity")
    text = scale.page(lines_of(scale, names), tmp_path / "none.csv")
    row = next(line for line in text.splitlines() if line.startswith("| popularity") and "GiB" in line)
    assert [cell.strip() for cell in row.split("|")[2:-1]] == ["10,000,000", "200.0 GiB", "200.0 GiB", "0.4 hours"]
    fewer = scale.page(lines_of(scale, names, n_users=100_000), tmp_path / "none.csv")
    assert "| 200.0 GiB | " in " ".join(fewer.split())
    assert "1,000.0 GiB" in fewer


def test_places_are_shown_where_they_were_measured(scale: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    measured = lines_of(scale, (*scale.STAGES, "popularity"))
    assert "Other places" not in scale.page(measured, path)
    path.write_text("place,what,value,unit,n\ndask,overhead of a job,0.31,s,100\n", encoding="utf-8")
    row = next(line for line in scale.page(measured, path).splitlines() if line.startswith("| dask "))
    assert [cell.strip() for cell in row.split("|")[1:-1]] == ["dask", "overhead of a job", "0.31", "s", "100"]


def test_a_row_of_a_place_is_printed_and_replaces_the_one_that_says_the_same(
    at_places: ModuleType, scale: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "places.csv"
    at_places.add_rows("Slurm", [("a job here", 1.0, "s", 5)], path)
    at_places.add_rows("dask", [("jobs at once: held", 1234.567, "MiB", 1), ("a job here", 0.5, "s", 5)], path)
    at_places.add_rows("dask", [("a job here", 0.25, "s", 20)], path)
    assert capsys.readouterr().out.splitlines()[-1] == "dask, a job here: 0.25 s (n = 20)"
    lines = [line for line in scale.page([], path).splitlines() if line.startswith(("| dask", "| Slurm"))]
    assert [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines] == [
        ["Slurm", "a job here", "1.00", "s", "5"],
        ["dask", "a job here", "0.25", "s", "20"],
        ["dask", "jobs at once: held", "1,234.57", "MiB", "1"],
    ]


def test_the_committed_page_is_that_of_the_committed_figures(scale: ModuleType) -> None:
    assert scale.PAGE.read_text(encoding="utf-8") == scale.page(scale.read_measured(scale.MEASURED), scale.PLACES)


def test_a_small_run_measures_stages_and_recommenders(scale: ModuleType, tmp_path: Path) -> None:
    scale.run("synthetic:60x180x900", [], tmp_path / "measured.csv")
    found = scale.read_measured(tmp_path / "measured.csv")
    assert [line.what for line in found] == [*scale.STAGES]
    assert all(line.size == (900, 60, 180) and line.peak_mib >= 10 for line in found)
