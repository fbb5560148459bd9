"""Every setting of the service, read once from the environment (prefix JIANTING_) by the composition root."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What whoever runs the service may change; the defaults run everything on one machine."""

    model_config = SettingsConfigDict(env_prefix="JIANTING_", env_file=".env", extra="ignore")

    data_folder: Path = Field(Path("data"), description="Where database, key, model and evidence lie.")
    database_url: str = Field("", description="SQLAlchemy address; empty: SQLite in the data folder.")
    database_connections: int = Field(
        20, ge=4, le=500, description="Most connections of one process to PostgreSQL; all processes share its limit."
    )
    mode: Literal["trial", "service"] = Field(
        "trial", description="trial: makes what is absent, also a key; service: starts only with a master key of yours."
    )
    key_file: Path | None = Field(
        None, description="File of the master key, yours alone (0600); a trial makes vault.key in the data folder."
    )
    key: SecretStr | None = Field(None, description="The master key itself, 64 hexadecimal digits or base64.")
    key_command: str = Field("", description="Command that prints the master key, such as the client of a key store.")
    new_key: SecretStr | None = Field(None, description="For `jianting keys rewrap`: the master key to move under.")
    seal_algorithm: Literal["sm4-gcm", "aes-256-gcm"] = Field(
        "sm4-gcm", description="What new values are sealed with; whatever was sealed otherwise still opens."
    )
    proof_key_file: Path | None = Field(
        None, description="The key that signs the chain; default: proof.key in the data folder. Keep a copy elsewhere."
    )
    host: str = Field("127.0.0.1", description="Address on which the web service listens.")
    port: int = Field(8000, description="Port on which the web service listens.")
    home: str = Field("621000", description="Division code of the region that runs this service.")
    address: str = Field(
        "",
        pattern=r"^(https?://[^\s/]+(/[^\s]*[^\s/])?)?$",
        description="Where staff reach this service, such as https://jianting.example.cn; reminders link to its desk.",
    )
    trust_proxy: bool = Field(False, description="Believe X-Forwarded-For: only behind a reverse proxy of one's own.")
    secure_cookies: bool = Field(False, description="Mark cookies as HTTPS-only; set it wherever there is HTTPS.")

    telegram_token: SecretStr | None = Field(None, description="Token of the Telegram bot; none: no Telegram.")
    telegram_api: str = Field("https://api.telegram.org", description="Base address of the Bot API server.")
    telegram_mode: Literal["polling", "webhook"] = Field("polling", description="How updates are received.")
    webhook_url: str = Field("", description="Public address of /telegram/webhook when the mode is webhook.")
    webhook_secret: SecretStr | None = Field(None, description="Secret that Telegram repeats in every webhook call.")

    rasa_url: str = Field("", description="Address of a Rasa server that hears; empty: the embedded ear alone.")
    rasa_token: SecretStr | None = Field(None, description="What the Rasa server was given as --auth-token, if it was.")
    rasa_limit: timedelta = Field(
        timedelta(seconds=0.3),
        gt=timedelta(0),
        description="Later than this Rasa is not waited for: the embedded ear hears.",
    )

    wrong_codes_an_hour: int = Field(
        300, ge=1, description="So many wrong query codes in an hour, from wherever, and new places have to wait."
    )
    max_file_mb: int = Field(50, ge=1, le=500, description="Largest file that a person may send, in MiB.")
    max_pixels: int = Field(110, ge=1, le=1000, description="Largest picture that is unpacked, in million pixels.")
    max_frames: int = Field(1000, ge=1, le=10_000, description="Most pictures in one animation or scanned paper.")
    max_pages: int = Field(2000, ge=1, le=50_000, description="Most pages of a PDF.")
    max_unpacked_mb: int = Field(1024, ge=16, le=16_384, description="What a document may become unpacked, in MiB.")
    cleaning_seconds: float = Field(30, ge=1, le=600, description="Longest time for cleaning one file, in seconds.")
    cleaning_memory_mb: int = Field(1536, ge=256, le=65_536, description="Most memory for cleaning one file, in MiB.")
    max_text: int = Field(8000, ge=500, description="Characters of one message that are heard; the rest is kept whole.")
    unmask_for: timedelta = Field(
        timedelta(minutes=30),
        gt=timedelta(0),
        le=timedelta(hours=8),
        description="How long an approved request to see an identity or original words holds.",
    )
    small_cell: int = Field(
        5, ge=2, description="Counts below this are suppressed in statistics for those who look on."
    )
    silence: timedelta = Field(timedelta(minutes=30), description="After this pause a returning person is greeted.")
    sweep_every: timedelta = Field(timedelta(minutes=1), description="How often due clocks are looked at.")
    courier_every: timedelta = Field(timedelta(seconds=5), description="How often waiting notices are delivered.")

    def database(self) -> str:
        """The database's address, SQLite in the data folder unless told otherwise."""
        return self.database_url or f"sqlite:///{self.data_folder.resolve() / 'jianting.db'}"

    def key_path(self) -> Path:
        """Where the file of the master key lies, or would."""
        return self.key_file or self.data_folder / "vault.key"

    def proof_key(self) -> Path:
        """Where the key lies that blinds digests and signs heads and receipts."""
        return self.proof_key_file or self.data_folder / "proof.key"

    def rasa_secret(self) -> str:
        """The Rasa server's token; empty where it has none."""
        return self.rasa_token.get_secret_value() if self.rasa_token else ""
