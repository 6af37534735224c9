"""What `flask serve` runs: the site behind its front (see `solidarity.server.front`). `solidarity.wsgi` is it bare."""

from __future__ import annotations

from solidarity.server.front import Front
from solidarity.server.page_cache import PageCache
from solidarity.server.refusal_pages import RefusalPages
from solidarity.web.db import db
from solidarity.web.security import largest_body
from solidarity.wsgi import app as site
from stories.change_watcher import ChangeWatcher

WARM = ("/en/", "/en/stories", "/en/search", "/en/about")  # pages that many others have parts in common with


def _warm_up() -> None:
    """Compile templates and questions once, for all workers that are forked from here and for their first readers."""
    for name in site.jinja_env.list_templates(filter_func=lambda name: name.startswith("reading/")):
        site.jinja_env.get_template(name)
    for path in WARM:
        site.test_client().get(path)
    site.extensions["engine"].problem()  # the last that reads it: what was read counts as nobody's memory afterwards
    with site.app_context():
        db.engine.dispose()  # each worker has connections of its own


_warm_up()
settings = site.config["SETTINGS"]
cache = PageCache(ChangeWatcher(settings.database_url), site.extensions["engine"], settings.page_cache)
app = Front(site, RefusalPages(site).page, largest_body, cache=cache if settings.page_cache else None)
