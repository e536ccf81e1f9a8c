"""A system that develops a batch moves the right metrics."""

from prometheus_client.parser import text_string_to_metric_families

from tests.measured_darkroom import exposition_after_a_batch


async def test_a_batch_moves_what_it_passes_through() -> None:
    """From the upload to the fold of its results, in a process that does everything."""
    families = text_string_to_metric_families(await exposition_after_a_batch())
    samples = [sample for family in families for sample in family.samples]

    def total(name: str, **labels: str) -> float:
        """The sum over all samples with these labels."""
        return sum(s.value for s in samples if s.name == name and labels.items() <= s.labels.items())

    assert total("darkroom_images_total", outcome="completed") == 2
    assert total("darkroom_images_total", outcome="failed", code="unreadable") == 1
    assert total("darkroom_images_total") == 3
    assert total("darkroom_batches_ended_total") == 1
    stages = {stage: total("darkroom_image_stage_seconds_count", stage=stage) for stage in ("fetch", "queue", "decode")}
    assert stages == {"fetch": 3, "queue": 3, "decode": 2}
    assert total("darkroom_image_stage_seconds_count", stage="publish") >= 1
    assert total("darkroom_image_stage_seconds_count", stage="fold") >= 1
    assert total("darkroom_http_requests_total", method="POST", route="/pipeline/batch") == 1
    assert total("darkroom_upload_bytes_total") > 600
    assert total("darkroom_messages_published_total", type="batch.submitted") == 1
    # The first work of a batch goes ahead where every worker seen takes it, and else into its lane.
    queues = ("worker.chunks.express", "worker.chunks.normal")
    assert sum(total("darkroom_messages_received_total", queue=queue) for queue in queues) >= 1
    for server in ("documents", "broker", "objects"):
        assert total("darkroom_server_call_seconds_count", server=server) > 0
    assert total("darkroom_queue_consumers", queue="tracker.results") == 1
    assert total("darkroom_children", state="idle") > 0
    assert (total("darkroom_workers"), total("darkroom_streams"), total("darkroom_dead_letters")) == (1, 0, 0)
