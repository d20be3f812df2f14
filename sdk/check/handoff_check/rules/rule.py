"""A rule, by its name."""

from handoff_check.monitor import Failed

HTTP, TCP = "http", "tcp"
BOTH = (HTTP, TCP)

CHECKS = []


class Check:
    """One rule for workers of these protocols. alone says that it needs a process of its own, with this environment
    too. A name stands once for each protocol."""

    def __init__(self, name, protocols, rule, run, alone, environment):
        self.name = name
        self.protocols = protocols
        self.rule = rule
        self.run = run
        self.alone = alone or bool(environment)
        self.environment = environment


def check(name, protocols=(HTTP,), alone=False, **environment):
    """Makes a check of a function: its first line of documentation is the rule."""

    def add(run):
        rule = " ".join(run.__doc__.split())
        told = {"HANDOFF_" + key.upper(): value for key, value in environment.items()}
        CHECKS.append(Check(name, protocols, rule, run, alone, told))
        return run

    return add


def require(condition, otherwise):
    if not condition:
        raise Failed(otherwise)


def await_exit(worker, expected, timeout=None):
    status = worker.exit_status(timeout)
    require(status == expected, "the exit status is %d, not %d" % (status, expected))
