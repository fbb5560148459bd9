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
    key_file: Path | None = Field(None, description="The sealing key; default: vault.key in the data folder.")
    host: str = Field("127.0.0.1", description="Address on which the web service listens.")
    port: int = Field(8000, description="Port on which the web service listens.")
    home: str = Field("621000", description="Division code of the region that runs this service.")
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

    max_file_mb: int = Field(50, ge=1, le=500, description="Largest file that a person may send, in MiB.")
    max_text: int = Field(8000, ge=500, description="Characters of one message that are heard; the rest is kept whole.")
    silence: timedelta = Field(timedelta(minutes=30), description="After this pause a returning person is greeted.")
    sweep_every: timedelta = Field(timedelta(minutes=1), description="How often due clocks are looked at.")
    courier_every: timedelta = Field(timedelta(seconds=5), description="How often waiting notices are delivered.")

    def database(self) -> str:
        """The database's address, SQLite in the data folder unless told otherwise."""
        return self.database_url or f"sqlite:///{self.data_folder.resolve() / 'jianting.db'}"

    def key(self) -> Path:
        """Where the sealing key lies."""
        return self.key_file or self.data_folder / "vault.key"

    def rasa_secret(self) -> str:
        """The Rasa server's token; empty where it has none."""
        return self.rasa_token.get_secret_value() if self.rasa_token else ""
