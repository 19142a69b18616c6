"""A pickle is known by its first bytes, which those of a safetensors file may resemble."""

from __future__ import annotations

import pickle
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
from safetensors.numpy import save

from bench.running.pickles import is_pickle
from bench.running.taking import take_model

if TYPE_CHECKING:
    from pathlib import Path


def safetensors(header: int) -> bytes:
    """Return a file whose header has a length."""
    for n_letters in range(1, header):
        content = save({"w": np.zeros(3, np.float32)}, {"a": "b" * n_letters})
        if int.from_bytes(content[:8], "little") == header:
            return content
    raise AssertionError(header)


@pytest.mark.parametrize("header", [640, 896, 1152, 1408, 648])
def test_a_safetensors_file_is_no_pickle_whatever_the_length_of_its_header(tmp_path: Path, header: int) -> None:
    content = safetensors(header)
    (tmp_path / "state.safetensors").write_bytes(content)
    assert not is_pickle(tmp_path / "state.safetensors")
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("state.safetensors", content)
    assert not is_pickle(tmp_path / "archive.zip")


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize("value", [{}, {"a": 1}, [1.5] * 1000, "{" * 700], ids=["empty", "dict", "list", "braces"])
def test_a_pickle_is_one(tmp_path: Path, protocol: int, value: object) -> None:
    (tmp_path / "model").write_bytes(pickle.dumps(value, protocol))
    assert is_pickle(tmp_path / "model")


def test_a_length_beyond_the_end_is_no_header(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(safetensors(640)[:600])
    assert is_pickle(tmp_path / "model")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_archive_costs_no_row(tmp_path: Path, method: int) -> None:
    """Its content is unknown, so that it is not kept."""
    folder = tmp_path / "saved"
    folder.mkdir()
    with zipfile.ZipFile(folder / "model.zip", "w", method) as archive:
        archive.writestr("weights", bytes(range(256)) * 40)
    content = bytearray((folder / "model.zip").read_bytes())
    content[41:74] = b"\xff" * 33
    (folder / "model.zip").write_bytes(content)
    kept = take_model(folder, tmp_path / "place", "it died")
    assert str(kept.problem).startswith("model.zip is a pickle")


def test_an_error_that_none_foresaw_is_a_problem_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> bool:
        raise KeyError("a")

    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "model").touch()
    monkeypatch.setattr("bench.running.taking.is_pickle", fail)
    kept = take_model(tmp_path / "saved", tmp_path / "place", "it died")
    assert kept.problem == "what it saved cannot be checked: KeyError: 'a'"
