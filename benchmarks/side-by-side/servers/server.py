"""What all servers have in common."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import processes


@dataclass(frozen=True)
class Workplace:
    """Where everything of a run lies."""

    folder: Path
    # How many processes each server has that answer requests.
    processes: int
    # The file that is sent.
    file: Path
    project: Path

    @property
    def answers(self):
        return self.project / "benchmarks/side-by-side/answers"


class Server:
    """A server: its key in the rows, its name for readers, the tools that it needs, and its processes.

    It answers the paths of answers/, as far as its rows ask for them, on its port of 127.0.0.1.
    """

    key: str
    name: str
    needs: tuple = ()
    # Whether its workers give idle connections away.
    parks = False
    # The seconds of load without measuring before each row.
    warm_up = 1

    def __init__(self, place):
        self.place = place
        self.folder = place.folder / self.key
        self.folder.mkdir()
        self.port = processes.free_port()
        self.programs = []

    def start(self):
        """Returns when it answers."""
        raise NotImplementedError

    def program(self, command, environment=None):
        number = len(self.programs)
        self.programs.append(processes.Program(command, self.folder / f"output-{number}", environment))
        return self.programs[-1]

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def lives(self):
        return all(program.lives() for program in self.programs)

    def pids(self):
        return [pid for program in self.programs for pid in processes.tree(program.pid)]

    def workers(self):
        """The processes that run the code of the answers."""
        return processes.children(self.programs[-1].pid)

    def holders(self):
        """The processes that hold idle connections."""
        return self.workers()

    def replace(self):
        """Lets others take the place of the workers, and returns when they have."""
        before = processes.Identity.of(self.workers())
        self.begin_to_replace()
        processes.until(f"{self.name}: other workers", lambda: self.replaced(before))

    def begin_to_replace(self):
        raise NotImplementedError

    def replaced(self, before):
        return not any(one.lives() for one in before) and len(self.workers()) == self.place.processes

    def stop(self):
        for program in reversed(self.programs):
            program.end()
        shutil.rmtree(self.folder)
