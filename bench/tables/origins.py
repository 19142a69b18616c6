"""Notes about the origin of the values: data, split, seeds, parameters, programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.records.compared import n_left_out
from bench.tables.subject import (
    is_imported,
    is_random_split,
    is_split_at_time,
    seeds_text,
    target_text,
    time_text,
    training_seeds_text,
)
from bench.writing.text import count_text, enumerated
from protocol.tasks.split import MIN_ITEMS
from protocol.tasks.split_rule import RANDOM, TIME, rule_of_part
from protocol.tasks.time_split import MIN_TRAIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.analysis.summary import Summary
    from bench.records.task import Facts, RecordedTask


def programs_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name the rows that are programs, and say what their costs include."""
    rows = [row for row in summary.rows if row.recommender.reference.endswith(".toml:Program")]
    if rows:
        # Earlier records have the peak of one process alone.
        is_earlier = any(record.usage is None for row in rows for record in row.records)
        yield (
            "Programs",
            f"{enumerated([row.label for row in rows])}: run in processes of their own. The times include starting "
            "these processes, and reading and writing files"
            + ("; peak is that of the largest process." if is_earlier else "."),
        )


def environments_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name the requirements from which the environments of programs were built."""
    programs: dict[tuple[str, ...], list[str]] = {}
    for row in summary.rows:
        programs.setdefault(tuple(row.recommender.requirements), []).append(row.label)
    for requirements, labels in programs.items():
        if requirements:
            labels = list(dict.fromkeys(labels))
            yield "Environment", f"{enumerated(labels)}: built from {', '.join(requirements)}."


def time_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say where a time split cuts, or that the other splits leak the future."""
    if is_split_at_time(summary.task):
        yield "Time", _time_split(summary.task)
    elif is_random_split(summary.task):
        yield (
            "Time",
            f"a random interaction of each user is held out (--split {rule_of_part(summary.task.parts.split)}), and "
            "recommenders train on what the same user and others did later: the figures are not about predicting the "
            "future (P27; Ji et al. 2023).",
        )
    elif not is_imported(summary.task):
        yield (
            "Time",
            "leave-last-out trains on interactions that are later than other users' held-out ones, so the future "
            "leaks across users (Ji et al. 2023).",
        )


def data_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say how large the data are, and how they were prepared."""
    yield "Data", _data(summary)


def reading_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say what the reader of the file found out by itself."""
    reading = summary.task.facts.reading
    if reading is not None:
        yield "Reading", f"{summary.task.dataset} was read as {reading.sentence()}."


def seeds_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name the seeds of the values, and the rows with fewer seeds."""
    yield "Seeds", _all_seeds(summary)


def selection_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say how many epochs were chosen on the validation task."""
    if summary.patiences:
        yield "Selection", _selection(summary)


def libraries_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name the libraries that recommenders use."""
    libraries = {f"{name} {version}" for row in summary.rows for name, version in row.recommender.libraries.items()}
    if libraries:
        yield "Libraries", f"{', '.join(sorted(libraries))}."


def _time_split(task: RecordedTask) -> str:
    """Say what the rule is, where it cuts, and which interactions after the cut are used (P26)."""
    facts, at_time, rule = task.facts, task.facts.of_time_split(), rule_of_part(task.parts.split)
    target = target_text(rule.target)
    return (
        f"global time split (--split {rule}): recommenders train on all interactions before "
        f"{time_text(at_time.cut_time)}, {facts.n_train / facts.n_interactions:.1%} of the data. "
        f"{target[0].upper()}{target[1:]} from then on is held out; the other {at_time.n_unused:,} from then on are "
        f"not used. {at_time.n_new_items:,} of {count_text(facts.n_items, 'item')} occur only from then on, and are "
        "ranked like all others. All times are assumed to be of one clock."
    )


def _data(summary: Summary) -> str:
    name, facts = summary.task.dataset, summary.task.facts
    size = f"{count_text(facts.n_users, 'user')}, {count_text(facts.n_items, 'item')}, "
    parts = [f"{name}, {size}{count_text(facts.n_interactions, 'interaction')}"]
    evaluated, rule = facts.n_evaluated, rule_of_part(summary.task.parts.split)
    tied_time = "the time of their held-out one" if rule.kind == TIME else "their latest time"
    if not (is_imported(summary.task) or rule.kind == RANDOM or rule.target == "random"):
        parts.append(
            f"{facts.n_tied_users:,} of {evaluated:,} evaluated users ({facts.n_tied_users / evaluated:.1%}) have "
            f"several items at {tied_time}, ordered by a keyed hash"
        )
    parts.append(f"{count_text(facts.n_duplicates, 'repeated pair')} collapsed")
    parts.append(f"{_left_out(summary.task)} left out of the evaluation")
    if facts.n_dropped_users:
        parts.append(f"{count_text(facts.n_dropped_users, 'user')} dropped because of too few untouched items")
    parts.extend(_lists(facts) if is_imported(summary.task) else _short_of_negatives(summary))
    parts.append(cold_text(summary.task))
    parts.extend(facts.notes)
    return "; ".join(parts) + "."


def cold_text(task: RecordedTask) -> str:
    """Count the held-out items without training interactions, and say whether their users are left out."""
    n_cold = task.facts.n_cold_heldout
    if not n_left_out(task, "sampled"):
        return f"{count_text(n_cold, 'held-out item')} never seen in training"
    are = "is" if n_cold == 1 else "are"
    return (
        f"{count_text(n_cold, 'user')} whose held-out item has no training interaction {are} left out of the drawn "
        "views (P7), and not of the full view"
    )


def _short_of_negatives(summary: Summary) -> Iterable[str]:
    """Count the users who have fewer untouched items than negatives were asked for."""
    rivals = summary.rivals.get("sampled")
    asked = summary.task.facts.n_negatives
    if rivals is not None and (n_users := rivals.n_users_below(asked)):
        yield f"{count_text(n_users, 'user')} ranked against fewer than {asked} negatives: all they have"


def _lists(facts: Facts) -> Iterable[str]:
    """Count the given lists with something unusual; the lists are used unchanged (P11)."""
    counted = (
        (facts.n_lists_with_heldout, "the held-out item itself", "which is not its own rival"),
        (facts.n_lists_with_repeats, "an item twice", "which counts as one rival"),
        (facts.n_lists_with_trained, "an item that the user trained on", "which is a rival like the others"),
    )
    for number, what, consequence in counted:
        if number is not None:
            text = f"{count_text(number, 'given list')} {'holds' if number == 1 else 'hold'} {what}"
            yield f"{text}, {consequence}" if number else text


def _left_out(task: RecordedTask) -> str:
    """Say which users are not evaluated."""
    facts = task.facts
    if is_imported(task):
        return f"{count_text(facts.n_users - facts.n_evaluated, 'user')} without a given held-out item"
    if is_split_at_time(task):
        return _left_out_at_time(facts)
    return f"{count_text(facts.n_short_users, 'user')} with fewer than {MIN_ITEMS} items"


def _left_out_at_time(facts: Facts) -> str:
    at_time = facts.of_time_split()
    return (
        f"{count_text(at_time.n_silent_users, 'user')} without interactions from the cut on, and "
        f"{count_text(facts.n_short_users, 'user')} with fewer than {MIN_TRAIN} before it "
        f"({at_time.n_new_users:,} with none),"
    )


def _all_seeds(summary: Summary) -> str:
    parts = [training_seeds_text(summary)]
    if len(summary.seeds) > 1:
        fitted = [row for row in summary.rows if not (row.failed or row.external) and row.seeds != summary.seeds]
        once = [row.label for row in fitted if row.recommender.deterministic]
        if once:
            parts.append(f"deterministic, so run once: {', '.join(once)}")
        parts.extend(
            f"{row.label}: {seeds_text(row.seeds)} only" for row in fitted if not row.recommender.deterministic
        )
    return "; ".join(parts) + "."


def _selection(summary: Summary) -> str:
    patience = ", ".join(map(str, summary.patiences))
    chosen = [f"{row.label} {', '.join(map(str, row.best_epochs))}" for row in summary.rows if row.best_epochs]
    return (
        f"epochs were chosen on the validation task (patience {patience}), then a fresh model was fitted: "
        f"{'; '.join(chosen)}. fit is the time of this last fit only."
    )
