"""Settings: production by default, unsafe values refused at start, and no refusal repeats a value."""

from pathlib import Path

import pytest

from claims_api.kit.settings import (
    DEVELOPMENT_SECRET,
    SECRET_MIN_LENGTH,
    Environment,
    Pooler,
    Settings,
    UnsafeSettings,
    load_settings,
)

CANARY = "c4n4ry"
PRODUCTION = {
    "CLAIMS_DATABASE_URL": f"postgresql+asyncpg://claims_api:{CANARY}@db.internal/claims",
    "CLAIMS_SIGNING_SECRET": CANARY * 6,
}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine's own settings, and no file beside us to read them from."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"CLAIMS_{name.upper()}", raising=False)


def loaded(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_an_empty_environment_is_production_and_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnsafeSettings) as refused:
        loaded(monkeypatch, {})
    assert "CLAIMS_SIGNING_SECRET" in str(refused.value)
    assert "CLAIMS_ENVIRONMENT=development" in str(refused.value), "the way out"


def test_a_database_and_a_secret_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, PRODUCTION)
    assert settings.environment is Environment.PRODUCTION
    assert not settings.is_embedded
    assert settings.host == "127.0.0.1"


def test_a_full_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    full = PRODUCTION | {
        "CLAIMS_ENVIRONMENT": "production",
        "CLAIMS_DATABASE_URL_DIRECT": "postgresql+asyncpg://claims_owner@db.internal/claims",
        "CLAIMS_DATABASE_POOLER": "transaction",
        "CLAIMS_DATABASE_POOL_SIZE": "25",
        "CLAIMS_PUBLIC_URL": "https://claims.example.com/",
        "CLAIMS_HOST": "0.0.0.0",  # noqa: S104 - as in a container
        "CLAIMS_PORT": "80",
        "CLAIMS_LOG_LEVEL": "WARNING",
        "CLAIMS_DRAIN_SECONDS": "7.5",
        "CLAIMS_SOMETHING_OF_A_LATER_VERSION": "1",
    }
    settings = loaded(monkeypatch, full)
    assert settings.public_url == "https://claims.example.com"
    assert settings.database_pooler is Pooler.TRANSACTION
    assert (settings.database_pool_size, settings.port, settings.drain_seconds) == (25, 80, 7.5)


def test_development_needs_nothing_and_brings_its_own_database(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, {"CLAIMS_ENVIRONMENT": "development"})
    assert settings.is_embedded
    assert settings.signing_secret.get_secret_value() == DEVELOPMENT_SECRET


UNSAFE = {
    "no database": ({"CLAIMS_DATABASE_URL": None}, "CLAIMS_DATABASE_URL"),
    "no secret": ({"CLAIMS_SIGNING_SECRET": None}, "CLAIMS_SIGNING_SECRET"),
    "an empty secret": ({"CLAIMS_SIGNING_SECRET": ""}, "CLAIMS_SIGNING_SECRET"),
    "the development secret": ({"CLAIMS_SIGNING_SECRET": DEVELOPMENT_SECRET}, "CLAIMS_SIGNING_SECRET"),
    "a short secret": ({"CLAIMS_SIGNING_SECRET": "x" * (SECRET_MIN_LENGTH - 1)}, "CLAIMS_SIGNING_SECRET"),
    "a clock": ({"CLAIMS_CLOCK": "2026-11-22T09:00:00Z"}, "CLAIMS_CLOCK"),
    "an unknown environment": ({"CLAIMS_ENVIRONMENT": CANARY}, "CLAIMS_ENVIRONMENT"),
    "another driver": ({"CLAIMS_DATABASE_URL": f"postgresql://u:{CANARY}@h/d"}, "CLAIMS_DATABASE_URL"),
    "another driver, direct": ({"CLAIMS_DATABASE_URL_DIRECT": f"mysql://u:{CANARY}@h/d"}, "CLAIMS_DATABASE_URL_DIRECT"),
    "an empty database URL": ({"CLAIMS_DATABASE_URL": ""}, "CLAIMS_DATABASE_URL"),
    "an unknown pooler": ({"CLAIMS_DATABASE_POOLER": CANARY}, "CLAIMS_DATABASE_POOLER"),
    "no pool": ({"CLAIMS_DATABASE_POOL_SIZE": "0"}, "CLAIMS_DATABASE_POOL_SIZE"),
    "a pool of words": ({"CLAIMS_DATABASE_POOL_SIZE": CANARY}, "CLAIMS_DATABASE_POOL_SIZE"),
    "a port too high": ({"CLAIMS_PORT": "65536"}, "CLAIMS_PORT"),
    "a relative public URL": ({"CLAIMS_PUBLIC_URL": f"{CANARY}.example"}, "CLAIMS_PUBLIC_URL"),
    "a script as public URL": ({"CLAIMS_PUBLIC_URL": f"javascript:{CANARY}"}, "CLAIMS_PUBLIC_URL"),
    "an unknown log level": ({"CLAIMS_LOG_LEVEL": CANARY}, "CLAIMS_LOG_LEVEL"),
    "a negative drain": ({"CLAIMS_DRAIN_SECONDS": "-1"}, "CLAIMS_DRAIN_SECONDS"),
    "an endless drain": ({"CLAIMS_DRAIN_SECONDS": "inf"}, "CLAIMS_DRAIN_SECONDS"),
    "a drain that is no number": ({"CLAIMS_DRAIN_SECONDS": "nan"}, "CLAIMS_DRAIN_SECONDS"),
}


@pytest.mark.parametrize(("changes", "named"), UNSAFE.values(), ids=UNSAFE.keys())
def test_an_unsafe_value_is_refused_by_name_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str | None], named: str
) -> None:
    environment = {name: value for name, value in (PRODUCTION | changes).items() if value is not None}
    with pytest.raises(UnsafeSettings) as refused:
        loaded(monkeypatch, environment)
    assert f"{named}" in str(refused.value)
    assert CANARY not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__, "the stack shows no value either"


CLOCKS = {"with an offset": ("2026-11-22T09:00:00+02:00", True), "Zulu": ("2026-11-22T09:00:00Z", True)}
CLOCKS |= {
    "without an offset": ("2026-11-22T09:00:00", False),
    "a word": (CANARY, False),
    "a date": ("2026-11-22", False),
}


@pytest.mark.parametrize(("clock", "is_taken"), CLOCKS.values(), ids=CLOCKS.keys())
def test_in_development_the_clock_is_an_instant_with_an_offset(
    monkeypatch: pytest.MonkeyPatch, clock: str, is_taken: bool
) -> None:
    environment = {"CLAIMS_ENVIRONMENT": "development", "CLAIMS_CLOCK": clock}
    if is_taken:
        found = loaded(monkeypatch, environment).clock
        assert found is not None
        assert found.tzinfo is not None
        return
    with pytest.raises(UnsafeSettings) as refused:
        loaded(monkeypatch, environment)
    assert "CLAIMS_CLOCK" in str(refused.value)
    assert CANARY not in str(refused.value)


def test_several_faults_are_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnsafeSettings) as refused:
        loaded(monkeypatch, {"CLAIMS_PORT": "-1", "CLAIMS_LOG_LEVEL": "LOUD", "CLAIMS_PUBLIC_URL": "x"})
    for name in ("CLAIMS_PORT", "CLAIMS_LOG_LEVEL", "CLAIMS_PUBLIC_URL"):
        assert name in str(refused.value)


def test_settings_show_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, PRODUCTION | {"CLAIMS_DATABASE_URL_DIRECT": PRODUCTION["CLAIMS_DATABASE_URL"]})
    assert CANARY not in repr(settings) + str(settings) + str(settings.model_dump()) + settings.model_dump_json()
