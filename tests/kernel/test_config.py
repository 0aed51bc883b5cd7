"""The configuration is read once and all its faults are told together."""

import stat
from pathlib import Path

import pytest

from kernel.config import Config, ConfigError, Smtp

KEY = "k" * 32
OLD_KEY = "o" * 32


def server_env(var_dir: Path, **more: str) -> dict[str, str]:
    return {
        "WAREFLOW_VAR": str(var_dir),
        "DATABASE_URL": "postgresql://wareflow_app:app-pw@db.internal/wareflow",
        "REDIS_URL": "redis://cache.internal:6379/0",
        "SECRET_KEY": KEY,
        **more,
    }


def test_an_empty_environment_is_the_embedded_mode(tmp_path: Path) -> None:
    config = Config.from_env({"WAREFLOW_VAR": str(tmp_path)})

    assert (config.host, config.port) == ("127.0.0.1", 8080)
    assert config.public_url == "http://127.0.0.1:8080"
    assert not config.is_https
    assert (config.embeds_postgres, config.embeds_valkey) == (True, True)
    assert config.database_url.startswith("postgresql://wareflow_app:")
    assert config.owner_database_url is not None
    assert config.owner_database_url.startswith("postgresql://wareflow_owner:")
    assert config.smtp is None


def test_the_embedded_mode_keeps_its_secrets_and_ports(tmp_path: Path) -> None:
    first = Config.from_env({"WAREFLOW_VAR": str(tmp_path)})

    again = Config.from_env({"WAREFLOW_VAR": str(tmp_path)})

    assert again == first


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    """SEC-06: what the embedded mode creates for itself nobody else on the machine can read."""
    Config.from_env({"WAREFLOW_VAR": str(tmp_path)})

    names = {path.name for path in (tmp_path / "secrets").iterdir()}
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "secrets").iterdir()}
    assert names == {"secret_key", "wareflow_app", "wareflow_owner"}
    assert modes == {0o600}


def test_a_server_is_configured_from_the_environment_alone(tmp_path: Path) -> None:
    config = Config.from_env(
        server_env(
            tmp_path,
            DATABASE_OWNER_URL="postgresql://wareflow_owner:pw@db.internal/wareflow",
            WAREFLOW_HOST="0.0.0.0",
            WAREFLOW_PORT="80",
            WAREFLOW_PUBLIC_URL="https://shop.example/",
            SECRET_KEY_FALLBACKS=f" {OLD_KEY} , ",
            SMTP_URL="smtp://acme:p%40ss@mail.example",
            MAIL_FROM="wareflow@shop.example",
            LOG_LEVEL="debug",
        )
    )

    assert config == Config(
        var_dir=tmp_path,
        host="0.0.0.0",
        port=80,
        public_url="https://shop.example",
        database_url="postgresql://wareflow_app:app-pw@db.internal/wareflow",
        owner_database_url="postgresql://wareflow_owner:pw@db.internal/wareflow",
        redis_url="redis://cache.internal:6379/0",
        secret_keys=(KEY, OLD_KEY),
        smtp=Smtp("mail.example", 587, "acme", "p@ss", False, "wareflow@shop.example"),
        log_level="DEBUG",
        embeds_postgres=False,
        embeds_valkey=False,
        postgres_bin_dir=None,
    )
    assert config.is_https
    assert list(tmp_path.iterdir()) == []


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    env = server_env(
        tmp_path,
        DATABASE_URL="mysql://root@db",
        REDIS_URL="redis://cache:port/0",
        WAREFLOW_PORT="80a",
        WAREFLOW_PUBLIC_URL="shop.example",
        SECRET_KEY="short",
        SECRET_KEY_FALLBACKS="old",
        SMTP_URL="mail.example",
        LOG_LEVEL="loud",
    )

    with pytest.raises(ConfigError) as caught:
        Config.from_env(env)

    assert caught.value.faults == [
        "WAREFLOW_PORT is '80a'; it must be a port number from 1 to 65535.",
        "WAREFLOW_PUBLIC_URL is 'shop.example'; it must start with http:// or https:// and a host.",
        "DATABASE_URL must be an address that starts with postgresql://.",
        "REDIS_URL must be an address that starts with redis://.",
        "SECRET_KEY must have at least 32 characters.",
        "SECRET_KEY_FALLBACKS must be keys of at least 32 characters, comma between.",
        "MAIL_FROM must be the sender's address, because SMTP_URL is set.",
        "SMTP_URL must be smtp://[user:password@]host[:port], or smtps://.",
        "LOG_LEVEL is 'LOUD'; it must be debug, info, warning or error.",
    ]


def test_a_server_without_a_secret_key_is_refused(tmp_path: Path) -> None:
    env = server_env(tmp_path, SECRET_KEY="")

    with pytest.raises(ConfigError) as caught:
        Config.from_env(env)

    assert caught.value.faults == [
        "SECRET_KEY is missing; it is needed because DATABASE_URL is set."
    ]


def test_a_wrong_environment_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        Config.from_env({"WAREFLOW_VAR": str(tmp_path / "var"), "WAREFLOW_PORT": "0"})

    assert not (tmp_path / "var").exists()


def test_passwords_and_keys_are_not_in_the_representation(tmp_path: Path) -> None:
    """SEC-06: a configuration that reaches a log line or a traceback gives nothing away."""
    env = server_env(tmp_path, SMTP_URL="smtp://acme:hush@mail.example", MAIL_FROM="a@b.example")

    representation = repr(Config.from_env(env))

    assert not [word for word in ("app-pw", KEY, "hush") if word in representation]


@pytest.mark.parametrize("hops", ["ten", "-1", "10", "1.0", "١"])
def test_a_number_of_proxies_that_makes_no_sense_is_refused(tmp_path: Path, hops: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_env(server_env(tmp_path, WAREFLOW_PROXY_HOPS=hops))

    assert caught.value.faults == [
        f"WAREFLOW_PROXY_HOPS is {hops!r}; it must be the number of proxies in front, 0 to 9."
    ]


def test_webhooks_to_this_machine_are_for_development(tmp_path: Path) -> None:
    """WH-09: the switch is off, and refused where people come from other machines."""
    env = {"WAREFLOW_VAR": str(tmp_path)}
    on = {**env, "WAREFLOW_WEBHOOKS_TO_LOOPBACK": "yes"}

    assert not Config.from_env(env).webhooks_to_loopback
    assert Config.from_env(on).webhooks_to_loopback
    with pytest.raises(ConfigError, match="WAREFLOW_WEBHOOKS_TO_LOOPBACK is for development"):
        Config.from_env({**on, "WAREFLOW_PUBLIC_URL": "https://wareflow.example"})
