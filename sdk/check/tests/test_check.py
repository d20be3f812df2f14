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
from handoff_check.rules.rule import BOTH, HTTP, TCP  # noqa: E402
from handoff_check.main import COULD_NOT_START, PASSED, SOME_FAILED, main  # noqa: E402
from tests import broken_tcp_worker, broken_worker, java_worker  # noqa: E402

PATHS = ["--slow", "/?ms={ms}", "--large", "/?bytes={bytes}"]
WORKER = [sys.executable, "-B", str(HERE / "broken_worker.py")]
C_WORKER = "HANDOFF_C_WORKER"
# Checks mostly wait: so many run beside each other.
BESIDE = 12
NAMES = {protocol: [one.name for one in CHECKS if protocol in one.protocols] for protocol in BOTH}
BREAKS = {HTTP: broken_worker.BREAKS, TCP: broken_tcp_worker.BREAKS}

LINES = ["--protocol", "tcp", "--request", "hello\\n", "--answer", "hello\\n"]
GREETING = ["--greeting", "welcome\\n"]
TCP_WORKER = [sys.executable, "-B", str(HERE / "tcp_worker.py")]
BROKEN_TCP_WORKER = [sys.executable, "-B", str(HERE / "broken_tcp_worker.py")]
C_EXAMPLES = "HANDOFF_C_EXAMPLES"

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

    def begin(what, parts, command, options, protocol=HTTP):
        # A name stands for those below it too: each is asked for by itself.
        names = NAMES[protocol]
        begun[what] = [threads.submit(check, names[at::parts], command, 20, options) for at in range(parts)]

    if java_worker.RUNTIME in os.environ:
        directory = tempfile.TemporaryDirectory()
        unittest.addModuleCleanup(directory.cleanup)
        command = java_worker.command(directory.name)
        begin("Java", 3, command, ["--path", "/checked", "--slow", "/checked?ms={ms}", "--large", "/checked?bytes={bytes}"])
    begun[HTTP] = {name: threads.submit(check, [name], [*WORKER, name], 1) for name in BREAKS[HTTP]}
    begun[TCP] = {name: threads.submit(check, [name], *broken_tcp(name)) for name in BREAKS[TCP]}
    begin("Python", 6, WORKER, PATHS)
    if C_WORKER in os.environ:
        paths = ["--path", "/app", "--slow", "/app/sleep?{ms}", "--large", "/app/big?{bytes}"]
        begin("C", 6, [os.environ[C_WORKER]], paths)
    begin("Python, tcp", 6, TCP_WORKER, LINES, TCP)
    greets = [name for name in NAMES[TCP] if name.startswith(("tcp.", "connection."))]
    begun["greeting"] = [threads.submit(check, greets, [*TCP_WORKER, "--greeting"], 20, [*LINES, *GREETING])]
    if C_EXAMPLES in os.environ:
        for name in ("echo", "lines"):
            begin(name, 4, [os.path.join(os.environ[C_EXAMPLES], name)], LINES, TCP)


def broken_tcp(name):
    """What to call check with."""
    greets = name.startswith("tcp.greeting")
    command = [*BROKEN_TCP_WORKER, name, *(["--greeting"] if greets else [])]
    return command, 1, [*LINES, *(GREETING if greets else [])]


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
        names = {name for name in NAMES[HTTP] if name.startswith(("journal.", "overflow.", "rest."))}
        self.assertEqual(names, self.passes("Python"))

    @unittest.skipUnless(C_WORKER in os.environ, C_WORKER + " names no worker")
    def test_passes_workers_in_c(self):
        # The one of the tests holds idle connections for a minute.
        self.assertEqual({"give-back.idle"}, self.passes("C"))

    @unittest.skipUnless(java_worker.RUNTIME in os.environ, java_worker.RUNTIME + " names no worker")
    def test_passes_workers_in_java(self):
        self.assertEqual(set(), self.passes("Java"))

    def test_passes_workers_of_any_protocol_in_python(self):
        self.assertEqual({"tcp.greeting", "tcp.greeting.kept"}, self.passes("Python, tcp"))
        self.assertEqual(set(), self.passes("greeting"))

    @unittest.skipUnless(C_EXAMPLES in os.environ, C_EXAMPLES + " names no folder")
    def test_passes_workers_of_any_protocol_in_c(self):
        never = {"tcp.greeting", "tcp.greeting.kept", "connection.earlier"}
        # What comes goes back at once, whether it is a whole request or not.
        reading = {"off.reading", "scoreboard.reading", "process.end-of-file.finishes", "process.drain-timeout"}
        reading |= {"tcp.part", "tcp.part.others", "tcp.killed.part"}
        self.assertEqual(never | reading, self.passes("echo"))
        self.assertEqual(never | {"give-back.idle", "off.idle", "off.untouched", "yield"}, self.passes("lines"))

    def test_fails_a_worker_that_breaks_a_rule(self):
        for protocol in BOTH:
            self.fails_what_breaks_a_rule_of(protocol)

    def fails_what_breaks_a_rule_of(self, protocol):
        self.assertEqual(set(NAMES[protocol]), set(BREAKS[protocol]), "each rule is to be broken once")
        for name, broken in begun[protocol].items():
            with self.subTest(name, protocol=protocol):
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
        for protocol in BOTH:
            command = [HERE.parent / "handoff-worker-check", "--protocol", protocol, "--list"]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            self.assertEqual(NAMES[protocol], [line.split()[0] for line in done.stdout.splitlines()])
            self.assertEqual(len(NAMES[protocol]), len(set(NAMES[protocol])))
        self.assertEqual([], [one.name for one in CHECKS if not one.rule])


if __name__ == "__main__":
    unittest.main()
