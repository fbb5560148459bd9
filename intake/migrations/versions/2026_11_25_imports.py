"""Work orders handed over, how far a file was read, and the registries that are imported."""

import sqlalchemy as sa
from alembic import op

revision = "imports"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "handed",
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("report_id", sa.Integer(), sa.ForeignKey("report.id"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source", "number", name="pk_handed"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_handed_report_id", "handed", ["report_id"])
    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("errors_path", sa.String(length=1000), nullable=False),
        sa.Column("errors_bytes", sa.Integer(), nullable=False),
        sa.Column("receipts_path", sa.String(length=1000), nullable=False),
        sa.Column("receipts_bytes", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
    )
    with op.batch_alter_table("api_token") as tokens:
        tokens.add_column(sa.Column("until", MOMENT))
    op.create_index("ix_import_run_digest", "import_run", ["digest"])
