import pytest

from shared.running.broker_url import parse_broker_url
from shared.running.settings import InvalidSettingsError, ServiceSettings


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("amqp://host/", ["amqp://host/"]),
        ("amqp://", ["amqp://localhost"]),
        ("amqps://u:p%40@a:5671,b/v?x=1", ["amqps://u:p%40@a:5671/v?x=1", "amqps://u:p%40@b/v?x=1"]),
        ("AMQP://u:p@10.0.0.1,[::1]:5673", ["amqp://u:p@10.0.0.1", "amqp://u:p@[::1]:5673"]),
        (
            " amqp://rabbit-1.example, rabbit-2.example:5672/ ",
            ["amqp://rabbit-1.example/", "amqp://rabbit-2.example:5672/"],
        ),
        ("amqp://u:p@ss@host/", ["amqp://u:p@ss@host/"]),
    ],
)
def test_an_address_with_several_hosts_is_one_for_each(url: str, addresses: list[str]) -> None:
    """User, password, virtual host and options are given once and are the same for all."""
    parsed = parse_broker_url(url)
    assert [parsed.for_host(host) for host in parsed.hosts] == addresses


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("host:5672", "write it as amqp://"),
        ("http://host/", "write it as amqp://"),
        ("amqp:/host/", "write it as amqp://"),
        ("amqp://u:secret@one,,three/", "host 2 of 3 is not a name"),
        ("amqp://one,/", "host 2 of 2 is not a name"),
        ("amqp://one,two:0/", "host 2 of 2 is not a name"),
        ("amqp://one:65536/", "host 1 of 1 is not a name"),
        ("amqp://one:port/", "host 1 of 1 is not a name"),
        ("amqp://o ne/", "host 1 of 1 is not a name"),
        ("amqp://u:secret/x@one/", "host 1 of 1 is not a name"),
        ("amqp://one:5672,amqp://two:5672/", "host 2 of 2 is not a name"),
        ("amqp://u:secret@one,u:secret@two/", "give user and password once"),
    ],
)
def test_what_is_no_address_is_a_sentence_that_shows_no_password(
    url: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends before it connects to anything, and its log holds no secret."""
    monkeypatch.setenv("DARKROOM_RABBITMQ_URL", url)
    with pytest.raises(InvalidSettingsError, match=f"^DARKROOM_RABBITMQ_URL: .*{sentence}") as refused:
        ServiceSettings()
    assert "secret" not in str(refused.value)


def test_user_and_password_that_are_set_apart_hold_for_every_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are given once here too."""
    monkeypatch.setenv("DARKROOM_RABBITMQ_URL", "amqp://one,two:5673/host")
    monkeypatch.setenv("DARKROOM_RABBITMQ_USER", "me")
    monkeypatch.setenv("DARKROOM_RABBITMQ_PASSWORD", "p@,")
    assert ServiceSettings().broker_url == "amqp://me:p%40%2C@one,two:5673/host"
