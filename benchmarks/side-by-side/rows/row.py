"""What a row is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Callable


@dataclass(frozen=True)
class Metric:
    """A figure of a round: its key there, what readers see, and whether more is better."""

    key: str
    title: str
    unit: str
    more_is_better: bool = False
    digits: int = 0


RATE = Metric("rate", "requests", "/s", more_is_better=True)
P50 = Metric("p50", "50th percentile", "ms", digits=2)
P99 = Metric("p99", "99th percentile", "ms", digits=2)
PROCESSOR = Metric("processor", "processor time a request", "µs", digits=1)
FAILED = Metric("failed", "failed", "")


@dataclass(frozen=True)
class Run:
    """How a run measures."""

    seconds: float
    rounds: int
    # The program of load.c.
    load: Path
    # The most seconds of load without measuring.
    warm_up: float


@dataclass(frozen=True)
class Row:
    """A row: what is asked of which servers, and what is measured.

    The first metric is the one that is compared, and the first server the one with which the others are compared.
    """

    name: str
    group: str
    title: str
    servers: tuple
    metrics: tuple
    # Measures a server once, and returns the values of the metrics by their keys.
    measure: Callable
    # Gets a server ready, and undoes that.
    prepare: Callable = lambda server: None
    restore: Callable = lambda server: None
    # Load without measuring, for so many seconds; None where there is to be none.
    warm: Callable = None
    # The most rounds that make sense.
    most_rounds: int = 1000
    # About how many seconds a measurement takes beside those of the run: for the estimate.
    beside: float = 0.4

    def rounds(self, run):
        return min(self.most_rounds, run.rounds)

    def warm_up(self, server, run):
        """The seconds of load before this row, of a server or its class."""
        return 0 if self.warm is None else min(run.warm_up, server.warm_up)
