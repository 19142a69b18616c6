"""Open files of any number are waited for."""

from __future__ import annotations

import os
import resource

import pytest

from protocol.processes.waiting import readable


@pytest.mark.parametrize("number", [500, 1500])
def test_a_file_of_a_high_number_is_waited_for(number: int) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[0] <= number and before[1] != resource.RLIM_INFINITY and before[1] <= number:
        pytest.skip("this system opens no file of this number")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], number + 1), before[1]))
    reading, writing = os.pipe()
    high = os.dup2(reading, number)
    try:
        assert readable(high, seconds=0.001) == set()
        os.write(writing, b"x")
        assert readable(high, reading) == {high, reading}
        os.read(reading, 1)
        os.close(writing)
        assert readable(high) == {high}
    finally:
        os.close(reading)
        os.close(high)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("seconds", [3e6, 1e300, float("inf")])
def test_longer_waits_than_the_system_knows_are_no_error(seconds: float) -> None:
    """A limit that a user sets may be any number of seconds."""
    reading, writing = os.pipe()
    os.write(writing, b"x")
    try:
        assert readable(reading, seconds=seconds) == {reading}
    finally:
        os.close(reading)
        os.close(writing)
