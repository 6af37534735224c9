"""How the website holds its database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent
ASK_AND_END = """
from sqlalchemy import event, text
from app import app
from solidarity.web.db import db

with app.app_context():
    event.listen(db.engine, "connect", lambda *_: print("connected"))
    event.listen(db.engine, "close", lambda *_: print("closed"))
    db.session.execute(text("SELECT 1"))
print("done")
"""


def test_the_connections_of_a_site_are_closed_when_its_process_ends(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "default::ResourceWarning", "-c", ASK_AND_END],
        cwd=ROOT,
        env={**os.environ, "INSTANCE_PATH": str(tmp_path / "instance")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout.split(), "unclosed" in done.stderr) == (["connected", "done", "closed"], False), done.stderr
