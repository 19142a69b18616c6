"""What a row recommends to some users, beside what they touched last and what was held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.analysis.recommending.lists import model_list, place_among_evaluated, stored_list
from bench.analysis.recommending.printed_rows import label_of
from bench.analysis.recommending.restoring import restored
from bench.analysis.recommending.users import user_index
from bench.records.groups import group_records
from bench.records.inputs import recorded_task
from bench.records.task import Parts
from protocol.errors import ProtocolError, RecbenchError, RecommenderError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.records.record import Record
    from protocol.contract import Recommender
    from protocol.data.dataset import Dataset
    from protocol.tasks.task import Task
    from recommenders import registry

STORED, KEPT = "stored list", "kept model"
"""Where a list comes from."""


@dataclass(frozen=True)
class Recommendation:
    """What a row recommends to one user; all items by the ids that the data have.

    Parameters
    ----------
    user
        The user's id.
    latest
        The user's latest training items, the newest first.
    n_trained
        The number of all training items of the user.
    items
        What is recommended, the best first.
    source
        `STORED` or `KEPT`.
    heldout
        The item that was held out; None for a user who is not evaluated.
    heldout_places
        The first and the last place that item may have among all that the user did not touch: both are its place in
        ``items`` if it is there, and they differ where others, beyond those, have the same score. None where they are
        not known.
    n_ranked
        The number of items that the user did not touch; None where it is not known.
    """

    user: int | str
    latest: tuple[int | str, ...]
    n_trained: int
    items: tuple[int | str, ...]
    source: str
    heldout: int | str | None
    heldout_places: tuple[int, int] | None = None
    n_ranked: int | None = None


def record_of_row(records: Sequence[Record], row: str, seed: int | None) -> Record:
    """Return the record of a row: of the first training seed, or of the one that is asked for.

    Parameters
    ----------
    row
        Its label, or what the table prints for it (see `bench.analysis.recommending.printed_rows`).

    Raises
    ------
    ProtocolError
        If there is no such row, it failed, or it has no such seed.
    """
    groups = {group.label: group for group in group_records(records)}
    group = groups[label_of(row, list(groups.values()))]
    if not group.fitted:
        failure = group.failed[0].failure
        raise ProtocolError(f"the row {row} failed, so it recommends nothing: {failure.message if failure else ''}")
    found = [record for record in group.fitted if seed is None or record.seed == seed]
    if not found:
        raise ProtocolError(f"the row {row} has no training seed {seed}; it has {', '.join(map(str, group.seeds))}")
    return found[0]


def check_task(record: Record, task: Task) -> None:
    """Refuse data that are not those of a record.

    Raises
    ------
    ProtocolError
        Naming the parts that differ.
    """
    now = recorded_task(task).parts
    differing = [name for name in Parts.__struct_fields__ if getattr(now, name) != getattr(record.task.parts, name)]
    if differing:
        raise ProtocolError(
            f"these are not the data of the record: they differ in {', '.join(differing).replace('_', ' ')}; give the "
            "dataset of the run, and its options --columns, --ids, --missing, --min-rating and --core"
        )


@dataclass(frozen=True, eq=False)
class Recommending:
    """Finds what a record recommends.

    Parameters
    ----------
    folder
        Of the record.
    plugins
        Recommenders beside those that are registered, by their names.
    """

    record: Record
    folder: Path
    dataset: Dataset
    task: Task
    plugins: Mapping[str, registry.Entry]

    def to(self, users: Sequence[object], n: int) -> list[Recommendation]:
        """Return what is recommended to some users, ``n`` items each.

        Raises
        ------
        RecbenchError
            If there is no such user, or the row has neither a stored list of them nor a kept model that can be used.
        """
        indices = [user_index(self.dataset, user) for user in users]
        stored = [stored_list(self.record, place_among_evaluated(self.task, index), n) for index in indices]
        model = self._model(users, stored, n) if any(one is None for one in stored) else None
        return [self._recommendation(index, one, model, n) for index, one in zip(indices, stored, strict=True)]

    def _model(self, users: Sequence[object], stored: Sequence[Any], n: int) -> Recommender:
        try:
            return restored(self.record, self.folder, self.plugins)
        except RecbenchError as error:
            user = next(user for user, one in zip(users, stored, strict=True) if one is None)
            kind = RecommenderError if isinstance(error, RecommenderError) else ProtocolError
            raise kind(f"{self._why_no_list(user, n)}, and {error}") from error

    def _why_no_list(self, user: object, n: int) -> str:
        label, lists = self.record.recommender.row_name, self.record.top_items
        if lists is None:
            return f"{label} has no stored lists: its run did not rank the whole catalogue"
        if place_among_evaluated(self.task, user_index(self.dataset, user)) is None:
            return f"{label} has no stored list of the user {user}, who is not evaluated"
        return f"the stored lists of {label} have {lists.shape[1]} items, and {n} are asked for"

    def _recommendation(self, user: int, stored: Any, model: Recommender | None, n: int) -> Recommendation:
        label, train, ranks = self.record.recommender.row_name, self.task.train, self.record.full_ranks
        if stored is None:
            assert model is not None  # noqa: S101 - it is there where a list is missing
            found = model_list(model, self.dataset, self.task, user, n, label)
        else:
            found = stored
        trained = train.items[train.offsets[user] : train.offsets[user + 1]]
        place = place_among_evaluated(self.task, user)
        items = self._ids(found)
        heldout = None if place is None else self._ids(self.task.candidates.heldout[[place]])[0]
        return Recommendation(
            user=self.dataset.user_ids[[user]].tolist()[0],
            latest=self._ids(trained[::-1][:n]),
            n_trained=trained.size,
            items=items,
            source=KEPT if stored is None else STORED,
            heldout=heldout,
            heldout_places=self._places(place, heldout, items),
            n_ranked=None if place is None or ranks is None else int(ranks.n_rivals[place]) + 1,
        )

    def _ids(self, items: Any) -> tuple[Any, ...]:
        return tuple(self.dataset.item_ids[np.asarray(items)].tolist())

    def _places(self, place: int | None, heldout: Any, items: tuple[Any, ...]) -> tuple[int, int] | None:
        """Return the first and the last place that the item which was held out may have."""
        if heldout in items:
            return (items.index(heldout) + 1,) * 2
        ranks = self.record.full_ranks
        if ranks is None or place is None:
            return None
        # Of items with the same score, the list shows the first ones.
        first = max(int(ranks.n_better[place]), len(items)) + 1
        return first, max(first, int(ranks.n_better[place] + ranks.n_tied[place]) + 1)
