"""A shop with real background processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.config import Config
from tests.conftest import Cluster
from tests.kernel.crew import Crew, a_crew


@pytest.fixture
def crew(database: Cluster, config: Config, tmp_path: Path) -> Iterator[Crew]:
    """ACME's shop; every process started for it ends with the test."""
    with a_crew(database, config, tmp_path) as crew:
        yield crew
