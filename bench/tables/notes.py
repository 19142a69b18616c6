"""What stands above and below a table: what a reader must know to believe it, and what each figure claims."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bench.analysis.significance import ALPHA
from bench.tables.subject import (
    is_full_ranking,
    is_imported,
    is_split_at_time,
    primary_text,
    rivals_of,
    seeds_text,
    time_text,
    training_seeds_text,
)
from bench.writing.sheet import MARK
from bench.writing.text import amount_text, count_text
from protocol.evaluation.statistics import LEAST_SEEDS
from protocol.tasks.split import MIN_ITEMS
from protocol.tasks.split_rule import rule_of_part
from protocol.tasks.time_split import MIN_TRAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.analysis.significance import Significance
    from bench.analysis.summary import Summary
    from bench.analysis.views import Agreement
    from bench.records.task import Facts, RecordedTask


TOO_FEW_SEEDS = f"not deterministic and with fewer than {LEAST_SEEDS} training seeds"
"""Why nothing is claimed of algorithms."""

MORE_SEEDS = f"--seeds 0-{LEAST_SEEDS - 1} or more would count what training again changes; five are better"


_ROUNDING = 1e-9
"""Of Kendall's tau as it is computed."""

MOST_PAIRS = 12
"""How many swapped pairs are named; JSON has all."""


def notes_of(summary: Summary, *, beyond_accuracy: bool = False) -> Iterable[tuple[str, str]]:
    """Yield keywords and sentences.

    Parameters
    ----------
    beyond_accuracy
        Whether figures of `bench.analysis.beyond_accuracy` are shown.
    """
    for row in summary.rows:
        if row.failed:
            yield "Failed", f"{row.label} ({seeds_text(row.seeds)}): {row.failure}"
    if any(" #" in row.label for row in summary.rows):
        yield (
            "Same name",
            "rows marked # share a name and differ in source, threads, selection, versions or full ranking.",
        )
    external = [row.label for row in summary.rows if row.external]
    if external:
        yield (
            "External",
            f"{_listed(external)}: scores that another program wrote, ranked against the same candidates by the same "
            "rule. Whether it saw the training interactions alone, what it cost, and what training again would "
            "change, is not known here.",
        )
    yield from _order(summary)
    yield (
        "Interval",
        "± is half of the 95 % interval over users, for these trained models: what training again would change is not "
        "in it. Rows are compared by tests, not by whether intervals overlap.",
    )
    if summary.significance:
        yield "Tests", " ".join(_tests(summary, summary.significance))
    if summary.failed_baseline:
        yield "Tests", f"none: the baseline, {summary.failed_baseline}, failed."
    yield "Views", " ".join(_views(summary))
    if beyond_accuracy:
        yield "Lists", " ".join(_lists(summary))
    yield "Cost", " ".join(_cost(summary))
    programs = [row.label for row in summary.rows if row.recommender.reference.endswith(".toml:Program")]
    if programs:
        yield (
            "Programs",
            f"{_listed(programs)}: run in processes of their own. Their times have in them what starting these, and "
            "reading and writing files, takes; peak is the largest process's.",
        )
    yield from _environments(summary)
    if is_split_at_time(summary.task):
        yield "Time", _time_split(summary.task)
    elif not is_imported(summary.task):
        yield (
            "Time",
            "leave-last-out trains on interactions later than other users' held-out ones: the future leaks across "
            "users (Ji et al. 2023).",
        )
    yield "Data", _data(summary)
    yield "Seeds", _all_seeds(summary)
    if summary.patiences:
        yield "Selection", _selection(summary)
    yield from _defaults(summary)
    # Environments that differ in what is not said here, such as the commit, read the same.
    yield from dict.fromkeys(note for one in summary.environments for note in _machine(one, summary.threads))
    libraries = {f"{name} {version}" for row in summary.rows for name, version in row.recommender.libraries.items()}
    if libraries:
        yield "Libraries", f"{', '.join(sorted(libraries))}."
    yield "Task", summary.task.digest


def _environments(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name what the environments that programs have of their own were built from."""
    programs: dict[tuple[str, ...], list[str]] = {}
    for row in summary.rows:
        programs.setdefault(tuple(row.recommender.requirements), []).append(row.label)
    for requirements, labels in programs.items():
        if requirements:
            labels = list(dict.fromkeys(labels))
            yield "Environment", f"of {_listed(labels)}, built from {', '.join(requirements)}."


def _defaults(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name the rows that stand at defaults which were chosen on this dataset."""
    dataset = summary.task.dataset
    chosen = [
        row.label
        for row in summary.rows
        if row.recommender.chosen_on == dataset and not row.is_tuned and not row.failed
    ]
    if not chosen:
        return
    text = f"{_listed(chosen)}: at defaults that were chosen on {dataset}, on the validation task of leave-last-out."
    if is_split_at_time(summary.task):
        text += " What it held out may be what this task tests."
    yield "Defaults", text


def _order(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say whether the views order the rows alike."""
    if not summary.agreements:
        return
    metric = f"NDCG@{summary.ks[0]}"
    views = list(dict.fromkeys(view for agreement in summary.agreements for view in agreement.views))
    swapped = {frozenset(pair) for agreement in summary.agreements for pair in agreement.swapped}
    if not swapped:
        yield "Order", f"{_listed(views)} {metric} put the rows into one order."
        return
    parts = "; ".join(
        _agreement_text(agreement, summary.agreements[:number]) for number, agreement in enumerate(summary.agreements)
    )
    text = f"the order of the rows depends on the view. Kendall's tau of {metric}: {parts}."
    yield "Warning", text + _told_apart(summary, swapped)


def _agreement_text(agreement: Agreement, said: Sequence[Agreement]) -> str:
    """Return ``.80 between sampled and full (swapped: als and bpr)``; in brief, if they were ``said`` just before."""
    text = f"{_tau_text(agreement.kendall_tau)} between {' and '.join(agreement.views)}"
    if said and agreement.swapped and set(agreement.swapped) == set(said[-1].swapped):
        return f"{text} (swapped: the same)"
    pairs = [f"{one} and {other}" for one, other in agreement.swapped[:MOST_PAIRS]]
    if len(agreement.swapped) > MOST_PAIRS:
        pairs.append(f"{len(agreement.swapped) - MOST_PAIRS} more, all in --format json")
    return f"{text} (swapped: {', '.join(pairs)})" if pairs else text


def _tau_text(tau: float) -> str:
    """Return ``.80``, ``-.33``, ``0`` and ``1``, which only one and the same order has."""
    if math.isnan(tau):
        return "undefined"
    shown = round(tau, 2)
    if abs(shown) == 1 and abs(tau) < 1 - _ROUNDING:
        shown = math.copysign(0.99, tau)
    return f"{shown:.2f}".replace("0.", ".", 1) if shown % 1 else f"{shown + 0:.0f}"


def _told_apart(summary: Summary, swapped: set[frozenset[str]]) -> str:
    """Say how many of some pairs the tests tell apart, where all pairs are tested."""
    found = summary.significance
    if found is None or found.is_baseline:
        return ""
    n = sum(pair.distinguishable for pair in found.pairs if frozenset((pair.ours, pair.theirs)) in swapped)
    if len(swapped) == 1:
        subject = f"The pair is {'' if n else 'not '}"
    else:
        subject = f"{n or 'None'} of these {len(swapped)} pairs {'are' if n > 1 else 'is'} "
    return f" {subject}distinguishable by {primary_text(summary)}."


def _tests(summary: Summary, found: Significance) -> Iterable[str]:
    """Say what the marks are, how they were found, and what they claim."""
    reference = f"the baseline, {found.reference}," if found.is_baseline else f"the best row, {found.reference},"
    family = f"its {count_text(len(found.pairs), 'pair')}" if found.is_baseline else _all_pairs(len(found.pairs))
    method = f"paired t-tests on per-user values, Holm's correction over {family}, at {100 * ALPHA:.0f} %"
    if any(summary.is_marked(row) for row in summary.rows):
        yield f"{MARK} is not distinguishable from {reference} by {primary_text(summary)}: {method}."
        yield "Not distinguishable is not equal: these users do not tell."
    else:
        yield f"every row is distinguishable from {reference} by {primary_text(summary)}: {method}."
    yield from _claim(summary, found)


def _all_pairs(n_pairs: int) -> str:
    return "the one pair" if n_pairs == 1 else f"all {n_pairs} pairs"


def _claim(summary: Summary, found: Significance) -> Iterable[str]:
    """Say whether the tests are about trained models or about the algorithms."""
    random = [row for row in summary.rows if not (row.failed or row.recommender.deterministic)]
    if found.too_few_seeds:
        few = [row for row in random if row.label in found.too_few_seeds]
        averaged = ", averaged over their seeds" if any(len(row.seeds) > 1 for row in few) else ""
        hint = "" if all(row.external for row in few) else f" ({MORE_SEEDS})"
        yield (
            f"{TOO_FEW_SEEDS.capitalize()}: {_listed(found.too_few_seeds)}; of them nothing is "
            f"claimed but of these trained models{averaged}{hint}."
        )
    about_algorithms = [pair for pair in found.pairs if pair.comparison.about_algorithms]
    if about_algorithms:
        subject = "Other claims are" if found.too_few_seeds else "The claim is"
        retrained = any(pair.n_seeds > 1 for pair in about_algorithms)
        reason = "what training again changes is counted" if retrained else "training again changes nothing"
        yield f"{subject} about the algorithms: {reason}."
    if len({len(row.seeds) for row in random if len(row.seeds) > 1}) > 1:
        yield "Seeds are paired in ascending order, as many as both rows have."


def _views(summary: Summary) -> Iterable[str]:
    """Say what each view ranks against."""
    if is_full_ranking(summary.task):
        yield (
            f"HR and NDCG (full) rank each held-out item against {rivals_of(summary.task)}, and nothing else is shown: "
            "no negatives are drawn (--negatives 0). Score times are those of all items. Ties count as the mean over "
            "their orders."
        )
        return
    n_negatives, n_undrawable = summary.task.facts.n_negatives, summary.n_undrawable
    yield f"HR and NDCG (sampled) rank each held-out item against {rivals_of(summary.task)};"
    if n_undrawable:
        users = count_text(n_undrawable, "user")
        yield f"expected is undefined, because {users} have fewer than {n_negatives} untouched items;"
    else:
        yield (
            f"expected is their exact mean over all draws of {n_negatives} untouched items, without the noise of a "
            "draw but with the bias of sampling"
            + (", not the expectation of the given lists;" if is_imported(summary.task) else ";")
        )
    yield "full ranks against every item the user never touched."
    yield "Sampled figures can reverse an order (Krichene & Rendle 2020). Ties count as the mean over their orders."


def _cost(summary: Summary) -> Iterable[str]:
    """Say what is counted."""
    if summary.tells_selection:
        yield (
            "select is what choosing on the validation task took, training and scoring: all trials, with all their "
            "seeds, of the search that found a row's parameters (--params; of those that failed, timeouts alone), and "
            "choosing its epochs (--early-stopping), a mean over seeds. It is no part of fit; - where nothing is known "
            "to have been chosen."
        )
    yield (
        "fit and score are times on this machine without imports, loading and evaluation, means over seeds; peak is "
        "the process's own memory while fitting, the highest over seeds."
    )


def _lists(summary: Summary) -> Iterable[str]:
    """Define what is shown of each user's best items, with sources."""
    heldout = summary.heldout_popularity
    others = ", nor touched after the held-out one" if is_split_at_time(summary.task) else ""
    yield (
        f"each user's best items that are not in train{others}, of these trained models; none of it says that they "
        "are good."
    )
    yield f"coverage: the share of all {summary.task.facts.n_items:,} items shown to anybody (Ge et al. 2010)."
    yield "Gini: from 0, all items shown alike, to 1, one item in every place (Shani & Gunawardana 2011)."
    yield "popularity: mean number of training interactions of the items shown, ARP (Yin et al. 2012)" + (
        "." if heldout is None else f"; the held-out items have {amount_text(heldout)}."
    )
    yield (
        "novelty: mean self-information of the items shown, -log2 of the share of users who trained on them "
        "(Zhou et al. 2010; Vargas & Castells 2011)."
    )


def _time_split(task: RecordedTask) -> str:
    """Say what the rule is, where it cut, and what is used of what came then (P26)."""
    facts, at_time = task.facts, task.facts.of_time_split()
    return (
        f"global time split (--split {rule_of_part(task.parts.split)}): trained on is what came before "
        f"{time_text(at_time.cut_time)}, {facts.n_train / facts.n_interactions:.1%} of the interactions; held "
        f"out is each evaluated user's first one from then on, and the other {at_time.n_unused:,} are not used. "
        f"{at_time.n_new_items:,} of {count_text(facts.n_items, 'item')} occur from then on only, and are ranked, "
        "too. The times are taken for those of one clock."
    )


def _data(summary: Summary) -> str:
    name, facts = summary.task.dataset, summary.task.facts
    size = f"{count_text(facts.n_users, 'user')}, {count_text(facts.n_items, 'item')}, "
    parts = [f"{name}, {size}{count_text(facts.n_interactions, 'interaction')}"]
    evaluated, at_time = facts.n_evaluated, is_split_at_time(summary.task)
    tied_time = "the time of their held-out one" if at_time else "their latest time"
    parts.append(
        f"{facts.n_tied_users:,} of {evaluated:,} evaluated users ({facts.n_tied_users / evaluated:.1%}) have "
        f"several items at {tied_time}, put in order by a keyed hash"
    )
    parts.append(f"{count_text(facts.n_duplicates, 'repeated pair')} collapsed")
    parts.append(f"{_left_out_at_time(facts) if at_time else _left_out(facts)} left out of the evaluation")
    if facts.n_dropped_users:
        parts.append(f"{count_text(facts.n_dropped_users, 'user')} dropped for too few untouched items")
    if summary.n_fewer_rivals:
        parts.append(f"{count_text(summary.n_fewer_rivals, 'user')} ranked against fewer negatives, all there are")
    parts.append(f"{count_text(facts.n_cold_heldout, 'held-out item')} never seen in training")
    parts.extend(facts.notes)
    return "; ".join(parts) + "."


def _left_out(facts: Facts) -> str:
    return f"{count_text(facts.n_short_users, 'user')} with fewer than {MIN_ITEMS} items"


def _left_out_at_time(facts: Facts) -> str:
    at_time = facts.of_time_split()
    return (
        f"{count_text(at_time.n_silent_users, 'user')} without interactions from the cut on, and "
        f"{count_text(facts.n_short_users, 'user')} with fewer than {MIN_TRAIN} before it "
        f"({at_time.n_new_users:,} with none),"
    )


def _all_seeds(summary: Summary) -> str:
    """Say which seeds the figures rest on, and which rows rest on fewer."""
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
        f"epochs chosen on the validation task (patience {patience}), then refitted: {'; '.join(chosen)}. "
        "Fit seconds are the refit's alone."
    )


def _machine(environment: Mapping[str, Any], threads: Sequence[int]) -> Iterable[tuple[str, str]]:
    jobs = " or ".join(count_text(number, "thread") for number in threads)
    yield "Machine", f"{environment['cpu']}; {jobs} a job."
    yield "Versions", ", ".join(f"{name} {number}" for name, number in environment["versions"].items()) + "."


def machine_lines(summary: Summary) -> Iterable[str]:
    """Yield a list in Markdown of the machines that a page's figures are of."""
    for one in summary.environments:
        versions = ", ".join(f"{name} {version}" for name, version in one["versions"].items())
        cores = count_text(one["cores"], "core")
        yield f"- {one['cpu']}, {cores}, {one['memory_gib']} GiB, {one['system']}; {versions};"
        yield f"  commit {one['commit']}"


def _listed(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, ``a, b and c``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
