"""Runs the tracker: `python -m services.tracker`."""

from functools import partial

from services.tracker.service import run_tracker
from services.tracker.settings import TrackerSettings
from shared.bootstrap import run_service

if __name__ == "__main__":
    settings = TrackerSettings()
    run_service("tracker", settings, partial(run_tracker, settings=settings))
