"""Where the time of an image goes, stage by stage, in whichever process a stage is."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from prometheus_client import CollectorRegistry

from shared.metrics.observed import Observe
from shared.metrics.seconds import SecondsHistogram

Stage = Literal["fetch", "queue", "decode", "steps", "encode", "store", "publish", "fold"]


class StageSeconds:
    """Seconds by stage, each of one image, but `store` of a print, `publish` of a message and `fold` of a write."""

    def __init__(self, registry: CollectorRegistry) -> None:
        seconds = SecondsHistogram(
            "darkroom_image_stage_seconds", "Time in one stage of an image's development.", ["stage"], registry
        )
        self._durations = {stage: seconds.labels(stage) for stage in get_args(Stage)}

    def observe(self, stage: Stage, seconds: float) -> None:
        """Count the time that one stage took."""
        self._durations[stage].observe(seconds)

    def of_calls(self, stages: Mapping[str, Stage]) -> Mapping[str, Observe]:
        """Observers for calls of a port that are a stage; a call that fails is none."""

        def observer(stage: Stage) -> Observe:
            durations = self._durations[stage]

            def observe(seconds: float, answer: Any) -> None:
                if not isinstance(answer, Exception):
                    durations.observe(seconds)

            return observe

        return {call: observer(stage) for call, stage in stages.items()}
