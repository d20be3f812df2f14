"""The rules of docs/worker-protocol.md that can be seen from outside: a room for each subject."""

from handoff_check.rules.rule import CHECKS  # noqa: F401

# Checks run in this order.
from handoff_check.rules import process  # noqa: F401  isort: skip
from handoff_check.rules import frames  # noqa: F401  isort: skip
from handoff_check.rules import connection  # noqa: F401  isort: skip
from handoff_check.rules import give_back  # noqa: F401  isort: skip
from handoff_check.rules import off  # noqa: F401  isort: skip
from handoff_check.rules import leaving  # noqa: F401  isort: skip
from handoff_check.rules import dispatch  # noqa: F401  isort: skip
from handoff_check.rules import scoreboard  # noqa: F401  isort: skip
from handoff_check.rules import journal  # noqa: F401  isort: skip
from handoff_check.rules import files  # noqa: F401  isort: skip
from handoff_check.rules import tcp  # noqa: F401  isort: skip
