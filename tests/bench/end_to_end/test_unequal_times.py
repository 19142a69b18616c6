"""Times of unequal machines, from stored records to what commands print."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from studies import dataset_of
from timed_on import USAGE, on

from bench.cli.main import main
from bench.records.store import Store

if TYPE_CHECKING:
    from pathlib import Path

LETTERS = ["a", "b"]


def stored(folder: Path, dataset: str, **elsewhere: int) -> str:
    """Store two rows of a dataset, of which als is of a machine with other cores, or with other jobs beside it."""
    machine = dict(elsewhere)
    at_once = machine.pop("at_once", 1)
    ease, als = dataset_of(dataset, {"ease": [0] * 12, "als": [2] * 12}).records
    on(ease).document["usage"] = {**USAGE, "at_once": 1}
    on(als, **machine).document["usage"] = {**USAGE, "at_once": at_once}
    for made in (ease, als):
        Store(folder / dataset).add(made)
    return str(folder / dataset)


@pytest.mark.parametrize("elsewhere", [{"cores": 4}, {"at_once": 2}])
def test_commands_mark_what_cannot_be_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], elsewhere: dict[str, int]
) -> None:
    one, two = stored(tmp_path, "one", **elsewhere), stored(tmp_path, "two")
    assert main(["table", one, "--format", "csv"]) == 0
    lines = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert [line["timing"] for line in lines] == LETTERS
    assert main(["table", one, two, "--format", "csv-long"]) == 0
    lines = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert sorted({line["timing"] for line in lines}) == LETTERS
    assert main(["compare", one, "ease", "als", "--notes"]) == 0
    assert "no times are compared here" in " ".join(capsys.readouterr().out.split())
    assert main(["compare", two, "ease", "als", "--notes"]) == 0
    assert "times" not in capsys.readouterr().out


def test_no_rows_are_compared_by_a_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = stored(tmp_path, "one", cores=4)
    with pytest.raises(SystemExit) as ended:
        main(["compare", folder, "ease", "als", "--metric", "fit_s"])
    assert ended.value.code == 2
    assert "unknown metric 'fit_s'" in capsys.readouterr().err
