"""NeuMF pre-trained as in the NCF paper: GMF and MLP each with their own settings, then both together.

``reproduce.py pretrained`` writes ``pretrained.json``, and ``reproduce.py page`` its section of the page. The parameter
``pretraining_epochs`` of `recommenders.neumf.NeuMF` gives both parts the settings of the whole; here each part has what
its own search chose. How the training goes on is chosen on the validation task, too, and the test task is scored once.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tabulate import tabulate

from bench.choices import choose_one, typed
from bench.names import CUTOFF
from bench.running.training import training_rng
from bench.writing.text import accuracy_text
from protocol.drafts import write_output
from protocol.errors import ProtocolError
from protocol.evaluation.evaluate import evaluate
from protocol.evaluation.metrics import hit_rate, ndcg
from protocol.tasks.compared import compared_users
from recommenders.gmf import GMF
from recommenders.mlp import MLP
from recommenders.neumf import PRETRAINED_SHARE, NeuMF
from recommenders.parts.networks import Network
from recommenders.parts.pointwise import pointwise_epochs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bench.data import Data
    from protocol.tasks.task import Task
    from recommenders.parts.neural import Neural

FOUND = Path(__file__).parent / "pretrained.json"

LEARNING_RATES = (1e-5, 5e-5, 1e-4)
EPOCHS = 5
"""How the training of the whole may go on: no epoch, or up to so many with one of these learning rates."""

SEEDS = (0, 1, 2)

PARTS = {"gmf": GMF, "mlp": MLP}
"""The recommenders that are trained first, by name."""

ROWS = {
    "gmf": "GMF alone",
    "mlp": "MLP alone",
    "joined": "both, pre-trained",
    "chosen": "both, trained on together",
}
"""What is scored on the test task."""


@dataclass(frozen=True, eq=False)
class Trained:
    """The two parts after their own training, and the random stream after it."""

    gmf: Network
    mlp: Network
    rng: np.random.Generator

    @property
    def together(self) -> Network:
        """The pre-trained whole, a copy; the output layer of each part has the paper's weight."""
        whole = []
        for part, share in ((self.gmf, PRETRAINED_SHARE), (self.mlp, 1 - PRETRAINED_SHARE)):
            copied = Network(part.n_users, part.n_items, part.gmf_size, part.widths, part.parameters.copy())
            copied.scale_output(share)
            whole.append(copied)
        return Network.joined(*whole)


def run(data: Data, tuned: Mapping[str, Mapping[str, Any]]) -> None:
    """Choose on the validation task how the training goes on, then score the test task with each seed.

    Parameters
    ----------
    tuned
        The parameters that were chosen on the validation task, by recommender.
    """
    dataset = data.load()
    validation, test = data.validation_task(dataset), data.test_task(dataset)
    gmf, mlp = (_tuned(name, tuned) for name in PARTS)
    trained = _train(gmf, mlp, validation, 0, "selection")
    choices = [{"learning_rate": None, "epochs": 0, "validation": _figures(trained.together, validation)}]
    for learning_rate in LEARNING_RATES:
        whole = trained.together
        for epoch, _ in enumerate(_going_on(whole, gmf, mlp, learning_rate, EPOCHS, validation, trained.rng), start=1):
            figures = _figures(whole, validation)
            choices.append({"learning_rate": learning_rate, "epochs": epoch, "validation": figures})
            print(choices[-1], flush=True)
    chosen = _best(choices)
    found: dict[str, Any] = {"parts": {name: tuned[name] for name in PARTS}, "choices": choices, "seeds": {}}
    for seed in SEEDS:
        found["seeds"][str(seed)] = _test(gmf, mlp, chosen, test, seed)
        print(found["seeds"][str(seed)], flush=True)
        write_output(FOUND, (json.dumps(found, indent=1) + "\n").encode())


def _test(gmf: GMF, mlp: MLP, chosen: Mapping[str, Any], test: Task, seed: int) -> dict[str, list[float]]:
    """Return the figures of the parts, of the whole before it goes on, and of the whole as chosen."""
    trained = _train(gmf, mlp, test, seed, "fit")
    whole = trained.together
    figures = {"gmf": trained.gmf, "mlp": trained.mlp, "joined": whole}
    found = {name: _figures(network, test) for name, network in figures.items()}
    rate = chosen["learning_rate"]
    for _ in _going_on(whole, gmf, mlp, rate, chosen["epochs"], test, trained.rng) if rate else ():
        pass
    return {**found, "chosen": _figures(whole, test)}


def _tuned(name: str, tuned: Mapping[str, Mapping[str, Any]]) -> Any:
    return PARTS[name](**typed(choose_one(name).entry, tuned[name]))


def _train(gmf: GMF, mlp: MLP, task: Task, seed: int, purpose: str) -> Trained:
    """Train the two parts, one after the other, on a task's training interactions."""
    rng = training_rng(seed, purpose)
    networks = []
    for model in (gmf, mlp):
        network = model.new_network(task.train, rng)
        for _ in pointwise_epochs(network, model, task.train, rng):
            pass
        networks.append(network)
    return Trained(networks[0], networks[1], rng)


def _going_on(
    whole: Network, gmf: GMF, mlp: MLP, learning_rate: float, epochs: int, task: Task, rng: np.random.Generator
) -> Iterator[float]:
    """Train the whole, in place; both parts have the geometric mean of their penalties."""
    model: Neural = NeuMF(
        learning_rate=learning_rate, reg=math.sqrt(gmf.reg * mlp.reg), batch_size=mlp.batch_size, epochs=epochs
    )
    return pointwise_epochs(whole, model, task.train, rng)


def _figures(network: Network, task: Task) -> list[float]:
    """Return HR@10 and NDCG@10."""
    model = NeuMF()
    model._state = network.scorer()
    ranks = evaluate(model, task, full=False, name="neumf").ranks.of(compared_users(task))
    return [float(np.mean(metric(ranks, CUTOFF))) for metric in (hit_rate, ndcg)]


def _best(choices: list[dict[str, Any]]) -> dict[str, Any]:
    return max(choices, key=lambda choice: choice["validation"][1])


def section(published: tuple[str, str], tuned: Mapping[str, Mapping[str, Any]], remedy: str) -> Iterator[str]:
    """Return the lines of the page about pre-training.

    Parameters
    ----------
    published
        HR@10 and NDCG@10 of the pre-trained NeuMF as published.
    tuned
        As for `run`.
    remedy
        What to run if there are no figures of these parameters.

    Raises
    ------
    ProtocolError
        If the figures are missing, or of other parameters.
    """
    found = json.loads(FOUND.read_text(encoding="utf-8")) if FOUND.is_file() else {}
    if found.get("parts") != json.loads(json.dumps({name: tuned[name] for name in PARTS})):
        raise ProtocolError(f"{FOUND.name} has no figures of the tuned gmf and mlp; run `{remedy}`")
    is_whole = list(found["seeds"]) == [str(seed) for seed in SEEDS]
    if not is_whole or len(found["choices"]) != len(LEARNING_RATES) * EPOCHS + 1:
        raise ProtocolError(f"{FOUND.name} is of a run that did not come to its end; run `{remedy}`")
    choices, seeds = found["choices"], list(found["seeds"].values())
    chosen = _best(choices)
    apart = choices[0]["validation"]
    yield "## NeuMF, pre-trained as in its paper"
    yield ""
    yield (
        "In the paper, GMF and MLP are trained first, each until it has converged, and NeuMF starts from both. Our "
        "search over `pretraining_epochs` gives both parts the settings of the whole. Here each part has what its own "
        "search chose (the rows GMF and MLP of the first table), and the output layers have the paper's weight of "
        f"{PRETRAINED_SHARE:g} each. The training then goes on with Adam, for 0 to {EPOCHS} epochs and with a "
        f"learning rate of {', '.join(f'{rate:g}' for rate in LEARNING_RATES[:-1])} or {LEARNING_RATES[-1]:g}, with "
        "the batches of the MLP and, for all vectors, the geometric mean of both penalties. The validation task "
        f"prefers {_words(chosen)} (NDCG@10 {accuracy_text(chosen['validation'][1])} there, and "
        f"{accuracy_text(apart[1])} without it). Means of {len(seeds)} seeds on the test task, and their range:"
    )
    yield ""
    rows = [[title, *(_mean(seeds, row, metric) for metric in range(2))] for row, title in ROWS.items()]
    rows.append(["published, NeuMF, pre-trained", *(figure.removeprefix("0") for figure in published)])
    yield tabulate(rows, headers=["model", "HR@10", "NDCG@10"], tablefmt="github", disable_numparse=True)
    yield ""


def _words(choice: Mapping[str, Any]) -> str:
    n_epochs = choice["epochs"]
    if not n_epochs:
        return "no more epoch"
    return f"{n_epochs} epoch{'s' if n_epochs > 1 else ''} with {choice['learning_rate']:g}"


def _mean(seeds: list[dict[str, list[float]]], row: str, metric: int) -> str:
    values = [seed[row][metric] for seed in seeds]
    spread = f" ({accuracy_text(min(values))} to {accuracy_text(max(values))})"
    return accuracy_text(sum(values) / len(values)) + spread
