"""Starts the real service as a process of its own on a free loopback port, and ends it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 90


@dataclass
class Served:
    """A running service: where it listens and which process it is."""

    base: str
    process: subprocess.Popen[bytes]
    seconds: float
    """From the start of the process to the first answer."""

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def memory(self) -> float:
        """Resident memory in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def free_port() -> int:
    """A port on loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    data: Path, *, arguments: Sequence[str] = (), log: Path | None = None, **environment: str
) -> Iterator[Served]:
    """`jianting serve` on a data folder; ended when the block is left. `log` gathers all that it says."""
    port = free_port()
    command = [sys.executable, "-m", "bot.cli", "serve", "--port", str(port), *arguments]
    base = f"http://127.0.0.1:{port}"
    with running(command, base, "/readyz", log, JIANTING_DATA_FOLDER=str(data), **environment) as served:
        yield served


@contextmanager
def running(
    command: Sequence[str], base: str, ready: str, log: Path | None = None, /, **environment: str
) -> Iterator[Served]:
    """Any server as a process; waits until `ready` answers."""
    started = time.perf_counter()
    with (log or Path(os.devnull)).open("ab") as said:
        process = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **environment},
            stdout=said,
            stderr=said if log else None,
        )
    try:
        _wait(base + ready, process, started)
        yield Served(base, process, time.perf_counter() - started)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def _wait(url: str, process: subprocess.Popen[bytes], started: float) -> None:
    while time.perf_counter() - started < PATIENCE:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode} before it answered")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"no answer from {url} within {PATIENCE} s")
