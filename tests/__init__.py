"""Darkroom's tests; a package only so that `tests.servers` can be imported by tests and benches alike."""
