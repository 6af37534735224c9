"""Every setting, read once from the environment, typed and frozen."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from solidarity import instance_folder
from solidarity.instance_folder import Exposed
from stories.text import email_addresses

ROOT = Path(__file__).parent.parent
MAIL_SCHEMES = ("file", "smtp", "smtps")
SEARCH_SCHEMES = ("whoosh",)
DATABASE_SCHEMES = ("sqlite", "postgresql+psycopg")


class Misconfigured(Exception):
    """A setting is missing or cannot be read; the message names it and says what would do."""


@dataclass(frozen=True)
class Settings:
    """What an operator can choose. `from_env` fills in what is not chosen; nothing secret has a default."""

    instance_path: Path
    secret_key: str
    password_salt: str
    totp_key: str
    database_url: str
    search_url: str
    mail_url: str
    mail_sender: str
    base_url: str
    site_name: str
    contact: str
    trusted_proxies: int
    second_factor: str
    rate_limits: bool
    ratelimit_url: str
    low_space: int
    page_cache: int
    session_idle: timedelta
    session_lasts: timedelta

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """The settings of this process; raises Misconfigured. Makes the instance folder (0700) and its secrets."""
        env = os.environ if env is None else env
        instance = Path(env.get("INSTANCE_PATH") or ROOT / "instance").resolve()
        _make_private("INSTANCE_PATH", instance)
        settings = cls(
            instance_path=instance,
            secret_key=env.get("SECRET_KEY") or _kept_secret(instance / "secret-key"),
            password_salt=env.get("PASSWORD_SALT") or _kept_secret(instance / "password-salt"),
            totp_key=env.get("TOTP_KEY") or _kept_secret(instance / "totp-key"),
            database_url=_database_url(env, f"sqlite:///{instance / 'stories.sqlite'}"),
            search_url=_url(env, "SEARCH_URL", f"whoosh:{instance / 'index'}", SEARCH_SCHEMES),
            mail_url=_mail_url(env, f"file:{instance / 'mail'}"),
            mail_sender=_mail_sender(env),
            base_url=(env.get("BASE_URL") or _address(env)).rstrip("/"),
            site_name=env.get("SITE_NAME") or "Solidarity Stories",
            contact=env.get("CONTACT") or _answered(env.get("MAIL_SENDER", "")),
            trusted_proxies=_number(env, "TRUSTED_PROXIES", 0),
            second_factor=_second_factor(env),
            rate_limits=_yes(env, "RATE_LIMITS", default=True),
            ratelimit_url=env.get("RATELIMIT_URL") or f"file:{instance / 'limits.sqlite'}",
            low_space=_number(env, "LOW_SPACE", 200) * 1024 * 1024,
            page_cache=_number(env, "PAGE_CACHE_MB", 32) * 1024 * 1024,
            session_idle=timedelta(hours=_least_one(env, "SESSION_IDLE_HOURS", 72)),
            session_lasts=timedelta(days=_least_one(env, "SESSION_DAYS", 14)),
        )
        settings._close_to_others()
        return settings

    @property
    def database_path(self) -> Path | None:
        """The file of the database; None where it is not a file."""
        try:
            url = make_url(self.database_url)
        except ArgumentError as error:
            raise Misconfigured("DATABASE_URL must be an address such as sqlite:////folder/stories.sqlite") from error
        is_file = url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}
        return Path(str(url.database)) if is_file else None

    @property
    def folders(self) -> dict[str, Path]:
        """Where the site keeps what it writes, by the setting that says so; the folders may not be there yet."""
        found = {"INSTANCE_PATH": self.instance_path}
        if self.database_path:
            found["DATABASE_URL"] = self.database_path.parent
        if self.search_url.startswith("whoosh:"):
            found["SEARCH_URL"] = Path(self.search_url.removeprefix("whoosh:"))
        if self.mail_url.startswith("file:"):
            found["MAIL_URL"] = Path(urlsplit(self.mail_url).path)
        return found

    def _close_to_others(self) -> None:
        """What lies here already is for its owner alone, whoever made it."""
        for name, folder in self.folders.items():
            if name in {"SEARCH_URL", "MAIL_URL"} and folder.is_dir():
                _make_private(name, folder)
        database = self.database_path
        files = (
            [database.with_name(database.name + end) for end in ("", "-wal", "-shm", "-journal")] if database else []
        )
        try:
            instance_folder.close_files([*self.instance_path.iterdir(), *files])
        except Exposed as exposed:
            raise Misconfigured(str(exposed)) from exposed

    @property
    def second_factor_demanded(self) -> bool:
        """Whether moderators and stewards have to have one."""
        return self.second_factor == "demanded"

    @property
    def is_https(self) -> bool:
        """Whether readers reach the site over https, so that cookies may insist on it."""
        return self.base_url.startswith("https://")


def _address(env: Mapping[str, str]) -> str:
    host, port = env.get("HOST") or "127.0.0.1", _number(env, "PORT", 5000)
    return f"http://{host}:{port}"


def _url(env: Mapping[str, str], name: str, default: str, schemes: tuple[str, ...]) -> str:
    url = env.get(name) or default
    if not url.startswith(tuple(f"{scheme}:" for scheme in schemes)):
        raise Misconfigured(f"{name} must begin with {' or '.join(f'{scheme}:' for scheme in schemes)}")
    return url


def _mail_url(env: Mapping[str, str], default: str) -> str:
    url = _url(env, "MAIL_URL", default, MAIL_SCHEMES)
    try:
        _ = urlsplit(url).port
    except ValueError as error:
        raise Misconfigured("MAIL_URL cannot be read; smtp://user:password@host:587 would do") from error
    return url


def _mail_sender(env: Mapping[str, str]) -> str:
    """The address that letters come from; it may be one that only this machine or this network knows."""
    sender = env.get("MAIL_SENDER") or "stories@localhost"
    try:
        email_addresses.for_mail_servers(sender)
    except email_addresses.NotAnAddress as error:
        raise Misconfigured("MAIL_SENDER must be an e-mail address, such as stories@example.org") from error
    return sender


def _database_url(env: Mapping[str, str], default: str) -> str:
    """As SQLAlchemy writes it; hosts hand out `postgres://…` or `postgresql://…` for the same database."""
    url = re.sub(r"\Apostgres(ql)?://", "postgresql+psycopg://", env.get("DATABASE_URL") or default)
    return _url({"DATABASE_URL": url}, "DATABASE_URL", default, DATABASE_SCHEMES)


def _answered(sender: str) -> str:
    """The address that letters come from, where people may answer them; empty for one on this machine."""
    domain = sender.rpartition("@")[2]
    return sender if "." in domain and not domain.endswith(".localhost") else ""


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(env.get(name) or default)
    except ValueError as error:
        raise Misconfigured(f"{name} must be a whole number, such as {default}") from error


def _least_one(env: Mapping[str, str], name: str, default: int) -> int:
    number = _number(env, name, default)
    if not 1 <= number <= 100_000:
        raise Misconfigured(f"{name} must be a whole number from 1 on, such as {default}")
    return number


def _second_factor(env: Mapping[str, str]) -> str:
    value = (env.get("SECOND_FACTOR") or "wanted").lower()
    if value not in {"wanted", "demanded"}:
        raise Misconfigured("SECOND_FACTOR must be wanted or demanded")
    return value


def _yes(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = (env.get(name) or ("yes" if default else "no")).lower()
    if value not in {"yes", "no"}:
        raise Misconfigured(f"{name} must be yes or no")
    return value == "yes"


def _make_private(name: str, folder: Path) -> None:
    try:
        instance_folder.make_folder(folder)
    except Exposed as exposed:
        raise Misconfigured(f"{name}: {exposed}") from exposed
    except OSError as error:
        raise Misconfigured(f"{name}: cannot use the folder {folder}: {error.strerror}") from error


def _kept_secret(path: Path) -> str:
    """The secret in `path`, made on first need: readable by its owner only, the same for every process."""
    try:
        _make_secret(path)
        secret = path.read_text().strip()
    except OSError as error:
        raise Misconfigured(f"{path} cannot be used: {error.strerror}") from error
    if len(secret) < 32:
        raise Misconfigured(f"{path} is empty or too short; delete it and start again")
    return secret


def _make_secret(path: Path) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    except OSError:  # a full disk leaves no half of a secret behind
        path.unlink()
        raise
