"""Settings: complete, typed, and clear about what is wrong."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from solidarity.config import Misconfigured, Settings


def settings(tmp_path: Path, **env: str) -> Settings:
    return Settings.from_env({"INSTANCE_PATH": str(tmp_path / "instance"), **env})


def test_everything_lies_in_the_instance_folder(tmp_path: Path) -> None:
    made = settings(tmp_path)
    instance = tmp_path / "instance"

    assert (made.database_url, made.search_url, made.mail_url) == (
        f"sqlite:///{instance}/stories.sqlite", f"whoosh:{instance}/index", f"file:{instance}/mail",
    )  # fmt: skip


def test_folder_and_secrets_are_for_their_owner_only(tmp_path: Path) -> None:
    settings(tmp_path)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [tmp_path / "instance", *tmp_path.glob("*/*")]}

    assert modes == {"instance": 0o700, "secret-key": 0o600, "password-salt": 0o600}


def test_generated_secrets_are_kept(tmp_path: Path) -> None:
    assert settings(tmp_path).secret_key == settings(tmp_path).secret_key


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"MAIL_URL": "smpt://example.org"}, "MAIL_URL"),
        ({"MAIL_URL": "smtp://mail.example.org:mail"}, "MAIL_URL"),
        ({"MAIL_SENDER": "stories"}, "MAIL_SENDER"),
        ({"MAIL_SENDER": "Stories <stories@example.org>"}, "MAIL_SENDER"),
        ({"SEARCH_URL": "index"}, "SEARCH_URL"),
        ({"DATABASE_URL": "mysql://example.org/stories"}, "DATABASE_URL"),
        ({"DATABASE_URL": "stories.sqlite"}, "DATABASE_URL"),
        ({"TRUSTED_PROXIES": "one"}, "TRUSTED_PROXIES"),
        ({"RATE_LIMITS": "maybe"}, "RATE_LIMITS"),
        ({"PORT": "http"}, "PORT"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, env: dict[str, str], named: str) -> None:
    with pytest.raises(Misconfigured, match=named):
        settings(tmp_path, **env)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_an_address_of_postgresql_is_taken_as_hosts_hand_it_out(tmp_path: Path, scheme: str) -> None:
    url = "postgresql+psycopg://stories:p%40ss@db.example.org:5433/stories?sslmode=require"

    assert settings(tmp_path, DATABASE_URL=url.replace("postgresql+psycopg", scheme, 1)).database_url == url


def test_https_makes_cookies_insist_on_it(tmp_path: Path) -> None:
    assert settings(tmp_path, BASE_URL="https://stories.example.org/").is_https


@pytest.mark.parametrize(
    ("env", "contact"),
    [
        ({}, ""),
        ({"MAIL_SENDER": "stories@localhost"}, ""),
        ({"MAIL_SENDER": "stories@mail"}, ""),
        ({"MAIL_SENDER": "stories@bücher.example"}, "stories@bücher.example"),
        ({"MAIL_SENDER": "stories@harbor.example"}, "stories@harbor.example"),
        ({"MAIL_SENDER": "stories@harbor.example", "CONTACT": "write@harbor.example"}, "write@harbor.example"),
    ],
)
def test_where_no_address_is_given_people_may_answer_the_letters(
    tmp_path: Path, env: dict[str, str], contact: str
) -> None:
    assert settings(tmp_path, **env).contact == contact
