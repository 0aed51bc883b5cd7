"""Writes the next migration: the next number, the template, one idea to be filled in.

python -m migrations.new "reservations expire"
"""

import sys

from alembic import command

from migrations.upgrade import configuration, newest_revision


def main(arguments: list[str]) -> int:
    """Create the file and say where it is; refuse without a sentence to name it after."""
    idea = " ".join(arguments).strip()
    if not idea:
        sys.stderr.write('Say what it changes: make new-migration NAME="reservations expire"\n')
        return 2
    number = f"{int(newest_revision()) + 1:04}"
    sentence = f"{idea[0].upper()}{idea[1:].rstrip('.')}."
    command.revision(configuration(""), message=sentence, rev_id=number)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
