"""The environment, read once, checked whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, unquote, urlsplit

from kernel.embedded.addresses import postgres_url, valkey_url
from kernel.embedded.kept import kept_port, kept_secret

SECRET_KEY_LENGTH_MIN = 32
WEB_PORT = 8080


class ConfigError(Exception):
    """The environment does not make sense; every fault is named, not only the first."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("The configuration has faults:\n" + "\n".join(f"- {f}" for f in faults))
        self.faults = faults


@dataclass(frozen=True)
class Smtp:
    """Where mail leaves the house."""

    host: str
    port: int
    username: str | None
    password: str | None = field(repr=False)
    # True: TLS from the first byte (smtps). False: STARTTLS when the server offers it.
    tls: bool
    sender: str


@dataclass(frozen=True)
class Config:
    """What an operator decides for a whole installation; a tenant's settings are not in here."""

    var_dir: Path
    host: str
    port: int
    # Scheme and authority without a slash at the end: what links and issuers start with.
    public_url: str
    # Addresses and keys carry passwords: never in a log line or a traceback.
    database_url: str = field(repr=False)
    # The role that owns the tables, for migrations only; None where an operator withholds it.
    owner_database_url: str | None = field(repr=False)
    redis_url: str = field(repr=False)
    # The first signs and encrypts; all of them verify and decrypt, so that keys can be rotated.
    secret_keys: tuple[str, ...] = field(repr=False)
    smtp: Smtp | None
    log_level: str
    embeds_postgres: bool
    embeds_valkey: bool
    # A folder with initdb and postgres to prefer over those that come as a wheel.
    postgres_bin_dir: Path | None
    # How many reverse proxies of ours add X-Forwarded-* headers; 0 believes none.
    proxy_hops: int = 0
    # Host names besides that of `public_url` under which requests are taken.
    trusted_hosts: tuple[str, ...] = ()
    # Whether people may choose languages that only show faults of layout and of translation.
    with_pseudo_languages: bool = False
    # Whether webhooks may go to this very machine, over http too; for development and tests.
    webhooks_to_loopback: bool = False

    @property
    def is_https(self) -> bool:
        """Whether people reach this installation over TLS, which cookies depend on."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read the whole configuration, or raise ConfigError with every fault.

        In embedded mode the secrets and ports are created under `var_dir` on first reading and
        stay the same afterwards.
        """
        reading = _Reading(env)
        var_dir = Path(env.get("WAREFLOW_VAR", "").strip() or "var").absolute()
        host = reading.text("WAREFLOW_HOST") or "127.0.0.1"
        port = reading.port("WAREFLOW_PORT", _kept_web_port(var_dir))
        public_url = reading.public_url("WAREFLOW_PUBLIC_URL", f"http://{_for_url(host)}:{port}")
        database_url = reading.url("DATABASE_URL", "postgresql", "postgres")
        owner_database_url = reading.url("DATABASE_OWNER_URL", "postgresql", "postgres")
        redis_url = reading.url("REDIS_URL", "redis", "rediss", "unix")
        secret_keys = reading.secret_keys(required=database_url is not None)
        smtp = reading.smtp()
        log_level = reading.log_level()
        proxy_hops = reading.hops("WAREFLOW_PROXY_HOPS")
        webhooks_to_loopback = reading.loopback_switch("WAREFLOW_WEBHOOKS_TO_LOOPBACK", public_url)
        reading.finish()
        if database_url is None:
            owner_database_url = embedded_database_url(var_dir, "wareflow_owner")
        return cls(
            var_dir=var_dir,
            host=host,
            port=port,
            public_url=public_url,
            database_url=database_url or embedded_database_url(var_dir, "wareflow_app"),
            owner_database_url=owner_database_url,
            redis_url=redis_url or valkey_url(var_dir / "valkey"),
            secret_keys=secret_keys or (kept_secret(var_dir / "secrets" / "secret_key"),),
            smtp=smtp,
            log_level=log_level,
            embeds_postgres=database_url is None,
            embeds_valkey=redis_url is None,
            postgres_bin_dir=reading.folder("POSTGRES_BIN_DIR"),
            proxy_hops=proxy_hops,
            trusted_hosts=reading.words("WAREFLOW_TRUSTED_HOSTS"),
            with_pseudo_languages=reading.switch("WAREFLOW_PSEUDO_LANGUAGES"),
            webhooks_to_loopback=webhooks_to_loopback,
        )


def embedded_database_url(var_dir: Path, role: str) -> str:
    """Return the address under which a role reaches the embedded database."""
    return postgres_url(var_dir / "postgres", role, embedded_password(var_dir, role), "wareflow")


def embedded_password(var_dir: Path, role: str) -> str:
    """Return the password of a role in the embedded database, created on first asking."""
    return kept_secret(var_dir / "secrets" / role)


def web_port_file(var_dir: Path) -> Path:
    """Return where the web port is kept once the usual one was found taken by a stranger."""
    return var_dir / "web" / "port"


def _kept_web_port(var_dir: Path) -> int:
    kept = web_port_file(var_dir)
    return kept_port(kept) if kept.exists() else WEB_PORT


class _Reading:
    """One pass over the environment that collects faults instead of stopping at the first."""

    def __init__(self, env: Mapping[str, str]) -> None:
        # A variable that is set but empty (as compose files produce) counts as absent.
        self._env = {name: value.strip() for name, value in env.items() if value.strip()}
        self._faults: list[str] = []

    def finish(self) -> None:
        if self._faults:
            raise ConfigError(self._faults)

    def text(self, name: str) -> str | None:
        return self._env.get(name)

    def folder(self, name: str) -> Path | None:
        return Path(self._env[name]).absolute() if name in self._env else None

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in self._env.get(name, "").split(",") if word.strip())

    def switch(self, name: str) -> bool:
        text = self._env.get(name, "no")
        if text not in ("yes", "no"):
            self._fault(name, f"is {text!r}; it must be yes or no")
        return text == "yes"

    def loopback_switch(self, name: str, public_url: str) -> bool:
        """Read a switch that is refused where people come from other machines."""
        is_on = self.switch(name)
        parts = _split(public_url)
        if is_on and (parts is None or parts.hostname not in ("127.0.0.1", "::1", "localhost")):
            self._fault(name, "is for development: WAREFLOW_PUBLIC_URL must be of this machine")
        return is_on

    def hops(self, name: str) -> int:
        text = self._env.get(name, "0")
        if text.isascii() and text.isdigit() and int(text) <= 9:
            return int(text)
        self._fault(name, f"is {text!r}; it must be the number of proxies in front, 0 to 9")
        return 0

    def port(self, name: str, default: int) -> int:
        text = self._env.get(name, str(default))
        if text.isascii() and text.isdigit() and 0 < int(text) < 65_536:
            return int(text)
        self._fault(name, f"is {text!r}; it must be a port number from 1 to 65535")
        return default

    def url(self, name: str, *schemes: str) -> str | None:
        text = self._env.get(name)
        if text is not None and (_split(text) is None or urlsplit(text).scheme not in schemes):
            # The value itself stays unsaid: it holds a password.
            self._fault(name, f"must be an address that starts with {schemes[0]}://")
        return text

    def public_url(self, name: str, default: str) -> str:
        text = self._env.get(name, default).rstrip("/")
        parts = _split(text)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
            self._fault(name, f"is {text!r}; it must start with http:// or https:// and a host")
        elif parts.path or parts.query or parts.fragment or parts.username:
            self._fault(name, f"is {text!r}; it must be a scheme, a host and a port, no more")
        return text

    def secret_keys(self, *, required: bool) -> tuple[str, ...]:
        key = self._env.get("SECRET_KEY")
        fallbacks = [k.strip() for k in self._env.get("SECRET_KEY_FALLBACKS", "").split(",")]
        fallbacks = [k for k in fallbacks if k]
        if key is None and (required or fallbacks):
            beside = "SECRET_KEY_FALLBACKS" if fallbacks else "DATABASE_URL"
            self._fault("SECRET_KEY", f"is missing; it is needed because {beside} is set")
        if key is not None and len(key) < SECRET_KEY_LENGTH_MIN:
            self._fault("SECRET_KEY", f"must have at least {SECRET_KEY_LENGTH_MIN} characters")
        if any(len(k) < SECRET_KEY_LENGTH_MIN for k in fallbacks):
            self._fault(
                "SECRET_KEY_FALLBACKS",
                f"must be keys of at least {SECRET_KEY_LENGTH_MIN} characters, comma between",
            )
        return (key, *fallbacks) if key else ()

    def smtp(self) -> Smtp | None:
        text = self._env.get("SMTP_URL")
        if text is None:
            return None
        parts = _split(text)
        sender = self._env.get("MAIL_FROM", "")
        if "@" not in sender:
            self._fault("MAIL_FROM", "must be the sender's address, because SMTP_URL is set")
        if parts is None or parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            self._fault("SMTP_URL", "must be smtp://[user:password@]host[:port], or smtps://")
            return None
        port = parts.port or (465 if parts.scheme == "smtps" else 587)
        username = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        return Smtp(parts.hostname, port, username, password, parts.scheme == "smtps", sender)

    def log_level(self) -> str:
        level = self._env.get("LOG_LEVEL", "info").upper()
        if level not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
            self._fault("LOG_LEVEL", f"is {level!r}; it must be debug, info, warning or error")
        return level

    def _fault(self, name: str, sentence: str) -> None:
        self._faults.append(f"{name} {sentence}.")


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port  # Raises when it is no number, which urlsplit itself lets pass.
    except ValueError:
        return None
    return parts


def _for_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
