"""Data keys, wrapped by a master key outside the ledger; and an index of query codes that still await their slow hash.

There is no way back: a ledger is restored from its backup, never downgraded.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002_keys"
down_revision = "outgoing_and_erasure"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("algorithm", sa.String(length=16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("master", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_data_key"),
    )
    quick = sa.text("length(query_hash) = 64")
    op.create_index("ix_report_quick_code", "report", ["id", "query_hash"], sqlite_where=quick, postgresql_where=quick)
