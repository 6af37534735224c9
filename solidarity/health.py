"""What a machine that watches the site asks: does the process live, and can it serve?"""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify

from solidarity.health_checks import Finding, Kind, findings


def init_app(app: Flask) -> None:
    """Answer /healthz and /readyz."""
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)


def healthz() -> Any:
    """200: the process lives. It asks neither the database nor the index."""
    return _answer({"alive": True}, 200)


def readyz() -> Any:
    """200 once the site does all it should; else 503 with what is wrong. What will go wrong is a warning, and 200."""
    found = findings()
    problems = {_PART[one.kind]: _told(one) for one in found if not one.kind.is_warning}
    warnings = {_PART[one.kind]: _told(one) for one in found if one.kind.is_warning}
    return _answer({"ready": not problems, "problems": problems, "warnings": warnings}, 503 if problems else 200)


def _answer(facts: dict[str, Any], status: int) -> Any:
    response = jsonify(facts)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


_PART = {
    Kind.NO_DATABASE: "database", Kind.NOT_MIGRATED: "database", Kind.INDEX_DAMAGED: "index",
    Kind.INDEX_BEHIND: "catching up", Kind.DISK_FULL: "disk", Kind.READ_ONLY: "disk", Kind.LITTLE_SPACE: "disk",
    Kind.LETTERS_WAIT: "letters", Kind.LOG_BROKEN: "security log",
}  # fmt: skip


def _told(finding: Finding) -> str:
    """In a few words, without numbers or names that are nobody else's business: anybody may ask."""
    match finding.kind:
        case Kind.INDEX_DAMAGED:
            return finding.detail
        case Kind.INDEX_BEHIND:
            return f"{finding.count} changes behind"
    return {
        Kind.NO_DATABASE: "cannot be reached",
        Kind.NOT_MIGRATED: "not migrated: run flask db upgrade",
        Kind.DISK_FULL: "full",
        Kind.READ_ONLY: "cannot be written to",
        Kind.LITTLE_SPACE: "little space left",
        Kind.LETTERS_WAIT: "some could not be delivered yet",
        Kind.LOG_BROKEN: "altered: run flask audit verify",
    }[finding.kind]
