"""Scorers in files: how arrays lie in memory is kept, and a file cannot name what is no scorer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from safetensors.numpy import save_file
from scipy.sparse import csr_array

from protocol.errors import RecommenderError
from recommenders.parts.deferred import DeferredFactors
from recommenders.parts.factors import Factors
from recommenders.parts.item_weights import ItemWeights
from recommenders.parts.scorer_files import read_scorer, write_scorer

if TYPE_CHECKING:
    from pathlib import Path

TABLE = np.arange(12, dtype=np.float32).reshape(4, 3)


def test_arrays_lie_in_memory_as_they_did(tmp_path: Path) -> None:
    """Rows one after the other, columns one after the other, and a part of a wider table."""
    for array in (TABLE, TABLE.T, TABLE[:, :2], TABLE[:, ::-1]):
        write_scorer(tmp_path / "state", Factors(TABLE, array), "M")
        found = read_scorer(tmp_path / "state", "M").items
        np.testing.assert_array_equal(found, array)
        assert found.astype(np.float64).strides == array.astype(np.float64).strides


def test_equal_scorers_give_equal_files(tmp_path: Path) -> None:
    contents = set()
    for number in range(8):
        write_scorer(tmp_path / str(number), Factors(TABLE, TABLE.T), "M")
        contents.add((tmp_path / str(number)).read_bytes())
    assert len(contents) == 1


def test_a_sparse_matrix_keeps_the_order_of_its_entries(tmp_path: Path) -> None:
    matrix = csr_array((np.array([1.0, 2.0, 3.0]), np.array([2, 0, 1]), np.array([0, 2, 3])), shape=(2, 3))
    write_scorer(tmp_path / "state", ItemWeights(matrix, csr_array((3, 3))), "M")
    found = read_scorer(tmp_path / "state", "M")
    assert found.history.indices.tolist() == [2, 0, 1]
    assert found.history.shape == (2, 3)
    assert found.weights.nnz == 0


def test_factors_that_are_computed_late_are_kept_as_factors(tmp_path: Path) -> None:
    write_scorer(tmp_path / "state", DeferredFactors(partial(Factors, TABLE, TABLE, None)), "M")
    found = read_scorer(tmp_path / "state", "M")
    assert isinstance(found, Factors)
    assert found.biases is None


@dataclass
class Stranger:
    name: str


def test_what_is_no_scorer_of_ours_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(RecommenderError, match="a Stranger, which cannot be kept"):
        write_scorer(tmp_path / "state", Stranger("x"), "M")  # type: ignore[arg-type]
    assert not (tmp_path / "state").exists()


def test_a_folder_that_is_gone_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="cannot be written"):
        write_scorer(tmp_path / "gone" / "state", Factors(TABLE, TABLE), "M")


@pytest.mark.parametrize(
    "state",
    [
        "no JSON",
        "[]",
        json.dumps({"class": "system", "fields": {}}),
        json.dumps({"class": "Factors", "fields": {"users": {"array": "missing"}}}),
        json.dumps({"class": "Factors", "fields": {"colour": "red"}}),
        "[" * 100_000,
    ],
)
def test_a_file_that_names_something_else_is_refused(tmp_path: Path, state: str) -> None:
    path = tmp_path / "state"
    save_file({"users": TABLE}, path, metadata={"recbench": f'{{"model": "M", "state": {state}}}'})
    with pytest.raises(RecommenderError, match="holds no fitted state that can be read"):
        read_scorer(path, "M")


def damaged(content: bytes) -> list[bytes]:
    return [b"", b"\x80\x04", content[:40], content[:-3]]


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state"
    write_scorer(path, Factors(TABLE, TABLE), "M")
    for content in damaged(path.read_bytes()):
        path.write_bytes(content)
        with pytest.raises(RecommenderError, match="holds no fitted state"):
            read_scorer(path, "M")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecommenderError, match="holds no fitted state"):
        read_scorer(tmp_path / "state", "M")
