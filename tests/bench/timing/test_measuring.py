"""Rounds, and the reference around each of them."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from fake_benchmark import FakeBenchmark

from bench.timing import measuring
from bench.timing.measuring import INFO, measure
from bench.timing.references import REFERENCES, find_reference
from protocol.errors import ProtocolError


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "BUDGET", 0.0)


def test_disabled_it_calls_once() -> None:
    calls: list[int] = []
    fixture = FakeBenchmark(disabled=True)
    measure(fixture, calls.append, fresh=lambda: (7,))
    assert calls == [7]
    assert fixture.extra_info == {}


@pytest.mark.usefixtures("fast")
def test_each_round_has_the_reference_on_both_sides() -> None:
    fixture = FakeBenchmark(disabled=False)
    measure(fixture, lambda: sum(range(1000)))
    info = fixture.extra_info[INFO]
    assert fixture.n_rounds == measuring.FEWEST_ROUNDS
    assert len(info["ratios"]) == fixture.n_rounds
    assert len(info["reference_seconds"]) == fixture.n_rounds + 1
    assert all(ratio > 0 for ratio in info["ratios"])
    assert info["reference"].startswith("compute: ")
    assert "versions" in info["environment"]


@pytest.mark.usefixtures("fast")
def test_every_call_has_arguments_of_its_own_and_no_collection_of_garbage() -> None:
    seen: list[object] = []
    kept = []

    def call(made: object) -> None:
        seen.append(made)
        assert not gc.isenabled() or len(seen) == 0

    def fresh() -> tuple[object]:
        kept.append(object())
        return (kept[-1],)

    measure(FakeBenchmark(disabled=False), call, fresh=fresh)
    assert gc.isenabled()
    assert [id(one) for one in seen] == [id(one) for one in kept]


def test_ratios_are_of_the_neighbouring_references() -> None:
    rounds = measuring._Rounds(print, tuple, find_reference("compute"))
    rounds.call_seconds = [6.0, 10.0]
    rounds.reference_seconds = [1.0, 3.0, 2.0]
    assert rounds.info()["ratios"] == [3.0, 4.0]


@pytest.mark.usefixtures("fast")
def test_an_error_ends_it_and_garbage_is_collected_again() -> None:
    with pytest.raises(ZeroDivisionError):
        measure(FakeBenchmark(disabled=False), lambda: 1 / 0)
    assert gc.isenabled()


@pytest.mark.parametrize("name", REFERENCES)
def test_references_are_work(name: Any) -> None:
    reference = find_reference(name)
    assert reference.definition.startswith(f"{name}: ")
    assert reference.seconds(1) > 0


def test_an_unknown_reference_is_named() -> None:
    with pytest.raises(ProtocolError, match="unknown reference workload 'disk'; there are compute, memory"):
        find_reference("disk")  # type: ignore[arg-type]
