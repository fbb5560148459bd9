"""Where the chain of custody of a file is found among the events.

There is no way back: a ledger is restored from its backup, never downgraded.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002_custody"
down_revision = "0002_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "custody",
        sa.Column("event_id", sa.Integer(), sa.ForeignKey("event.id"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("report_id", sa.Integer(), sa.ForeignKey("report.id")),
        sa.PrimaryKeyConstraint("event_id", name="pk_custody"),
    )
    op.create_index("ix_custody_sha256", "custody", ["sha256"])
    op.create_index("ix_custody_report_id", "custody", ["report_id"])
    _find_what_was_opened()


def _find_what_was_opened() -> None:
    """What was opened before this release belongs to its file, too: the digest stands in the event."""
    connection = op.get_bind()
    event = sa.table("event", *map(sa.column, ("id", "kind", "case_id")), sa.column("data", sa.JSON()))
    report = sa.table("report", *map(sa.column, ("id", "case_id")))
    use = sa.table("evidence_use", *map(sa.column, ("sha256", "report_id")))
    custody = sa.table("custody", *map(sa.column, ("event_id", "sha256", "report_id")))
    uses = connection.execute(
        sa.select(report.c.case_id, use.c.sha256, use.c.report_id).join(report, report.c.id == use.c.report_id)
    )
    held = {(case, digest): number for case, digest, number in uses}
    opened = connection.execute(
        sa.select(event.c.id, event.c.case_id, event.c.data).where(event.c.kind == "evidence_viewed")
    ).all()
    known = [
        {"event_id": number, "sha256": data["digest"], "report_id": held[case, data["digest"]]}
        for number, case, data in opened
        if (case, data.get("digest")) in held
    ]
    if known:
        connection.execute(custody.insert(), known)
