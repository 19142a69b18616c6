"""The facts of a record in words, by section: a keyword and a text each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analysis.conduct import faults_in
from bench.choices import parameters_text
from bench.machine.memory import size_text
from bench.records.conditions import jobs_at_once
from bench.tables.devices import device_text, held_texts
from bench.tables.machines import machine_text, versions_text
from bench.tables.parameters import origin_text
from bench.tables.subject import DIGEST_DIGITS
from bench.writing.text import amount_text, count_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bench.analysis.shown_record import ShownRecord

    Facts = Callable[[ShownRecord], Iterable[tuple[str, str]]]

MOST_LISTED = 8
"""The number of files or libraries that a line names."""


def _recommender(shown: ShownRecord) -> Iterator[tuple[str, str]]:
    recommender, found = shown.record.recommender, shown.record.found_parameters
    yield "name", f"{recommender.label} ({recommender.origin})"
    yield "class", recommender.reference
    if recommender.parameters:
        yield "parameters", parameters_text(recommender.parameters, ", ")
    if found is not None:
        yield "searched", f"{', '.join(found.names)}: {origin_text(found)}"
    if recommender.chosen_on:
        yield "defaults", f"chosen on {recommender.chosen_on}"
    once = "deterministic, one training seed is enough" if recommender.deterministic else "depends on the training seed"
    yield "training", f"{'in epochs; ' if recommender.iterative else ''}{once}"
    if recommender.libraries:
        yield "made of", versions_text(recommender.libraries)
    if recommender.source_sha256:
        yield "source", recommender.source_sha256[:DIGEST_DIGITS]


def _time(shown: ShownRecord) -> Iterator[tuple[str, str]]:
    record, time, usage = shown.record, shown.record.time, shown.record.usage
    if record.tuning_seconds is not None:
        yield "tuning", f"{amount_text(record.tuning_seconds)} s, of the search that found the parameters"
    if record.selection is not None:
        chosen = record.selection
        yield (
            "selection",
            f"{amount_text(chosen.seconds)} s: epoch {chosen.best_epoch} of {count_text(len(chosen.curve), 'epoch')}, "
            f"patience {record.patience}",
        )
    if usage is not None:
        yield "build", f"{amount_text(usage.build_seconds)} s"
    if time.fit_seconds is not None:
        processor = f", processor time {amount_text(usage.fit_cpu_seconds)} s" if usage else ""
        yield "fit", f"{amount_text(time.fit_seconds)} s{processor}"
    if time.score_seconds is not None:
        yield "score", f"{amount_text(time.score_us_per_user)} µs a user, {amount_text(time.score_seconds)} s in all"
    if time.full_score_seconds is not None:
        yield "full ranking", f"{amount_text(time.full_score_seconds)} s"
    if record.threads is not None:
        yield "threads", f"{record.threads}{_beside(jobs_at_once(record))}"


def _beside(at_once: int | None) -> str:
    """Return what is known of other jobs on the machine."""
    if at_once is None:
        return "; how many jobs ran at once on the machine is not known"
    return f"; {at_once} jobs at once on the machine" if at_once > 1 else ""


def _memory(shown: ShownRecord) -> Iterator[tuple[str, str]]:
    memory, usage, device = shown.record.memory, shown.record.usage, shown.record.device_use
    if memory is not None:
        yield "fit", f"{amount_text(memory.peak_mib)} MiB at the peak, {amount_text(memory.before_fit_mib)} MiB before"
    if usage is not None:
        own = f", without {amount_text(usage.ranking_mib)} MiB of recbench's own" if usage.ranking_mib else ""
        yield "score", f"{amount_text(usage.scoring_peak_mib)} MiB at the peak{own}"
    if device is not None and device.peak_mib is not None:
        yield "device", f"{amount_text(device.peak_mib)} MiB at the peak"


def _machine(shown: ShownRecord) -> Iterator[tuple[str, str]]:
    record, environment = shown.record, shown.record.environment
    if not environment.is_known:
        return
    yield "machine", machine_text(environment)
    if environment.instructions:
        yield "instructions", environment.instructions
    if record.device is not None:
        uses = [record.device_use] if record.device_use else []
        yield "device", ", ".join([device_text(record.device), *held_texts(record.device, uses)])
    yield "versions", versions_text(environment.versions)
    yield "commit", environment.commit or "unknown"


def _conduct(shown: ShownRecord) -> Iterator[tuple[str, str]]:
    """Yield what the record says against its figures, and what was scored again."""
    record = shown.record
    for fault in faults_in([] if record.failed else [record]):
        place = "; ".join(fault.places([record]))
        yield fault.mark, f"{place}: {fault.text}" if place else fault.text
    if record.failed and record.warnings:
        yield "warned", "; ".join(record.warnings)
    if record.probe is not None and record.probe.problem is None:
        yield "scored again", f"{count_text(record.probe.n_users, 'user')}"


def _used(shown: ShownRecord) -> Iterator[tuple[str, str]]:
    used = shown.record.used
    if used is None:
        return
    for root, files in used.files.items():
        yield f"{root} files", _listed(sorted(files))
    if used.distributions:
        yield "libraries", _listed([f"{name} {version}" for name, version in sorted(used.distributions.items())])
    if used.variables:
        yield "variables", _listed(sorted(used.variables))


def _kept(shown: ShownRecord) -> Iterator[tuple[str, str]]:
    record = shown.record
    yield "record", str(shown.place)
    yield "key", record.key
    yield "task", record.task.digest
    if record.model is not None:
        kept = f"{count_text(len(record.model.files), 'file')}, {size_text(record.model.n_bytes)}"
        yield "model", f"not kept: {record.model.problem}" if record.model.problem else f"kept: {kept}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return f"{', '.join(names[:MOST_LISTED])}{more}"


SECTIONS: dict[str, Facts] = {
    "Recommender": _recommender,
    "Time": _time,
    "Memory": _memory,
    "Machine": _machine,
    "Conduct": _conduct,
    "Used": _used,
    "Stored": _kept,
}
"""What makes the facts of each section, in the order in which they are shown."""
