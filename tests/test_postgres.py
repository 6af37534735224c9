"""`bin/test --postgres`: a server of its own, gone afterwards whatever happens; a clear line where there is none."""

from __future__ import annotations

import contextlib
from pathlib import Path

import postgres
import pytest
import run
import sqlalchemy
from sqlalchemy.exc import OperationalError

INSTALLED = pytest.mark.postgresql("it starts a server")


@INSTALLED
def test_a_server_is_gone_with_its_folder_even_after_a_failure() -> None:
    folder = Path()
    with contextlib.suppress(ZeroDivisionError), postgres.running() as url:
        engine = sqlalchemy.create_engine(url)
        with engine.connect() as connection:
            folder = Path(str(connection.scalar(sqlalchemy.text("SHOW data_directory"))))
        engine.dispose()
        raise ZeroDivisionError

    assert (folder.name, folder.parent.exists()) == ("data", False)
    with pytest.raises(OperationalError):
        engine.connect()


def test_without_a_server_there_is_one_line_and_exit_status_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)

    assert run.main(["--postgres", "tests"]) == 2
    assert capsys.readouterr().err == (
        "PostgreSQL is not installed here (on Debian and Ubuntu: apt-get install postgresql)\n"
    )
