"""The title and the caption of a table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.analysis.significance import ALPHA
from bench.analysis.views import views_of
from bench.names import STAND_IN_NOTE
from bench.records.compared import n_compared
from bench.writing.sheet import MARK, UNTUNED
from bench.writing.text import count_text, enumerated
from protocol.tasks.split_rule import IMPORTED, RANDOM, TIME, rule_of_part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.analysis.rivals import Rivals
    from bench.analysis.summary import Summary
    from bench.names import View
    from bench.records.task import RecordedTask
    from protocol.tasks.split_rule import SplitRule, Target

DIGEST_DIGITS = 12
"""Of a digest, where a few tell enough."""

_UNIX_SECONDS = (10**8, 10**10)
"""Times in this range, 1973 to 2286, are read as Unix seconds."""


def title_of(summary: Summary) -> str:
    """Return the title: which data, how many users, and what held-out items are ranked against in the first view."""
    task, rivals, view = summary.task, summary.rivals, summary.primary_view
    n_users = count_text(n_compared(task, view), "user")
    against = f"{rivals_of(task, rivals, view)}{beyond_text(rivals.get(view), summary.ks)}"
    other = other_measure(task, rivals, view)
    return f"{subject_of(task)}: {n_users}, one held-out item each against {against}{other}"


def other_measure(task: RecordedTask, rivals: Mapping[View, Rivals], view: View) -> str:
    """Return the end of a title whose view is not the measure of the task; nothing for the measure."""
    measure = views_of(task)[0]
    if view == measure:
        return ""
    return f"; this is not the measure of the task, which is against {rivals_of(task, rivals, measure)}"


def caption_of(summary: Summary) -> str:
    """Return the protocol in brief: the caption in a paper, where the notes may be cut."""
    task, found = summary.task, summary.significance
    parts = [_split_of(task), "Bold: the best of a column. ±: half of the 95 % interval over users."]
    if any(summary.is_marked(row) for row in summary.rows) and found:
        parts.append(
            f"{MARK}: not distinguishable from {summary.reference_role}, {found.reference}, by {primary_text(summary)} "
            f"(paired t-tests, Holm's correction, {100 * ALPHA:.0f} %)."
        )
    if summary.untuned:
        chosen = enumerated(list(dict.fromkeys(summary.untuned.values())))
        parts.append(f"{UNTUNED}: defaults of {chosen}, not tuned on these data.")
    foreign = [row.label for row in summary.rows if row.has_foreign_parameters]
    if foreign:
        parts.append(f"The parameters of {enumerated(foreign)} are not known to be found on these data.")
    parts.append(f"{training_seeds_text(summary)[0].upper()}{training_seeds_text(summary)[1:]}.")
    parts.append(f"Task {task.digest[:DIGEST_DIGITS]}.")
    return " ".join(parts)


def subject_of(task: RecordedTask, *, with_split: bool = True) -> str:
    """Return the data of a task, and which split they have; synthetic data are named in capitals."""
    subject = str(task.dataset)
    if STAND_IN_NOTE in task.facts.notes:
        subject = f"SYNTHETIC DATA ({subject}), because {STAND_IN_NOTE}"
    elif is_synthetic(task):
        subject = f"SYNTHETIC DATA ({subject})"
    if with_split and not is_imported(task):
        subject += split_suffix(rule_of_part(task.parts.split))
    return f"Validation task of {subject}" if task.purpose == "validation" else subject


def is_synthetic(task: RecordedTask) -> bool:
    """Return whether the data are generated."""
    return str(task.dataset).split(":")[0] == "synthetic"


def rivals_of(task: RecordedTask, rivals: Mapping[View, Rivals], view: View) -> str:
    """Return what held-out items are ranked against in a view: ``100 drawn negatives``.

    Parameters
    ----------
    rivals
        See `bench.analysis.rivals.rivals_by_view`; without the view, the text is about the number that was asked for.
    """
    asked = task.facts.n_negatives
    if view == "full":
        return "every item the user never touched"
    if view == "expected":
        return f"all draws of {asked} negatives (the exact mean)"
    kind = "given" if is_imported(task) else "drawn"
    if view not in rivals:
        return f"{asked} {kind} negatives"
    fewest, most = rivals[view].fewest, rivals[view].most
    number = "no" if most == 0 else f"{most}" if fewest == most else f"{fewest} to {most}"
    text = f"{number} {kind} negative{'' if most == 1 else 's'}"
    return text if most == asked or is_imported(task) else f"{text} ({asked} were asked for)"


def beyond_text(rivals: Rivals | None, ks: Sequence[int]) -> str:
    """Return the end of a title whose cut-offs are beyond the rivals of all users: ``; k = 10 is beyond them``."""
    beyond = [] if rivals is None else [str(k) for k in ks if k > rivals.most]
    if not beyond:
        return ""
    return f"; k = {enumerated(beyond)} {'is' if len(beyond) == 1 else 'are'} beyond them"


def _split_of(task: RecordedTask) -> str:
    """Return the split in one sentence."""
    if is_imported(task):
        return "Split as given."
    rule = rule_of_part(task.parts.split)
    if rule.kind == TIME:
        held_out = "" if rule.target == "first" else f", {rule.target} interaction from then on held out"
        return f"Global time split at {time_text(task.facts.of_time_split().cut_time)}{held_out}."
    return (
        f"A random interaction of each user held out (seed {rule.seed})."
        if rule.kind == RANDOM
        else "Leave-last-out split."
    )


def split_suffix(rule: SplitRule) -> str:
    """Return what a split adds to the name of the data in a title; nothing for leave-last-out.

    ``", global time split"``, ``", global time split, last target"``, ``", random one held out (seed 3)"``.
    """
    if rule.kind == TIME:
        return ", global time split" if rule.target == "first" else f", global time split, {rule.target} target"
    return f", random one held out (seed {rule.seed})" if rule.kind == RANDOM else ""


def target_text(target: Target) -> str:
    """Return which interaction is held out, in words: ``each evaluated user's first interaction``."""
    if target == "random":
        return "one interaction of each evaluated user, drawn by a keyed hash,"
    return f"each evaluated user's {target} interaction"


def is_imported(task: RecordedTask) -> bool:
    """Return whether the split was given as files."""
    return bool(task.parts.split == IMPORTED)


def is_full_ranking(task: RecordedTask) -> bool:
    """Return whether the full ranking is the only view (P25)."""
    return task.facts.n_negatives == 0


def is_split_at_time(task: RecordedTask) -> bool:
    """Return whether the split is at one point in time (P26)."""
    return rule_of_part(task.parts.split).kind == TIME


def is_random_split(task: RecordedTask) -> bool:
    """Return whether a random interaction of each user is held out (P27)."""
    return rule_of_part(task.parts.split).kind == RANDOM


def primary_text(summary: Summary) -> str:
    """Return what the tests compare: ``sampled NDCG@10``."""
    return f"{summary.primary_view} {summary.primary_label}"


def time_text(time: int) -> str:
    """Return a time as an ISO date if it looks like Unix seconds, else as a plain number."""
    first, end = _UNIX_SECONDS
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%dT%H:%M:%SZ}" if first <= time < end else f"{time}"


def seeds_text(seeds: Sequence[int]) -> str:
    """Return ``seed 0`` and ``seeds 0, 1``."""
    return f"seed{'' if len(seeds) == 1 else 's'} {', '.join(map(str, seeds))}"


def training_seeds_text(summary: Summary) -> str:
    """Return ``protocol seed 0; training seeds 0, 1``."""
    protocol_seed = f"protocol seed {summary.task.parts.protocol_seed}"
    return f"{protocol_seed}; training {seeds_text(summary.seeds)}" if summary.seeds else protocol_seed
