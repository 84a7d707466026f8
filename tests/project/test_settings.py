"""settings.py: what each place needs, and that a bad value stops the start with its name."""

import runpy
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

SETTINGS = Path(__file__).parents[2] / "zestech_aftersales" / "settings.py"
PUBLIC = {
    "BASE_URL": "https://aftersales.example",
    "SECRET_KEY": "k" * 50,
    "DATABASE_URL": "postgres://someone@db.example/aftersales",
}


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Load the settings afresh from nothing but the variables given."""

    def load(**environment: str) -> dict[str, Any]:
        for name in (
            "DEBUG",
            "SETTLE_SECONDS",
            "BASE_URL",
            "SECRET_KEY",
            "DATABASE_URL",
            "REDIS_URL",
            "EMAIL_URL",
            "PORT",
            "LOG_LEVEL",
        ):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(SETTINGS))

    return load


def test_nothing_set_means_one_machine_and_nothing_written_outside_var(loaded: Any, tmp_path: Path) -> None:
    settings = loaded()
    var = tmp_path / "var"
    assert settings["DATABASES"]["default"]["NAME"] == str(var / "db.sqlite3")
    assert settings["DATABASES"]["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert settings["REDIS_URL"].startswith("unix://")
    assert settings["CELERY_BROKER_URL"].startswith("redis+socket://")
    assert settings["EMAIL_FILE_PATH"].is_relative_to(var)
    assert settings["MEDIA_ROOT"].is_relative_to(var)
    assert settings["DEBUG"] is False
    assert not settings["SECURE_SSL_REDIRECT"]


def test_the_secret_key_is_made_once_and_kept_to_oneself(loaded: Any, tmp_path: Path) -> None:
    first = loaded()["SECRET_KEY"]
    assert len(first) >= 50
    assert loaded()["SECRET_KEY"] == first
    assert stat.S_IMODE((tmp_path / "var" / "secret-key").stat().st_mode) == 0o600


def test_a_public_site_is_locked(loaded: Any) -> None:
    settings = loaded(**PUBLIC)
    assert settings["SECURE_SSL_REDIRECT"]
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["CSRF_COOKIE_SECURE"]
    assert settings["SECURE_HSTS_SECONDS"] > 0
    assert settings["CSRF_TRUSTED_ORIGINS"] == ["https://aftersales.example"]
    assert "aftersales.example" in settings["ALLOWED_HOSTS"]


def test_the_embedded_broker_moves_when_its_path_is_too_long(loaded: Any, tmp_path: Path) -> None:
    settings = loaded(VAR_DIR=str(tmp_path / ("deep" * 25)))
    assert len(bytes(settings["EMBEDDED_BROKER_SOCKET"])) <= 100


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASE_URL", "aftersales.example"),
        ("SETTLE_SECONDS", "-1"),
        ("SETTLE_SECONDS", "soon"),
        ("SLOT_HOLD_MINUTES", "0"),
        ("NO_SHOW_GRACE_MINUTES", "-1"),
        ("CHECK_IN_HOURS_BEFORE", "-1"),
        ("AUDITS_BY_RISK", "-1"),
        ("REMINDER_PERCENTS", "90,50"),
        ("REMINDER_PERCENTS", "50,100"),
        ("REMINDER_PERCENTS", "half"),
        ("DATABASE_URL", "paper://drawer"),
        ("PORT", "http"),
        ("RETENTION_YEARS", "1"),
        ("PUBLICATION_LEAD_DAYS", "2"),
        ("REDIS_URL", "http://redis.example"),
        ("EMAIL_URL", "pigeon://roof"),
        ("LOG_LEVEL", "LOUD"),
        ("DEBUG", "perhaps"),
    ],
)
def test_a_bad_value_stops_the_start(loaded: Any, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        loaded(**{name: value})


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL"])
def test_a_public_site_names_what_it_misses(loaded: Any, name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        loaded(**{**PUBLIC, name: ""})


def test_a_public_site_has_no_debug(loaded: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="DEBUG"):
        loaded(**PUBLIC, DEBUG="on")
