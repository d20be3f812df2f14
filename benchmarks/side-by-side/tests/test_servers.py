import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import main
import processes
import tools
from rows import ROWS
from rows.row import Run
from servers import SERVERS
from servers.handoff import listed_requests

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
            bench = main.Bench(None, Run(1, 1, None), [small], None)
            self.assertEqual(["handoff"], bench.servers(small))
            self.assertIn("node is missing", bench.left_out["node"])
            self.assertEqual(["nodejs"], tools.packages(tools.missing(["node"])))

    def test_listed_requests(self):
        self.assertEqual({"30655": 1344, "30657": 1402}, listed_requests(LISTED))
        with self.assertRaises(processes.Failure):
            listed_requests("no such command")


class ProgramTest(unittest.TestCase):

    def test_its_end_is_that_of_its_descendants(self):
        with tempfile.TemporaryDirectory() as folder:
            # Its child does not hear of its end.
            program = processes.Program(["bash", "-c", "trap '' TERM; sleep 600 & trap - TERM; wait"], f"{folder}/output")
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
