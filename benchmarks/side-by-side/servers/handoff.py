"""Handoff: our Karaf distribution with a pool of the kind that is measured."""

import glob
import os
import re
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

import processes
import tools

from .server import Server

# The rows kill more workers than a pool of the default settings starts anew without a pause.
CRASHES = {"crash.limit": "100/60"}
MANY = "org.handoff.benchmarks.answers.many"


def built(project, pattern):
    """The newest artifact of this name."""
    return Path(max(glob.glob(str(project / pattern)), key=os.path.getmtime))


def replace_file(path, text):
    """Writes a file that nobody sees half written."""
    new = path.with_name(path.name + ".new")
    new.write_text(text)
    new.replace(path)


def listed_requests(said):
    """The requests of each worker by its pid, in the table of worker:list."""
    lines = [[cell.strip() for cell in line.split("|")] for line in said.splitlines() if "|" in line]
    if not lines or not {"Pid", "Requests"} <= {*lines[0]}:
        raise processes.Failure(f"worker:list has no table with requests: {said}")
    pid, requests = lines[0].index("Pid"), lines[0].index("Requests")
    return {line[pid]: int(line[requests]) for line in lines[1:]}


class Karaf(Server):
    """A Karaf whose pools are files in etc/."""

    needs = ("cc",)
    # Then the optimizing compiler has little left to do, for most rows.
    warm_up = 20
    parks = True
    # Features of the boot beside those of the distribution.
    features = ""
    first_path = "/answers/small"

    def pools(self):
        """The pools' files: the keys by the pool's name."""
        raise NotImplementedError

    def prepare(self):
        """What has to be there before Karaf starts."""

    def start(self):
        self.home = self.folder / "karaf"
        with tarfile.open(built(self.place.project, "karaf-assembly/target/karaf-assembly-*.tar.gz")) as archive:
            archive.extractall(self.folder)
        next(self.folder.glob("karaf-assembly-*")).rename(self.home)
        self.change("org.apache.karaf.features.cfg", "^featuresBoot = ", rf"\g<0>{self.features}")
        self.change("org.apache.karaf.shell.cfg", "^sshPort *=.*", f"sshPort = {processes.free_port()}")
        self.change("org.apache.karaf.shell.cfg", "^sshHost *=.*", "sshHost = 127.0.0.1")
        self.change("org.apache.karaf.management.cfg", r"^(rmi\w*Port) *=.*", r"\1 = 0")
        self.change("users.properties", r"^#(karaf|_g_)", r"\1")
        (self.home / "etc/org.handoff.monitor.cfg").write_text(
            f"address = 127.0.0.1\nport = {self.port}\nidle.timeout = 600\n")
        self.prepare()
        self.keys = self.pools()
        for pool in self.keys:
            self.write_pool(pool)
        self.karaf = self.program([self.home / "bin/karaf", "server"], {"KARAF_EXEC": "exec"})
        self.karaf.await_answer(self.url(self.first_path))
        self.await_workers([])

    def change(self, name, pattern, replacement):
        path = self.home / "etc" / name
        path.write_text(re.sub(pattern, replacement, path.read_text(), flags=re.MULTILINE))

    def write_pool(self, pool):
        replace_file(self.home / f"etc/org.handoff.pool-{pool}.cfg",
                     "".join(f"{key} = {value}\n" for key, value in self.keys[pool].items()))

    def log(self):
        return (self.home / "data/log/karaf.log").read_text(errors="replace")

    def ready_after(self, pid):
        """The milliseconds from a worker's start to its being ready; None as long as it is not."""
        found = re.search(rf"\(pid {pid}, .*\) (?:is ready|has registered) after (\d+) ms", self.log())
        return int(found.group(1)) if found else None

    def await_workers(self, gone):
        """Waits until the pools have their workers, all of them ready, and those before are gone."""
        wanted = sum(int(keys["workers"]) for keys in self.keys.values())

        def there():
            return len(self.workers()) == wanted and not any(one.lives() for one in gone) \
                and all(self.ready_after(pid) is not None for pid in self.workers())

        processes.until(f"{self.name}: {wanted} workers", there, pause=0.1)

    def configure(self, **changes):
        """Changes keys of the pool, and returns when its workers have them; None takes a key away.

        In names of keys, an underscore stands for a dot.
        """
        (pool, keys), = self.keys.items()
        before = dict(keys)
        keys.update({key.replace("_", "."): value for key, value in changes.items()})
        self.keys[pool] = {key: value for key, value in keys.items() if value is not None}
        if self.keys[pool] == before:
            return
        changed = {key for key in {*before, *self.keys[pool]} if before.get(key) != self.keys[pool].get(key)}
        # All other keys that rows change make a new generation.
        old = [] if changed == {"workers"} else processes.Identity.of(self.workers())
        self.write_pool(pool)
        self.await_workers(old)

    def holders(self):
        return [self.karaf.pid]

    def begin_to_replace(self):
        (pool, keys), = self.keys.items()
        keys["environment.REPLACED"] = str(time.time_ns())
        self.write_pool(pool)

    def replaced(self, before):
        return super().replaced(before) and all(self.ready_after(pid) is not None for pid in self.workers())

    def requests(self):
        """The number of requests of each worker, by worker:list."""
        said = subprocess.run([self.home / "bin/client", "-b"], input="worker:list\n", check=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120).stdout
        return listed_requests(said)

    def versions(self):
        described = subprocess.run(["git", "-C", self.place.project, "describe", "--always", "--dirty"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()
        return {"Handoff": described or "unknown",
                "Java": tools.version(Path(os.environ["JAVA_HOME"]) / "bin/java", "-version")}


class Handoff(Karaf):
    key = "handoff"
    name = "Handoff"

    def pools(self):
        return {"default": {"workers": self.place.processes, "property.answers.file": self.place.file, **CRASHES}}

    def prepare(self):
        shutil.copy(built(self.place.project, "benchmarks/answers/target/answers-*.jar"), self.home / "deploy")

    def have_contexts(self, count):
        """Has so many contexts, one of which is that of the answers."""
        file = self.home / f"etc/{MANY}.config"
        before = processes.Identity.of(self.workers())
        if count == 1:
            if not file.exists():
                return
            file.unlink()
        else:
            names = ", ".join(f'"/many/{number}"' for number in range(1, count))
            replace_file(file, f"handoff.context=[{names}]\n")
            last = self.url(f"/many/{count - 1}")
            processes.until(f"an answer from {last}", lambda: processes.answers(last), pause=0.2)
        self.await_workers(before)


class HandoffC(Karaf):
    key = "handoff-c"
    name = "Handoff, worker in C"
    needs = ("cc", "make")

    def pools(self):
        return {"c": {"kind": "native", "command": self.folder / "worker", "context": "/answers",
                      "workers": self.place.processes, **CRASHES}}

    def prepare(self):
        sdk = self.place.project / "sdk/c"
        tools.run("make", "-s", "-C", sdk, f"BUILD={self.folder}/sdk")
        tools.run("cc", "-O2", f"-I{sdk}/include", "-o", self.folder / "worker", self.place.answers / "worker.c",
                  self.folder / "sdk/libhandoff.a", "-pthread")


class HandoffLrwp(Karaf):
    """The agent, with processes that serve many connections each, as those of fastcgi.c do; and with CGI programs."""

    key = "handoff-lrwp"
    name = "Handoff, LRWP"
    # Of all processes together: as many as nginx keeps to those of fastcgi.c.
    connections = 64
    features = "handoff-lrwp, "
    first_path = "/answers/bytes?bytes=1"

    def pools(self):
        return {"peer": {"kind": "lrwp", "command": self.command(), "context": "answers",
                         "workers": self.place.processes},
                "cgi": {"kind": "cgi", "directory": self.place.answers, "context": "/cgi-bin", "workers": 1,
                        "connections": 8}}

    def prepare(self):
        (self.home / "etc/org.handoff.lrwp.cfg").write_text(f"port = {processes.free_port()}\n")
        tools.run("cc", "-O2", "-D_GNU_SOURCE", "-o", self.folder / "peer", self.source())

    def source(self):
        return self.place.answers / "lrwp.c"

    def command(self):
        return f"{self.folder}/peer {max(1, self.connections // self.place.processes)}"


class HandoffLrwpOne(HandoffLrwp):
    """The same with the peers of examples/lrwp/peer.c: a process has one connection, as most programs do."""

    key = "handoff-lrwp-one"
    name = "Handoff, LRWP, a connection for each process"

    def source(self):
        return self.place.project / "examples/lrwp/peer.c"

    def command(self):
        return self.folder / "peer"
