"""Child processes that run image code under limits, and how the worker talks with them."""
