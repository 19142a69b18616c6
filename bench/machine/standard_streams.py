"""The numbers of the standard streams, kept from other files in a process that was started without some of them."""

from __future__ import annotations

import os

_LAST = 2


def occupy_standard_streams() -> None:
    """Open the null device under each number of a standard stream that is free.

    A pipe or socket that got such a number would become the standard stream of the next process that is started.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= _LAST:
        os.set_inheritable(number, True)
    os.close(number)
