"""The mark of a job, which all processes that it starts inherit."""

from __future__ import annotations

MARK = "RECBENCH_JOB"
"""The variable in the environment of a job's processes; each job has a value of its own."""
