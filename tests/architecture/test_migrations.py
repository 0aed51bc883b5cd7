"""The chain of migrations is the order of their numbers: one head, no forks, no gaps."""

import ast
from pathlib import Path

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"


def declared(path: Path) -> tuple[object, object]:
    """Return (revision, down_revision) as a migration spells them."""
    values = {
        target.id: ast.literal_eval(node.value)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id in ("revision", "down_revision")
    }
    return values["revision"], values["down_revision"]


def test_each_migration_follows_the_one_numbered_before_it() -> None:
    paths = sorted(VERSIONS.glob("[0-9]*.py"))

    chain = [declared(path) for path in paths]

    numbers = [path.name[:4] for path in paths]
    assert numbers == [f"{number:04d}" for number in range(1, len(paths) + 1)]
    assert chain == list(zip(numbers, [None, *numbers[:-1]], strict=True))


def test_a_migration_is_one_idea_of_at_most_a_hundred_lines() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in VERSIONS.glob("*.py")}

    assert {name: length for name, length in lengths.items() if length > 100} == {}
