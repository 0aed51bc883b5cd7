"""Brings a database to a revision: for the command line, the tests and the first start."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

HERE = Path(__file__).parent


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Run every migration up to `revision` as the owner; each is one transaction."""
    command.upgrade(configuration(owner_url), revision)


def downgrade(owner_url: str, revision: str) -> None:
    """Undo migrations down to `revision` (`base`: all of them)."""
    command.downgrade(configuration(owner_url), revision)


def newest_revision() -> str:
    """Return the revision that this code expects of its database."""
    head = ScriptDirectory.from_config(configuration("")).get_current_head()
    assert head is not None, "there is at least one migration"
    return head


def configuration(owner_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["owner_url"] = owner_url
    return config
