"""Says in the reader's language what is wrong with the chain of the security log."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from stories.audit import Fault, Finding

ROWS: dict[str, Any] = {"transition": _l("Step %(number)s"), "consent event": _l("Answer %(number)s of a teller")}
SENTENCES: dict[Fault, Any] = {
    Fault.CHANGED: _l("%(what)s was changed"),
    Fault.MISSING: _l("%(what)s is missing"),
    Fault.FOREIGN: _l("%(what)s was put there by something else than the site"),
}


def told(finding: Finding) -> str:
    """A finding in words."""
    if finding.last is not None and finding.last != finding.position:
        return str(_("Lines %(first)s to %(last)s are missing", first=finding.position, last=finding.last))
    fault = str(SENTENCES[finding.fault]) % {"what": _what(finding)}
    if not finding.row:
        return fault
    if finding.position is None:
        return str(_("%(fault)s (it has no line in the log)", fault=fault))
    return str(_("%(fault)s (line %(number)s of the log)", fault=fault, number=finding.position))


def _what(finding: Finding) -> str:
    if finding.row:
        kind, _space, number = finding.row.rpartition(" ")
        return str(ROWS[kind]) % {"number": number}
    if finding.position is None:
        return str(_("A line without a position"))
    return str(_("Line %(number)s", number=finding.position))
