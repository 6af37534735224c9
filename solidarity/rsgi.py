"""What `flask serve` runs: the site behind its front (see `solidarity.server.front`). `solidarity.wsgi` is it bare."""

from __future__ import annotations

from solidarity.server.front import Front
from solidarity.server.refusal_pages import RefusalPages
from solidarity.web.security import brings_password, largest_body
from solidarity.wsgi import app as site

app = Front(site, RefusalPages(site).page, largest_body, brings_password)
