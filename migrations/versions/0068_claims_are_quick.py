"""A claim is planned once in a session, as is the question whether any is due.

And it does not wait for the disk: of what a worker commits, half were claims.
"""

from migrations.walls import no_longer_quickly, work_quickly

revision = "0068"
down_revision = "0067"

NAMES = "^(claim|due)_"


def upgrade() -> None:
    work_quickly(NAMES)


def downgrade() -> None:
    no_longer_quickly(NAMES)
