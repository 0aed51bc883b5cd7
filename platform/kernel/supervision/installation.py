"""What an embedded installation needs beside its programs: roles, a schema's owner, a web port."""

import os
import urllib.error
import urllib.request

from kernel.config import Config, embedded_password, web_port_file
from kernel.embedded.addresses import superuser_url
from kernel.embedded.child import ServerFailed
from kernel.embedded.kept import change_port, is_port_free
from kernel.roles import APP, OWNER, create_roles

DATABASE = "wareflow"


def create_embedded_roles(config: Config) -> None:
    """Create the roles and the database in the embedded PostgreSQL; repeating changes nothing.

    Does nothing where an operator runs PostgreSQL: there the roles are theirs to create.
    """
    if config.embeds_postgres:
        passwords = {role: embedded_password(config.var_dir, role) for role in (OWNER, APP)}
        create_roles(superuser_url(config.var_dir / "postgres"), passwords, DATABASE)


def settle_web_port(config: Config) -> None:
    """Keep another web port when a stranger listens on ours; the next reading of Config has it.

    An operator's own choice is never changed: raises ServerFailed instead.
    """
    if is_port_free(config.port, config.host):
        return
    if os.environ.get("WAREFLOW_PORT"):
        raise ServerFailed(
            f"Port {config.port} on {config.host} is taken by another program. "
            "Set WAREFLOW_PORT to a free one."
        )
    change_port(web_port_file(config.var_dir))


def is_web_ready() -> bool:
    """Say whether the web of this environment answers requests."""
    config = Config.from_env(os.environ)
    host = "127.0.0.1" if config.host in ("0.0.0.0", "::") else config.host  # noqa: S104 -- read, not bound
    try:
        urllib.request.urlopen(f"http://{host}:{config.port}/livez", timeout=5).close()
    except urllib.error.HTTPError as error:
        with error:
            return error.code < 500
    except OSError:
        return False
    return True
