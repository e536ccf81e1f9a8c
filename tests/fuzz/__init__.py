"""Damaged files through the decode path, in a capped child."""
