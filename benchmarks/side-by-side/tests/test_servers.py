import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import main
import processes
import results
import tools
from rows import ROWS
from rows.row import Metric, Row, Run
from servers import SERVERS
from servers.handoff import listed_requests
from servers.server import Server, Workplace

LISTED = """Id        | Pool    |   Pid | State | Requests | Connections | Memory |  Age
----------+---------+-------+-------+----------+-------------+--------+-----
default-5 | default | 30655 | on    |     1344 |           0 | 84 MiB | 14 s
default-6 | default | 30657 | on    |     1402 |           0 | 84 MiB | 14 s
"""


class ServersTest(unittest.TestCase):

    def test_rows_have_servers_that_there_are(self):
        for row in ROWS:
            self.assertLessEqual({*row.servers}, {*SERVERS}, row.name)
        self.assertEqual(len(ROWS), len({row.name for row in ROWS}))

    def test_missing_tools_are_named_and_what_needs_them_left_out(self):
        path = tools.PATH
        self.addCleanup(setattr, tools, "PATH", path)
        with tempfile.TemporaryDirectory() as folder:
            tools.PATH = folder
            small = next(row for row in ROWS if row.name == "small")
            os.symlink("/bin/true", Path(folder) / "cc")
            bench = main.Bench(None, Run(1, 1, None, 0), [small], None)
            self.assertEqual(["handoff"], bench.servers(small))
            self.assertIn("node is missing", bench.left_out["node"])
            self.assertEqual(["nodejs"], tools.packages(tools.missing(["node"])))

    def test_listed_requests(self):
        self.assertEqual({"30655": 1344, "30657": 1402}, listed_requests(LISTED))
        with self.assertRaises(processes.Failure):
            listed_requests("no such command")


class FakeServer(Server):
    """A process that does nothing."""

    warm_up = 0

    def start(self):
        self.program(["sleep", "600"])

    def versions(self):
        return {}


class Ours(FakeServer):
    key = name = "ours"


class Theirs(FakeServer):
    key = name = "theirs"


class BenchTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(setattr, main, "SERVERS", main.SERVERS)
        main.SERVERS = {"ours": Ours, "theirs": Theirs}
        self.place = Workplace(Path(folder.name), 1, None, None)
        self.restored = []

    def measure(self, *measures):
        """Measures a row for each of the functions, and returns the results."""
        rows = [Row(f"row-{number}", "Group", "title", ("ours", "theirs"), (Metric("value", "value", ""),),
                    measure=measure, restore=lambda server: self.restored.append(server.key))
                for number, measure in enumerate(measures)]
        bench = main.Bench(self.place, Run(1, 2, None, 0), rows, lambda: None)
        bench.results = results.Results({"rows": [], "versions": {}, "warm_up": {}})
        bench.measure()
        self.assertEqual({}, bench.running)
        return bench.results.data["rows"]

    def test_servers_are_measured_in_turn(self):
        turns = []

        def measure(server, run):
            turns.append(server.key)
            return {"value": len(turns)}

        row, = self.measure(measure)
        self.assertEqual(["ours", "theirs", "ours", "theirs"], turns)
        self.assertEqual([{"value": 2}, {"value": 4}], row["servers"]["theirs"]["rounds"])
        self.assertEqual([], row["problems"])

    def test_a_row_goes_on_without_a_server_that_fails(self):
        def measure(server, run):
            if server.key == "theirs":
                raise processes.Failure("no\nanswer")
            return {"value": 1}

        row, = self.measure(measure)
        self.assertEqual({"ours"}, {*row["servers"]})
        self.assertEqual(["theirs: no answer"], row["problems"])
        self.assertEqual(["ours", "theirs"], self.restored)

    def test_a_server_that_has_ended_is_started_anew_for_the_next_row(self):
        def kill(server, run):
            if server.key == "theirs":
                server.programs[0].process.kill()
                server.programs[0].process.wait()
                raise OSError("no connection")
            return {"value": 1}

        first, second = self.measure(kill, lambda server, run: {"value": int(server.lives())})
        self.assertEqual({"ours"}, {*first["servers"]})
        self.assertEqual([{"value": 1}] * 2, second["servers"]["theirs"]["rounds"])


class ProgramTest(unittest.TestCase):

    def test_its_end_is_that_of_its_descendants(self):
        with tempfile.TemporaryDirectory() as folder:
            # Its child does not hear of its end.
            program = processes.Program(
                ["bash", "-c", "trap '' TERM; sleep 600 & trap - TERM; wait"], f"{folder}/output")
            processes.until("a child", lambda: processes.children(program.pid))
            child, = processes.Identity.of(processes.children(program.pid))
            program.end()
            self.assertFalse(child.lives())

    def test_memory_and_processor_time(self):
        self.assertGreater(processes.memory([os.getpid()]), 1 << 20)
        self.assertGreater(processes.processor([os.getpid()]), 0)
        ended = subprocess.Popen(["true"])
        ended.wait()
        self.assertEqual((0, 0), (processes.memory([ended.pid]), processes.processor([ended.pid])))
