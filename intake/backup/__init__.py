"""Backup and restore while the service runs: one snapshot of the database, the files by content, a manifest of both.

The sealing key is never in it: a backup without its key is of no use to a thief, and a ledger without its key none
to anybody. The manifest only holds a fingerprint by which a wrong key is told before anything is restored.
"""

from intake.backup.restore import Place, restore
from intake.backup.take import Taken, prune, take
from intake.backup.verify import verify

__all__ = ["Place", "Taken", "prune", "restore", "take", "verify"]
