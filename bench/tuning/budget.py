"""How much a search may spend on each recommender."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.errors import RecbenchError


@dataclass(frozen=True)
class Budget:
    """What each recommender may spend: one of the two, or whichever of both is used up first.

    Parameters
    ----------
    trials
        How many combinations.
    seconds
        Of training and validation over all seeds, as recorded, at least `LEAST_SECONDS` a trial; the trial that uses
        it up is finished.

    Raises
    ------
    RecbenchError
        If neither is given, or one is not above 0.
    """

    trials: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.trials is None and self.seconds is None:
            raise RecbenchError("a search needs a budget, found none; give trials, seconds or both")
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
        """Whether something is left where so much was spent."""
        return (self.trials is None or trials < self.trials) and (self.seconds is None or seconds < self.seconds)
