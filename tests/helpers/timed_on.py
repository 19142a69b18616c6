"""Records made by hand that were timed on machines of different kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hand_made import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.records.record import Record

MACHINE = {
    "cpu": "CPU_A",
    "cores": 2,
    "memory_gib": 8,
    "system": "Linux x86_64",
    "blas": "openblas 0.3 SkylakeX",
    "instructions": "x86-64-v4, znver4",
    "versions": {"python": "3.11"},
    "commit": "a" * 12,
}

USAGE = {
    **dict.fromkeys(
        ("build_seconds", "fit_cpu_seconds", "scoring_seconds", "scoring_cpu_seconds", "scoring_peak_mib"), 0.5
    ),
    "cores": 2,
}


def timed(
    label: str, *, at_once: int | None = 1, standstill: float = 0.0, threads: int = 2, seed: int = 0, **machine: Any
) -> Record:
    """Return a record of `MACHINE`, with these changes; its times are above 0 in each column."""
    usage = {**USAGE, "at_once": at_once, "standstill_seconds": standstill}
    made = record(label, [0, 1, 2, 3], seed=seed, tuning=5.0, usage=usage)
    return on(made, threads=threads, **machine)


def on(made: Record, *, threads: int = 2, device: str | None = None, **machine: Any) -> Record:
    """Return a record as if it had been made on `MACHINE` with these changes."""
    where = {} if device is None else {"device": {"kind": "cuda", "name": device}}
    made.document.update(environment={**MACHINE, **machine}, threads=threads, **where)
    return made


UNEQUAL: dict[str, tuple[Callable[[], Record], str]] = {
    "processor": (lambda: timed("als", cpu="CPU_B"), "several machines"),
    "cores": (lambda: timed("als", cores=4), "several machines"),
    "memory": (lambda: timed("als", memory_gib=16), "several machines"),
    "system": (lambda: timed("als", system="Linux aarch64"), "several machines"),
    "BLAS kernel": (lambda: timed("als", blas="openblas 0.3 Haswell"), "several machines"),
    "instructions": (lambda: timed("als", instructions="x86-64-v3, haswell"), "several instruction sets"),
    "device": (lambda: timed("als", device="GPU_A"), "several devices"),
    "threads": (lambda: timed("als", threads=1), "jobs with different numbers of threads"),
    "shared": (lambda: timed("als", at_once=4), "jobs with different numbers of others beside them"),
    "neighbours unknown": (lambda: timed("als", at_once=0), "jobs with different numbers of others beside them"),
    "standstill": (lambda: timed("als", standstill=25.3), "jobs of which some stood still"),
}
"""By kind: a record whose times cannot be compared with those of ``timed("bpr")``, and what such times are of."""

EQUAL: dict[str, Callable[[], Record]] = {
    "the same": lambda: timed("als"),
    "another commit": lambda: timed("als", commit="b" * 12),
    "an older record that does not name its instructions": lambda: timed("als", instructions=None),
    "an older record that does not say how many ran at once": lambda: timed("als", at_once=None),
}
"""By kind: a record whose times can be compared with those of ``timed("bpr")``."""
