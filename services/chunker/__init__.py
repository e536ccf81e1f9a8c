"""Batches in, chunks out, a window at a time."""
