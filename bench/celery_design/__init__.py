"""The contract's original system as a competent Celery author would write it, without its HTTP part.

Chunk tasks of 10 images over RabbitMQ, acknowledged late and retried three times, prefork processes as many as cores,
counters in MongoDB that pollers read.
"""
