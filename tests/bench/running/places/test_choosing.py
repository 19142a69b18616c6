"""``--on`` read into a place; errors say what to write."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import bench
from bench.running.places import local
from bench.running.places.choosing import PLACES, place_of
from bench.running.places.executor import ExecutorPlace
from bench.running.places.local import LocalPlace
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "physical_cores", lambda: 4)


@pytest.mark.parametrize(("on", "at_once", "threads"), [(None, 1, 4), ("local", 1, 4), ("local:3", 3, 1)])
def test_this_machine(on: str | None, at_once: int, threads: int) -> None:
    place = place_of(on)
    assert isinstance(place, LocalPlace)
    assert (place.n_at_once, place.threads, place.is_elsewhere) == (at_once, threads, False)


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("lokal", "there is no place 'lokal' (did you mean 'local'?)"),
        ("dsk:1.2.3.4:8786", "there is no place 'dsk'"),
        ("kubernetes", "write local, local:N, dask:ADDRESS or slurm:partition=NAME"),
        ("local:five", "local:five names no number of jobs; write local:N, here with N from 1 to 4"),
        ("local:0", "local:0 names no number of jobs"),
        ("local:-1", "local:-1 names no number of jobs"),
        (
            "local:5",
            "local:5 needs a core for each job, and this process may use 4 physical cores; local:4 is the most",
        ),
        ("local:" + "9" * 5000, "local:999999 needs a core for each job"),
    ],
)
def test_an_error_says_what_to_write(on: str, said: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        place_of(on)
    assert said in str(refused.value)


def test_more_threads_than_cores_are_an_error_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"local:3 needs 2 cores \(--threads\) for each job.*local:2 is the most"):
        bench.run("synthetic:60x80x900", ["popularity"], negatives=20, on="local:3", threads=2, out=tmp_path)


def test_an_executor_is_a_place_and_two_places_are_an_error() -> None:
    with ThreadPoolExecutor(1) as executor:
        place = place_of(None, executor)
        assert isinstance(place, ExecutorPlace)
        assert place.is_elsewhere
        with pytest.raises(ProtocolError, match="on='local' and an executor are two places"):
            place_of("local", executor)


@pytest.mark.parametrize("on", ["", "  ", 3, ["local"]])
def test_what_is_no_text_is_no_place(on: object) -> None:
    with pytest.raises(ProtocolError, match="is no place; write local"):
        bench.run("synthetic:60x80x900", ["popularity"], on=on)  # type: ignore[arg-type]


def test_each_place_is_a_word_and_a_module() -> None:
    assert all(module.startswith("bench.running.places.") for module in PLACES.values())


@pytest.mark.parametrize("executor", ["4", 4, ThreadPoolExecutor])
def test_what_is_no_executor_is_refused(executor: Any) -> None:
    with pytest.raises(ProtocolError, match="expected an executor of concurrent"):
        place_of(None, executor)
