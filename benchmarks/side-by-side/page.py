"""docs/performance.md, made of the file of a run."""

import results
from rows import ROWS

HEAD = """# Performance

The figures below are those of one run of `benchmarks/run`, which starts Handoff and other servers with equally many \
processes, and measures them in turn, round by round, so that other work on the machine hits all of them alike. The \
answers have the same bytes everywhere. `benchmarks/run --page` has made this page of \
`benchmarks/results/{file}`; nothing in it is typed by hand.

{facts}
{busy}{left_out}{ratio}
To repeat it, on Debian:

```sh
benchmarks/run --install   # as root: what is missing of wrk, nginx, php-fpm, Node, gunicorn, uWSGI and fcgiwrap
{command}   # {minutes:.0f} minutes
benchmarks/run --page benchmarks/results/{file}
```

`benchmarks/run --rows 'small,new,lrwp-*'` measures some rows, and `--help` names all. [benchmarks/README.md]\
(../benchmarks/README.md) says what each server runs, where the time goes, and what was tried.
"""


def bars(group):
    """A table of a group's rows; a bar is as long as its share of the row's most, or of the group's with one server."""
    lines = ["| work | server | | median | least to most | ratio | further medians |", "|---|---|---|---|---|---|---|"]
    alone = all(len(row["servers"]) == 1 for row in group)

    def most(rows):
        return max((results.median(row, key, row["metrics"][0]) for row in rows for key in row["servers"]), default=0)

    for row in group:
        metric = row["metrics"][0]
        title = f"{row['title']}: {metric['title']}"
        for key, server in row["servers"].items():
            median = results.median(row, key, metric)
            lines.append(f"| {title} | {server['name']} | {results.bar(median, most(group if alone else [row]))} "
                         f"| {results.number(median, metric)} | {results.spread(row, key, metric)} "
                         f"| {results.compared(row, key)} | {results.further(row, key)} |")
            title = ""
        lines += [f"| | {problem} | | | | | |" for problem in row["problems"]]
    return "\n".join(lines)


# Shown where the machine had as much other work as it has processors for, or nearly.
BUSY = """**Other work kept the machine busy meanwhile**, as the load before shows: the ratios are hints, and the rates \
and latencies say nothing.

"""


def was_busy(run):
    load = float(run.data["machine"]["load before"].split()[0])
    return load > run.data["machine"]["processors"] / 2


def left_out(run):
    measured = {row["name"] for row in run.data["rows"]}
    missing = [row.name for row in ROWS if row.name not in measured]
    return f"Rows that this run did not measure: {', '.join(missing)}.\n\n" if missing else ""


def page(run, file):
    sections = [f"## {name}\n\n{bars(rows)}\n" for name, rows in run.groups().items()]
    head = HEAD.format(file=file.name, facts=results.facts(run), ratio=results.RATIO,
                       busy=BUSY if was_busy(run) else "", left_out=left_out(run),
                       command=run.data["command"], minutes=run.data["minutes"])
    return "\n".join([head, *sections])
