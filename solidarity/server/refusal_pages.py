"""Pages for requests that are refused before the application is asked: rendered by it once, then sent from memory."""

from __future__ import annotations

import logging
from io import BytesIO

from werkzeug.test import create_environ

from solidarity.server.wsgi_adapter import Answer, Application, Call
from solidarity.web import errors
from solidarity.web.locales import DEFAULT
from stories.text.languages import INTERFACE_LANGUAGES

log = logging.getLogger(__name__)


class RefusalPages:
    """The pages of one worker, by status and by language (or the API's, which are JSON)."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._pages: dict[tuple[int, str], Answer] = {}

    def page(self, status: int, path: str) -> Answer:
        """The page for a request to `path`."""
        first = path.split("/", 2)[1] if "/" in path else ""
        kind = (status, first if first == "api" or first in INTERFACE_LANGUAGES else DEFAULT)
        if kind not in self._pages:
            self._pages[kind] = self._rendered(*kind)
        return self._pages[kind]

    def _rendered(self, status: int, first: str) -> Answer:
        root = "/api/v1/" if first == "api" else f"/{first}/"  # an address that is none would be "not found"
        environ = create_environ(root, input_stream=BytesIO()) | {errors.REFUSAL: status}
        try:
            return Call(self._application, environ).answer()
        except Exception:
            log.exception("the page for %s could not be made", status)
            return Answer(status, [("content-type", "text/plain; charset=utf-8")], str(status).encode())
