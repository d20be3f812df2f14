"""Measures Handoff and other servers side by side: see benchmarks/run --help."""

import argparse
import datetime
import fnmatch
import math
import os
import platform
import resource
import shlex
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import clients
import machine
import page
import processes
import results
import tools
from rows import ROWS
from rows.row import Run
from servers import SERVERS
from servers.server import Workplace

ENDS = signal.SIGINT, signal.SIGTERM, signal.SIGALRM
PROJECT = Path(__file__).resolve().parents[2]
RESULTS = PROJECT / "benchmarks/results"
# About how long servers take to start: a Karaf, any other.
STARTS = 15, 1
# The most seconds of load before each row of a quick run.
QUICK_WARM_UP = 5
# How much longer than estimated a run may take before it ends itself, and at least.
PATIENCE = 3, 900
# The most characters of a problem in the table.
PROBLEM = 300


def say(what):
    print(f"[{datetime.datetime.now():%T}] {what}", file=sys.stderr, flush=True)


def options():
    names = "\n".join(f"  {row.name:24} {row.title}" for row in ROWS)
    parser = argparse.ArgumentParser(
        prog="benchmarks/run", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Starts Handoff and other servers with equally many processes, measures them in turn, prints a\n"
                    "table, and writes it to benchmarks/results/ with every round. Tools that are missing are named,\n"
                    "and what needs them is left out.",
        epilog=f"Rows:\n{names}")
    parser.add_argument("--rows", default="*", help="the rows to measure, with commas between; * stands for anything")
    parser.add_argument("--rounds", type=int, help="how often each server is measured for a row (5)")
    parser.add_argument("--seconds", type=int, help="how long each time (2)")
    parser.add_argument("--quick", action="store_true",
                        help=f"3 rounds of 1 s, after {QUICK_WARM_UP} s of load at most: Handoff's code is not warm")
    parser.add_argument("--processes", type=int, default=2, help="of each server (2)")
    parser.add_argument("--install", action="store_true", help="only install what is missing, on Debian, as root")
    parser.add_argument("--page", metavar="FILE", type=Path, help="only write docs/performance.md, of this result")
    given = parser.parse_args()
    given.rounds = given.rounds or (3 if given.quick else 5)
    given.seconds = given.seconds or (1 if given.quick else 2)
    given.warm_up = QUICK_WARM_UP if given.quick else math.inf
    return given


def chosen(patterns):
    wanted = patterns.split(",")
    for pattern in wanted:
        if not fnmatch.filter((row.name for row in ROWS), pattern):
            raise SystemExit(f"no row is named {pattern}; --help names all")
    return [row for row in ROWS if any(fnmatch.fnmatch(row.name, pattern) for pattern in wanted)]


class Bench:
    """A run: the servers that are there, those that run, and what came of it."""

    def __init__(self, place, run, rows, output):
        self.place = place
        self.run = run
        self.rows = rows
        self.output = output
        self.running = {}
        # Why a server is not measured.
        self.left_out = {}
        for key, server in SERVERS.items():
            lacking = tools.missing(server.needs)
            if lacking and any(key in row.servers for row in rows):
                self.left_out[key] = f"{server.name}: left out, as {', '.join(lacking)} is missing"
                say(f"{self.left_out[key]}; install {' '.join(tools.packages(lacking))}")

    def servers(self, row):
        return [key for key in row.servers if key not in self.left_out]

    def estimate(self):
        total, started = 0, set()
        for row in self.rows:
            for key in self.servers(row):
                server = SERVERS[key]
                total += 0 if key in started else STARTS[0 if key.startswith("handoff") else 1]
                total += row.warm_up(server, self.run)
                started.add(key)
                total += row.rounds(self.run) * (self.run.seconds + row.beside)
        return total

    def measure(self):
        for number, row in enumerate(self.rows):
            say(f"row {number + 1} of {len(self.rows)}, {row.name}: {row.title}")
            self.measure_row(row)
            self.output()
            later = {key for row in self.rows[number + 1:] for key in row.servers}
            self.stop(self.running.keys() - later)

    def measure_row(self, row):
        rounds, problems = {}, [self.left_out[key] for key in row.servers if key in self.left_out]
        for key in self.servers(row):
            if self.attempt(row, key, problems, lambda: self.get_ready(row, key)):
                rounds[key] = []
        for _ in range(row.rounds(self.run)):
            for key in list(rounds):
                server = self.running[key]
                if not self.attempt(row, key, problems, lambda: rounds[key].append(row.measure(server, self.run))):
                    del rounds[key]
            if rounds:
                say("; ".join(f"{key} {results.number(rounds[key][-1][row.metrics[0].key], vars(row.metrics[0]))}"
                              for key in rounds))
        for key in self.servers(row):
            if key in self.running:
                self.attempt(row, key, problems, lambda: row.restore(self.running[key]))
        self.results.add(row, {key: SERVERS[key].name for key in rounds}, rounds, problems)

    def get_ready(self, row, key):
        if key not in self.running:
            say(f"starting {SERVERS[key].name}")
            # It is stopped, even if it does not start.
            self.running[key] = SERVERS[key](self.place)
            self.running[key].start()
            self.results.data["versions"].update(self.running[key].versions())
            self.results.data["warm_up"][self.running[key].name] = min(self.run.warm_up, self.running[key].warm_up)
        server = self.running[key]
        row.prepare(server)
        seconds = row.warm_up(server, self.run)
        if seconds:
            say(f"warming up {server.name}: {seconds} s")
            row.warm(server, seconds)

    def attempt(self, row, key, problems, step):
        """Takes a step with a server; where it fails, the row goes on without that server."""
        try:
            step()
            return True
        except (processes.Failure, OSError, ValueError, KeyError, clients.subprocess.SubprocessError) as e:
            problems.append(f"{SERVERS[key].name}: {' '.join(str(e).split())[:PROBLEM]}")
            say(f"{row.name}, {problems[-1]}")
            if key in self.running and not self.running[key].lives():
                # A later row starts it anew.
                self.stop([key])
            return False

    def stop(self, keys):
        for key in keys:
            say(f"stopping {SERVERS[key].name}")
            self.running.pop(key).stop()


def finish(number, _):
    raise SystemExit("it has taken too long" if number == signal.SIGALRM else "ended before its end")


def measure(given):
    rows = chosen(given.rows)
    # Clients and servers inherit it.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    lacking = tools.missing(("wrk", "cc"))
    if lacking:
        raise SystemExit(f"nothing can be measured without {' and '.join(lacking)}: benchmarks/run --install")
    say("building Handoff")
    tools.run(PROJECT / "mvnw", "-q", "-B", "-ntp", "-f", PROJECT, "package", "-DskipTests",
              "-pl", "karaf-assembly,benchmarks/answers", "-am")
    started = datetime.datetime.now()
    begun = time.monotonic()
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{started:%Y-%m-%dT%H%M}-{platform.node().partition('.')[0]}.json"
    outcome = results.Results({
        "date": f"{started:%Y-%m-%d %H:%M}", "minutes": 0, "rounds": given.rounds, "seconds": given.seconds,
        "processes": given.processes, "machine": machine.facts(), "warm_up": {},
        "command": shlex.join(["benchmarks/run", *sys.argv[1:]]),
        "versions": {"wrk": tools.version(tools.find("wrk"), "-v")}, "rows": []})

    def output():
        outcome.data["minutes"] = round((time.monotonic() - begun) / 60, 1)
        outcome.write(file)

    folder = Path(tempfile.mkdtemp(prefix="handoff-benchmarks-"))
    bench = None
    try:
        load = clients.compile_load(folder)
        (folder / "file").write_bytes(b"x" * (1 << 20))
        place = Workplace(folder, given.processes, folder / "file", PROJECT)
        bench = Bench(place, Run(given.seconds, given.rounds, load, given.warm_up), rows, output)
        bench.results = outcome
        seconds = bench.estimate()
        until = started + datetime.timedelta(seconds=seconds)
        say(f"{len(rows)} rows, about {seconds / 60:.0f} minutes, until {until:%T}")
        signal.alarm(int(max(PATIENCE[0] * seconds, PATIENCE[1])))
        bench.measure()
    finally:
        # What ends a run must not end its end, too.
        for number in ENDS:
            signal.signal(number, signal.SIG_IGN)
        if bench:
            bench.stop(list(bench.running))
        for pid in processes.children(os.getpid()):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
    file.with_suffix(".md").write_text(results.report(outcome))
    print(results.report(outcome))
    say(f"see {file.relative_to(PROJECT)}, and .md beside it")
    if any(row["problems"] and not row["servers"] for row in outcome.data["rows"]):
        raise SystemExit("a row has no figures at all")


def main():
    given = options()
    for number in ENDS:
        signal.signal(number, finish)
    if given.install:
        lacking = tools.missing(tools.PACKAGES)
        if lacking:
            tools.install(lacking)
        say("nothing is missing")
    elif given.page:
        (PROJECT / "docs/performance.md").write_text(page.page(results.Results.read(given.page), given.page))
    else:
        measure(given)


if __name__ == "__main__":
    main()
