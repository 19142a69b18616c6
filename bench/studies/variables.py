"""Environment variables in the paths of a study."""

from __future__ import annotations

import os
import re

from protocol.errors import ProtocolError

_VARIABLE = re.compile(r"\$\{(\w+)\}")


def with_variables(text: str) -> str:
    """Return a path in which each ``${NAME}`` is replaced by the value of the environment variable.

    Raises
    ------
    ProtocolError
        If a variable is not set, or is empty.
    """
    return _VARIABLE.sub(lambda found: _value(found[1], text), text)


def _value(name: str, text: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise ProtocolError(
            f"{text!r} names the environment variable {name}, which is not set; set it, as in `export {name}=FOLDER`, "
            "or write the path itself"
        )
    return value
