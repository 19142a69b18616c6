"""The budget of a search for each recommender: trials, seconds, or both."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.errors import RecbenchError

LEAST_SECONDS = 1.0
"""The least seconds that a trial counts: starting its process takes about as long."""


@dataclass(frozen=True)
class Budget:
    """The trials or seconds that each recommender may spend; with both, the one used up first ends its search.

    Parameters
    ----------
    trials
        Number of combinations.
    seconds
        Seconds of training and validation over all seeds, as recorded; a trial counts at least `LEAST_SECONDS`. The
        trial that uses them up is finished.

    Raises
    ------
    RecbenchError
        If neither is given, or one is not above 0.
    """

    trials: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.trials is None and self.seconds is None:
            raise RecbenchError(
                "a search needs a budget, found none; give trials, seconds or both, or a grid to try in full"
            )
        for name in ("trials", "seconds"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise RecbenchError(f"a search's {name} are {value}, expected more than 0")

    def __str__(self) -> str:
        if self.seconds is None:
            return f"{self.trials} trials"
        seconds = f"{self.seconds:g} seconds"
        return seconds if self.trials is None else f"{self.trials} trials or {seconds}, whichever is used up first,"

    def is_left(self, trials: int, seconds: float) -> bool:
        """Return whether some of the budget is left after this many trials and seconds."""
        return (self.trials is None or trials < self.trials) and (self.seconds is None or seconds < self.seconds)
