"""The work of a job in its process: it fits, scores, ranks and measures, and returns the record."""

from __future__ import annotations

import contextlib
import random
import sys
import time
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import structs, to_builtins

from bench.machine import collector
from bench.machine.devices.at_work import Processor, at_work
from bench.machine.random_state import RandomState
from bench.records.capping import MESSAGE_LENGTH
from bench.records.device import DeviceUse
from bench.records.making import complete_document, failed_record
from bench.records.outcome import Probed, Times
from bench.records.record import Record
from bench.running.failures import failure_of, naming_the_loss
from bench.running.keeping import Measured
from bench.running.training import fit, select_epochs, training_rng
from bench.running.usage import UsageMeter
from bench.running.warned import noted_warnings
from protocol.contract import EpochRecommender, FullRanker
from protocol.evaluation.evaluate import LIST_TIES, Evaluation, evaluate
from protocol.evaluation.probing import Witness, probe
from protocol.tasks.counts import count_train
from recommenders import registry
from recommenders.parts.model import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.machine.devices.at_work import AtWork
    from bench.running.supply import Supply
    from bench.running.training import OnEpoch, Selected
    from protocol.contract import Recommender
    from protocol.tasks.task import Task

    OnEvent = Callable[[dict[str, Any]], None]
    OnMeasured = Callable[[Measured], None]


@dataclass(frozen=True)
class _Job:
    """The job of this process (see `bench.running.plan.Job.spec`)."""

    spec: Mapping[str, Any]
    supply: Supply
    on_event: OnEvent
    on_measured: OnMeasured
    device: AtWork
    warned: Sequence[str]
    on_loaded: Callable[[], None]

    @property
    def label(self) -> str:
        return str(self.spec["document"]["recommender"]["label"])

    @property
    def seed(self) -> int:
        return int(self.spec["document"]["seed"])

    def new(self) -> tuple[Recommender, float]:
        """Return an unfitted recommender, and the seconds that its constructor took."""
        entry = registry.Entry(**self.spec["entry"])
        # Off the clock: its module, and the slow ones that its constructor would import. It says what is missing.
        cls = registry.load_class(entry)
        with contextlib.suppress(ModuleNotFoundError):
            for module in cls.slow_imports if issubclass(cls, Model) else ():
                import_module(module)
        self.on_loaded()
        collector.wake()
        self.device.synchronise()
        started = time.perf_counter()
        model = registry.build(cls, {**entry.preset, **self.spec["parameters"]}, self.spec["placement"])
        self.device.synchronise()
        seconds = time.perf_counter() - started
        _seed_global_generators(self.seed)
        return model, seconds

    def on_epoch(self, phase: str) -> OnEpoch:
        return lambda line, n_epochs: self.on_event({"phase": phase, "epochs": n_epochs, **to_builtins(line)})


def forget(_: Measured) -> None:
    """Keep nothing of a fitted recommender."""


def go_on() -> None:
    """Do nothing once a recommender is loaded."""


def run_job(
    spec: Mapping[str, Any],
    supply: Supply,
    on_event: OnEvent,
    on_measured: OnMeasured = forget,
    on_loaded: Callable[[], None] = go_on,
) -> Record:
    """Do what a spec says; an exception of the recommender becomes a record of a failure.

    Parameters
    ----------
    spec
        See `bench.running.plan.Job.spec`.
    supply
        Gives the job its data.
    on_event
        Is called with each phase and epoch (see `bench.running.progress.texts.Event`).
    on_measured
        Is called with the recommender once it was fitted and measured; not after a choice of epochs alone.
    on_loaded
        Is called whenever the recommender's modules are loaded, and it is not yet built.
    """
    device: AtWork = Processor()
    try:
        place = spec["placement"].get("device", "cpu")
        with noted_warnings() as warned, at_work(place, tf32=_is_tf32(spec)) as device:
            job = _Job(spec, supply, on_event, on_measured, device, warned, on_loaded)
            return _select_only(job) if spec["only_selects"] else _measure(job)
    except BaseException as error:  # noqa: BLE001 - what a stranger's class raises is the job's outcome
        return failed_record(spec["document"], failure_of(error, device, spec["document"].get("device") or {}))


def _is_tf32(spec: Mapping[str, Any]) -> bool:
    return bool((spec["document"].get("device") or {}).get("tf32"))


def _select_only(job: _Job) -> Record:
    """Choose the number of epochs on the task itself: the outcome is the best epoch's."""
    selected, task = _select(job)
    selection, evaluation = selected.selection, selected.evaluation
    times = _times(selected.fit.seconds, evaluation)
    document = complete_document(
        job.spec["document"],
        selection=selection,
        curve=selection.curve,
        time=times,
        device_use=_device_use(job.device),
        warnings=job.warned,
    )
    return _measured(document, evaluation, task)


def _measure(job: _Job) -> Record:
    """Fit on the task's training interactions, after a selection if one is asked for, and score once."""
    selection = _select(job)[0].selection if job.spec["selects"] else None
    model, build_seconds = job.new()
    train = job.supply.train()
    job.on_event({"phase": "fit"})
    rng = training_rng(job.seed, "fit")
    random_state = RandomState(rng)
    meter = UsageMeter(build_seconds)
    job.device.reset_peak()
    fitted = fit(
        model,
        train,
        rng=rng,
        n_epochs=selection.best_epoch if selection else None,
        on_epoch=job.on_epoch("fit"),
        synchronise=job.device.synchronise,
    )
    random_draws = random_state.has_moved()
    job.on_event({"phase": "score"})
    meter.fitted(ranks_all=_ranks_all(job, model))
    # Only now are there candidates in this process (P12).
    task = job.supply.task()
    threads = job.spec["document"]["threads"]
    witness = Witness(task)
    with naming_the_loss(fitted.curve):
        evaluation = evaluate(
            model,
            task,
            full=job.spec["full"],
            name=job.label,
            threads=threads,
            witness=witness,
            synchronise=job.device.synchronise,
        )
    memory, usage = meter.scored()
    document = complete_document(
        job.spec["document"],
        selection=selection,
        curve=fitted.curve,
        time=_times(fitted.seconds, evaluation),
        memory=memory,
        usage=usage,
        device_use=_device_use(job.device),
        random_draws=random_draws,
        warnings=job.warned,
        probe=_probed(job, model, witness),
    )
    job.on_measured(Measured(model, witness, lambda: job.new()[0]))
    return _measured(document, evaluation, task)


def _device_use(device: AtWork) -> DeviceUse | None:
    held = device.held()
    return None if held is None else DeviceUse(**asdict(held))


def _ranks_all(job: _Job, model: Recommender) -> bool:
    """Return whether the whole catalogue will be ranked (see `protocol.evaluation.evaluate.evaluate`)."""
    draws_none = job.spec["document"]["task"]["facts"]["n_negatives"] == 0
    return draws_none or (job.spec["full"] and isinstance(model, FullRanker))


def _probed(job: _Job, model: Recommender, witness: Witness) -> Probed:
    """Score some users once more, off the clock; what goes wrong there says something about the row, and keeps it."""
    try:
        return Probed(**asdict(probe(model, witness, job.label)))
    except BaseException as error:  # noqa: BLE001 - a stranger's class raises what it likes
        return Probed(witness.users.size, problem=registry.error_text(error)[:MESSAGE_LENGTH])


def _select(job: _Job) -> tuple[Selected, Task]:
    """Choose the number of epochs with a recommender, and a stream of random numbers, of its own (P21).

    The time of the selection includes building.

    Returns
    -------
    Selected
        The choice, and the evaluation after the best epoch.
    Task
        On which it was chosen.
    """
    job.on_event({"phase": "selection"})
    job.device.reset_peak()
    model, build_seconds = job.new()
    assert isinstance(model, EpochRecommender)  # noqa: S101 - `plan_jobs` gives no other a validation task
    validation = job.supply.validation()
    selected = select_epochs(
        model,
        validation,
        rng=training_rng(job.seed, "selection"),
        patience=job.spec["document"]["patience"],
        name=job.label,
        on_epoch=job.on_epoch("selection"),
        synchronise=job.device.synchronise,
    )
    selection = structs.replace(selected.selection, seconds=build_seconds + selected.selection.seconds)
    return replace(selected, selection=selection), validation


def _measured(document: Mapping[str, Any], evaluation: Evaluation, task: Task) -> Record:
    """Return the record of a job that came to its end."""
    counts = count_train(task.train, task.candidates)
    if evaluation.top_items is not None:
        document = {**document, "list_ties": LIST_TIES}
    return Record(document, evaluation.ranks, evaluation.full_ranks, evaluation.top_items, counts)


def _times(fit_seconds: float, evaluation: Evaluation) -> Times:
    per_user = 1e6 * evaluation.score_seconds / evaluation.ranks.n_better.size
    return Times(fit_seconds, evaluation.score_seconds, per_user, evaluation.full_score_seconds)


def _seed_global_generators(seed: int) -> None:
    """Seed the global generators: a recommender that uses them instead of its own can then be repeated."""
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 - the legacy generator is the point
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)
