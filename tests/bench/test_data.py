"""Data: options are checked at once, every function takes them alike, and synthetic data replace nothing named."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import bench
from bench.data import Data, DataOptions, data_of
from bench.names import STAND_IN_NOTE
from protocol.data import fetching
from protocol.errors import DatasetError, ProtocolError, RecbenchWarning, UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

DATASET = "synthetic:60x80x900"
FRAME = pd.DataFrame({"user": [1] * 9, "item": range(9), "timestamp": range(9)})


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let ml-100k be nowhere."""

    def unavailable(*_: object) -> Path:
        raise UnavailableError("not today")

    for place in ("_in_named_folder", "_in_cache", "_from_address", "_from_package_index"):
        monkeypatch.setattr(fetching, place, unavailable)


@pytest.mark.usefixtures("no_network")
def test_synthetic_data_replace_only_the_default_dataset() -> None:
    """P3."""
    with pytest.warns(RecbenchWarning, match="goes on with SYNTHETIC DATA"):
        dataset = Data().load()
    assert dataset.name == "synthetic"
    assert STAND_IN_NOTE in dataset.notes
    for named in (Data("ml-100k"), Data(min_rating=4.0), Data(min_rating=0.0), Data(core=5)):
        with pytest.raises(DatasetError, match="ml-100k is not available"):
            named.load()


@pytest.mark.usefixtures("no_network")
def test_the_title_says_that_the_data_are_synthetic(tmp_path: Path) -> None:
    with pytest.warns(RecbenchWarning):
        results = bench.run(recommenders="popularity", threads=1, out=tmp_path, quiet=True)
    assert str(results).startswith("SYNTHETIC DATA (synthetic), because no dataset was named and ml-100k could")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (Data(DATASET, negatives=100), "synthetic-60x80x900"),
        (Data(DATASET, negatives=20), "synthetic-60x80x900-{digest}"),
        (Data(DATASET, negatives=100, protocol_seed=1), "synthetic-60x80x900-{digest}"),
        (Data(FRAME), "DataFrame-{digest}"),
        (Data(FRAME, name="my data"), "my-data-{digest}"),
    ],
)
def test_results_of_another_protocol_go_to_another_folder(data: Data, expected: str, task) -> None:
    folder = data.folder(data.load(), task)
    assert folder.as_posix() == f"runs/{expected.format(digest=task.digest[:8])}"


def test_pipes_share_names_so_their_folders_end_in_the_digest(tmp_path: Path, task) -> None:
    os.mkfifo(tmp_path / "pipe")
    dataset = replace(Data(FRAME).load(), name="pipe")
    assert Data(str(tmp_path / "pipe")).folder(dataset, task).as_posix() == f"runs/pipe-{task.digest[:8]}"


def test_a_folder_is_named_for_its_file(tmp_path: Path, task) -> None:
    path = tmp_path / "my ratings.csv"
    FRAME.to_csv(path, index=False)
    for data in (Data(path), Data(str(path))):
        assert data.folder(data.load(), task).as_posix() == "runs/my-ratings"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"split": "soon"}, "split: 'soon' is no split"),
        ({"negatives": -1}, "negatives: -1"),
        ({"short_users": "skip"}, "short_users: unknown way"),
        ({"core": 0}, "core: 0"),
        ({"columns": {"who": "a"}}, "columns: 'who=a' names no column"),
    ],
)
def test_a_wrong_option_is_an_error_before_anything_is_read(options: dict[str, Any], expected: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        Data("nowhere.csv", **options)
    assert str(refused.value).startswith(expected)


def test_options_beside_data_replace_those_of_the_data() -> None:
    data = Data(DATASET, negatives=20, core=3)
    assert data_of(bench.run, data, {}) == data
    assert data_of(bench.run, data, {"negatives": 30}) == Data(DATASET, negatives=30, core=3)
    assert data_of(bench.run, DATASET, {"negatives": 20, "core": 3}) == data


def test_every_option_of_data_is_one_of_the_functions() -> None:
    assert set(DataOptions.__annotations__) | {"dataset"} == set(Data.__dataclass_fields__)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda: bench.run(DATASET, "ease", view="full"), "run has no option 'view'; did you mean 'views'?"),
        (lambda: bench.run(DATASET, "ease", n_negatives=3), "did you mean 'negatives'?"),
        (lambda: bench.score("s.csv", DATASET, protocolseed=3), "did you mean 'protocol_seed'?"),
        (lambda: bench.export("trec", "x", DATASET, zzz=3), "export has no option 'zzz'; it has form, out, dataset,"),
        (lambda: bench.tune(DATASET, "ease", trial=3), "did you mean 'trials'?"),
        (lambda: bench.verify("x", negatives=3), "verify has no option 'negatives'; it has results, dataset, offline,"),
    ],
)
def test_an_option_that_does_not_exist_is_named(call: Any, expected: str) -> None:
    with pytest.raises(TypeError) as refused:
        call()
    assert expected in str(refused.value)
