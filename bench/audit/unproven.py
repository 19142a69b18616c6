"""What ``recbench verify`` cannot prove, because only fitting again shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.writing.text import count_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from bench.audit.consistency import RemadeTask
    from bench.findings import Judgement
    from bench.records.record import Record


def not_proven(records: Collection[Record], remade: RemadeTask | None) -> Judgement:
    """Return what must be believed of some records, in words.

    Parameters
    ----------
    remade
        Their task; None where it was not made again.
    """
    failed = [record for record in records if record.failed]
    fitted = [record for record in records if not record.failed]
    unsealed = [record for record in records if record.contents.seal is None]
    parts = []
    if remade is None:
        parts.append("split, candidates and counts of the data")
    if fitted:
        parts.append(_ranks_text(fitted, remade))
        parts.append("times, memory and learning curves")
    if failed:
        parts.append(f"that {count_text(len(failed), 'job')} failed, and why")
    parts.append("on which machine, with which data files, and by whom it was run")
    if unsealed:
        parts.append(
            f"which ranks belong to {count_text(len(unsealed), 'record')} of an earlier recbench, without seal"
        )
    return "skip", f"{'; '.join(parts)}. Only fitting again shows whether these are true"


def _ranks_text(fitted: Collection[Record], remade: RemadeTask | None) -> str:
    n_ranks = sum(record.ranks.n_better.size for record in fitted if record.ranks is not None)
    n_known = sum(one.n_known for one in remade.followed.values()) if remade else 0
    text = f"the ranks and lists of the models ({n_ranks:,} ranks"
    return f"{text}, of which {n_known:,} at least agree with the lists)" if n_known else f"{text})"
