"""handoff-worker-check: the command line."""

import argparse
import sys
import traceback

from handoff_check.monitor import CannotStart, Failed, Skipped, Worker
from handoff_check.rules import CHECKS
from handoff_check.rules.rule import BOTH, HTTP, TCP
from handoff_check.rules.subject import Subject
from handoff_check.rules.tcp_subject import TcpSubject

PASSED, SOME_FAILED, COULD_NOT_START = range(3)


def arguments(given):
    parser = argparse.ArgumentParser(
        prog="handoff-worker-check",
        description="Starts a worker as the monitor would, and checks every rule of docs/worker-protocol.md against it "
        "that can be seen from outside.",
        epilog="Exit status: 0 where all rules are kept, 1 where some are not, 2 where the worker could not be started.",
    )
    parser.add_argument("--list", action="store_true", help="print the rules, and start nothing")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this check, or those of NAME.*; repeatable")
    parser.add_argument("--protocol", choices=BOTH, default=HTTP, help="what the worker's pool has (default: http)")
    parser.add_argument("--request", type=escaped, metavar="BYTES", help="tcp: a request, with escapes such as \\n and \\x00")
    parser.add_argument("--answer", type=escaped, metavar="BYTES", help="tcp: the answer to that request")
    parser.add_argument("--greeting", type=escaped, default=b"", metavar="BYTES", help="tcp: what the worker says first")
    parser.add_argument("--path", default="/", help="a path that the worker answers quickly with 2xx or 3xx (default: /)")
    parser.add_argument("--slow", metavar="PATH", help="a path whose handler takes {ms} milliseconds, which is replaced")
    parser.add_argument("--large", metavar="PATH", help="a path whose response has {bytes} bytes, which is replaced")
    parser.add_argument("--timeout", type=float, default=10, help="how long each step may take, in seconds (default: 10)")
    parser.add_argument("--verbose", action="store_true", help="print what was sent and seen of passed checks too")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="the worker, with its arguments")
    options = parser.parse_args(given)
    if not options.command and not options.list:
        parser.error("give the worker's command")
    if options.protocol == TCP and not (options.list or options.request and options.answer):
        parser.error("--protocol tcp needs --request and --answer")
    return options


def escaped(text):
    return text.encode("utf-8").decode("unicode_escape").encode("latin-1")


def chosen(protocol, only):
    checks = [one for one in CHECKS if protocol in one.protocols]
    if not only:
        return checks
    found = [one for one in checks if any(one.name == name for name in only)]
    for name in only:
        if not any(one.name == name for one in found):
            raise CannotStart("there is no check %s: --list names them" % name)
    return found


class Runner:
    """Runs checks: those that need none of their own on one worker, as long as they pass."""

    def __init__(self, options, out):
        self._options = options
        self._subject = TcpSubject if options.protocol == TCP else Subject
        self._out = out
        self._shared = None
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}

    def run(self, check):
        worker = None
        start = 0
        verdict, why = "passed", ""
        try:
            worker = self._worker(check)
            start = 0 if check.alone else self._story
            check.run(self._subject(worker, self._options))
            if not check.alone:
                worker.barrier()
        except Skipped as e:
            verdict, why = "skipped", str(e)
        except Failed as e:
            verdict, why = "failed", str(e)
        except CannotStart as e:
            if worker is None and not self.counts["passed"] and not self.counts["failed"]:
                raise
            verdict, why = "failed", str(e)
        except Exception:
            verdict, why = "failed", "the check itself failed:\n" + traceback.format_exc()
        self.counts[verdict] += 1
        self._print(check, verdict, why, worker, start)
        self._done_with(check, worker, verdict)

    def _worker(self, check):
        if self._shared is not None and not check.alone and self._shared.is_alive():
            self._story = len(self._shared.story)
            return self._shared
        self.end_shared() if not check.alone else None
        early = check.name == "frames.connection-before-ready"
        worker = Worker(self._options.command, self._options.timeout, check.environment, early)
        try:
            if not early and check.name != "process.other-version":
                worker.ready = worker.await_ready()
        except BaseException:
            self._print_story(worker, 0) if self._options.verbose else None
            worker.close()
            raise
        self._story = 0
        if not check.alone:
            self._shared = worker
        return worker

    def _done_with(self, check, worker, verdict):
        if worker is None:
            return
        if check.alone:
            worker.close()
        elif verdict != "passed":
            self.end_shared()
        else:
            for client in list(worker.clients):
                client.close()

    def end_shared(self):
        if self._shared is not None:
            self._shared.close()
            self._shared = None

    def _print(self, check, verdict, why, worker, start):
        print("%-8s %s%s" % (verdict, check.name, ": " + why if why else ""), file=self._out, flush=True)
        if verdict == "failed":
            print("         rule: %s" % check.rule, file=self._out)
        if worker is not None and (verdict == "failed" or self._options.verbose):
            self._print_story(worker, start)
            if verdict == "failed":
                said = worker.output().decode("utf-8", "replace").splitlines()[-8:]
                for line in said:
                    print("         | %s" % line[:300], file=self._out)

    def _print_story(self, worker, start):
        for line in worker.story[start:][-60:]:
            print("         %s" % line, file=self._out)


def main(given=None, out=None):
    out = sys.stdout if out is None else out
    options = arguments(given)
    try:
        checks = chosen(options.protocol, options.only)
        if options.list:
            for one in checks:
                print("%-32s %s" % (one.name, one.rule), file=out)
            return PASSED
        runner = Runner(options, out)
        try:
            for one in checks:
                runner.run(one)
        finally:
            runner.end_shared()
    except CannotStart as e:
        print("handoff-worker-check: %s: %s" % (" ".join(options.command) or "no command", e), file=sys.stderr)
        return COULD_NOT_START
    counts = runner.counts
    print("%d passed, %d failed, %d skipped" % (counts["passed"], counts["failed"], counts["skipped"]), file=out)
    return SOME_FAILED if counts["failed"] else PASSED
