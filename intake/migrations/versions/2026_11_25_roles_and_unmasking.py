"""The roles of those who guard and look on, requests to see an identity, and who opened which case."""

import sqlalchemy as sa
from alembic import op

revision = "roles"
down_revision = "imports"
branch_labels = None
depends_on = None


MOMENT = sa.DateTime(timezone=True)
ROLES = "role IN ('officer', 'leader', 'custodian', 'supervisor', 'federation', 'auditor', 'administrator')"


def upgrade() -> None:
    _more_roles()
    op.create_table(
        "unmasking",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("report_id", sa.Integer(), sa.ForeignKey("report.id"), nullable=False),
        sa.Column("authority", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("needs", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("decided_by", sa.Integer(), sa.ForeignKey("staff.id")),
        sa.Column("seconded_by", sa.Integer(), sa.ForeignKey("staff.id")),
        sa.Column("decided_at", MOMENT),
        sa.Column("answer", sa.Text()),
        sa.Column("expires_at", MOMENT),
        sa.Column("ended_by", sa.Integer(), sa.ForeignKey("staff.id")),
        sa.Column("ended_at", MOMENT),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("looked_at", MOMENT),
        sa.CheckConstraint("state IN ('waiting', 'approved', 'refused', 'revoked')", name="known_state"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="decided_by_another"),
        sa.CheckConstraint(
            "seconded_by IS NULL OR (seconded_by <> asked_by AND seconded_by <> decided_by)", name="seconded_by_a_third"
        ),
        sa.CheckConstraint(
            "state <> 'approved' OR (expires_at IS NOT NULL AND decided_by IS NOT NULL"
            " AND (needs < 2 OR seconded_by IS NOT NULL))",
            name="approval_is_whole",
        ),
    )
    op.create_index("ix_unmasking_report_id", "unmasking", ["report_id"])
    op.create_index("ix_unmasking_asked_by", "unmasking", ["asked_by"])
    op.create_index("ix_unmasking_queue", "unmasking", ["authority", "state"])
    op.create_table(
        "viewing",
        sa.Column("staff_id", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("hour", MOMENT, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "case_id", "hour", name="pk_viewing"),
    )
    op.create_index("ix_viewing_hour", "viewing", ["hour"])
    op.create_index("ix_viewing_case", "viewing", ["case_id"])


def _more_roles() -> None:
    with op.batch_alter_table("staff") as staff:
        staff.drop_constraint(op.f("ck_staff_known_role"), type_="check")
        staff.create_check_constraint(op.f("ck_staff_known_role"), ROLES)
