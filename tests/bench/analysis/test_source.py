"""The data of stored records: which names say by themselves where the data are, and what --offline refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from many_records import many_records
from msgspec.structs import replace

from bench.analysis.source import load_data, source_of
from bench.data import Data
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

TASK = many_records(1, 1)[0].task


@pytest.mark.parametrize("name", ["ml-100k", "lastfm-2k", "synthetic", "synthetic:60x80x900", "datarec:tiny:v1"])
def test_names_that_need_no_file(name: str) -> None:
    assert source_of(replace(TASK, dataset=name), Data()).dataset == name


def test_a_file_is_asked_for() -> None:
    with pytest.raises(DatasetError, match=r"records are of ratings\.csv; say where it is with --dataset"):
        source_of(replace(TASK, dataset="ratings.csv"), Data())


@pytest.mark.parametrize("name", ["lastfm-2k", "datarec:tiny:v1"])
def test_offline_fetches_neither_a_registered_nor_an_exported_one(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECBENCH_CACHE", str(tmp_path))
    monkeypatch.setenv("RECBENCH_DATA", str(tmp_path))
    with pytest.raises(DatasetError, match=f"{name} is not here, and --offline fetches nothing"):
        load_data(Data(dataset=name), offline=True)
