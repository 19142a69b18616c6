"""Records of repeated splits, made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hand_made import CUT, FACTS, record, task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.records.record import Record

N_USERS = 12


def of(split: str, n_evaluated: int = N_USERS, protocol_seed: int = 0) -> dict[str, Any]:
    facts = FACTS | {"n_evaluated": n_evaluated, "n_train": 120} | (CUT if split.startswith("time") else {})
    parts = task()["parts"] | {"split": split, "protocol_seed": str(protocol_seed)}
    return task(parts=parts, facts=facts, digest=f"{split} {protocol_seed}".encode().hex().ljust(64, "0")[:64])


def hits(n_hits: int, n_users: int = N_USERS) -> list[int]:
    """Return ranks of users of whom the first ones have their item at the top, and the others at place 51."""
    return [0] * n_hits + [50] * (n_users - n_hits)


def table(splits: Sequence[str], **rows: Sequence[Sequence[int]]) -> list[Record]:
    """Return a record of each row and split, from the ranks in each."""
    return [
        record(label, ranks[place], of=of(split, len(ranks[place])), deterministic=True)
        for label, ranks in rows.items()
        for place, split in enumerate(splits)
    ]
