"""What all commands of the engine share: where they print, and how they say what is unreadable."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from workflow_engine.decisions import TableRefused
from workflow_engine.definition import DefinitionFaults
from workflow_engine.definition.import_scxml import NotScxml
from workflow_engine.definition.import_xstate import NotXstate

Subparsers = Any
Run = Callable[[Any, argparse.Namespace], int]
FAILED, UNREADABLE = 1, 2


def verb(verbs: Subparsers, name: str, help_text: str, run: Run) -> argparse.ArgumentParser:
    """Add a verb that reads a FILE; what cannot be read is a sentence and an exit code."""
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=help_text)
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.set_defaults(run=_told(run))
    return parser


def may_write(parser: argparse.ArgumentParser) -> None:
    """Let a verb write its answer to a file."""
    parser.add_argument(
        "--output", type=Path, metavar="PATH", help="write here instead of the terminal"
    )


def _told(run: Run) -> Run:
    def telling(config: Any, chosen: argparse.Namespace) -> int:
        try:
            return run(config, chosen)
        except OSError as error:
            standard_error().print(
                f"{escape(str(chosen.file))}: {escape(error.strerror or str(error))}"
            )
        except (DefinitionFaults, NotScxml, NotXstate, UnicodeDecodeError) as error:
            standard_error().print(escape(str(error)))
        except TableRefused as refused:
            for fault in refused.faults:
                standard_error().print(escape(str(fault)))
        return UNREADABLE

    return telling


def standard_output() -> Console:
    """Where answers go."""
    return Console(file=sys.stdout, soft_wrap=True, highlight=False)


def standard_error() -> Console:
    """Where everything else goes."""
    return Console(file=sys.stderr, soft_wrap=True, highlight=False)


def written(text: str | bytes, path: Path | None) -> int:
    """Give an answer to a file, or to the terminal."""
    if path is None and isinstance(text, bytes):
        sys.stdout.buffer.write(text)
    elif path is None:
        sys.stdout.write(str(text))
    elif isinstance(text, bytes):
        path.write_bytes(text)
    else:
        path.write_text(text, encoding="utf-8", newline="")
    return 0
