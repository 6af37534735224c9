"""Reads a page as a browser would fill its form: what stands in each field, and what can be read around it."""

from __future__ import annotations

from html.parser import HTMLParser

from werkzeug.test import TestResponse


class Fields(HTMLParser):
    """The named fields of a page with the values a browser would send, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.text = ""
        self._area = self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "textarea":
            self._area = name
            self.values.setdefault(name, []).append("")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.values.setdefault(self._select, []).append(given.get("value") or "")
        elif tag == "input" and name and (given.get("type") not in {"radio", "checkbox"} or "checked" in given):
            self.values.setdefault(name, []).append(_one_break(given.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            whole = _one_break(self.values[self._area][-1])
            self.values[self._area][-1] = whole.removeprefix("\n")  # a browser drops the first line break
            self._area = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area][-1] += data
        else:
            self.text += data


def _one_break(text: str) -> str:
    """As a browser reads it: one character for a line break."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def fields(response: TestResponse) -> dict[str, list[str]]:
    """The values of every field of a page."""
    return Fields(response.get_data(as_text=True)).values


def words(response: TestResponse) -> str:
    """The text of a page, white space collapsed."""
    return " ".join(Fields(response.get_data(as_text=True)).text.split())
