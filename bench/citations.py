"""The sources to cite beside a table: recbench, the data, the protocol's sources and every recommender, as BibTeX."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len

from bench.names import EXTERNAL
from bench.writing.text import printable
from protocol.data.datarec import PREFIX as DATAREC
from protocol.data.registered import MOVIELENS, REGISTERED
from protocol.evaluation.metrics import METRICS, check_metrics
from protocol.installation import version
from protocol.tasks.split_rule import IMPORTED, LEAVE_LAST_OUT, RANDOM, TARGETS, TIME, rule_of_part
from recommenders import registry
from recommenders.registry.built_in import OWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.records.record import Record


@dataclass(frozen=True)
class Cited:
    """Something to cite, and by what.

    Parameters
    ----------
    keys
        Of entries in ``references.bib``.
    entries
        Further ones, by their keys, that a recommender brings itself.
    remark
        Why there is nothing, where there is nothing.
    """

    subject: str
    keys: tuple[str, ...] = ()
    entries: Mapping[str, str] = field(default_factory=dict)
    remark: str = ""


REFERENCES = Path(__file__).with_name("references.bib")

_PAPERS = {entry.name: entry.papers for entry in OWN}
"""The papers of the recommenders of this package, by name."""

LIBRARIES: Mapping[str, tuple[str, ...]] = {
    "cornac": ("salah2020cornac",),
    "dgl": ("wang2019dgl",),
    "implicit": ("frederickson2016implicit",),
    "irspack": ("ohtsuki2020irspack",),
    "lenskit": ("ekstrand2020lenskit",),
    "scikit-learn": ("pedregosa2011scikit",),
    "skrecsys": ("andreev2026skrecsys",),
    "tensorflow": ("abadi2016tensorflow",),
}
"""Keys of ``references.bib`` by the distribution, which a recommender of whatever origin names in ``libraries``."""

_BEYOND_ACCURACY = (
    Cited("coverage", ("ge2010beyond",)),
    Cited("Gini", ("shani2011evaluating",)),
    Cited("popularity of the items shown (ARP)", ("yin2012challenging",)),
    Cited("novelty", ("zhou2010solving", "vargas2011rank")),
)

DECLARED = "bibtex"
"""The class attribute in which a recommender of one's own says what to cite: a text of BibTeX entries."""


def bibtex_text(
    records: Sequence[Record] | None = None, *, metrics: Sequence[str] | None = None, beyond_accuracy: bool = False
) -> str:
    r"""Return BibTeX: comments that say which ``\\cite`` belongs where, then each entry once.

    Parameters
    ----------
    records
        Of a table; None for the default protocol on MovieLens with all built-ins.
    metrics
        Names of `protocol.evaluation.metrics.METRICS`; by default those that tables show by default.
    beyond_accuracy
        Whether coverage, popularity and novelty are shown, too.

    Raises
    ------
    ProtocolError
        If a metric is unknown.
    """
    found = [
        Cited("recbench", ("recbench",)),
        *_sources(records, check_metrics(metrics)),
        *(_BEYOND_ACCURACY if beyond_accuracy else ()),
    ]
    known = references()
    entries: dict[str, str] = {}
    comments = []
    for cited in found:
        clashes = [key for key, entry in cited.entries.items() if {**known, **entries}.get(key, entry) != entry]
        own = {key: entry for key, entry in cited.entries.items() if key not in clashes}
        entries |= {key: known[key] for key in cited.keys} | own
        comments.append((cited.subject, _comment(cited, tuple(dict.fromkeys((*cited.keys, *own))), clashes)))
    width = max(cell_len(_harmless(subject)) for subject, _ in comments)
    lines = [_comment_line(subject, text, width) for subject, text in comments]
    title = f"% What to cite, by recbench {version()}. BibTeX passes over lines like these."
    return "\n".join((title, *lines, "", "\n\n".join(entries.values()), ""))


def _comment(cited: Cited, keys: Sequence[str], clashes: Sequence[str]) -> str:
    parts = [f"\\cite{{{','.join(keys)}}}"] if keys else []
    if clashes:
        parts.append(f"its own {', '.join(clashes)} left out: another entry has that key")
    return "; ".join(parts) or cited.remark


def _comment_line(subject: str, text: str, width: int) -> str:
    shown = _harmless(subject)
    return f"% {shown}:{' ' * (width - cell_len(shown))} {_harmless(text)}"


def _harmless(comment: str) -> str:
    """Return a text of one line that begins no entry: BibTeX knows no comments, it looks for the sign @."""
    return printable(comment).replace("@", "(at)")


def _sources(records: Sequence[Record] | None, metrics: Sequence[str]) -> Iterator[Cited]:
    if records is None:
        yield Cited(MOVIELENS.name, MOVIELENS.citations)
        yield from _protocol_sources(metrics, LEAVE_LAST_OUT, sampled=True)
        yield from (_ours(name) for name, entry in registry.entries().items() if entry.origin == registry.BUILT_IN)
        return
    task = records[0].task
    yield _dataset(task.dataset)
    yield from _protocol_sources(metrics, task.parts.split, sampled=task.facts.n_negatives > 0)
    if len({record.task.digest for record in records}) > 1:
        yield Cited("tests over repeated splits", ("nadeau2003inference",))
    if any(record.selection or record.tuning_seconds is not None for record in records):
        yield Cited("parameters and epochs chosen for all alike", ("ferraridacrema2021troubling",))
    by_name = {(record.recommender.name, str(record.bibtex)): record for record in records}
    yield from (_recommender(by_name[identity]) for identity in sorted(by_name, key=str))


def _dataset(name: str) -> Cited:
    if name in REGISTERED:
        return Cited(name, REGISTERED[name].citations)
    if name.startswith(DATAREC):
        return Cited(f"{name} (through DataRec; cite its authors, too)", ("mancino2025datarec",))
    if name.partition(":")[0] == "synthetic":
        return Cited(name, remark="generated by recbench; nothing to cite")
    return Cited(name, remark="recbench does not know its source; cite it")


def _protocol_sources(metrics: Sequence[str], split: str, *, sampled: bool) -> Iterator[Cited]:
    """Yield what the protocol takes from others (``protocol/README.md``); ``split`` is the part of a task."""
    yield from _split_sources(split)
    if sampled:
        yield Cited("sampled candidates, and what they can reverse", ("krichene2020sampled",))
    yield from (Cited(name, (key,)) for name in metrics if (key := METRICS[name].reference) is not None)
    yield Cited("ties", ("mcsherry2008computing",))
    yield Cited("tests", ("ihemelandu2023inference", "holm1979simple"))


def _split_sources(split: str) -> Iterator[Cited]:
    """Yield what a split is taken from, and who says what it leaks."""
    rule = rule_of_part(split)
    if rule.kind == TIME:
        yield Cited("global time split", ("ji2023critical", "meng2020exploring"))
        if rule.target != TARGETS[0]:
            yield Cited("its target", ("gusak2025time",))
        return
    if split == IMPORTED:
        yield Cited("split and candidates as given", ("he2017neural",))
    elif rule.kind == RANDOM:
        yield Cited("leave a random one out", ("meng2020exploring",))
    else:
        yield Cited("leave-last-out", ("he2017neural",))
    yield Cited("its leak of the future", ("ji2023critical",))


def _recommender(record: Record) -> Cited:
    """Return what a record's recommender is cited by."""
    name, origin = record.recommender.name, record.recommender.origin
    libraries = _libraries(record)
    if registry.is_ours(origin):
        return _ours(name, libraries)
    if origin == EXTERNAL:
        return Cited(name, remark="scores of another program; recbench does not know its source")
    declared = record.bibtex or ""
    if not declared.strip():
        return Cited(name, libraries, remark=f"declares nothing to cite (a class attribute, {DECLARED}, would)")
    entries = split_entries(inspect.cleandoc(declared))
    return Cited(name, libraries, entries, remark=f"its {DECLARED} holds no BibTeX entry")


def _libraries(record: Record) -> tuple[str, ...]:
    """Return what to cite of the libraries that a record's recommender is made of, as far as it is known."""
    return tuple(key for distribution in record.recommender.libraries for key in LIBRARIES.get(distribution, ()))


def _ours(name: str, libraries: tuple[str, ...] = ()) -> Cited:
    if name not in _PAPERS:
        return Cited(name, libraries, remark="recbench does not know its source")
    return Cited(name, (*_PAPERS[name], *libraries), remark="nothing to cite")


@cache
def references() -> Mapping[str, str]:
    """Return the entries of ``references.bib`` by their keys."""
    return split_entries(REFERENCES.read_text(encoding="utf-8"))


def split_entries(text: str) -> dict[str, str]:
    """Return the BibTeX entries in a text by their keys, control characters escaped; what is no entry is passed over.

    An entry ends with the brace that closes it: one whose braces do not match is none.
    """
    entries: dict[str, str] = {}
    for begin in re.finditer(r"@[A-Za-z]+\s*\{\s*([^\s{}%#,\\\"'()=~@]+)\s*,", text):
        end = _closing_brace(text, begin.start())
        if end is not None:
            entries.setdefault(begin[1], "\n".join(map(printable, text[begin.start() : end].splitlines())))
    return entries


def _closing_brace(text: str, start: int) -> int | None:
    """Return the place behind the brace that closes the first one from ``start`` on."""
    depth = 0
    for found in re.finditer(r"[{}]", text[start:]):
        depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return start + found.end()
    return None
