"""Rounds, and the reference around each of them."""

from __future__ import annotations

import gc
from typing import Any

import numba
import pytest
from fake_benchmark import FakeBenchmark

from bench.timing import clock, measuring
from bench.timing.measuring import INFO, measure
from bench.timing.reference_workloads import REFERENCES, Reference, find_reference
from protocol.errors import ProtocolError
from recommenders.kernels.threads import n_threads


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "BUDGET", 0.0)
    monkeypatch.setattr(measuring, "MOST_CALLS", 8)


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
    assert info["threads"] == 1
    assert "versions" in info["environment"]


@pytest.mark.usefixtures("fast")
def test_kernels_have_one_thread_whatever_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain pytest sets no ``NUMBA_NUM_THREADS``, and its reports can be judged all the same."""
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 2)
    monkeypatch.setattr(numba, "get_num_threads", lambda: 2)
    masks: list[int] = []
    monkeypatch.setattr(numba, "set_num_threads", masks.append)
    seen = set()
    fixture = FakeBenchmark(disabled=False)
    measure(fixture, lambda: seen.add((n_threads(), masks[-1])))
    assert seen == {(1, 1)}
    assert fixture.extra_info[INFO]["threads"] == 1
    assert (numba.config.NUMBA_NUM_THREADS, masks) == (2, [1, 2])


@pytest.mark.parametrize("seconds", [0.0004, 0.004, 0.04])
def test_the_rounds_of_pytest_benchmark_are_ours_and_its_iterations_are_calls(fake: FakeClock, seconds: float) -> None:
    """It divides the time of a round by the iterations, and gets the time of a call, however many there are."""
    calls: list[float] = []
    fixture = FakeBenchmark(disabled=False)
    measure(fixture, lambda: (calls.append(seconds), fake.work(seconds)))
    n_calls = fixture.n_iterations
    assert n_calls * seconds >= measuring.LEAST_ROUND - 2e-4
    assert n_calls == 1 or n_calls * seconds < 2 * measuring.LEAST_ROUND
    before_the_rounds = 1 + (2 * n_calls - 1)  # the first one, then 1, 2, 4 ...
    after_them = 1 if n_calls > 1 else 0
    assert len(calls) == before_the_rounds + fixture.n_rounds * n_calls + after_them
    assert len(fixture.extra_info[INFO]["ratios"]) == fixture.n_rounds


@pytest.mark.usefixtures("fast")
def test_every_call_has_arguments_of_its_own_and_no_collection_of_garbage() -> None:
    seen: list[object] = []
    kept = []

    def call(made: object) -> None:
        seen.append(made)
        assert not gc.isenabled()

    def fresh() -> tuple[object]:
        kept.append(object())
        return (kept[-1],)

    measure(FakeBenchmark(disabled=False), call, fresh=fresh)
    assert gc.isenabled()
    assert [id(one) for one in seen] == [id(one) for one in kept]


class FakeClock:
    """A reading of it costs 50 microseconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def seconds(self) -> float:
        self.now += 5e-5
        return self.now

    def work(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """Return what tells the time here, and of which the reference takes five milliseconds."""
    fake = FakeClock()
    monkeypatch.setattr(clock, "seconds", fake.seconds)
    monkeypatch.setattr(measuring, "find_reference", lambda _: Reference("fake", lambda: fake.work(0.005)))
    return fake


@pytest.mark.parametrize("seconds", [1e-5, 1e-4, 0.02])
def test_what_the_clock_costs_does_not_make_short_calls_longer(fake: FakeClock, seconds: float) -> None:
    fixture = FakeBenchmark(disabled=False)
    measure(fixture, lambda: fake.work(seconds))
    assert fixture.extra_info[INFO]["seconds"] == pytest.approx(seconds, rel=0.005)


@pytest.mark.usefixtures("fast")
def test_a_clock_without_progress_measures_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "seconds", lambda: 0.0)
    fixture = FakeBenchmark(disabled=False)
    measure(fixture, lambda: None)
    assert all(ratio > 0 for ratio in fixture.extra_info[INFO]["ratios"])


def test_arguments_that_take_long_are_made_once_a_round(fake: FakeClock) -> None:
    made: list[float] = []

    def fresh() -> tuple[float]:
        fake.work(0.2)
        made.append(1e-4)
        return (1e-4,)

    fixture = FakeBenchmark(disabled=False)
    measure(fixture, fake.work, fresh=fresh)
    assert len(made) == 2 + fixture.n_rounds


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
