"""The composition root: builds everything once; nothing else reads settings or the environment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.dialogue.store import Remembered
from bot.ear import open_ear
from bot.recent import Recent
from bot.settings import Settings
from intake.confidentiality import Vault
from intake.db import Database
from intake.evidence import EvidenceStore
from intake.schema import migrate
from nlu.engine import Ear
from routing.rules import Rules

Progress = Callable[[str, int, int], None]
MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class App:
    """What the door's parts share: settings, ledger, vault, ear, law and the store of evidence."""

    settings: Settings
    database: Database
    vault: Vault
    ear: Ear
    rules: Rules
    evidence: EvidenceStore
    recent: Recent[Remembered] = field(default_factory=Recent)
    tokens: Recent[str] = field(default_factory=Recent)

    @classmethod
    def open(cls, settings: Settings, progress: Progress | None = None, ear: Ear | None = None) -> App:
        """Everything ready to serve; makes the data folder, the key, the tables and the model where they are absent.

        An `ear` already open may be shared.
        """
        settings.data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        vault = Vault.open(settings.key())
        database = Database(settings.database(), settings.database_connections)
        migrate(database)
        return cls(
            settings=settings,
            database=database,
            vault=vault,
            ear=ear or open_ear(settings, progress),
            rules=Rules.load(settings.data_folder),
            evidence=EvidenceStore(settings.data_folder / "evidence", vault, settings.max_file_mb * MB),
        )

    def close(self) -> None:
        """Give the database connections back."""
        self.database.close()
