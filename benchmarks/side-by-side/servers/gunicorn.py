"""gunicorn, with workers that keep connections, of one thread each for requests."""

import os
import signal

import tools

from .server import Server


class Gunicorn(Server):
    key = "gunicorn"
    name = "gunicorn"
    needs = ("gunicorn",)

    def start(self):
        self.gunicorn = self.program(
            [tools.find("gunicorn"), "--workers", self.place.processes, "--bind", f"127.0.0.1:{self.port}",
             "--worker-class", "gthread", "--threads", "1", "--worker-connections", "30000", "--keep-alive", "600",
             "--backlog", "4096", "--worker-tmp-dir", self.folder, "--chdir", self.place.answers,
             "answers:application"],
            {"ANSWERS_FILE": str(self.place.file), "PYTHONDONTWRITEBYTECODE": "1"})
        self.gunicorn.await_answer(self.url("/answers/small"))

    def begin_to_replace(self):
        os.kill(self.gunicorn.pid, signal.SIGHUP)

    def versions(self):
        return {"gunicorn": tools.version(tools.find("gunicorn"), "--version")}
