"""The composition root: builds everything once; nothing else reads settings or the environment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.dialogue.store import Remembered
from bot.ear import open_ear
from bot.keys import open_vault
from bot.recent import Recent
from bot.settings import Settings
from intake import chain, registry
from intake.confidentiality import Vault
from intake.db import Database
from intake.evidence import EvidenceStore
from intake.sanitise.process import Cleaner
from intake.sanitise.verdict import Limits
from intake.schema import migrate
from intake.witness import Witness
from nlu.engine import Ear
from routing import authorities, subjects
from routing.desk import Counter
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
    counter: Counter = field(init=False)

    def __post_init__(self) -> None:
        """Whoever files goes to one counter, so that they are filed together."""
        object.__setattr__(self, "counter", Counter(self.database, self.rules, self.vault))

    @classmethod
    def open(cls, settings: Settings, progress: Progress | None = None, ear: Ear | None = None) -> App:
        """Everything ready to serve; makes the data folder, the key, the tables and the model where they are absent.

        An `ear` already open may be shared.
        """
        settings.data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        witness = Witness.open(settings.proof_key())
        database = Database(settings.database(), witness, settings.database_connections)
        now = datetime.now(UTC)
        try:
            migrate(database)
            with database.reading() as session:
                authorities.know(registry.offices(session))
                subjects.know(registry.levels(session))
            vault = open_vault(settings, database, now)
            database.write(lambda session: chain.found(session, witness, now))
        except BaseException:
            database.close()
            raise
        return cls(
            settings=settings,
            database=database,
            vault=vault,
            ear=ear or open_ear(settings, progress),
            rules=Rules.load(settings.data_folder),
            evidence=EvidenceStore(
                settings.data_folder / "evidence", vault, settings.max_file_mb * MB, Cleaner(_limits(settings))
            ),
        )

    def close(self) -> None:
        """Give the database connections back."""
        self.database.close()


def _limits(settings: Settings) -> Limits:
    """How much a file may become when it is unpacked."""
    return Limits(
        pixels=settings.max_pixels * 1_000_000,
        frames=settings.max_frames,
        pages=settings.max_pages,
        unpacked=settings.max_unpacked_mb * MB,
        seconds=settings.cleaning_seconds,
        memory=settings.cleaning_memory_mb * MB,
    )
