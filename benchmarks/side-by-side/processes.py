"""Processes: starts and ends them, and asks /proc what they use."""

import os
import signal
import socket
import random
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")

# A first start of Karaf on a busy machine takes a minute.
DEADLINE = 180

# For a program to end, and then for the processes that it left.
ORDERLY = 30
ORPHANS = 2


class Failure(Exception):
    """What keeps a server, or a row, from being measured."""


def until(what, condition, deadline=DEADLINE, pause=0.02):
    """Waits until the condition holds, and returns its value; fails after so many seconds."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"{what}: not within {deadline} s")
        time.sleep(pause)


def free_port():
    """A free port outside the range from which the system gives ports to clients, 32768 on by default."""
    while True:
        port = random.randrange(10000, 32768)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def stat(pid):
    """The fields of /proc/PID/stat from the third on; None where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def children(pid):
    """The processes that it has started, without those that have ended."""
    try:
        started = [int(child) for task in Path(f"/proc/{pid}/task").iterdir()
                   for child in (task / "children").read_text().split()]
    except OSError:
        return []
    return [child for child in started if (fields := stat(child)) and fields[0] != "Z"]


def tree(pid):
    """The process and all its descendants."""
    pids = [pid]
    for one in pids:
        pids.extend(children(one))
    return pids


def processor(pids, reaped=True):
    """The processor time in seconds that the processes have used, and, unless told otherwise, those they waited for."""
    ticks = 0
    for pid in pids:
        fields = stat(pid)
        if fields:
            ticks += sum(int(field) for field in fields[11:15 if reaped else 13])
    return ticks / TICKS


def memory(pids):
    """The proportional set size in bytes of the processes together."""
    total = 0
    for pid in pids:
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        except OSError:
            continue
    return total


def descriptors(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


@dataclass(frozen=True)
class Identity:
    """A process that no later one with the same number is taken for."""

    pid: int
    started: str

    @staticmethod
    def of(pids):
        return [Identity(pid, fields[19]) for pid in pids if (fields := stat(pid))]

    def lives(self):
        fields = stat(self.pid)
        return fields is not None and fields[19] == self.started and fields[0] != "Z"

    def kill(self):
        if self.lives():
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


class Program:
    """A process that was started here, with its descendants."""

    def __init__(self, command, output, environment=None):
        with open(output, "ab") as out:
            self.process = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env={**os.environ, **(environment or {})}, start_new_session=True)
        self.pid = self.process.pid
        self.output = output

    def lives(self):
        return self.process.poll() is None

    def await_answer(self, url):
        def answered():
            if not self.lives():
                raise Failure(f"{self.process.args[0]} has ended:\n{Path(self.output).read_text()[-2000:]}")
            return answers(url)

        until(f"an answer from {url} of {self.process.args[0]}", answered)

    def end(self):
        """Ends it in order, and kills what is left after some seconds."""
        all_of_it = Identity.of(tree(self.pid))

        def ended():
            return not self.lives() and not any(one.lives() for one in all_of_it)

        if self.lives():
            self.process.terminate()
        try:
            self.process.wait(ORDERLY)
            until("the end of its processes", ended, ORPHANS)
        except (subprocess.TimeoutExpired, Failure):
            for one in all_of_it:
                one.kill()
            until("the end of killed processes", ended)
