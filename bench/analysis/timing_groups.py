"""Which rows were timed under equal conditions: times with the same letter can be compared, others cannot."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields, replace
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.records.conditions import Conditions, conditions_of
from bench.writing.text import amount_text, count_text, enumerated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bench.records.record import Record


class _Part(NamedTuple):
    """What the times of several values of a part are of, and the words of one value that is known."""

    several: str
    words: Callable[[Any], str] = str


_SEVERAL_MACHINES = "several machines"

_PARTS = {
    "cpu": _Part(_SEVERAL_MACHINES),
    "cores": _Part(_SEVERAL_MACHINES, lambda n: count_text(n, "core")),
    "memory_gib": _Part(_SEVERAL_MACHINES, lambda n: f"{n} GiB"),
    "system": _Part(_SEVERAL_MACHINES),
    "blas": _Part(_SEVERAL_MACHINES),
    "instructions": _Part("several instruction sets"),
    "device": _Part("several devices"),
    "threads": _Part("jobs with different numbers of threads", lambda n: f"{count_text(n, 'thread')} per job"),
    "at_once": _Part(
        "jobs with different numbers of others beside them",
        lambda n: "one job at a time" if n == 1 else f"{n} jobs at once",
    ),
    "standstill_seconds": _Part(
        "jobs of which some stood still",
        lambda seconds: f"stood still for {amount_text(seconds)} s" if seconds else "never stood still",
    ),
}
"""The parts of `bench.records.conditions.Conditions`; times are of what the first part that differs says."""

_UNKNOWN = {
    "device": "on the processor",
    "memory_gib": "memory not recorded",
    "at_once": "jobs at the same time not known",
}
"""The words of a part without a value, where they are not ``"... not recorded"`` with its name."""


@dataclass(frozen=True)
class TimingGroups:
    """The conditions that some records were timed under.

    Parameters
    ----------
    conditions
        Each once; the first has the letter ``a``.
    number_of
        The place in ``conditions`` of what each record says.
    """

    conditions: tuple[Conditions, ...]
    number_of: Mapping[Conditions, int]

    @classmethod
    def of(cls, records: Iterable[Record]) -> TimingGroups:
        """Return the conditions of records, in their order; records that were not timed have none.

        Older records do not say which instructions they used. They count as having those of the others, where the
        others are alike in all else and have one set of instructions.
        """
        found = list(dict.fromkeys(filter(None, map(conditions_of, records))))
        sets: dict[Conditions, set[str]] = defaultdict(set)
        for each in found:
            sets[_without_instructions(each)] |= {each.instructions} if each.instructions else set()
        whole = {each: _with_instructions(each, sets[_without_instructions(each)]) for each in found}
        distinct = tuple(dict.fromkeys(whole.values()))
        return cls(distinct, {each: distinct.index(own) for each, own in whole.items()})

    @property
    def are_several(self) -> bool:
        """Whether there are times that cannot be compared with others."""
        return len(self.conditions) > 1

    @property
    def is_shared(self) -> bool:
        """Whether some jobs were timed while the machine ran others."""
        return any((each.at_once or 1) > 1 for each in self.conditions)

    @property
    def is_unclear(self) -> bool:
        """Whether it is not known of some jobs how many others their machine ran at the same time."""
        return any(each.at_once is None for each in self.conditions)

    @property
    def are_of(self) -> str:
        """What the times are of, if that is more than one thing: ``"several machines"``; else nothing."""
        return _PARTS[self._differing[0]].several if self.are_several else ""

    def mark(self, records: Iterable[Record]) -> str:
        """Return the letter of a time that is a mean over records; nothing where all times can be compared.

        A mean over unequal conditions has the letters of all: ``a+b``.
        """
        if not self.are_several:
            return ""
        timed = filter(None, map(conditions_of, records))
        return "+".join(map(_letter, sorted({self.number_of[each] for each in timed})))

    def sentence(self, owners: Iterable[tuple[str, Sequence[Record]]]) -> str:
        """Return what the letters mean, and who has them; nothing where all times can be compared.

        Parameters
        ----------
        owners
            Names, each with the records that its times are means over.
        """
        if not self.are_several:
            return ""
        names: dict[str, list[str]] = defaultdict(list)
        for name, records in owners:
            names[self.mark(records)].append(name)
        parts = [f"{letter} ({self._text(each)}){_of(names[letter])}" for letter, each in self.lettered.items()]
        parts += [f"{mark} (means over unequal conditions){_of(of)}" for mark, of in names.items() if "+" in mark]
        return (
            "times with different letters were taken under unequal conditions, and cannot be compared: "
            f"{'; '.join(parts)}."
        )

    @property
    def lettered(self) -> dict[str, Conditions]:
        """The conditions of each letter."""
        return {_letter(number): each for number, each in enumerate(self.conditions)}

    def _text(self, conditions: Conditions) -> str:
        """Return in what the conditions of a letter differ from others."""
        return ", ".join(_words(name, getattr(conditions, name)) for name in self._differing)

    @property
    def _differing(self) -> list[str]:
        """The parts in which the conditions differ."""
        names = [part.name for part in fields(Conditions)]
        return [name for name in names if len({getattr(each, name) for each in self.conditions}) > 1]


def _without_instructions(conditions: Conditions) -> Conditions:
    return replace(conditions, instructions=None)


def _with_instructions(conditions: Conditions, known: set[str]) -> Conditions:
    return replace(conditions, instructions=next(iter(known))) if len(known) == 1 else conditions


def _words(name: str, value: Any) -> str:
    return _UNKNOWN.get(name, f"{name} not recorded") if value is None else _PARTS[name].words(value)


def _of(names: Sequence[str]) -> str:
    return f": {enumerated(list(dict.fromkeys(names)))}" if names else ""


def _letter(place: int) -> str:
    """Return ``a`` to ``z``, then ``aa``, ``ab`` and so on."""
    rest, last = divmod(place, len(ascii_lowercase))
    return (_letter(rest - 1) if rest else "") + ascii_lowercase[last]
