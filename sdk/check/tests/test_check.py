"""Each check passes against workers that keep its rule, and fails against one that breaks it and no other."""

import concurrent.futures
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from handoff_check.rules import CHECKS  # noqa: E402
from handoff_check.main import COULD_NOT_START, PASSED, SOME_FAILED, main  # noqa: E402
from tests import java_worker  # noqa: E402
from tests.broken_worker import BREAKS  # noqa: E402

PATHS = ["--slow", "/?ms={ms}", "--large", "/?bytes={bytes}"]
WORKER = [sys.executable, "-B", str(HERE / "broken_worker.py")]
C_WORKER = "HANDOFF_C_WORKER"
# Checks mostly wait: so many run beside each other.
BESIDE = 12
NAMES = [one.name for one in CHECKS]

# What has been begun, by what it is about.
begun = {}


def check(names, command, timeout, paths=PATHS):
    """Runs these checks; gives the exit status and what was printed."""
    out = io.StringIO()
    only = [word for name in names for word in ("--only", name)]
    return main(["--timeout", str(timeout), *paths, *only, *command], out), out.getvalue()


def setUpModule():
    """Begins all that takes long, the longest first."""
    threads = concurrent.futures.ThreadPoolExecutor(BESIDE)
    unittest.addModuleCleanup(threads.shutdown, cancel_futures=True)

    def begin(what, parts, command, paths):
        # A name stands for those below it too: each is asked for by itself.
        begun[what] = [threads.submit(check, NAMES[at::parts], command, 20, paths) for at in range(parts)]

    if java_worker.RUNTIME in os.environ:
        directory = tempfile.TemporaryDirectory()
        unittest.addModuleCleanup(directory.cleanup)
        command = java_worker.command(directory.name)
        begin("Java", 3, command, ["--path", "/checked", "--slow", "/checked?ms={ms}", "--large", "/checked?bytes={bytes}"])
    begun["broken"] = {name: threads.submit(check, [name], [*WORKER, name], 1) for name in BREAKS}
    begin("Python", 6, WORKER, PATHS)
    if C_WORKER in os.environ:
        paths = ["--path", "/app", "--slow", "/app/sleep?{ms}", "--large", "/app/big?{bytes}"]
        begin("C", 6, [os.environ[C_WORKER]], paths)


class CheckTest(unittest.TestCase):
    def passes(self, what):
        """All rules are kept; gives those that were skipped."""
        skipped = set()
        for part in begun[what]:
            status, text = part.result()
            self.assertEqual(PASSED, status, text)
            skipped.update(line.split()[1].rstrip(":") for line in text.splitlines() if line.startswith("skipped "))
        return skipped

    def test_passes_workers_in_python(self):
        # They keep no journal, and so have no files to tell of.
        self.assertEqual({name for name in NAMES if name.startswith(("journal.", "overflow.", "rest."))}, self.passes("Python"))

    @unittest.skipUnless(C_WORKER in os.environ, C_WORKER + " names no worker")
    def test_passes_workers_in_c(self):
        # The one of the tests holds idle connections for a minute.
        self.assertEqual({"give-back.idle"}, self.passes("C"))

    @unittest.skipUnless(java_worker.RUNTIME in os.environ, java_worker.RUNTIME + " names no worker")
    def test_passes_workers_in_java(self):
        self.assertEqual(set(), self.passes("Java"))

    def test_fails_a_worker_that_breaks_a_rule(self):
        self.assertEqual(set(NAMES), set(BREAKS), "each rule is to be broken once")
        for name, broken in begun["broken"].items():
            with self.subTest(name):
                status, text = broken.result()
                self.assertEqual(SOME_FAILED, status, text)
                self.assertIn("failed   %s: " % name, text)
                self.assertNotIn("the check itself failed", text)

    def test_skips_what_needs_more(self):
        status, text = check(["frames.ping.handling", "journal.reading"], WORKER, 10, [])
        self.assertEqual(PASSED, status, text)
        self.assertIn("skipped  frames.ping.handling: needs --slow", text)
        self.assertIn("skipped  journal.reading: this worker keeps no journal", text)

    def test_says_what_was_sent_and_seen(self):
        _, text = check(["spent"], [*WORKER, "spent"], 1)
        for line in ("rule: When HANDOFF_MAX_REQUESTS requests were begun", "> starts the worker", "< READY", "< QUOTA_REACHED"):
            self.assertIn(line, text)

    def test_tells_workers_apart_that_do_not_start(self):
        with tempfile.TemporaryDirectory() as directory:
            plain = pathlib.Path(directory, "plain")
            plain.write_text("no program\n")
            for command in ([str(plain)], [directory + "/none"], ["/bin/true"]):
                self.assertEqual(COULD_NOT_START, check(["process.ready"], command, 1)[0], command)

    def test_lists_rules_as_a_program(self):
        done = subprocess.run([HERE.parent / "handoff-worker-check", "--list"], capture_output=True, text=True, check=True)
        self.assertEqual([one.name for one in CHECKS], [line.split()[0] for line in done.stdout.splitlines()])
        self.assertEqual([], [one.name for one in CHECKS if not one.rule])


if __name__ == "__main__":
    unittest.main()
