"""Keys of 64 bits for every report, also of its wording; what was suggested, merged and matched again.

There is no way back: a ledger is restored from its backup, never downgraded.
"""

from types import SimpleNamespace

import sqlalchemy as sa
from alembic import op

from intake.db import Instant
from intake.matching import sought_again

revision = "same_matter"
down_revision = "rewards"
branch_labels = None
depends_on = None


MOMENT = sa.DateTime(timezone=True)
AT_ONCE = 1000
"""Reports that are keyed anew at a time: memory stays flat however long the history is."""


def upgrade() -> None:
    op.drop_table("match_key")
    op.create_table(
        "match_key",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("report_id", sa.Integer(), sa.ForeignKey("report.id"), nullable=False),
        sa.PrimaryKeyConstraint("key", "report_id", name="pk_match_key"),
        sqlite_with_rowid=False,
    )
    _suggestions()
    _mergings()
    _key_anew()


def _suggestions() -> None:
    op.create_table(
        "suggestion",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("report_id", sa.Integer(), sa.ForeignKey("report.id"), nullable=False),
        sa.Column("other_id", sa.Integer(), sa.ForeignKey("report.id"), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("settled_by", sa.Integer(), sa.ForeignKey("staff.id")),
        sa.UniqueConstraint("report_id", "other_id", name="uq_suggestion_report_id_other_id"),
        sa.CheckConstraint("decision IN ('attached', 'suggested')", name="known_decision"),
        sa.CheckConstraint("state IN ('open', 'confirmed', 'refused')", name="known_state"),
        sa.CheckConstraint("other_id < report_id", name="later_first"),
    )
    op.create_index("ix_suggestion_other_id", "suggestion", ["other_id"])
    op.create_table(
        "rematching",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("since", MOMENT),
        sa.Column("done_id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("looked", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
    )


def _mergings() -> None:
    op.create_table(
        "merging",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("source_id", sa.Integer(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("target_id", sa.Integer(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.CheckConstraint("kind IN ('merge', 'split')", name="known_kind"),
        sa.CheckConstraint("source_id <> target_id", name="two_cases"),
    )
    standing = sa.text("kind = 'merge' AND undone_at IS NULL")
    op.create_index(
        "ix_merging_source", "merging", ["source_id"], unique=True, sqlite_where=standing, postgresql_where=standing
    )
    op.create_index("ix_merging_target_id", "merging", ["target_id"])
    op.create_table(
        "report_move",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("report_id", sa.Integer(), sa.ForeignKey("report.id"), nullable=False),
        sa.Column("from_case_id", sa.Integer(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("to_case_id", sa.Integer(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("event_id", sa.Integer(), sa.ForeignKey("event.id"), nullable=False),
    )
    op.create_index("ix_report_move_report_id", "report_move", ["report_id"])


def _key_anew() -> None:
    """The keys of every report, from what stands in the ledger: the tellers' are parts of their keyed hashes."""
    report = sa.table(
        "report",
        *map(sa.column, ("id", "identity_id", "telling", "side", "institution", "organ", "place", "redacted")),
        sa.column("claims", sa.JSON()),
        sa.column("period_first", sa.Date()),
        sa.column("period_last", sa.Date()),
        sa.column("ongoing", sa.Boolean()),
        sa.column("received_at", Instant()),
    )
    identity = sa.table("identity", *map(sa.column, ("id", "account_hash", "phone_hash")))
    key = sa.table("match_key", sa.column("key"), sa.column("report_id"))
    told = sa.select(report, identity.c.account_hash, identity.c.phone_hash)
    told = told.join(identity, identity.c.id == report.c.identity_id).order_by(report.c.id).limit(AT_ONCE)
    bind, last, names = op.get_bind(), 0, [column.name for column in told.selected_columns]
    while rows := bind.execute(told.where(report.c.id > last)).all():
        last = rows[-1].id
        again = (sought_again(SimpleNamespace(case_id=None, **dict(zip(names, row, strict=True)))) for row in rows)
        keys = [
            {"key": one, "report_id": row.id}
            for row, sought in zip(rows, again, strict=True)
            for one in sought.stored_keys
        ]
        bind.execute(sa.insert(key), keys)
