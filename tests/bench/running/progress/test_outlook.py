"""How long a run still takes, judged by what has ended."""

from __future__ import annotations

from bench.running.progress.outlook import Outlook

ROWS = {"a0": "a", "a1": "a", "a2": "a", "b0": "b"}


def test_nothing_is_known_before_a_job_has_ended() -> None:
    outlook = Outlook(ROWS)
    outlook.started("a0", 0.0)
    assert outlook.seconds_left(5.0) is None
    assert outlook.seconds_running("a0", 5.0) == 5


def test_a_job_is_expected_to_take_what_others_of_its_row_took() -> None:
    """After a0 took 10 s and b0 took 2 s, a1 and a2 take 10 s each."""
    outlook = Outlook(ROWS)
    for key, begin, end in (("a0", 0.0, 10.0), ("b0", 10.0, 12.0)):
        outlook.started(key, begin)
        outlook.ended(key, end)
    assert outlook.seconds_left(12.0) == 20
    outlook.started("a1", 12.0)
    assert outlook.seconds_left(16.0) == 6 + 10
    assert outlook.seconds_left(30.0) == 10


def test_a_job_of_a_new_row_is_expected_to_take_what_all_others_took() -> None:
    outlook = Outlook(ROWS)
    outlook.started("a0", 0.0)
    outlook.ended("a0", 10.0)
    assert outlook.seconds_left(10.0) == 30


def test_jobs_at_once_share_the_time() -> None:
    outlook = Outlook(ROWS)
    outlook.started("a0", 0.0)
    outlook.started("a1", 0.0)
    outlook.ended("a0", 10.0)
    assert outlook.seconds_left(10.0) == (0 + 20) / 2


def test_the_account_of_a_job_counts_until_it_is_overdue() -> None:
    outlook = Outlook(ROWS)
    outlook.started("a0", 0.0)
    outlook.expected("a0", 8.0)
    assert outlook.job_seconds_left("a0", 3.0) == 5
    assert outlook.job_seconds_left("a0", 9.0) is None
    outlook.expected("a0", None)
    assert outlook.job_seconds_left("a0", 3.0) is None
