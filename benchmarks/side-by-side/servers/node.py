"""Node's cluster, whose primary passes accepted sockets to its workers."""

import tools

from .server import Server


class Node(Server):
    key = "node"
    name = "Node cluster"
    needs = ("node",)
    warm_up = 3

    def start(self):
        self.program([tools.find("node"), self.place.answers / "answers.js", self.port, self.place.processes,
                      self.place.file]).await_answer(self.url("/answers/small"))

    def versions(self):
        return {"Node": tools.version(tools.find("node"), "--version")}
