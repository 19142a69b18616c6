"""Sessions made by hand: rounds around a centre, as `bench.timing.measure` would have timed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.timing.measuring import INFO
from bench.timing.timings import Measured, Timing, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

REFERENCE = "compute: some work"
ENVIRONMENT = {"cpu": "A_CPU", "blas": "A_BLAS", "system": "Linux", "versions": {"python": "3.11", "numpy": "2.4"}}


def rounds(centre: float, noise: float = 0.0) -> list[float]:
    """Return nine ratios; half of them lie within a factor of ``1 + noise`` of the centre."""
    return [centre * (1 + noise) ** (step / 2) for step in range(-4, 5)]


def session(centres: dict[str, float], noise: float = 0.0) -> Measured:
    """Return what one session measured; seconds are a thousandth of the centre."""
    timings = {
        name: Timing.of_rounds(REFERENCE, 1, centre / 1000, rounds(centre, noise)) for name, centre in centres.items()
    }
    return Measured(ENVIRONMENT, timings)


def sessions(name: str, centres: Sequence[float], noise: float = 0.0) -> Measured:
    """Return one benchmark, measured in several sessions."""
    return joined(session({name: centre}, noise) for centre in centres)


def report(centres: dict[str, float], noise: float = 0.0) -> dict[str, Any]:
    """Return the same as ``pytest --benchmark-json`` writes it, as far as it is read."""
    return {
        "benchmarks": [
            {
                "fullname": name,
                "extra_info": {
                    INFO: {
                        "reference": REFERENCE,
                        "threads": 1,
                        "seconds": centre / 1000,
                        "ratios": rounds(centre, noise),
                        "environment": ENVIRONMENT,
                    }
                },
            }
            for name, centre in centres.items()
        ]
    }
