"""The rows of the table, in its order."""

from . import costs, growth, mixed, parked, replaced, shares, throughput, worker

ROWS = [
    *throughput.ROWS,
    *mixed.ROWS,
    *replaced.ROWS,
    *worker.ROWS,
    *parked.ROWS,
    *costs.ROWS,
    *shares.ROWS,
    *growth.ROWS,
]
