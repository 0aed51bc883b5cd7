"""A mutant that no longer applies proves nothing: whoever changes the code refreshes it."""

import subprocess
from pathlib import Path

import pytest

from tests.mutants.run import FOLDER, read_mutant

ROOT = Path(__file__).parents[2]
PATCHES = sorted(FOLDER.glob("*.patch"))


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_mutant_applies_to_the_code_and_names_a_test_that_exists(patch: Path) -> None:
    checked = subprocess.run(
        ["git", "apply", "--check", str(patch)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr

    file, name = read_mutant(patch).test.split("::")
    assert f"def {name.split('[')[0]}(" in (ROOT / file).read_text()
