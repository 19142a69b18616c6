"""Datasets through DataRec: exported once by a Python of their own, and cached; here a stand-in gives the tables.

With ``RECBENCH_PROGRAMS=1`` DataRec itself reads a file that the test gives it.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from protocol import environments
from protocol.data import datarec
from protocol.data.loading import load_dataset
from protocol.errors import DatasetError, ProtocolError, RecommenderError
from protocol.tasks.task import build_task

if TYPE_CHECKING:
    from pathlib import Path

STAND_IN = """
import os
import pandas as pd

class Loaded:
    user_col, item_col, rating_col, timestamp_col = "u", "i", "r", "t"
    data = pd.DataFrame({
        "t": [30, 10, 20, 1, 2, 3], "u": ["a", "a", "a", "b", "b", "b"], "i": [1, 2, 3, 1, 2, 3], "more": range(6),
        "r": [1, 5, 4, 3, 2, 4],
    })

class Registered:
    resources, characteristics = {}, {"n_users": 2, "n_items": 3, "n_interactions": 6}
    def prepare(self):
        pass
    def load(self):
        return Loaded()

def load_dataset(name, version):
    with open(os.environ["ASKED"], "a") as stream:
        print(name, version, os.environ["DATAREC_CACHE_DIR"], file=stream)
    if name == "plain":
        Loaded.rating_col = Loaded.timestamp_col = None
        Registered.characteristics = None
    elif name == "short":
        Loaded.data = Loaded.data[1:]
    elif name != "tiny":
        raise ValueError(f"Dataset '{name}' is not registered. Available: plain, tiny")
    return Registered()
"""


@pytest.fixture
def a_process() -> None:
    """Export in a process of its own, as a user's command does; otherwise the test's own process does it."""


def exported_here(library: Path, command: list[str], *, env: dict[str, str], **_: Any) -> Any:
    """Run the script with the stand-in; takes the place of `subprocess.run`."""
    problem = ""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(library)
        patch.setattr(sys, "argv", command[2:])
        patch.setattr(os, "environ", env)
        try:
            runpy.run_path(command[2], run_name="__main__")
        except ValueError as error:
            problem = f"ValueError: {error}"
    for name in ("datarec", "datarec.datasets"):
        sys.modules.pop(name, None)
    return subprocess.CompletedProcess(command, int(bool(problem)), "", problem)


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """Put a stand-in where DataRec's environment would be built; return the file with what it was asked for."""
    library = tmp_path / "library" / "datarec"
    library.mkdir(parents=True)
    (library / "__init__.py").write_text("")
    (library / "datasets.py").write_text(STAND_IN)
    runner = tmp_path / "runner.py"
    runner.write_text(
        f"import runpy, sys\nsys.path.insert(0, {str(library.parent)!r})\ndel sys.argv[0]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    python = tmp_path / "environment" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\n[ "$1" = -I ] && shift\nexec {sys.executable} -I {runner} "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(environments, "ready", lambda *_: tmp_path / "environment")
    if "a_process" not in request.fixturenames:
        monkeypatch.setattr(subprocess, "run", partial(exported_here, library.parent))
    monkeypatch.setenv("RECBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ASKED", str(tmp_path / "asked"))
    monkeypatch.delenv(datarec.RAW_FOLDER, raising=False)
    return tmp_path / "asked"


@pytest.mark.usefixtures("a_process")
def test_it_is_exported_once_and_cached(asked: Path, tmp_path: Path) -> None:
    assert not datarec.is_exported("datarec:tiny:v1")
    dataset = load_dataset("datarec:tiny:v1")
    assert (dataset.name, dataset.times, dataset.user_ids.tolist()) == ("datarec:tiny:v1", "clock", ["a", "b"])
    assert dataset.interactions.items.tolist() == [1, 2, 0, 0, 1, 2]
    assert load_dataset("datarec:tiny:v1", min_rating=4).interactions.items.tolist() == [0, 1, 1]
    assert asked.read_text() == f"tiny v1 {tmp_path}/cache/datarec/raw\n"
    assert datarec.is_exported("datarec:tiny:v1")
    kept = [path.name for path in (tmp_path / "cache" / "datarec" / datarec.VERSION).iterdir()]
    assert sorted(kept) == ["tiny-v1.lock", "tiny-v1.parquet"]


def test_without_a_version_it_is_the_latest_and_a_folder_of_raw_files_is_respected(
    asked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(datarec.RAW_FOLDER, "/mine")
    assert load_dataset("datarec:tiny").name == "datarec:tiny"
    assert asked.read_text() == "tiny latest /mine\n"


def test_without_times_and_ratings_nothing_is_made_up(asked: Path) -> None:
    dataset = load_dataset("datarec:plain")
    assert dataset.times == "none"
    assert dataset.notes[0].startswith("the data have no times")
    with pytest.raises(ProtocolError, match="datarec:plain has no times"):
        build_task(dataset)
    with pytest.raises(DatasetError, match="datarec:plain has no ratings"):
        load_dataset("datarec:plain", min_rating=3)


def test_it_is_held_to_what_datarec_says_of_it(asked: Path) -> None:
    with pytest.raises(DatasetError, match=r"its n_interactions is 5 as read here, and 6 by DataRec's own registry"):
        load_dataset("datarec:short")
    assert not datarec.is_exported("datarec:short")


def test_an_unknown_dataset_says_what_datarec_says(asked: Path, tmp_path: Path) -> None:
    with pytest.raises(
        DatasetError, match=r"does not give datarec:huge: ValueError: .* Available: plain, tiny"
    ) as error:
        load_dataset("datarec:huge")
    assert "\n" not in str(error.value)
    assert not datarec.is_exported("datarec:huge")
    assert not list((tmp_path / "cache" / "datarec" / datarec.VERSION).glob("*.parquet"))


@pytest.mark.parametrize("name", ["datarec:", "datarec:a:b:c", "datarec:../x", "datarec:a:", "datarec:a b"])
def test_a_malformed_name_is_refused_before_anything_is_built(name: str, asked: Path) -> None:
    with pytest.raises(DatasetError, match="is no dataset of DataRec; write datarec:NAME or datarec:NAME:VERSION"):
        load_dataset(name)
    assert not asked.exists()


def test_options_of_own_files_are_refused(asked: Path) -> None:
    with pytest.raises(DatasetError, match="how to read datarec:tiny is known"):
        load_dataset("datarec:tiny", encoding="latin-1")
    assert not asked.exists()


def test_an_environment_that_cannot_be_built_is_an_error_of_the_data(
    asked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Path:
        raise RecommenderError("the environment of DataRec cannot be built (pip): no index")

    monkeypatch.setattr(environments, "ready", broken)
    with pytest.raises(DatasetError, match="datarec:tiny: the environment of DataRec cannot be built"):
        load_dataset("datarec:tiny")


def test_without_pyarrow_it_is_said_first(asked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datarec.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(DatasetError, match="needs pyarrow"):
        load_dataset("datarec:tiny")
    assert not asked.exists()


REGISTRY = """
dataset_name: tiny
version: v1
sources:
  raw:
    source_type: HttpSource
    args: {{downloadable: true, url: "http://127.0.0.1:1/tiny.tsv", checksum: {md5}, checksum_algorithm: md5,
           filename: tiny.tsv, inner_paths: {{ratings: tiny.tsv}}}}
resources:
  ratings:
    {{source_name: raw, filename: tiny.tsv, type: interactions, format: transactions_tabular, required: true,
      schema: {{sep: "\\t", user_col: 0, item_col: 1, rating_col: 2, timestamp_col: 3}}}}
"""

FROM_FILE = """
import runpy, sys
from datarec.data.datarec_builder import RegisteredDataset
script, registry, folder, target = sys.argv[1:]
runpy.run_path(script)["export"](RegisteredDataset.from_url(registry, folder=folder), target)
"""


@pytest.mark.slow
def test_datarec_itself_reads_a_file_that_it_is_given(tmp_path: Path) -> None:
    """A registry of its kind names a file that lies where DataRec would fetch it to, with its checksum.

    The file has no header, and DataRec 1.5.7 alone would take its first row for one.
    """
    if os.environ.get("RECBENCH_PROGRAMS") != "1" and not environments.is_ready(datarec.REQUIREMENTS):
        pytest.skip("RECBENCH_PROGRAMS is not 1, and DataRec's environment is not built")
    import hashlib

    content = b"a\t10\t5\t100\na\t20\t3\t200\nb\t10\t4\t300\n"
    raw = tmp_path / "resource" / "tiny.tsv"
    raw.parent.mkdir()
    raw.write_bytes(content)
    registry = tmp_path / "tiny.yml"
    registry.write_text(REGISTRY.format(md5=hashlib.md5(content, usedforsecurity=False).hexdigest()))
    python = environments.ready(datarec.REQUIREMENTS, "", "DataRec") / "bin" / "python"
    target = tmp_path / "tiny.parquet"
    command = [str(python), "-I", "-c", FROM_FILE, str(datarec._EXPORT), registry.as_uri(), str(tmp_path), str(target)]
    done = subprocess.run(
        command, capture_output=True, text=True, env={"DATAREC_CACHE_DIR": str(tmp_path)}, check=False
    )
    assert done.returncode == 0, done.stderr
    dataset = load_dataset(target, columns={"user": "user"}, min_rating=4)
    assert (dataset.user_ids.tolist(), dataset.item_ids.tolist()) == (["a", "b"], [10])
    assert dataset.interactions.timestamps.tolist() == [100, 300]
