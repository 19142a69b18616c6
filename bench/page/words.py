"""The sentences of the page: the protocol in plain words, and the command that repeats the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.names import EXTERNAL
from bench.page.quoting import shell_text
from bench.tables.subject import rivals_of, target_text
from bench.writing.text import printable
from protocol.evaluation.metrics import METRICS
from protocol.tasks.split_rule import LAST, RANDOM, TIME, rule_of_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.analysis.summary import Summary
    from bench.records.task import RecordedTask

_BUILT_IN = "built-in"
_IMPORTED = "imported"
_DEFAULT_NEGATIVES = 100


def protocol_words(summary: Summary) -> Iterator[str]:
    """Yield one or two sentences for each step, for readers who have never seen the protocol."""
    task = summary.task
    yield "Every recorded interaction counts as a 1, whatever its rating; a repeated pair of user and item counts once."
    yield _split_words(task)
    if task.purpose == "validation":
        yield "This is the validation task: the same rule, applied again to the training interactions of the test task."
    rivals = rivals_of(task, summary.rivals, summary.primary_view)
    yield (
        f"Each held-out item is ranked against {rivals}, by the recommender's scores. The candidates are the same for "
        "every recommender, and fixed before any recommender is loaded."
    )
    yield (
        f"{' '.join(METRICS[name].explanation for name in summary.metrics)} If items have equal scores, the metric is "
        "the mean over all their orders, so no recommender gains from ties."
    )
    yield (
        "Every recommender is fitted in its own process. Imports, loading and evaluation are not timed. recbench "
        "chooses parameters and epochs only on the validation task, and scores the test task once (about 1 % of its "
        "users once more, to see whether scores move). This protects against mistakes, not against malice: a "
        "recommender that looks for the held-out items can find them, for example in the file of the dataset."
    )


def _split_words(task: RecordedTask) -> str:
    split = task.parts.split
    if split == _IMPORTED:
        return "Split and candidates come from the given files, unchanged."
    rule = rule_of_part(split)
    words = {
        LAST: "For every user with at least three items, the latest one is held out; recommenders train on everything "
        "else. Items with the same time are ordered by a keyed hash, never by their order in the file.",
        TIME: f"Time is cut so that a share of at most {rule.share} of all interactions lies before the cut. "
        f"Recommenders train on everything before it; {target_text(rule.target)} from then on is held out.",
        RANDOM: "For every user with at least three items, one is held out that a keyed hash draws, whenever the user "
        "touched it; recommenders train on everything else.",
    }
    return words[rule.kind]


def remake_command(summary: Summary) -> tuple[str, list[str]]:
    """Return the command that repeats the whole run, and notes about what it cannot know.

    Every word is quoted for a POSIX shell.
    """
    task, notes = summary.task, []
    words = ["recbench", "run", "--dataset", task.dataset]
    split = task.parts.split
    if split != _IMPORTED:
        rule = str(rule_of_part(split))
        words += ["--split", rule] if rule != LAST else []
        n_negatives = task.facts.n_negatives
        words += ["--negatives", str(n_negatives)] if n_negatives != _DEFAULT_NEGATIVES else []
    if task.parts.protocol_seed != "0":
        words += ["--protocol-seed", task.parts.protocol_seed]
    if summary.seeds and summary.seeds != (0,):
        words += ["--seeds", ",".join(map(str, summary.seeds))]
    if len(summary.patiences) == 1:
        words += ["--patience", str(summary.patiences[0])]
    if len(summary.threads) == 1:
        words += ["--threads", str(summary.threads[0])]
    asked = _device_options(summary)
    if len(asked) == 1:
        words += asked[0]
    elif asked:
        each = "; ".join(map(" ".join, asked))
        notes.append(f"Rows ran on several devices: run those of each by themselves, with {each}.")
    rows = {row.recommender.label: row for row in summary.rows if row.recommender.origin != EXTERNAL}
    plugins = [row for row in rows.values() if row.recommender.origin != _BUILT_IN]
    words += [word for label in sorted(rows) for word in ("-r", label)]
    names = {label: rows[label].recommender.display_name for label in sorted(rows)}
    words += [word for label, name in names.items() if name for word in ("--label", f"{label}={name}")]
    if plugins:
        needed = ", ".join(f"{row.label} ({row.recommender.reference})" for row in plugins)
        notes.append(f"The command needs these plug-ins (--plugin FILE.py, or installed): {needed}.")
    if any(row.external for row in summary.rows):
        notes.append("External rows come from another program's scores: `recbench score` ranks them again.")
    if task.facts.notes:
        notes.append(f"Prepare the data in the same way: {'; '.join(task.facts.notes)}.")
    if task.facts.n_dropped_users:
        notes.append("Add --short-users drop.")
    return shell_text(words), [printable(note) for note in notes]


def _device_options(summary: Summary) -> list[list[str]]:
    """Return the options that ask for the devices of the rows, each device once."""
    found = [tuple(row.device.options.items()) for row in summary.rows if row.device is not None]
    return [[word for option in options for word in option] for options in dict.fromkeys(found)]
