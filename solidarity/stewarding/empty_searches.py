"""What readers looked for in vain: how often, by day and language."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from flask import render_template

from solidarity.stewarding.blueprint import blueprint
from solidarity.web import db
from solidarity.web.clock import now
from solidarity.web.permissions import roles_required
from stories import empty_searches
from stories.models import Role

DAYS = 28


@blueprint.get("/stewarding/searches")
@roles_required(Role.STEWARD)
def in_vain() -> str:
    """The counts of four weeks, and their sum for each language, the most first."""
    counted = empty_searches.since(db.session(), since=now().date() - timedelta(days=DAYS - 1))
    sums: Counter[str] = Counter()
    for row in counted:
        sums[row.language] += row.count
    return render_template("stewarding/empty-searches.html", counted=counted, sums=sums.most_common())
