"""Which record of a job counts where several folders have one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hand_made import TIMEOUT, record

from bench.records.merging import Found, merged
from bench.records.store import Store
from protocol.errors import ProtocolError, RecbenchWarning

if TYPE_CHECKING:
    from pathlib import Path

    from bench.records.record import Record

KEY = "0123456789abcdef" * 4


def made(*, key: str = KEY, failed: bool = False, ranks: tuple[int, ...] = (0, 0, 1, 20), **changes: Any) -> Record:
    counts = (np.ones(4, int), np.ones(4, int), np.full(1682, 1))
    found = record("ease", ranks, failure=TIMEOUT if failed else None, counts=None if failed else counts)
    return replace(found, document={**found.document, "key": key, **changes})


def found(folder: Path, one: Record) -> Found:
    Store(folder).add(one)
    (stored,) = Store(folder).documents()
    return Found(folder, folder, stored)


def test_equal_records_are_one_and_the_first_counts(tmp_path: Path) -> None:
    both = [found(tmp_path / name, made()) for name in "ab"]
    assert merged(both) == [both[0]]


def test_jobs_stay_apart(tmp_path: Path) -> None:
    both = [found(tmp_path / name, made(key=name * 64)) for name in "ab"]
    assert merged(both) == both


@pytest.mark.parametrize("names", ["ab", "ba"])
def test_a_success_comes_before_failures(tmp_path: Path, names: str) -> None:
    lost, done = found(tmp_path / "a", made(failed=True)), found(tmp_path / "b", made())
    assert merged({"ab": [lost, done], "ba": [done, lost]}[names]) == [done]
    other = found(tmp_path / "c", made(failed=True, threads=7))
    assert merged([other, lost, done]) == [done]


def test_a_copy_without_the_model_is_a_copy(tmp_path: Path) -> None:
    """Also where the seal, which covers the model, is another one."""
    plain = found(tmp_path / "a", made())
    model = {"files": {"state.npz": {"bytes": 3, "sha256": "0" * 64}}}
    document = {**plain.record.document, "model": model, "seal": "1" * 64}
    kept = Found(tmp_path / "b", tmp_path / "b", replace(plain.record, document=document))
    for both in ([plain, kept], [kept, plain]):
        assert merged(both) == [kept]


@pytest.mark.parametrize(
    ("other", "where"),
    [
        (made(threads=3), "threads"),
        (made(ranks=(0, 0, 1, 21)), "ranks or kept model"),
        (made(threads=3, seed=1, tuning_seconds=2.0, patience=4), r"seed, threads, patience and 1 more"),
    ],
)
def test_different_records_of_one_job_are_refused_by_name(tmp_path: Path, other: Record, where: str) -> None:
    one, two = found(tmp_path / "a", made()), found(tmp_path / "b", other)
    with pytest.raises(
        ProtocolError, match=rf"ease, seed 0: .*a/records/ease-.* and .*b/records/ease-.*{where}"
    ) as told:
        merged([one, two])
    assert f"--prefer {tmp_path / 'a'} or --prefer {tmp_path / 'b'}" in str(told.value)


def test_two_failures_that_differ_are_refused_too(tmp_path: Path) -> None:
    both = [found(tmp_path / name, made(failed=True, threads=threads)) for name, threads in (("a", 1), ("b", 2))]
    with pytest.raises(ProtocolError, match="different records of one job"):
        merged(both)


def test_the_preferred_folder_counts_and_that_is_said(tmp_path: Path) -> None:
    both = [found(tmp_path / name, made(threads=threads)) for name, threads in (("a", 1), ("b", 2))]
    with pytest.warns(RecbenchWarning, match=r"of 1 jobs .* those of .*b count: ease, seed 0"):
        assert merged(both, tmp_path / "b") == [both[1]]
    with pytest.raises(ProtocolError, match="different records"):
        merged(both, tmp_path / "c")


def test_no_choice_is_no_warning(tmp_path: Path) -> None:
    both = [found(tmp_path / name, made()) for name in "ab"]
    assert merged(both, tmp_path / "b") == [both[0]]
