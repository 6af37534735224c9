"""The site behind its front, with one page more that shows what a proxy told it."""

from __future__ import annotations

from flask import jsonify, request

from solidarity.factory import create_app
from solidarity.server.front import Front
from solidarity.server.refusal_pages import RefusalPages
from solidarity.web.security import csrf, largest_body

site = create_app()


@csrf.exempt
def shown() -> object:
    """Who asks, how, and under which name; and how much was sent."""
    return jsonify(
        address=request.remote_addr, scheme=request.scheme, host=request.host, sent=len(request.get_data()),
        length=request.headers.get("Content-Length"),
    )  # fmt: skip


site.add_url_rule("/shown", view_func=shown, methods=["GET", "POST"])
front = Front(site, RefusalPages(site).page, largest_body)
