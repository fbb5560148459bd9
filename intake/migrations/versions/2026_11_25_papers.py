"""The ledger of papers, and what stands before the number of an office's papers."""

import sqlalchemy as sa
from alembic import op

revision = "papers"
down_revision = "crime"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer()),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("authority", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("taker", sa.String(length=120)),
        sa.Column("staff_id", sa.Integer()),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("sm3", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("serial >= 1", name=op.f("ck_paper_counted_from_one")),
        sa.CheckConstraint("report_id IS NULL OR taker IS NULL", name=op.f("ck_paper_one_addressee")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_paper_case_id_case"),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_paper_report_id_report"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_paper_event_id_event"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_paper_staff_id_staff"),
        sa.PrimaryKeyConstraint("id", name="pk_paper"),
        sa.UniqueConstraint("authority", "kind", "year", "serial", name="uq_paper_authority_kind_year_serial"),
    )
    op.create_index("ix_paper_case_id", "paper", ["case_id"])
    op.create_index("ix_paper_report_id", "paper", ["report_id"])
    op.add_column("office", sa.Column("word", sa.String(length=20)))
