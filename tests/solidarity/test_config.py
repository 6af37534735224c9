"""Settings: complete, typed, and clear about what is wrong."""

from __future__ import annotations

import multiprocessing
import os
import stat
import subprocess
import sys
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

    assert modes == {"instance": 0o700, "secret-key": 0o600, "password-salt": 0o600, "totp-key": 0o600}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def make_open(folder: Path) -> None:
    """A folder that others can look into, whatever the umask."""
    folder.mkdir()
    folder.chmod(0o755)


def test_what_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    instance, apart, mail = tmp_path / "instance", tmp_path / "apart", tmp_path / "letters"
    for folder in (instance, instance / "index", instance / "mail", instance / "media", apart, mail):
        make_open(folder)
    files = [instance / "stories.sqlite", instance / "secret-key", mail / "a.eml"]
    files += [apart / f"other.db{end}" for end in ("", "-wal", "-shm")]
    for file in files:
        file.write_text("x" * 40)
        file.chmod(0o644)
    settings(tmp_path, DATABASE_URL=f"sqlite:///{apart}/other.db", MAIL_URL=f"file:{mail}")

    closed = [instance, *instance.iterdir(), *(apart / f"other.db{end}" for end in ("", "-wal", "-shm")), mail]
    assert {str(path): oct(mode(path) & 0o077) for path in closed} == {str(path): "0o0" for path in closed}
    assert oct(mode(apart)) == "0o755", "a folder that is not the site's is left as it is"


def test_a_folder_that_holds_other_things_is_not_closed_but_refused(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    make_open(instance)
    (instance / "holiday.jpg").touch()
    with pytest.raises(Misconfigured, match=r"INSTANCE_PATH: others can read .*holds other things.*chmod go-rwx"):
        settings(tmp_path)

    assert oct(mode(instance)) == "0o755"
    instance.chmod(0o700)
    assert settings(tmp_path).instance_path == instance


@pytest.mark.skipif(os.geteuid() != 0, reason="a folder of somebody else is made by root")
def test_what_cannot_be_closed_is_refused_in_one_line(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    make_open(instance)
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 0o001:
            folder.chmod(0o711)
    child = multiprocessing.get_context("fork").Process(target=as_nobody, args=(instance, tmp_path / "said"))
    (tmp_path / "said").touch(0o666)
    (tmp_path / "said").chmod(0o666)
    child.start()
    child.join(30)

    told = (tmp_path / "said").read_text()
    assert told.startswith(f"INSTANCE_PATH: others can read {instance}, and that cannot be changed")
    assert told.endswith(f"run: chmod go-rwx {instance}")


def as_nobody(instance: Path, said: Path) -> None:
    """Read the settings as somebody whose folder it is not, and write down what is said."""
    os.setuid(65534)
    try:
        Settings.from_env({"INSTANCE_PATH": str(instance)})
    except Misconfigured as refused:
        said.write_text(str(refused))


def test_what_the_site_makes_is_its_own_whatever_the_umask(tmp_path: Path) -> None:
    """In a process of its own, with everything open at first, as some machines are set up."""
    script = (
        "import os; os.umask(0); from solidarity.factory import create_app; app = create_app();"
        "open(os.path.join(os.environ['INSTANCE_PATH'], 'made'), 'w').close()"
    )
    instance = tmp_path / "instance"
    env = {**os.environ, "INSTANCE_PATH": str(instance)}
    subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2], env=env, check=True)

    assert {path.name: oct(mode(path) & 0o077) for path in [instance, *instance.rglob("*")]} == {
        path.name: "0o0" for path in [instance, *instance.rglob("*")]
    }


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
