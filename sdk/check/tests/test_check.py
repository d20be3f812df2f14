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

from handoff_check.checks import CHECKS  # noqa: E402
from handoff_check.main import COULD_NOT_START, PASSED, SOME_FAILED, main  # noqa: E402
from tests import java_worker  # noqa: E402
from tests.broken_worker import BREAKS  # noqa: E402

PATHS = ["--slow", "/?ms={ms}", "--large", "/?bytes={bytes}"]
WORKER = [sys.executable, "-B", str(HERE / "broken_worker.py")]
# What waits most runs beside each other.
BESIDE = 12


def check(names, command, timeout, paths=PATHS):
    """Runs these checks; gives the exit status and what was printed."""
    out = io.StringIO()
    only = [word for name in names for word in ("--only", name)]
    return main(["--timeout", str(timeout), *paths, *only, *command], out), out.getvalue()


def beside(function, items):
    with concurrent.futures.ThreadPoolExecutor(BESIDE) as threads:
        return list(threads.map(function, items))


class CheckTest(unittest.TestCase):
    def test_passes_a_worker_that_keeps_the_rules(self):
        names = [one.name for one in CHECKS]
        # A name stands for those below it too: each is asked for by itself.
        for status, text in beside(lambda part: check(part, WORKER, 20), [names[at::BESIDE] for at in range(BESIDE)]):
            self.assertEqual(PASSED, status, text)

    def test_fails_a_worker_that_breaks_a_rule(self):
        names = [one.name for one in CHECKS]
        self.assertEqual(set(names), set(BREAKS), "each rule is to be broken once")

        def run(name):
            return name, check([name], [*WORKER, name], 1)

        for name, (status, text) in beside(run, names):
            with self.subTest(name):
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


@unittest.skipUnless(java_worker.RUNTIME in os.environ, java_worker.RUNTIME + " names no worker")
class JavaWorkerTest(unittest.TestCase):
    def test_java_workers_pass(self):
        with tempfile.TemporaryDirectory() as directory:
            command = java_worker.command(directory)
            paths = ["--path", "/checked", "--slow", "/checked?ms={ms}", "--large", "/checked?bytes={bytes}"]
            names = [one.name for one in CHECKS]
            for status, text in beside(lambda part: check(part, command, 30, paths), [names[at::2] for at in range(2)]):
                self.assertEqual(PASSED, status, text)
                self.assertIn(" 0 failed, 0 skipped", text)


if __name__ == "__main__":
    unittest.main()
