"""Work orders handed over, how far a file was read, and the registries that are imported."""

import sqlalchemy as sa
from alembic import op

revision = "imports"
down_revision = "0002_custody"
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
    _registries()


def _registries() -> None:
    """Institutions, offices' names, supervisors' terms, inspections."""
    op.create_table(
        "institution",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("code", sa.String(length=18)),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("former_names", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=60)),
        sa.Column("level", sa.String(length=40)),
        sa.Column("place", sa.String(length=6)),
        sa.Column("people", sa.Integer()),
        sa.Column("beds", sa.Integer()),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("key", name="uq_institution_key"),
    )
    op.create_index("ix_institution_subject", "institution", ["subject"])
    op.create_table(
        "office",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_office"),
    )
    op.create_table(
        "term",
        sa.Column("key", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("since", sa.Date()),
        sa.Column("until", sa.Date()),
        sa.Column("proposed_by", sa.String(length=200)),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_term"),
    )
    op.create_table(
        "inspection",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("organ", sa.String(length=200), nullable=False),
        sa.Column("institution", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("code", sa.String(length=18)),
        sa.Column("place", sa.String(length=6)),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("officers", sa.Text(), nullable=False),
        sa.Column("notice", sa.String(length=80)),
        sa.Column("reason", sa.String(length=200)),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("key", name="uq_inspection_key"),
    )
    op.create_index("ix_inspection_subject", "inspection", ["subject"])
