"""A real Slurm for tests: its own key, ports and folder, on loopback, with as many nodes as asked for on this machine.

Each part is a process that the test starts and ends by its number. Nothing is installed, and no cluster that the
machine may be part of is touched: all files are in a folder of the test's own.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol")

START_SECONDS = 60.0
"""How long a busy machine may take until a part of Slurm answers."""

CONFIGURATION = """
ClusterName=recbench
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SlurmctldTimeout=10
SlurmdTimeout={node_timeout}
InactiveLimit=0
KillWait=5
MinJobAge=60
MessageTimeout=10
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=64
SchedulerParameters=sched_interval=5,batch_sched_delay=0
{more}
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
PartitionName=short Nodes=ALL MaxTime=00:05:00 State=UP
"""


@dataclass
class SlurmCluster:
    """A running Slurm.

    Parameters
    ----------
    folder
        Of all its files.
    nodes
        Their names and ports.
    environment
        With which its commands find it.
    """

    folder: Path
    nodes: Mapping[str, int]
    environment: Mapping[str, str]
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, part: str, *before: str) -> None:
        """Start a part: ``munged``, ``slurmctld``, or the name of a node; by another command, such as ``taskset``."""
        if part == "munged":
            command = ["munged", "--foreground", "--force", f"--key-file={self.folder}/munge.key"]
            command += [f"--socket={self.folder}/munge.socket", f"--pid-file={self.folder}/munge.pid"]
            command += [f"--log-file={self.folder}/munge.log", f"--seed-file={self.folder}/munge.seed"]
        elif part == "slurmctld":
            command = ["slurmctld", "-D", "-f", f"{self.folder}/slurm.conf"]
        else:
            command = ["slurmd", "-D", "-N", part, "-f", f"{self.folder}/slurm.conf"]
        with Path(self.folder, f"{part}.out").open("ab") as output:
            self.parts[part] = subprocess.Popen(
                [*before, program_path(command[0]), *command[1:]],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, part: str) -> None:
        """Kill a part."""
        process = self.parts.pop(part)
        process.kill()
        process.wait()

    def command(self, *words: str) -> str:
        """Run a command of Slurm's and return what it prints."""
        return subprocess.run(
            [program_path(words[0]), *words[1:]],
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout

    def wait_until_idle(self) -> None:
        """Wait until all nodes take jobs."""
        end, states = time.monotonic() + START_SECONDS, ""
        while time.monotonic() < end:
            with contextlib.suppress(subprocess.SubprocessError):
                states = self.command("sinfo", "-h", "-N", "-p", "main", "-o", "%T")
                if states.split() == ["idle"] * len(self.nodes):
                    return
            time.sleep(0.1)
        pytest.fail(f"Slurm did not start in {START_SECONDS:g} s: its nodes are {states!r}; see {self.folder}")

    def jobs(self) -> list[str]:
        """Return the jobs that wait or run."""
        return self.command("squeue", "-h", "-r", "-o", "%i %T").splitlines()

    def processes(self) -> list[psutil.Process]:
        """Return all processes that carry this cluster's configuration in their environment, without its parts."""
        found, parts = [], {process.pid for process in self.parts.values()}
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                is_ours = process.environ().get("SLURM_CONF") == self.environment["SLURM_CONF"]
                if is_ours and process.pid not in parts and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def stop(self) -> None:
        """End all parts and all that they started."""
        for part in [name for name in self.parts if name != "munged"] + ["munged"]:
            if part in self.parts:
                self.kill(part)
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                process.kill()


@contextlib.contextmanager
def slurm_cluster(folder: Path, *, n_nodes: int = 1, node_timeout: int = 10, more: str = "") -> Iterator[SlurmCluster]:
    """Give a running Slurm; skip where it cannot be had.

    Parameters
    ----------
    folder
        A new folder of the test's own, which is removed.
    n_nodes
        Each has all cores of this machine.
    node_timeout
        After so many seconds without a word from a node it is down.
    more
        Further lines of its configuration.
    """
    missing = [name for name in PROGRAMS if program_path(name) is None]
    if missing or not sys.platform.startswith("linux"):
        pytest.skip(f"no Slurm (Debian: slurm-wlm and munge): {', '.join(missing)} missing")
    if os.geteuid() != 0:
        pytest.skip("a Slurm of the tests' own needs root")
    folder.mkdir(mode=0o755)
    ports = _free_ports(n_nodes + 1)
    nodes = {f"node{number}": port for number, port in enumerate(ports[1:])}
    lines = [
        f"NodeName={name} NodeHostname={socket.gethostname()} NodeAddr=127.0.0.1 Port={port} "
        f"CPUs={os.cpu_count()} RealMemory=4096 State=UNKNOWN"
        for name, port in nodes.items()
    ]
    text = CONFIGURATION.format(
        host=socket.gethostname(),
        controller_port=ports[0],
        folder=folder,
        node_timeout=node_timeout,
        more=more,
        nodes="\n".join(lines),
    )
    (folder / "slurm.conf").write_text(text)
    (folder / "state").mkdir()
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o400)
    environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")}
    cluster = SlurmCluster(folder, nodes, environment)
    try:
        cluster.start("munged")
        _wait_for(folder / "munge.socket")
        cluster.start("slurmctld")
        for name in nodes:
            cluster.start(name)
        cluster.wait_until_idle()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)


def program_path(program: str) -> str | None:
    """Return where a program is; daemons are not on everyone's path."""
    return shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))


def _free_ports(n: int) -> list[int]:
    """Return ports that are free now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _wait_for(path: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not path.exists():
        if time.monotonic() > end:
            pytest.fail(f"{path.name} did not appear in {START_SECONDS:g} s")
        time.sleep(0.02)
