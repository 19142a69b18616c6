"""Which record of a job counts where several folders have one; of two that differ, the user has to say."""

from __future__ import annotations

import warnings
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.records.arrays import packed
from bench.records.files import SEAL, folder_name, read_record
from bench.records.manifest import RECORDS
from protocol.errors import ProtocolError, RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from bench.records.record import Record

MOST_NAMED = 3
"""The number of fields that a message names."""

_WRITTEN = ("files", SEAL, "model")
"""Fields in which copies of one record may differ: arrays are compressed anew, and a model may be left behind."""


@dataclass(frozen=True, eq=False)
class Found:
    """A record in a folder.

    Parameters
    ----------
    source
        What the user named: the folder of results, or one that holds it.
    folder
        Of results.
    record
        Without its arrays.
    """

    source: Path
    folder: Path
    record: Record

    @property
    def place(self) -> Path:
        """The folder of the record."""
        return self.folder / RECORDS / folder_name(self.record)

    @property
    def keeps_model(self) -> bool:
        """Whether files of the fitted model lie beside it."""
        return self.record.model is not None and bool(self.record.model.files)

    @property
    def title(self) -> str:
        """The row and the training seed."""
        return f"{self.record.recommender.row_name}, seed {self.record.seed}"


def merged(found: Iterable[Found], prefer: Path | None = None) -> list[Found]:
    """Return one record of each job.

    Of equal ones the first, but one that keeps the model before one that does not. A success comes before a failure.

    Parameters
    ----------
    prefer
        The source of which the record counts where two differ; a warning then names the jobs. None to refuse those.

    Raises
    ------
    ProtocolError
        Naming two different records of one job, and where they differ.
    """
    jobs: dict[str, list[Found]] = defaultdict(list)
    for one in found:
        jobs[one.record.key].append(one)
    chosen, open_choices, preferred = [], [], []
    for of_job in jobs.values():
        different = _different([one for one in of_job if not one.record.failed] or of_job)
        of_prefer = [copies for copies in different if any(one.source == prefer for one in copies)]
        if len(different) > 1 and not of_prefer:
            open_choices.append((different[0][0], different[1][0]))
        elif len(different) > 1:
            preferred.append(of_prefer[0][0].title)
        best = (of_prefer or different)[0]
        chosen.append(max(best, key=lambda one: one.keeps_model))
    if open_choices:
        raise ProtocolError(_refusal(open_choices))
    if preferred:
        warnings.warn(
            f"of {len(preferred)} jobs that folders have different records of, those of {prefer} count: "
            f"{'; '.join(preferred)}",
            RecbenchWarning,
            stacklevel=3,
        )
    return chosen


def _different(found: Sequence[Found]) -> list[list[Found]]:
    """Return records of one job in lists of equal ones."""
    lists: list[list[Found]] = []
    for one in found:
        copies = next((copies for copies in lists if all(_is_copy(one, other) for other in copies)), None)
        if copies is None:
            lists.append([one])
        else:
            copies.append(one)
    return lists


def _is_copy(one: Found, other: Found) -> bool:
    """Return whether two are one record, of which a copy may lack the model."""
    if next(_differing(one.record, other.record), None) is not None:
        return False
    if one.keeps_model and other.keeps_model and one.record.model != other.record.model:
        return False
    # Another version of zlib compresses the same arrays to other bytes.
    digests = (sorted(each.record.contents.files.values()) for each in (one, other))
    return len({*map(tuple, digests)}) == 1 or packed(read_record(one.place)) == packed(read_record(other.place))


def _differing(one: Record, other: Record) -> Iterator[str]:
    """Yield the paths of fields in which two documents differ."""
    found, others = (
        {name: value for name, value in each.document.items() if name not in _WRITTEN} for each in (one, other)
    )
    yield from _paths(found, others, "")


def _paths(one: Any, other: Any, path: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in dict.fromkeys((*one, *other)):
            yield from _paths(one.get(name), other.get(name), f"{path}.{name}" if path else name)
    elif one != other:
        yield path


def _refusal(pairs: Sequence[tuple[Found, Found]]) -> str:
    one, other = pairs[0]
    fields = list(_differing(one.record, other.record)) or ["ranks or kept model"]
    more = f" and {len(fields) - MOST_NAMED} more" if len(fields) > MOST_NAMED else ""
    others = f" (as are those of {len(pairs) - 1} other jobs)" if len(pairs) > 1 else ""
    return (
        f"{one.title}: {one.place} and {other.place} are different records of one job{others}; they differ in "
        f"{', '.join(fields[:MOST_NAMED])}{more}; say which folder counts: --prefer {one.source} or --prefer "
        f"{other.source}"
    )
