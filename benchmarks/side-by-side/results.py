"""The results of a run: a file for programs with every round, and a table for readers made of it."""

import json
import statistics
from dataclasses import asdict

BAR = 24


class Results:
    """What a run has measured so far, or a file says of one."""

    def __init__(self, data):
        self.data = data

    @staticmethod
    def read(file):
        return Results(json.loads(file.read_text()))

    def write(self, file):
        new = file.with_suffix(".new")
        new.write_text(json.dumps(self.data, indent=1, ensure_ascii=False) + "\n")
        new.replace(file)

    def add(self, row, names, rounds, problems):
        """Adds a row: the rounds of each server by its key, and why others are missing."""
        self.data["rows"].append({
            "name": row.name, "group": row.group, "title": row.title,
            "metrics": [asdict(metric) for metric in row.metrics],
            "servers": {key: {"name": names[key], "rounds": rounds[key]} for key in rounds if rounds[key]},
            "problems": problems,
        })

    def groups(self):
        """The rows by their group, in order."""
        groups = {}
        for row in self.data["rows"]:
            groups.setdefault(row["group"], []).append(row)
        return groups


def values(row, key, metric):
    return [one[metric["key"]] for one in row["servers"][key]["rounds"]]


def median(row, key, metric):
    return statistics.median(values(row, key, metric))


def ratio(row, key):
    """How much better the first server is than this one: the median over rounds, of which each has both.

    More than 1 is better, whether much or little of the metric is good. None where there is nothing to compare.
    """
    metric = row["metrics"][0]
    first = next(iter(row["servers"]))
    if key == first:
        return None
    pairs = zip(values(row, first, metric), values(row, key, metric))
    if not metric["more_is_better"]:
        pairs = ((theirs, ours) for ours, theirs in pairs)
    ratios = [one / other for one, other in pairs if other]
    return statistics.median(ratios) if ratios else None


def number(value, metric):
    text = f"{value:,.{metric['digits']}f}"
    unit = metric["unit"]
    return text + (unit if unit.startswith("/") else f" {unit}" if unit else "")


def spread(row, key, metric):
    measured = values(row, key, metric)
    return f"{number(min(measured), {**metric, 'unit': ''})} to {number(max(measured), {**metric, 'unit': ''})}"


def further(row, key):
    """The medians of the other metrics; of failures only where there were some."""
    return "; ".join(f"{metric['title']} {number(value, metric)}" for metric in row["metrics"][1:]
                     if (value := median(row, key, metric)) or metric["key"] != "failed")


def bar(value, most):
    """A bar of blocks, to an eighth of one."""
    eighths = round(8 * BAR * value / most) if most else 0
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def compared(row, key):
    found = ratio(row, key)
    return "" if found is None else f"{found:.2f}"


def table(results):
    """All rows, with a line for each server."""
    lines = ["| work | server | median | least to most | ratio | further medians |", "|---|---|---|---|---|---|"]
    for row in results.data["rows"]:
        metric = row["metrics"][0]
        for key, server in row["servers"].items():
            lines.append(f"| {row['title']}: {metric['title']} | {server['name']} "
                         f"| {number(median(row, key, metric), metric)} | {spread(row, key, metric)} "
                         f"| {compared(row, key)} | {further(row, key)} |")
        for problem in row["problems"]:
            lines.append(f"| {row['title']} | {problem} | | | | |")
    return "\n".join(lines) + "\n"


def facts(results):
    """The machine, the versions and the settings, in a sentence each."""
    data = results.data
    machine = "; ".join(f"{name} {value}" for name, value in data["machine"].items())
    versions = "; ".join(f"{name} {value}" for name, value in data["versions"].items())
    warm_up = "; ".join(f"{name} {value} s" for name, value in data["warm_up"].items())
    return (f"Measured on {data['date']} in {data['minutes']} minutes: {data['rounds']} rounds of {data['seconds']} s, "
            f"{data['processes']} processes of each server, wrk with one thread and 64 connections on the same "
            f"processors.\n\nMachine: {machine}.\n\nVersions: {versions}.\n\n"
            f"Load without measuring before most rows, as some code is compiled while it runs: {warm_up}.\n")


RATIO = ("The ratio is that of the first server of a row, Handoff, to the server of the line, as the median over the "
         "rounds, in each of which both were measured: more than 1 is better for Handoff, also of times and memory.\n")


def report(results):
    return f"# Side by side\n\n{facts(results)}\n{RATIO}\n{table(results)}"
