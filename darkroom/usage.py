"""How a command that was called wrongly ends."""

USAGE = 2
"""The exit status."""
