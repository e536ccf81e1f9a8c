"""Where the tests' servers come from, as the environment says."""

import os
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServerSettings(BaseSettings):
    """Environment variables that choose the tests' servers; all may be left out.

    `DARKROOM_TEST_RABBITMQ_URL` and `DARKROOM_TEST_MONGODB_URL` name servers that run already. RabbitMQ's needs
    the management plugin (by default on the same host, port 15672; otherwise
    `DARKROOM_TEST_RABBITMQ_MANAGEMENT_URL`), and a user who may make virtual hosts; MongoDB's must be a replica set.
    `DARKROOM_TEST_SERVERS` is `docker`, `native` or `auto` (Docker first, then native).
    `CI=true` turns a missing server from a skip into a failure.
    """

    model_config = SettingsConfigDict(env_prefix="DARKROOM_TEST_", env_ignore_empty=True, frozen=True)

    rabbitmq_url: str | None = None
    rabbitmq_management_url: str | None = None
    mongodb_url: str | None = None
    servers: Literal["auto", "docker", "native"] = "auto"
    ci: bool = Field(default=False, validation_alias="CI")
    path: str = Field(default=os.defpath, validation_alias="PATH")
