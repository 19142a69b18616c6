"""What the user settles about values that can be read in several ways."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.errors import DatasetError

IDS = {
    "text": "each as it is spelled, so that NA is an id, and 7 and 007 are two",
    "number": "whole numbers only, so that 7 and 007 are one",
}
"""The ways to take ids, and what each means."""

MISSING = ("error", "drop")
"""What happens to rows that lack a value: an error, or they are left out and counted."""


@dataclass(frozen=True)
class Settled:
    """What the user settled.

    Parameters
    ----------
    ids
        A key of `IDS`; None to find out, and to refuse what is in doubt.
    missing
        One of `MISSING`.

    Raises
    ------
    DatasetError
        If it is none of these.
    """

    ids: str | None = None
    missing: str = "error"

    def __post_init__(self) -> None:
        if self.ids is not None and self.ids not in IDS:
            raise DatasetError(f"ids is {self.ids!r}; expected {' or '.join(IDS)}")
        if self.missing not in MISSING:
            raise DatasetError(f"missing is {self.missing!r}; expected {' or '.join(MISSING)}")

    @property
    def is_usual(self) -> bool:
        """Whether nothing is settled."""
        return self == AS_FOUND


AS_FOUND = Settled()
"""Nothing is settled: what is in doubt is refused."""
