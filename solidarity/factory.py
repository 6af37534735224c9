"""The website, put together: a line for each part."""

from __future__ import annotations

import os

from flask import Flask

from solidarity import cli, health, instance_folder, search_engine, workspace
from solidarity.accounts import authentication, security_events
from solidarity.accounts import blueprint as accounts
from solidarity.api import blueprint as api
from solidarity.config import ROOT, Settings
from solidarity.moderating import blueprint as moderating
from solidarity.reading import blueprint as reading
from solidarity.stewarding import blueprint as stewarding
from solidarity.submitting import blueprint as submitting
from solidarity.teaching import blueprint as teaching
from solidarity.web import (
    assets,
    cross_site,
    db,
    errors,
    filters,
    headers,
    labels,
    locales,
    rate_limits,
    remembered,
    security,
    security_log,
    urls,
)

PARTS = (
    cross_site, security, headers, db, locales, rate_limits, authentication, security_log, security_events, assets,
    filters, urls, labels, remembered, search_engine, workspace, health, errors, cli,
)  # fmt: skip
AUDIENCES = (reading, submitting, moderating, teaching, stewarding, accounts)


def create_app(settings: Settings | None = None) -> Flask:
    """The site as a WSGI application. Without settings it reads them from the environment."""
    os.umask(instance_folder.UMASK)  # for every file that any part of the site will make
    app = Flask("solidarity", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config["SETTINGS"] = settings or Settings.from_env()
    for part in PARTS:
        part.init_app(app)
    for audience in AUDIENCES:
        app.register_blueprint(audience, url_prefix="/<locale>")
    app.register_blueprint(api, url_prefix="/api/v1")
    return app
