"""SASRec of the page, without the items that its paper leaves out.

``reproduce.py lists`` writes ``sasrec-lists.toml``, and ``reproduce.py page`` its section of the page. The NCF paper's
files have every item of MovieLens-1M; SASRec's paper leaves out items with fewer than five interactions, and draws
lists of its own.
"""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from tabulate import tabulate

import bench
from bench.choices import choose_one
from bench.data import Data
from bench.writing.text import accuracy_text
from protocol.drafts import write_output
from protocol.errors import ProtocolError
from protocol.evaluation.expectation import Draws
from protocol.evaluation.ranking import Ranks
from recommenders.sasrec import SASRec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from protocol.tasks.task import Task

FOUND = Path(__file__).parent / "sasrec-lists.toml"

FEWEST = 5
"""SASRec's paper leaves out items with fewer interactions."""

NCF_NEGATIVES, SASREC_NEGATIVES = 99, 100
BLOCK = 500


def without_rare_items(task: Task) -> Data:
    """Return the data of a task, the held-out interactions last, without items that have fewer than `FEWEST`."""
    train, candidates = task.train, task.candidates
    times = np.concatenate([train.timestamps, np.full(candidates.users.size, train.timestamps.max() + 1)])
    users = np.concatenate([train.users, candidates.users])
    items = np.concatenate([train.items, candidates.heldout])
    frame = pd.DataFrame({"user": users, "item": items, "timestamp": times})
    return Data(frame, core=FEWEST, negatives=0, name="ml-1m without rare items")


def fitted(text: str, data: Data) -> SASRec:
    """Return the model, fitted to the training interactions of the test task."""
    with tempfile.TemporaryDirectory() as out:
        bench.run(data, [text], full_limit=1, timeout=7200, keep_models=True, out=out)
        (path,) = Path(out).glob("records/*/model-*")
        return SASRec(**choose_one(text).parameters).load(path)


def ranks(task: Task, model: SASRec, is_listed: npt.NDArray[np.bool_]) -> Ranks:
    """Return the ranks among all untouched items that may be listed, for users whose held-out item may be."""
    shown = is_listed[task.candidates.heldout]
    users, heldout = task.candidates.users[shown], task.candidates.heldout[shown]
    interactions, counts = task.train.to_csr(np.bool_), []
    for begin in range(0, users.size, BLOCK):
        block, items = users[begin : begin + BLOCK], heldout[begin : begin + BLOCK, None]
        scores = model.score_all(block)
        of_heldout = np.take_along_axis(scores, items, axis=1)
        is_rival = is_listed & ~interactions[block].toarray()
        np.put_along_axis(is_rival, items, values=False, axis=1)
        counts.append([(each & is_rival).sum(axis=1) for each in (scores > of_heldout, scores == of_heldout, is_rival)])
    return Ranks(*np.concatenate(counts, axis=1))


def run(data: Data, text: str) -> None:
    """Fit the model with and without rare items, and write the expected metrics over all draws of each kind of list.

    Parameters
    ----------
    text
        The model, ``NAME:param=value,...``.
    """
    task = data.test_task(data.load())
    everything, is_frequent = np.ones(task.train.n_items, np.bool_), n_interactions(task) >= FEWEST
    model = fitted(text, data)
    lines = [f'model = "{text}"', ""]
    lines += _found("ncf", ranks(task, model, everything), task.train.n_items, NCF_NEGATIVES)
    lines += _found("frequent", ranks(task, model, is_frequent), is_frequent.sum(), SASREC_NEGATIVES)
    _write(lines)
    frequent_data = without_rare_items(task)
    task = frequent_data.test_task(frequent_data.load())
    found = ranks(task, fitted(text, frequent_data), np.ones(task.train.n_items, np.bool_))
    _write([*lines, *_found("own", found, task.train.n_items, SASREC_NEGATIVES)])


def _write(lines: Sequence[str]) -> None:
    write_output(FOUND, "\n".join(lines).encode())


def n_interactions(task: Task) -> npt.NDArray[np.int64]:
    """Return the number of each item's interactions, with those that are held out."""
    heldout = np.bincount(task.candidates.heldout, minlength=task.train.n_items)
    return np.bincount(task.train.items, minlength=task.train.n_items) + heldout


def _found(name: str, found: Ranks, n_items: int, n_negatives: int) -> Iterator[str]:
    """Yield the lines of one kind of list, with the expectation over all draws (P16)."""
    draws = Draws(found, n_negatives)
    hits, gains = draws.mean_gain(np.ones(10)), draws.mean_gain(1 / np.log2(np.arange(2, 12)))
    yield from (f"[{name}]", f"n_items = {n_items}", f"n_negatives = {n_negatives}", f"n_users = {hits.size}")
    yield from (f'"HR@10" = {hits.mean():.6f}', f'"NDCG@10" = {gains.mean():.6f}', "")


def section(published: tuple[str, str], text: str, remedy: str) -> Iterator[str]:
    """Return the lines of the page about the lists, from what was found.

    Parameters
    ----------
    published
        HR@10 and NDCG@10 of the paper.
    text
        The model, as in ``published.toml``.
    remedy
        What to run if nothing was found.

    Raises
    ------
    ProtocolError
        If nothing was found yet, or with another model.
    """
    found = tomllib.loads(FOUND.read_text(encoding="utf-8")) if FOUND.is_file() else {}
    if found.get("model") != text or "own" not in found:
        raise ProtocolError(f"{FOUND.name} has not all figures of {text}; run `{remedy}`")
    yield "## SASRec without the items that its paper leaves out"
    yield ""
    yield (
        f"`{text}`, with seed 0, trained once on all items and once, as in its paper, without the items that have "
        "fewer than five interactions. It is ranked against lists of 99 of all items, as the NCF paper drew them, and "
        "of 100 of the items with five or more, as SASRec's paper did. Figures are means over all such draws (P16). "
        "The settings were chosen on the validation task with all items."
    )
    yield ""
    kinds = (("all items", "ncf"), ("all items", "frequent"), ("items with five or more", "own"))
    rows = [
        [trained, f"{each['n_negatives']} of {each['n_items']:,} items", f"{each['n_users']:,}", *_metrics(each)]
        for trained, each in ((trained, found[kind]) for trained, kind in kinds)
    ]
    headers = ["trained on", "lists", "users", "HR@10", "NDCG@10"]
    yield tabulate(rows, headers=headers, tablefmt="github", disable_numparse=True)
    yield ""
    gaps = [float(ours) - float(theirs) for ours, theirs in zip(_metrics(found["own"]), published, strict=True)]
    yield (
        f"The last row is the nearest to its paper. It differs from the published {' and '.join(_bare(published))} by "
        f"{gaps[0]:+.4f} in HR@10 and {gaps[1]:+.4f} in NDCG@10. Two differences remain. The paper's code gives the "
        "last item before the held-out one to the model when it scores, but does not train on it; ours does both. The "
        "paper's code draws negatives with replacement, and may draw that item and the held-out one."
    )
    yield ""


def _metrics(found: Mapping[str, float]) -> list[str]:
    return [accuracy_text(found[metric]) for metric in ("HR@10", "NDCG@10")]


def _bare(published: Sequence[str]) -> list[str]:
    return [each.removeprefix("0") for each in published]
