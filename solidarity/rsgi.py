"""What `flask serve` runs: the site behind its front (see `solidarity.server.front`). `solidarity.wsgi` is it bare."""

from __future__ import annotations

from solidarity.server.front import Front
from solidarity.server.page_cache import PageCache
from solidarity.server.refusal_pages import RefusalPages
from solidarity.web.security import brings_password, largest_body
from solidarity.wsgi import app as site
from stories.change_watcher import ChangeWatcher

settings = site.config["SETTINGS"]
cache = PageCache(ChangeWatcher(settings.database_url), site.extensions["engine"], settings.page_cache)
app = Front(site, RefusalPages(site).page, largest_body, brings_password, cache=cache if settings.page_cache else None)
