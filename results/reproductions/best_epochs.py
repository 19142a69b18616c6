"""What choosing the epoch on the test set adds: the NCF paper's choice, repeated and labelled, no result of recbench.

``reproduce.py epochs`` writes ``best_epochs.json``, and ``reproduce.py page`` its section of the page. This is the only
place where anything is chosen on a test task, and nothing else reads the choice.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tabulate import tabulate

from bench.choices import choose_one, typed
from bench.running.training import select_epochs, training_rng
from bench.writing.text import accuracy_text
from protocol.drafts import write_output
from protocol.errors import ProtocolError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.choices import Choice
    from bench.data import Data
    from bench.records.outcome import EpochLine, Selection
    from protocol.tasks.task import Task

CURVES = Path(__file__).parent / "best_epochs.json"

EPOCHS = 20
"""As many as the commands in the README of the paper's code have."""


class Training(NamedTuple):
    """A training whose epochs are scored one by one.

    Parameters
    ----------
    model
        As in ``published.toml``.
    ours
        ``NAME`` for the tuned parameters, ``NAME:param=value,...`` for the published ones.
    """

    model: str
    ours: str


LEARNING_RATES = (0.001, 0.0001, 0.0005, 0.005)
"""All that He et al. tried, the one in the commands of their README first."""

PAPERS = "mlp:embedding_size=128,layers=128-64-32,learning_rate={},reg=0,batch_size=256,n_negatives=4"

TRAININGS = (
    *(Training("MLP", PAPERS.format(one)) for one in LEARNING_RATES),
    Training("NeuMF, pre-trained", "neumf"),
)
"""MLP has the settings of He et al., NeuMF has ours.

In their code, 32 factors are the layers 256-128-64-32, of which the first is the two vectors of 128; the rest is as in
the commands of its README.
"""


def run(data: Data, tuned: Mapping[str, Mapping[str, Any]]) -> None:
    """Train with each of the settings, score the test task after every epoch, and write the curves.

    What was trained before is not trained again.

    Parameters
    ----------
    tuned
        The parameters that were chosen on the validation task, by recommender.
    """
    dataset = data.load()
    validation, test = data.validation_task(dataset), data.test_task(dataset)
    choices = {training: _choice(training, tuned) for training in TRAININGS}
    labels = {choice.label for choice in choices.values()}
    curves = [curve for label, curve in _found().items() if label in labels]
    for training, choice in choices.items():
        if choice.label in _found():
            continue
        chosen = tuned[training.ours]["epochs"] if training.ours in tuned else None
        if chosen is None:
            chosen = _selection(choice, validation, "selection").best_epoch
        curve = [[line.hit_rate, line.ndcg] for line in _selection(choice, test, "fit").curve]
        curves.append({"ours": choice.label, "chosen_on_validation": chosen, "test": curve})
        write_output(CURVES, (json.dumps(curves, indent=1) + "\n").encode())


def _choice(training: Training, tuned: Mapping[str, Mapping[str, Any]]) -> Choice:
    """Return what is trained: `EPOCHS`, or more if more were chosen on the validation task."""
    choice = choose_one(training.ours)
    found = tuned.get(training.ours, {})
    parameters = {**typed(choice.entry, found), **choice.parameters, "epochs": max(EPOCHS, found.get("epochs", 0))}
    return replace(choice, parameters=parameters)


def _selection(choice: Choice, task: Task, purpose: str) -> Selection:
    """Return the curve of a training with seed 0 on a task, all epochs, with the stream of a purpose."""
    model = registry.load_class(choice.entry)(**choice.parameters)
    rng = training_rng(0, purpose)
    return select_epochs(model, task, rng=rng, patience=sys.maxsize, name=choice.label, on_epoch=_say).selection


def _say(line: EpochLine, n_epochs: int | None) -> None:
    print(f"epoch {line.epoch} of {n_epochs}: HR@10 {line.hit_rate:.4f}, NDCG@10 {line.ndcg:.4f}", flush=True)


def section(
    published: Mapping[str, tuple[str, str]], tuned: Mapping[str, Mapping[str, Any]], remedy: str
) -> Iterator[str]:
    """Return the lines of the page about the best epochs.

    Parameters
    ----------
    published
        HR@10 and NDCG@10 as published, by model.
    tuned
        As for `run`.
    remedy
        What to run if there is no such curve.

    Raises
    ------
    ProtocolError
        If the curve of a training is missing.
    """
    yield "## The best epoch on the test set"
    yield ""
    yield (
        "**Chosen on the test set, as the paper did; not a result of recbench.** The NCF paper's code scores the test "
        "set after each epoch and reports the epoch with the highest HR@10. Here are trainings with seed 0, once with "
        "the epoch of the highest NDCG@10 on the validation task, and once with the paper's choice. MLP has 32 "
        f"factors, the four learning rates that the paper tried, and {EPOCHS} epochs, batches, negatives and no "
        "regularisation as in the commands of that code's README. "
        "NeuMF has what our search chose, without pre-training. Both published figures are the paper's."
    )
    yield ""
    found = _found()
    rows = []
    for training in TRAININGS:
        label = _choice(training, tuned).label
        if label not in found:
            raise ProtocolError(f"{CURVES.name} has no curve of {label}; run `{remedy}`")
        rows.append(_row(training.model, found[label], published[training.model]))
    headers = ["model", "settings", "epoch by validation", "HR@10", "NDCG@10", "best epoch on the test set"]
    headers += ["HR@10", "NDCG@10", "published HR@10", "NDCG@10"]
    yield tabulate(rows, headers=headers, tablefmt="github", disable_numparse=True)
    yield ""
    yield from _verdict([found[_choice(one, tuned).label] for one in TRAININGS if one.model == "MLP"], published["MLP"])


def _verdict(trainings: Sequence[Mapping[str, Any]], published: tuple[str, str]) -> Iterator[str]:
    """Yield a line if no training of the MLP reaches a published figure at its best epoch."""
    best = [max(each["test"][_best_on_test(each)][metric] for each in trainings) for metric in (0, 1)]
    if all(figure < float(theirs) for figure, theirs in zip(best, published, strict=True)):
        yield (
            f"At these epochs the MLP has at most HR@10 {accuracy_text(best[0])} and NDCG@10 {accuracy_text(best[1])}: "
            "neither the paper's choice of the epoch nor these learning rates explain the published figures."
        )
        yield ""


def _best_on_test(found: Mapping[str, Any]) -> int:
    """Return the index of the epoch with the highest HR@10 on the test task, as the paper chose."""
    test = found["test"]
    return max(range(len(test)), key=lambda index: test[index][0])


def _found() -> dict[str, dict[str, Any]]:
    """Return what `CURVES` holds, by the label of what was trained."""
    found = json.loads(CURVES.read_text(encoding="utf-8")) if CURVES.is_file() else []
    return {each["ours"]: each for each in found}


def _row(model: str, found: Mapping[str, Any], published: tuple[str, str]) -> list[str | int]:
    test = found["test"]
    best = 1 + _best_on_test(found)
    cells: list[str | int] = [model, f"`{found['ours']}`"]
    for epoch in (found["chosen_on_validation"], best):
        cells += [epoch, *(accuracy_text(figure) for figure in test[epoch - 1])]
    return [*cells, *(figure.removeprefix("0") for figure in published)]
