"""Workers of Handoff in Python: docs/worker-protocol.md is what they speak."""
