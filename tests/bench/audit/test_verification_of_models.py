"""`bench.verify` on kept models: each file is listed, and a missing, changed or added one is found."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from jobs_here import jobs_here
from verified import found, message

import bench
from bench.records.files import SEAL, seal_of
from bench.records.store import DOCUMENT, MANIFEST, Store, file_digest, manifest_text
from protocol.errors import ProtocolError, RecbenchWarning

if TYPE_CHECKING:
    from pathlib import Path

DATA = "synthetic:60x80x900"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "results"
    with jobs_here():
        bench.run(DATA, ["popularity", "random"], negatives=20, out=folder, keep_models=True, quiet=True)
    return folder


@pytest.fixture
def results(original: Path, tmp_path: Path) -> Path:
    return shutil.copytree(original, tmp_path / "results")


def model_file(results: Path) -> Path:
    return next(iter(sorted(results.glob("records/popularity-*/model-*/state.safetensors"))))


def problems(results: Path) -> dict[str, str]:
    return {name: status for name, status in found(results).items() if status != "ok"}


def test_kept_models_are_among_the_files(results: Path) -> None:
    assert problems(results) == {}
    assert message(results, "files").startswith("6 files, each with the SHA-256")


def test_a_missing_a_changed_and_an_added_file_are_found(results: Path) -> None:
    path = model_file(results)
    (path.parent / "more").write_bytes(b"")
    assert message(results, "files").endswith("/more is not listed")
    (path.parent / "more").unlink()
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    assert message(results, "files").endswith("state.safetensors has changed since it was written")
    path.unlink()
    assert message(results, "files").endswith("state.safetensors is listed and missing")
    assert problems(results) == {"files": "fail"}


def test_a_model_that_manifest_and_file_agree_on_and_the_record_does_not_is_found(results: Path) -> None:
    path = model_file(results)
    path.write_bytes(b"another model")
    listed = json.loads((results / MANIFEST).read_text())["files"]
    listed[path.relative_to(results).as_posix()] = file_digest(path)
    (results / MANIFEST).write_text(manifest_text(listed))
    assert problems(results) == {"records": "fail"}
    assert "do not agree on the kept model" in message(results, "records")


@pytest.mark.parametrize("name", ["../../../secret", "/etc/passwd", "a/../b", "a//b", ".", "a\nb", "a\\b"])
def test_a_record_cannot_name_a_file_elsewhere(results: Path, name: str) -> None:
    path = model_file(results).parents[1] / DOCUMENT
    document = json.loads(path.read_text())
    document["model"]["files"] = {name: {"bytes": 1, "sha256": "0"}}
    document[SEAL] = seal_of(document)
    path.write_text(json.dumps(document))
    with pytest.raises(ProtocolError, match="no path of a file within a folder"):
        Store(results).records()


def test_a_manifest_that_is_made_again_lists_the_models(results: Path) -> None:
    (results / MANIFEST).unlink()
    with pytest.warns(RecbenchWarning, match="is made again"):
        Store(results).prepare()
    assert problems(results) == {}


def test_a_record_that_is_added_without_its_model_says_so(results: Path, tmp_path: Path) -> None:
    """As where records are copied to another folder."""
    record = next(one for one in Store(results).records() if one.recommender.name == "popularity")
    other = Store(tmp_path / "other")
    other.add(record)
    (stored,) = other.records()
    assert stored.model.problem == "its files are gone"
    assert problems(tmp_path / "other") == {}


def test_a_model_that_a_killed_run_left_is_cleared(results: Path) -> None:
    """The manifest says that the record is being written, and its document is still the old one."""
    folder = model_file(results).parents[1]
    text = json.loads((results / MANIFEST).read_text())
    new = folder / "model-0123456789abcdef"
    new.mkdir()
    (new / "state").write_bytes(b"new")
    text["writing"] = {folder.name: {DOCUMENT: "0" * 64, f"{new.name}/state": file_digest(new / "state")}}
    (results / MANIFEST).write_text(json.dumps(text))
    assert found(results)["files"] == "ok"
    Store(results).prepare()
    assert not new.exists()
    assert model_file(results).exists()
    assert problems(results) == {}
