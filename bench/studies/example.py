"""Write an example of a study file."""

from __future__ import annotations

from pathlib import Path

from protocol.drafts import write_output
from protocol.errors import ProtocolError


def write_example(path: Path) -> None:
    """Write a study file with comments, which works as it is.

    Raises
    ------
    ProtocolError
        If there is such a file already.
    OSError
        If it cannot be written.
    """
    if path.exists() or path.is_symlink():
        raise ProtocolError(f"{path} exists already and was not changed; give the example another name")
    write_output(path, Path(__file__).with_name("example.toml").read_bytes())
