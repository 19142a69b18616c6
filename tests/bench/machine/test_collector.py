"""A collector that rests is woken; one that works is left alone."""

from __future__ import annotations

import gc
import subprocess
import sys

from bench.machine import collector


def test_a_collector_that_works_is_left_alone() -> None:
    before = gc.get_freeze_count()
    collector.wake()
    assert gc.isenabled()
    assert gc.get_freeze_count() == before


def test_what_was_made_while_it_rested_is_never_looked_at() -> None:
    code = f"""
{collector.REST}
made = [[] for _ in range(1000)]
from bench.machine import collector
collector.wake()
assert gc.isenabled() and gc.get_freeze_count() > 1000
assert not any(one is made for one in gc.get_objects())
"""
    subprocess.run([sys.executable, "-c", code], check=True)
