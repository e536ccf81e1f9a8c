"""The ports towards real servers, and towards memory; only entry points import from here."""
