"""The house rules as functions of a source text: each returns the faults it finds."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Each room may import itself and these. Read it as: lower rooms never look up.
MAY_IMPORT: dict[str, set[str]] = {
    "kernel": set(),
    "web": {"kernel"},
    "commerce": {"kernel"},
    "workflow_engine": {"kernel"},
    "tenants": {"kernel", "commerce", "workflow_engine"},
    "builder_ui": {"kernel", "web", "commerce", "workflow_engine", "tenants"},
    "api": {"kernel", "web", "commerce", "workflow_engine", "tenants"},
    "migrations": set(),
}
# The front door composes all and is imported by none; tests and benches look at everything.
FRONT_DOOR = "wareflow"
OURS = {*MAY_IMPORT, FRONT_DOOR, "tests", "bench", "deploy"}

# Inside commerce: goods flow downwards, so does knowledge.
_BEFORE_ORDERS = {"catalog", "inventory"}
DEPARTMENT_MAY_IMPORT: dict[str, set[str]] = {
    "catalog": set(),
    "inventory": {"catalog"},
    "warehouse": _BEFORE_ORDERS,
    "procurement": _BEFORE_ORDERS,
    "orders": {*_BEFORE_ORDERS, "warehouse"},
    "channels": _BEFORE_ORDERS,
    "messages": _BEFORE_ORDERS,
    "returns": {*_BEFORE_ORDERS, "warehouse", "procurement", "orders"},
    "finance": {*_BEFORE_ORDERS, "warehouse", "procurement", "orders", "returns"},
}
DEPARTMENT_MAY_IMPORT["intelligence"] = {*DEPARTMENT_MAY_IMPORT}

FUNCTION_LINES_MAX = 50
FILE_LINES_MAX = 400
FORBIDDEN_STEMS = {"util", "utils", "helper", "helpers", "common", "misc", "base", "manager"}
TIME_QUESTIONS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
    ("time", "time"), ("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"),
}  # fmt: skip
_NOT_SOURCES = {".venv", ".git", "var", "node_modules", "mutants", "build", "dist"}


def python_files(*tops: str) -> Iterator[Path]:
    """Yield every Python file of ours below these folders, or below the root."""
    for top in tops or (".",):
        for path in sorted((ROOT / top).rglob("*.py")):
            if not _NOT_SOURCES.intersection(path.relative_to(ROOT).parts):
                yield path


def room_of(path: Path) -> str:
    """Name the room a file belongs to: the folder under `platform/`, or the top folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "platform" else parts[0]


def imports_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of every import; `from a import b` counts as `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)


def faults_of_imports(source: str, path: Path) -> list[str]:
    """Find imports that look up, sideways, or without the room's name."""
    room, faults = room_of(path), []
    for line, name in imports_of(ast.parse(source)):
        target = name.split(".")[0]
        if name.startswith("."):
            faults.append(f"{path}:{line} imports relatively; name the room")
        elif room in MAY_IMPORT and target in OURS - {room, *MAY_IMPORT[room]}:
            faults.append(f"{path}:{line} {room} may not import {target}")
        elif room == "commerce" and target == "commerce":
            faults.extend(_faults_between_departments(path, line, name))
    return faults


def _faults_between_departments(path: Path, line: int, name: str) -> Iterator[str]:
    parts = path.relative_to(ROOT).parts
    department = parts[2] if len(parts) > 3 else None
    target = name.split(".")[1] if "." in name else None
    allowed = {department, *DEPARTMENT_MAY_IMPORT.get(department or "", set())}
    if target in DEPARTMENT_MAY_IMPORT and target not in allowed:
        yield f"{path}:{line} {department or 'the top of commerce'} may not import {target}"


def faults_of_size(source: str, path: Path) -> list[str]:
    """Find functions and files that are longer than the house's stop."""
    lines = source.count("\n")
    faults = [f"{path} has {lines} lines"] if lines > FILE_LINES_MAX else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                faults.append(f"{path}:{node.lineno} {node.name} has {length} lines")
    return faults


def faults_of_clock(source: str, path: Path) -> list[str]:
    """Find questions for the time of day; `time.monotonic` measures durations and is free."""
    return [
        f"{path}:{call.lineno} asks the time; take it from kernel.clock"
        for call, owner, name in _method_calls(source)
        if (owner, name) in TIME_QUESTIONS
    ]


def faults_of_commit(source: str, path: Path) -> list[str]:
    """Find commits and rollbacks by hand; transactions end where their block ends."""
    return [
        f"{path}:{call.lineno} calls {name}(); the unit of work ends its own transaction"
        for call, _, name in _method_calls(source)
        if name in ("commit", "rollback")
    ]


def _method_calls(source: str) -> Iterator[tuple[ast.Call, str, str]]:
    """Yield calls of methods with the last word of what they are called on."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            last = str(getattr(owner, "id", "") or getattr(owner, "attr", ""))
            yield node, last, node.func.attr


def faults_of_name(path: Path) -> list[str]:
    """Find file names that say nothing about what is inside."""
    words = path.stem.split("_")
    said = path.stem in FORBIDDEN_STEMS or words[-1] in FORBIDDEN_STEMS - {"base"}
    return [f"{path} is named after nothing; name it after its ability"] if said else []


def faults_of_docstring(source: str, path: Path) -> list[str]:
    """Find modules that do not say in a sentence what they are for."""
    if not source.strip():
        return []
    docstring = ast.get_docstring(ast.parse(source)) or ""
    ends = docstring.split("\n\n")[0].rstrip().endswith((".", "?", "!", ":"))
    return [] if ends else [f"{path} does not begin with a sentence that says what it is for"]


# What is a function of values: no clock, chance, database, thread or network. Time zones are a
# table that does not change while a process runs.
PURE_ROOMS = tuple(
    f"workflow_engine/{room}"
    for room in ("expressions", "decisions", "definition", "interpreter", "simulation", "approvals")
)
_IMPURE = {
    "asyncio", "flask", "multiprocessing", "os", "psycopg", "random", "redis", "requests", "rq",
    "secrets", "socket", "sqlalchemy", "subprocess", "tempfile", "threading", "time", "urllib",
    "uuid",
}  # fmt: skip
_PURE_KERNEL = {"kernel.money", "kernel.canonical", "kernel.errors"}


def faults_of_purity(source: str, path: Path) -> list[str]:
    """Find what would let a pure room depend on anything but its arguments."""
    faults = faults_of_clock(source, path)
    for line, name in imports_of(ast.parse(source)):
        is_ours = name.startswith("kernel.") and ".".join(name.split(".")[:2]) not in _PURE_KERNEL
        room = "/".join(name.split(".")[:2])
        is_durable = name.startswith("workflow_engine.") and room not in (
            *PURE_ROOMS,
            "workflow_engine/calendars",
        )
        if name.split(".")[0] in _IMPURE or is_ours or is_durable:
            faults.append(f"{path}:{line} imports {name} into a pure room")
    return faults
