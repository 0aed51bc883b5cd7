"""Wareflow's front door: composes the rooms and offers the commands. Imported by none of them."""

import argparse
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="wareflow", description=__doc__)
    parser.parse_args(arguments)
    parser.print_help()
    return 0
