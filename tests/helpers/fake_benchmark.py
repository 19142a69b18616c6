"""As much of pytest-benchmark's fixture as `bench.timing.measure` uses."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class FakeBenchmark(SimpleNamespace):
    """Counts its rounds."""

    def __init__(self, *, disabled: bool) -> None:
        super().__init__(disabled=disabled, extra_info={}, n_rounds=0)

    def pedantic(
        self,
        target: Callable[..., Any],
        args: tuple[Any, ...] = (),
        setup: Callable[[], tuple[tuple[Any, ...], dict[str, Any]]] | None = None,
        rounds: int = 1,
    ) -> None:
        self.n_rounds = rounds
        for _ in range(rounds):
            arguments, options = setup() if setup else (args, {})
            target(*arguments, **options)
