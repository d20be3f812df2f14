"""The programs that the benchmarks need, and the Debian packages that have them."""

import glob
import os
import re
import shutil
import subprocess

# Debian has servers there, which users who are not root do not have on their path.
PATH = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin"

PACKAGES = {
    "wrk": ["wrk"],
    "cc": ["gcc", "libc6-dev"],
    "make": ["make"],
    "nginx": ["nginx"],
    "php-fpm": ["php-fpm"],
    "node": ["nodejs"],
    "gunicorn": ["gunicorn"],
    "uwsgi": ["uwsgi", "uwsgi-plugin-python3"],
    "fcgiwrap": ["fcgiwrap"],
}


def find(tool):
    """The path of a tool; None where it is missing."""
    if tool == "php-fpm":
        # Its name has a version.
        return max(glob.glob("/usr/sbin/php-fpm*"), default=None)
    if tool == "uwsgi" and not glob.glob("/usr/lib/uwsgi/plugins/python3_plugin.so"):
        return None
    return shutil.which(tool, path=PATH)


def missing(tools):
    return [tool for tool in tools if find(tool) is None]


def packages(tools):
    return [package for tool in tools for package in PACKAGES[tool]]


def install(tools):
    if os.geteuid() != 0:
        raise SystemExit(f"as root: apt-get install {' '.join(packages(tools))}")
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages(tools)], check=True,
                   env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def version(*command):
    """The first version that a tool prints."""
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
    found = re.search(r"\d+(\.\d+)+[-+\w]*", said)
    return found.group() if found else "unknown"


def run(*command):
    """Runs a tool that makes something; what it prints is shown only where it fails."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(str(word) for word in command)}:\n{done.stdout}")
