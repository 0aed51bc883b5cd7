"""Tells the wheel what it depends on: the ranges of runtime.in, stated once."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface


class RuntimeRequirements(MetadataHookInterface):
    """Reads the dependencies from the same file that the lock is made from."""

    def update(self, metadata: dict[str, object]) -> None:
        """Fill in `dependencies`; comments and blank lines are left out."""
        lines = (Path(self.root) / "requirements" / "runtime.in").read_text().splitlines()
        metadata["dependencies"] = [line for line in lines if line and not line.startswith("#")]
