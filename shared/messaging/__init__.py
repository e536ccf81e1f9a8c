"""The messages, and where they go."""
