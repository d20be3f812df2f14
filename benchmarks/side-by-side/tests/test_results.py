import re
import tempfile
import unittest
from pathlib import Path

import main
import page
import results
from rows.row import FAILED, Metric, Row

RATE = Metric("rate", "requests", "/s", more_is_better=True)
TIME = Metric("time", "time", "ms", digits=1)


def row(metrics, load="0.10 0.20 0.30", **rounds):
    run = results.Results({"rows": [], "date": "today", "minutes": 1, "rounds": 3, "seconds": 2, "processes": 2,
                           "machine": {"processors": 2, "load before": load}, "versions": {"nginx": "1"},
                           "warm_up": {"nginx": 1}, "command": "benchmarks/run --rows name"})
    run.add(Row("name", "Group", "title", tuple(rounds), metrics, measure=None), {key: key.upper() for key in rounds},
            rounds, ["Node: left out"])
    return run, run.data["rows"][0]


class ResultsTest(unittest.TestCase):

    def test_ratio_is_the_median_of_pairs(self):
        # The second round was a bad one for both.
        _, one = row((RATE,), handoff=[{"rate": 100}, {"rate": 10}, {"rate": 120}],
                     nginx=[{"rate": 200}, {"rate": 20}, {"rate": 200}])
        self.assertEqual(0.5, results.ratio(one, "nginx"))
        self.assertIsNone(results.ratio(one, "handoff"))

    def test_less_time_is_a_higher_ratio(self):
        _, one = row((TIME,), handoff=[{"time": 2}], nginx=[{"time": 8}])
        self.assertEqual(4, results.ratio(one, "nginx"))

    def test_nothing_is_compared_with_none(self):
        for theirs in 0, 3:
            _, one = row((FAILED,), handoff=[{"failed": 0}], nginx=[{"failed": theirs}])
            self.assertEqual("", results.compared(one, "nginx"))

    def test_bars(self):
        self.assertEqual("█" * results.BAR, results.bar(7, 7))
        self.assertEqual("█" * (results.BAR // 2), results.bar(1, 2))
        self.assertEqual("▏", results.bar(1, 8 * results.BAR))
        self.assertEqual("", results.bar(0, 0))

    def test_table_has_medians_spread_and_what_is_missing(self):
        rounds = [{"rate": rate, "time": 1, "failed": 0} for rate in (1000, 3000, 2000)]
        run, _ = row((RATE, TIME, FAILED), handoff=rounds)
        table = results.table(run)
        self.assertIn("| title: requests | HANDOFF | 2,000/s | 1,000 to 3,000 |  | time 1.0 ms |", table)
        self.assertIn("Node: left out", table)

    def test_page_says_that_the_machine_was_busy(self):
        for load, busy in ("0.99 5.00 5.00", False), ("1.01 0.00 0.00", True):
            run, _ = row((RATE,), load, handoff=[{"rate": 1000}])
            self.assertEqual(busy, "kept the machine busy" in page.page(run, Path("run.json")), load)

    def test_page_of_the_docs_is_that_of_its_file(self):
        text = (main.PROJECT / "docs/performance.md").read_text()
        file = main.PROJECT / re.search(r"benchmarks/results/[\w.-]+\.json", text).group()
        self.assertEqual(page.page(results.Results.read(file), file), text)

    def test_page_is_made_of_the_file(self):
        run, _ = row((RATE,), handoff=[{"rate": 1000}], nginx=[{"rate": 2000}])
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "run.json"
            run.write(file)
            text = page.page(results.Results.read(file), file)
        self.assertIn("## Group", text)
        self.assertIn(f"| title: requests | HANDOFF | {'█' * (results.BAR // 2)} | 1,000/s", text)
        self.assertIn("run.json", text)
        self.assertIn("benchmarks/run --rows name   # 1 minutes", text)
        self.assertIn("did not measure: small, ", text)
