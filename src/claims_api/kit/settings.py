"""What the environment says, checked before anything starts."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_SECRET = "development-only-secret-never-use-it-outside"  # noqa: S105 - refused outside development
SECRET_MIN_LENGTH = 32


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Pooler(StrEnum):
    NONE = "none"
    TRANSACTION = "transaction"


class UnsafeSettings(Exception):
    """The environment asks for something we refuse to run with; the text says what and the way out."""


class Settings(BaseSettings):
    """Every `CLAIMS_*` variable. Production is the default: development has to be asked for."""

    model_config = SettingsConfigDict(env_prefix="CLAIMS_", extra="ignore", frozen=True)

    environment: Environment = Environment.PRODUCTION
    database_url: SecretStr | None = None
    database_url_direct: SecretStr | None = None
    database_url_worker: SecretStr | None = None
    database_pooler: Pooler = Pooler.NONE
    database_pool_size: int = Field(default=10, ge=1, le=200)
    signing_secret: SecretStr = SecretStr(DEVELOPMENT_SECRET)
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    data_dir: Path = Path(".claims-data")
    postgres_bin: Path | None = None
    clock: datetime | None = None
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    rate_limit: int = Field(default=600, ge=0, le=100_000)
    rate_limit_token: int = Field(default=60, ge=0, le=100_000)
    drain_seconds: float = Field(default=0, ge=0, le=60)
    worker_poll_seconds: float = Field(default=0.5, ge=0.05, le=60)
    worker_metrics_port: int | None = Field(default=None, ge=1, le=65535)

    @field_validator("database_url", "database_url_direct", "database_url_worker")
    @classmethod
    def _asyncpg_only(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not url.get_secret_value().startswith("postgresql+asyncpg://"):
            raise ValueError("must start with postgresql+asyncpg://")
        return url

    @field_validator("clock")
    @classmethod
    def _clock_knows_its_zone(cls, clock: datetime | None) -> datetime | None:
        if clock is not None and clock.tzinfo is None:
            raise ValueError("must carry an offset, for example 2026-11-22T09:00:00Z")
        return clock

    @field_validator("public_url")
    @classmethod
    def _no_trailing_slash(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("must be an absolute http(s) URL")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _safe_outside_development(self) -> "Settings":
        if self.environment is Environment.DEVELOPMENT:
            return self
        secret = self.signing_secret.get_secret_value()
        if secret == DEVELOPMENT_SECRET or len(secret) < SECRET_MIN_LENGTH:
            raise ValueError(
                f"signing_secret: set CLAIMS_SIGNING_SECRET to {SECRET_MIN_LENGTH} random characters or more"
            )
        if self.clock is not None:
            raise ValueError("clock: CLAIMS_CLOCK is for development only; unset it")
        if self.database_url is None:
            raise ValueError("database_url: set CLAIMS_DATABASE_URL (the embedded Postgres is for development only)")
        return self

    @property
    def is_embedded(self) -> bool:
        """Without a database URL the service brings its own Postgres."""
        return self.database_url is None


def load_settings() -> Settings:
    """Reads the environment.

    Raises:
        UnsafeSettings: a value is missing, unusable or unsafe; the text never repeats the value.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for fault in error.errors(include_input=False, include_url=False):
            name = "".join(f"CLAIMS_{part}: ".upper() for part in fault["loc"])
            lines.append(f"  {name}{fault['msg'].removeprefix('Value error, ')}")
        way_out = "For a try-out on this machine set CLAIMS_ENVIRONMENT=development, or run `make serve`."
        raise UnsafeSettings("\n".join(["These settings cannot be used:", *lines, way_out])) from None
