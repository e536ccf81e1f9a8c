"""The settings that every service has: where its servers are, and how it logs."""

import os
from typing import Annotated, Any, Self
from urllib.parse import quote

from pydantic import (
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from shared.running.broker_url import parse_broker_url
from shared.running.former_settings import PREFIX, FormerNames
from shared.running.logs import LogFormat, LogLevel


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Several values in one variable."""


def _in_capitals(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class InvalidSettingsError(SystemExit):
    """Values that cannot be used: ends the process with a sentence for each instead of a traceback."""


class ServiceSettings(BaseSettings):
    """Read once from environment variables with the prefix DARKROOM_, such as DARKROOM_RABBITMQ_URL."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", use_attribute_docstrings=True)

    rabbitmq_url: str | None = None
    """RabbitMQ, such as amqp://user:password@host:5672/. The hosts of a cluster are separated by commas:
    amqp://user:password@host1,host2,host3/. Without it, messages stay in this process's memory."""

    rabbitmq_user: str | None = None
    """User at RabbitMQ, instead of the one in `rabbitmq_url`."""

    rabbitmq_password: SecretStr | None = None
    """Password at RabbitMQ, instead of the one in `rabbitmq_url`. Characters such as @ and / need no quoting here."""

    mongodb_url: str | None = None
    """MongoDB, a replica set by its name, such as mongodb://host1,host2,host3/darkroom?replicaSet=rs0. Without it,
    documents stay in memory."""

    objects_url: str = "var/objects"
    """Where originals and prints live: a folder, memory://, or s3://bucket/prefix (with the usual AWS_ variables). It
    belongs to one database: what that does not know is taken for the rest of a broken upload, and removed."""

    umask: str = Field(default="027", pattern=r"^[0-7]{3}$")
    """Permissions, in octal, that files written to a folder do not get: 027 makes files 0640 and folders 0750, readable
    for the owner and its group. 077 keeps the group out, 007 lets it write, as services of several users need."""

    log_level: Annotated[LogLevel, BeforeValidator(_in_capitals)] = "INFO"
    """The least severe log lines to write: DEBUG, INFO, WARNING, ERROR or CRITICAL."""

    log_format: LogFormat = "auto"
    """`auto` writes for people on a terminal and JSON elsewhere."""

    allowed_hosts: CommaSeparated = ()
    """Names under which the gateway and every service's /metrics answer besides loopback and the address listened on,
    such as `photos.example,*.photos.example`; `*` takes every name, and with it pages that bind theirs to this
    address."""

    health_host: str = "127.0.0.1"
    """Address on which a service answers /healthz, /readyz and /metrics; /metrics is nowhere else."""

    health_port: int = Field(default=0, ge=0, le=65535)
    """Port for /healthz, /readyz and /metrics, beside the gateway's own port; 0 turns them off there."""

    def restrict_files(self) -> None:
        """Have everything that this process and its children write made without the permissions of `umask`."""
        os.umask(int(self.umask, base=8))

    @property
    def broker_url(self) -> str | None:
        """Address of RabbitMQ with the user and the password that are set apart from it."""
        if self.rabbitmq_url is None or not (self.rabbitmq_user or self.rabbitmq_password):
            return self.rabbitmq_url
        url = parse_broker_url(self.rabbitmq_url)
        user, _, password = url.credentials.partition(":")
        # An unquoted @ or / would end the user or the host early.
        if self.rabbitmq_user:
            user = quote(self.rabbitmq_user, safe="")
        if self.rabbitmq_password:
            password = quote(self.rabbitmq_password.get_secret_value(), safe="")
        return url._replace(credentials=f"{user}:{password}").for_all_hosts

    @field_validator("rabbitmq_url")
    @classmethod
    def _can_be_parsed(cls, url: str | None) -> str | None:
        return url and parse_broker_url(url).for_all_hosts

    @model_validator(mode="wrap")
    @classmethod
    def _name_what_is_wrong(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(values)
        except ValidationError as error:
            problems = error.errors(include_input=False, include_url=False)
            names = ("_".join(str(part) for part in problem["loc"]).upper() for problem in problems)
            sentences = (f"{PREFIX}{name}: {problem['msg']}." for name, problem in zip(names, problems, strict=True))
            raise InvalidSettingsError("\n".join(sentences)) from None

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *args: PydanticBaseSettingsSource, **sources: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read former names after all other sources."""
        usual = super().settings_customise_sources(settings_cls, *args, **sources)
        return (*usual, FormerNames(settings_cls))
