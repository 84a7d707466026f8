"""Reads the environment for settings.py: each refusal names the variable."""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def number_from_env(name: str, default: int, lowest: int) -> int:
    """Return a whole number of the environment, refusing anything below `lowest`."""
    try:
        number = int(env.str(name, default=str(default)))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number") from error
    if number < lowest:
        raise ImproperlyConfigured(f"{name} must be {lowest} or more, not {number}")
    return number


def switch_from_env(name: str) -> bool:
    """Return a switch of the environment, off when not set; a word that is neither on nor off is refused."""
    word = env.str(name, default="off").lower()
    if word not in {"on", "true", "yes", "1", "off", "false", "no", "0", ""}:
        raise ImproperlyConfigured(f"{name} must be on or off, not {word!r}")
    return word in {"on", "true", "yes", "1"}


def url_from_env(name: str, read: Callable[..., dict[str, Any]], default: str) -> dict[str, Any]:
    """Return what a URL of the environment configures, naming the variable when it can't be understood."""
    try:
        return read(name, default=default)
    except Exception as error:
        raise ImproperlyConfigured(f"{name} cannot be understood: {error}") from error


def kept_secret(path: Path) -> str:
    """Return the secret kept in `path`, making it at the first start; two that start at once agree on one."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


def short_socket_path(path: Path) -> Path:
    """Return `path`, or a shorter one when it is too long for a unix socket (107 bytes)."""
    if len(bytes(path)) <= 100:
        return path
    mark = hashlib.sha256(bytes(path)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"zestech-{mark}" / path.name
