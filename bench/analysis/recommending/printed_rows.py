"""Which row a text means: its label, or what the table prints at the beginning of its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analysis.conduct import faults_in
from bench.analysis.settings import in_settings
from bench.records.groups import check_label
from bench.writing.sheet import MARK, UNTUNED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.records.groups import Group

_OF_ALL_ROWS = ("external", "suspicious", "beyond its threads")
"""Words in brackets that the table prints behind labels of rows, and that say nothing of which row it is."""


def label_of(text: str, groups: Sequence[Group]) -> str:
    """Return the label of the row that a text means.

    ``mf (reg=0.1)`` is the row ``mf`` where its line says so; ``torch.mf (cuda)`` is also ``torch.mf #1a2b3c4`` where
    no other row of this name computed on such a device. An ending that the table does not print there fits no row.

    Raises
    ------
    ProtocolError
        If there is no such row, or the text fits several.
    """
    labels = [group.label for group in groups]
    if text in labels:
        return text
    printed = str(text).strip().removesuffix(MARK).rstrip().removesuffix(UNTUNED).rstrip()
    settings = in_settings([(group.label, group.recommender) for group in groups])
    varied = {label: each.text_of(label) for each in settings for label in each.labels}
    found = []
    for group in groups:
        endings = {*_OF_ALL_ROWS, *_endings(group), varied[group.label]} - {""}
        if any(_fits(printed, name, endings) for name in (group.label, group.recommender.row_name)):
            found.append(group.label)
    if len(found) != 1:
        check_label(text, labels)
    return found[0]


def _endings(group: Group) -> Iterator[str]:
    """Yield what the table prints in brackets behind a label: the device, and how the recommender behaved."""
    records = (*group.fitted, *group.failed)
    if records[0].device is not None:
        yield records[0].device.words
    yield from (fault.mark for fault in faults_in(group.fitted))


def _fits(printed: str, name: str, endings: set[str]) -> bool:
    """Return whether a text is a name with nothing but such endings behind it."""
    if not printed.startswith(name):
        return False
    rest = printed.removeprefix(name).strip()
    while rest:
        ending = next((ending for ending in endings if rest.startswith(f"({ending})")), None)
        if ending is None:
            return False
        rest = rest.removeprefix(f"({ending})").strip()
    return True
