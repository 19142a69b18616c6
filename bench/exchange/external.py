"""A row of the table from scores that another program wrote: ranked like all others, with nothing else known."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from msgspec import to_builtins

from bench.exchange.scores import candidate_scores, read_scores, scores_digest
from bench.names import EXTERNAL
from bench.records.inputs import SCHEMA, job_key, recorded_task
from bench.records.labels import row_name
from bench.records.making import complete_document
from bench.records.outcome import UNKNOWN_TIMES
from bench.records.recommender import RecordedRecommender
from bench.records.record import Record
from bench.writing.text import count_text
from protocol.errors import RecbenchWarning
from protocol.evaluation.ranking import rank_heldout
from protocol.tasks.compared import check_compared
from protocol.tasks.counts import count_train
from protocol.tasks.listing import written_out

if TYPE_CHECKING:
    from pathlib import Path

    from protocol.data.dataset import Dataset
    from protocol.tasks.task import Task


def external_record(scores: Path, dataset: Dataset, task: Task, label: str) -> Record:
    """Return the record of a file, or a folder, of scores; see `bench.exchange.scores.read_scores`.

    Parameters
    ----------
    label
        What the table is to call it.

    Raises
    ------
    RecbenchError
        If the label is not fit for a table (see `bench.records.labels.row_name`), all held-out items are cold and
        negatives are drawn (P7), a file is malformed, or not every candidate has one finite score (where no negatives
        are drawn, every item that a user never touched is one).
    """
    label = row_name(label)
    check_compared(task)
    listed = written_out(task, dataset)
    values, n_extra = candidate_scores(read_scores(scores), dataset, listed, str(scores))
    if n_extra:
        message = f"{count_text(n_extra, 'score')} of pairs that are no candidates passed over"
        warnings.warn(message, RecbenchWarning, stacklevel=2)
    ranks = rank_heldout(values, listed.candidates.is_rival)
    recommender = RecordedRecommender(
        name=label,
        label=label,
        reference=f"{scores.resolve().name}:scores",
        origin=EXTERNAL,
        parameters={},
        # It is unknown whether training again would change the scores.
        deterministic=False,
        iterative=False,
        source_sha256=scores_digest(scores),
    )
    key = job_key(
        recommender,
        task=task.digest,
        validation=None,
        patience=None,
        full=False,
        seed=0,
        threads=None,
        versions={},
        instructions=None,
    )
    inputs = {
        "schema": SCHEMA,
        "key": key,
        "recommender": to_builtins(recommender),
        "seed": 0,
        "threads": None,
        "patience": None,
        "task": to_builtins(recorded_task(task)),
        "environment": {},
    }
    document = complete_document(inputs, time=UNKNOWN_TIMES)
    return Record(document, ranks, counts=count_train(task.train, task.candidates))
