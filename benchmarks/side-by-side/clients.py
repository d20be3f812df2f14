"""The clients: wrk, and load.c for what wrk does not measure."""

import json
import signal
import subprocess
from pathlib import Path

import tools

HERE = Path(__file__).resolve().parent


def compile_load(folder):
    load = folder / "load"
    subprocess.run(["cc", "-O2", "-o", load, HERE / "load.c", "-lm"], check=True)
    return load


def wrk(port, path, seconds, connections=64, new=False, body=0):
    """Asks without a pause over these connections, or over a new one each time. Latencies are in microseconds."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", HERE / "wrk.lua"]
    if new:
        command += ["-H", "Connection: close"]
    command.append(f"http://127.0.0.1:{port}{path}")
    if body:
        command += ["--", body]
    said = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True,
                          timeout=seconds + 60, env={"PATH": tools.PATH}).stdout
    return json.loads(said.splitlines()[-1])


class OpenLoop:
    """Requests at a rate that does not depend on the answers, for so many seconds, or until it is ended."""

    def __init__(self, load, port, path, rate, seconds, connections=64, slow_path=None):
        command = [load, "open", port, connections, rate, seconds, path] + ([slow_path] if slow_path else [])
        self.seconds = seconds
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)

    def end(self):
        self.process.send_signal(signal.SIGINT)
        return self.result()

    def result(self):
        """What came of it."""
        said, _ = self.process.communicate(timeout=self.seconds + 60)
        if self.process.returncode != 0:
            raise subprocess.CalledProcessError(self.process.returncode, self.process.args)
        return json.loads(said)


class Parked:
    """Connections that have asked once, and ask no more."""

    def __init__(self, load, port, path, connections):
        self.process = subprocess.Popen(
            [str(word) for word in (load, "park", port, connections, path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.count = int(self.process.stdout.readline().split()[0])

    def end(self):
        said, _ = self.process.communicate(timeout=60)
        return json.loads(said)
