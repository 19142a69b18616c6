"""As much of pytest-benchmark's fixture as `bench.timing.measure` uses."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class FakeBenchmark(SimpleNamespace):
    """Counts its rounds and their iterations; like pytest-benchmark, it runs once more where there are several."""

    def __init__(self, *, disabled: bool) -> None:
        super().__init__(disabled=disabled, extra_info={}, n_rounds=0, n_iterations=0)

    def pedantic(
        self,
        target: Callable[..., Any],
        args: tuple[Any, ...] = (),
        teardown: Callable[..., None] | None = None,
        rounds: int = 1,
        iterations: int = 1,
    ) -> None:
        self.n_rounds, self.n_iterations = rounds, iterations
        for n_calls in (*[iterations] * rounds, *([1] if iterations > 1 else [])):
            for _ in range(n_calls):
                target(*args)
            if teardown:
                teardown(*args)
