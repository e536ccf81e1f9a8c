"""RabbitMQ behind the `Publisher` and `Subscriber` ports; the only home of aio-pika."""

from shared.adapters.rabbitmq.broker import RabbitBroker, open_broker

__all__ = ["RabbitBroker", "open_broker"]
