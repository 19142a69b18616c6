"""Which times can be compared: those under equal conditions, whatever the machine is called."""

from __future__ import annotations

import pytest
from timed_on import EQUAL, UNEQUAL, timed

from bench.analysis.pareto_front import front_places
from bench.analysis.summary import summarise
from bench.analysis.timing_groups import TimingGroups


@pytest.mark.parametrize("kind", UNEQUAL)
def test_unequal_conditions_have_letters_and_no_common_front(kind: str) -> None:
    make, what = UNEQUAL[kind]
    ours, theirs = timed("bpr"), make()
    timing = TimingGroups.of([ours, theirs])
    assert timing.are_several
    assert [timing.mark([ours]), timing.mark([theirs]), timing.mark([ours, theirs])] == ["a", "b", "a+b"]
    summary = summarise([ours, theirs])
    assert summary.incomparable_times == timing.are_of == what
    assert front_places(summary, summary.rows, summary.primary) == set()


@pytest.mark.parametrize("kind", EQUAL)
def test_equal_conditions_have_none(kind: str) -> None:
    ours, theirs = timed("bpr"), EQUAL[kind]()
    timing = TimingGroups.of([ours, theirs])
    assert (timing.are_several, timing.are_of, timing.mark([theirs])) == (False, "", "")
    assert timing.sentence([("bpr", [ours]), ("als", [theirs])]) == ""
    summary = summarise([ours, theirs])
    assert front_places(summary, summary.rows, summary.primary) == {0, 1}


def test_the_sentence_says_only_what_differs_and_names_the_rows() -> None:
    records = {
        "bpr": [timed("bpr")],
        "mf": [timed("mf")],
        "als": [timed("als", cores=4, at_once=3)],
        "gmf": [timed("gmf", seed=0), timed("gmf", seed=1, cores=4, at_once=3)],
    }
    timing = TimingGroups.of(record for several in records.values() for record in several)
    assert timing.sentence(records.items()) == (
        "times with different letters were taken under unequal conditions, and cannot be compared: a (2 cores, one job "
        "at a time): bpr and mf; b (4 cores, 3 jobs at once): als; a+b (means over unequal conditions): gmf."
    )


def test_unknown_instructions_are_apart_where_there_are_several_sets() -> None:
    records = [timed(name, instructions=which) for name, which in (("bpr", "v3"), ("mf", "v4"), ("als", None))]
    timing = TimingGroups.of(records)
    assert [timing.mark([each]) for each in records] == ["a", "b", "c"]
    assert "c (instructions not recorded): als" in timing.sentence([(r.recommender.label, [r]) for r in records])


def test_jobs_that_all_shared_alike_can_be_compared_and_are_known_as_shared() -> None:
    timing = TimingGroups.of([timed("bpr", at_once=4), timed("als", at_once=4)])
    assert (timing.are_several, timing.is_shared) == (False, True)
    assert not TimingGroups.of([timed("bpr")]).is_shared


def test_jobs_whose_neighbours_are_not_known_are_no_shared_ones() -> None:
    unclear = [timed("bpr", at_once=0), timed("als", at_once=0)]
    timing = TimingGroups.of(unclear)
    assert (timing.are_several, timing.is_shared, timing.is_unclear) == (False, False, True)
    assert not TimingGroups.of([timed("bpr", at_once=4)]).is_unclear
    mixed = TimingGroups.of([timed("mf"), *unclear])
    sentence = mixed.sentence([("mf", [timed("mf")]), ("bpr", unclear)])
    assert "a (one job at a time): mf; b (jobs at the same time not known): bpr." in sentence


def test_there_are_letters_for_any_number_of_machines() -> None:
    records = [timed("bpr", cores=n) for n in range(1, 29)]
    timing = TimingGroups.of(records)
    assert [timing.mark([records[place]]) for place in (0, 25, 26, 27)] == ["a", "z", "aa", "ab"]
    assert timing.mark([records[26], records[25]]) == "z+aa"


def test_no_conditions_are_no_difference() -> None:
    assert not TimingGroups.of([]).are_several
    assert TimingGroups.of([]).mark([]) == ""
