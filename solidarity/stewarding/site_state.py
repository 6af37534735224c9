"""The state of the site, for stewards: what is wrong, what to do about it, and how much room there is."""

from __future__ import annotations

from flask import current_app, render_template
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from solidarity.health_checks import Finding, Kind, findings
from solidarity.stewarding.blueprint import blueprint
from solidarity.web.filters import day_and_time
from solidarity.web.permissions import roles_required
from stories import storage
from stories.models import Role


@blueprint.get("/stewarding/state")
@roles_required(Role.STEWARD)
def state() -> str:
    """What was found just now, in words, and the free space of each folder."""
    found = findings()
    return render_template(
        "stewarding/site-state.html", findings=[(told(one), one.kind.is_warning) for one in found], room=_room()
    )


def told(finding: Finding) -> str:
    """What is wrong and what to do, for somebody who need not know how the site is built."""
    match finding.kind:
        case Kind.INDEX_BEHIND:
            return _index_behind(finding)
        case Kind.LITTLE_SPACE:
            megabytes = _mb(finding.count)
            return str(
                _("Only %(megabytes)s MB are left on the disk. Make room before it is full.", megabytes=megabytes)
            )
        case Kind.LETTERS_WAIT:
            return _letters_wait(finding)
    return str(SENTENCES[finding.kind])


SENTENCES = {
    Kind.NO_DATABASE: _l("The database does not answer. Whoever runs the machine has to look at it."),
    Kind.NOT_MIGRATED: _l(
        "The database is of another version than the site. Starting the site again brings it up to date."
    ),
    Kind.INDEX_DAMAGED: _l("The search index is damaged. It is being made anew from the database; no story is lost."),
    Kind.DISK_FULL: _l("The disk is full: people can read, but nothing is saved until there is room."),
    Kind.LOG_BROKEN: _l(
        "The security log was altered. The page “Security log” says where; tell whoever runs the machine."
    ),
    Kind.READ_ONLY: _l("The disk cannot be written to: people can read, but nothing is saved until that is mended."),
}


def _index_behind(finding: Finding) -> str:
    words = ngettext(
        "Search does not know the latest change yet. That should pass within a minute.",
        "Search does not know the latest %(num)s changes yet. That should pass within a minute.",
        finding.count,
    )
    return str(words)


def _letters_wait(finding: Finding) -> str:
    since = day_and_time(finding.since) if finding.since else ""
    words = ngettext(
        "One letter could not be delivered yet; it was written on %(since)s. It is tried again.",
        "%(num)s letters could not be delivered yet; the oldest was written on %(since)s. They are tried again.",
        finding.count,
        since=since,
    )
    return str(words)


def _mb(size: int) -> str:
    return str(format_decimal(size // (1024 * 1024)))


def _room() -> str | None:
    """The megabytes that are free where there is the least room; None where nobody can tell."""
    try:
        free = min(storage.space(folder).free for folder in current_app.config["SETTINGS"].folders.values())
    except OSError:
        return None
    return _mb(free)
