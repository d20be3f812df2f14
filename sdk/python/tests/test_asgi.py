"""ASGI applications."""

import unittest

from tests.started import request, start

from handoff_check.monitor import RETIRE, CannotStart, Failed


class AsgiTest(unittest.TestCase):
    def worker(self, application):
        worker = start("-m", "handoff.asgi", "--context", "/app", "asgi_application:" + application)
        self.addCleanup(worker.close)
        return worker

    def client(self, worker, payload=b""):
        client = worker.connect()
        client.hand_off(payload)
        return client

    def test_answers_whole_and_streamed(self):
        worker = self.worker("application")
        client = self.client(worker)
        for _ in range(2):
            client.send(request("/app/x"))
            self.assertEqual((200, b"/app /app/x 0 yes\n"), client.response())
            client.send(request("/app", method="POST", body=b"y" * 200000))
            self.assertEqual((200, b"/app /app 200000 yes\n"), client.response())
            client.send(request("/app?stream"))
            self.assertEqual((200, b"piece piece piece "), client.response())
        client.send(request("/app?fail"))
        self.assertEqual(500, client.response()[0])
        client.send(request("/app?half"))
        self.assertRaisesRegex(Failed, "reset|cut", client.response)
        worker.send(RETIRE)
        self.assertEqual(0, worker.exit_status())
        self.assertIn(b"shut down", worker.output())

    def test_serves_an_application_without_lifespan(self):
        client = self.client(self.worker("plain"), request("/app"))
        self.assertEqual((204, b""), client.response())

    def test_does_not_start_an_application_that_fails_to(self):
        self.assertRaisesRegex(CannotStart, "(?s)status 1 .*no database", self.worker, "failing")


if __name__ == "__main__":
    unittest.main()
