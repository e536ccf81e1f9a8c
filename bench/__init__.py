"""Measures Darkroom beside a bare process pool and the original Celery design: `python -m bench`."""
