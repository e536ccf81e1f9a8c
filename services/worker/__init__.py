"""Chunks in; one result message per image out."""
