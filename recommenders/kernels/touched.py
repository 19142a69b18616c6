"""Which vectors a batch uses: each gets a slot, in the order in which the batch first uses them.

A batch's gradients then need memory for its own vectors alone, and an optimizer finds these in a list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from recommenders.kernels.compiled import inlined

if TYPE_CHECKING:
    from recommenders.kernels.arrays import Examples

Rows: TypeAlias = npt.NDArray[np.int32]

NO_SLOT = -1


@inlined
def find_slots(examples: Examples, column: int, slots: Rows, touched: Rows, n_before: int, own: Examples) -> int:
    """Give slots to the users or items of a batch; return how many.

    Parameters
    ----------
    examples
        int32, ``(n, 3)``: users are in column 0, items in column 1.
    slots
        int32, ``(n_users,)`` or ``(n_items,)``: written with the slot of each that the batch uses; `NO_SLOT` elsewhere,
        as it is for all before the first batch.
    touched
        int32, at least ``(n,)``: written with who has each slot; before, those of the batch before, ``n_before``.
    own
        int32, at least ``(n, 3)``: the column is written with the slots of the examples.
    """
    for slot in range(n_before):
        slots[touched[slot]] = NO_SLOT
    count = 0
    for k in range(examples.shape[0]):
        row = examples[k, column]
        if slots[row] == NO_SLOT:
            slots[row] = count
            touched[count] = row
            count += 1
        own[k, column] = slots[row]
    return count
