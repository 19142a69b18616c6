"""Whether what a record says of its run can be: times, learning curves, memory, versions, and what its recommender is.

What cannot be is a mistake, or another hand's. What can be need not be true: nobody can tell a made-up time from a
measured one.
"""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.audit.consistency import same_ranks
from bench.choices import parse, value_text
from bench.names import CUTOFF, EXTERNAL
from protocol.errors import RecommenderError
from protocol.evaluation.metrics import hit_rate, ndcg
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.records.store import Record
    from protocol.evaluation.ranking import Ranks

FAILURES = ("raised", "timeout", "died", "scores", "memory")
"""Kinds of failures (see `bench.records.inputs.failed_record`)."""

_VERSION = re.compile(r"\d[0-9A-Za-z.+_-]*")
_COMMIT = re.compile(r"[0-9a-f]{7,40}\+?")


def impossibilities(record: Record) -> Iterator[str]:
    """Yield what no record can say; nothing for one that `bench.running.job` or `bench.exchange.external` wrote."""
    document = record.document
    yield from _environment_problems(document)
    yield from _label_problems(document["recommender"])
    for name in ("seed", "threads", "patience", "tuning_seconds"):
        value = document.get(name)
        if value is not None and not _is_amount(value):
            yield f"{name} is {value!r}, expected a number, 0 or more"
    if record.failed:
        kind = (document["failure"] or {}).get("kind")
        if kind not in FAILURES:
            yield f"it failed by {kind!r}, expected one of {', '.join(FAILURES)}"
        return
    yield from _time_problems(document)
    yield from _memory_problems(document)
    yield from _curve_problems(document)
    if document["selection"] is not None and record.ranks is not None:
        yield from _selection_problems(document, record.ranks)


def _is_amount(value: Any) -> bool:
    """Whether a value is a finite number, 0 or more."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def _environment_problems(document: Mapping[str, Any]) -> Iterator[str]:
    environment = document["environment"]
    for name, number in environment.get("versions", {}).items():
        if not isinstance(number, str) or not _VERSION.fullmatch(number):
            yield f"the version of {name} is {number!r}"
    commit = environment.get("commit")
    if commit is not None and not _COMMIT.fullmatch(str(commit)):
        yield f"the commit is {commit!r}, expected hexadecimal digits"
    if bool(environment) == (document["recommender"]["origin"] == EXTERNAL):
        known = "known" if environment else "not known"
        yield f"its origin is {document['recommender']['origin']}, and where it ran is {known}"


def _label_problems(recommender: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the row's label is of another recommender, or of other parameters: no part of the key tells."""
    name, label = recommender["name"], recommender["label"]
    if recommender["origin"] == EXTERNAL:
        if label != name:
            yield f"it is labelled {label!r}, and called {name!r}"
        return
    try:
        labelled, texts = parse(label)
    except RecommenderError as error:
        yield str(error)
        return
    if labelled != name:
        yield f"it is labelled {label!r}, and is {name}"
    for parameter, text in texts.items():
        value = recommender["parameters"].get(parameter)
        if value_text(value) != text:
            yield f"it is labelled {label!r}, and its {parameter} is {value_text(value)}"


def _time_problems(document: Mapping[str, Any]) -> Iterator[str]:
    is_external = document["recommender"]["origin"] == EXTERNAL
    for name, value in document["time"].items():
        if value is not None and not _is_amount(value):
            yield f"{name} is {value!r}, expected a finite number, 0 or more"
        elif is_external and value is not None:
            yield f"{name} is {value:g}, which of scores from elsewhere nobody knows"
        elif not is_external and value is None and name != "full_score_seconds":
            yield f"{name} is missing"


def _memory_problems(document: Mapping[str, Any]) -> Iterator[str]:
    memory = document["memory"]
    if memory is None:
        return
    before, peak = memory["before_fit_mib"], memory["peak_mib"]
    if not (_is_amount(before) and _is_amount(peak) and 0 < before <= peak):
        yield f"the peak of memory is {peak!r} MiB, and {before!r} MiB before fitting; it cannot be below that"


def _curve_problems(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the learning curve does not belong to this fit."""
    curve, fit_seconds = document["curve"], document["time"]["fit_seconds"]
    if not curve:
        return
    if not document["recommender"]["iterative"]:
        yield "it has a learning curve, and does not learn in epochs"
    yield from _epoch_problems("learning curve", curve)
    if _is_amount(fit_seconds) and curve[-1]["seconds"] > fit_seconds:
        yield f"its last epoch ended after {curve[-1]['seconds']:g} s of fitting, and fitting took {fit_seconds:g} s"
    most = document["recommender"]["parameters"].get("epochs")
    if isinstance(most, int) and len(curve) > most:
        yield f"it learned for {len(curve)} epochs, and may for {most}"


def _epoch_problems(what: str, curve: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if [line["epoch"] for line in curve] != list(range(1, len(curve) + 1)):
        yield f"the epochs of its {what} are not 1 to {len(curve)}"
    seconds = [line["seconds"] for line in curve]
    if not all(map(_is_amount, seconds)) or any(later < one for one, later in itertools.pairwise(seconds)):
        yield f"the seconds of its {what} do not rise from 0"


def _selection_problems(document: Mapping[str, Any], ranks: Ranks) -> Iterator[str]:
    """Yield where the number of epochs is not what the selection's own curve and patience choose."""
    selection, patience = document["selection"], document["patience"]
    curve, best, figure = selection["curve"], selection["best_epoch"], f"NDCG@{CUTOFF}"
    yield from _epoch_problems("selection", curve)
    if patience is None or not curve:
        yield "its epochs were chosen, and it has no patience, or no curve"
        return
    chosen = max(curve, key=lambda line: line[figure])["epoch"]
    if best != chosen:
        yield f"its best epoch is {best}, and validation {figure} is highest after {chosen}"
    if len(curve) > best + patience:
        yield f"its selection ran {len(curve) - best} epochs after the best one, and its patience is {patience}"
    if not (_is_amount(selection["seconds"]) and selection["seconds"] >= curve[-1]["seconds"]):
        yield f"its selection took {selection['seconds']!r} s, and its epochs {curve[-1]['seconds']:g} s"
    if document["task"]["purpose"] == "validation":
        means = {f"HR@{CUTOFF}": np.mean(hit_rate(ranks, CUTOFF)), figure: np.mean(ndcg(ranks, CUTOFF))}
        for name, mean in means.items():
            if not math.isclose(curve[chosen - 1][name], mean):
                yield f"its best epoch's {name} is {curve[chosen - 1][name]:g}, and by its ranks {mean:g}"
    elif len(document["curve"]) > best:
        yield f"it was refitted for {len(document['curve'])} epochs, and {best} were chosen"


def of_this_code(record: Record) -> bool:
    """Whether a record's recommender is one of these, with this very source: then more can be checked."""
    recommender = record.document["recommender"]
    entry = registry.entries().get(recommender["name"])
    try:
        return (
            entry is not None
            and entry.origin == recommender["origin"]
            and registry.source_digest(entry) == recommender["source_sha256"]
        )
    except RecommenderError:
        return False


def misdescriptions(record: Record) -> Iterator[str]:
    """Yield what a record says of a recommender of this code (see `of_this_code`), and is not so."""
    recommender = record.document["recommender"]
    entry = registry.entries()[recommender["name"]]
    description = registry.describe(registry.load_class(entry), entry.preset)
    now = {
        "reference": entry.public_reference,
        "deterministic": description.deterministic,
        "iterative": description.iterative,
        "parameters": sorted(description.parameters),
    }
    said = {**{name: recommender[name] for name in now}, "parameters": sorted(recommender["parameters"])}
    for name, value in now.items():
        if said[name] != value:
            yield f"its {name} is {said[name]!r}, and by the source with its SHA-256 {value!r}"


def _ranked_alike(one: Record, other: Record) -> bool:
    """Return whether two records have the same ranks, in each view that both have."""
    pairs = ((one.ranks, other.ranks), (one.full_ranks, other.full_ranks))
    return all(same_ranks(ours, theirs) for ours, theirs in pairs if ours is not None and theirs is not None)


def disagreements(records: Mapping[str, Record]) -> Iterator[str]:
    """Yield trainings of a deterministic recommender with several seeds whose ranks differ: it is not deterministic."""
    first_of: dict[str, str] = {}
    for name, record in records.items():
        recommender = record.document["recommender"]
        if record.ranks is None or not recommender["deterministic"]:
            continue
        parts = [recommender[part] for part in ("name", "source_sha256", "parameters")]
        # Elsewhere the last bits of scores may be others, and then ranks.
        parts += [record.document[part] for part in ("threads", "patience", "environment")]
        alike = [*parts, record.document["task"]["digest"]]
        first = first_of.setdefault(repr(alike), name)
        if not _ranked_alike(record, records[first]):
            yield f"{name}: it is deterministic, and its ranks are others than those of {first}"
