"""The kind of a browser in words, from what it says of itself: no version and no model, for they tell people apart."""

from __future__ import annotations

from typing import NamedTuple

_BROWSERS = (  # the first that is named: most of them also call themselves Chrome and Safari
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("UCBrowser", "UC Browser"),
    ("YaBrowser", "Yandex"),
    ("Vivaldi", "Vivaldi"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chromium", "Chromium"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("KAIOS", "KaiOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


class Browser(NamedTuple):
    """A browser and the system it runs on; each is empty where it is not known."""

    name: str
    system: str


def from_user_agent(header: str) -> Browser:
    """The browser that sends this `User-Agent`."""
    return Browser(_first(_BROWSERS, header), _first(_SYSTEMS, header))


def _first(names: tuple[tuple[str, str], ...], header: str) -> str:
    return next((name for sign, name in names if sign in header), "")
