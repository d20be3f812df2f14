"""Checks a worker against docs/worker-protocol.md, from outside."""
