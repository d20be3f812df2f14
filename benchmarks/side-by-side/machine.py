"""What a reader has to know of the machine."""

import os
import platform
import resource
from pathlib import Path


def _line(file, name):
    for line in Path(file).read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return "unknown"


def facts():
    return {
        "processor": _line("/proc/cpuinfo", "model name"),
        "processors": len(os.sched_getaffinity(0)),
        "memory": f"{int(_line('/proc/meminfo', 'MemTotal').split()[0]) >> 20} GiB",
        "kernel": platform.release(),
        "descriptors": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }
