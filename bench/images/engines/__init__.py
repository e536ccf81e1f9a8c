"""The same work by each engine. They run in two environments, so nothing here imports the rest of the bench."""
