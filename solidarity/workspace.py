"""The desks that people of each role work at, and the doors that lead to them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from solidarity.web.permissions import current_person, is_private, roles_required
from stories.models import Role

blueprint = Blueprint("desks", __name__)

DESKS = (
    (Role.LEADER, "submitting.my_stories", _l("My stories")),
    (Role.MODERATOR, "moderating.queue", _l("Moderation")),
    (Role.EDUCATOR, "teaching.my_guides", _l("My guides")),
    (Role.STEWARD, "stewarding.people", _l("People and settings")),
)


def init_app(app: Flask) -> None:
    """Open the doors and tell the pages behind the gate which desks there are."""
    app.register_blueprint(blueprint, url_prefix="/<locale>")
    app.context_processor(_desk)


def _desk() -> dict[str, Any]:
    """Who is signed in, for pages behind the gate only: public pages are the same for everyone."""
    if not is_private() or not current_user.is_authenticated:
        return {}
    person = current_person()
    links = [
        (name, url_for(endpoint), request.blueprint == endpoint.partition(".")[0])
        for role, endpoint, name in DESKS
        if person.is_a(role)
    ]
    return {
        "desk_links": links,
        "person_name": person.name,
        "sign_out_url": url_for("security.logout"),
        "account_url": url_for("account.overview"),
    }


@blueprint.get("/workspace")
@roles_required()
def workspace() -> Response:
    """Lead to the first desk of whoever is signed in."""
    person = current_person()
    endpoint = next((endpoint for role, endpoint, _ in DESKS if person.is_a(role)), "reading.home")
    return redirect(url_for(endpoint), 303)


@blueprint.get("/share")
@roles_required()
def share() -> Response:
    """Lead a leader to a new story, anybody else to their desk."""
    return redirect(url_for("submitting.new_story" if current_person().is_a(Role.LEADER) else "desks.workspace"), 303)
