"""The rules of docs/looks.md that a machine can hold: readable colours, one home for colours, no left and no right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
STYLES = ROOT / "static" / "css"
TEMPLATES = ROOT / "templates"
TOKENS = (STYLES / "tokens.css").read_text(encoding="utf-8")

WORDS_ON_PAPER = [
    ("ink", "paper"), ("ink", "leaf"), ("ink", "shade"), ("ink", "mark"), ("ink", "warn-wash"), ("ink", "bad-wash"),
    ("ink-soft", "paper"), ("ink-soft", "leaf"), ("ink-soft", "shade"), ("ink-soft", "second-wash"),
    ("accent", "paper"), ("accent", "leaf"), ("accent", "shade"), ("accent", "warn-wash"), ("accent-deep", "paper"),
    ("on-accent", "accent"), ("on-accent", "accent-deep"), ("on-mark", "mark"), ("paper", "ink"),
    ("second", "paper"), ("second", "second-wash"), ("good", "good-wash"), ("warn", "warn-wash"), ("warn", "paper"),
    ("bad", "bad-wash"), ("bad", "paper"), ("bad", "leaf"), ("leaf", "bad"),
]  # fmt: skip
EDGES_ON_PAPER = [("rule-strong", "paper"), ("rule-strong", "leaf"), ("second", "paper"), ("second", "shade")]
PHYSICAL = re.compile(
    r"(?:^|[\s;{])(?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom|width|height|"
    r"(?:min|max)-(?:width|height))[\w-]*\s*:(?!.*\{)"
)


def _colours(scheme: str) -> dict[str, str]:
    """The colour tokens of the light or dark scheme."""
    light, rest = TOKENS.split("@media screen and (prefers-color-scheme: dark)")
    dark = rest.split("@media print")[0]
    named = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
    return dict(named.findall(light)) | (dict(named.findall(dark)) if scheme == "dark" else {})


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _faint(scheme: str, pairs: list[tuple[str, str]], least: float) -> list[tuple[str, str, float]]:
    colours = _colours(scheme)
    contrasts = [(front, back, _contrast(colours[front], colours[back])) for front, back in pairs]
    return [found for found in contrasts if found[2] < least]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_what_they_are_written_on(scheme: str) -> None:
    assert _faint(scheme, WORDS_ON_PAPER, 4.5) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_and_focus_rings_can_be_seen(scheme: str) -> None:
    assert _faint(scheme, EDGES_ON_PAPER, 3.0) == []


def test_colours_are_named_in_the_tokens_and_nowhere_else() -> None:
    sheets = [sheet for sheet in STYLES.rglob("*.css") if sheet.name not in {"tokens.css", "print.css"}]
    colour = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
    assert [(sheet.name, found) for sheet in sheets for found in colour.findall(sheet.read_text("utf-8"))] == []


def test_every_token_that_a_style_asks_for_exists() -> None:
    asked, given = set(), set()
    for sheet in STYLES.rglob("*.css"):
        text = sheet.read_text("utf-8")
        asked |= set(re.findall(r"var\((--[\w-]+)", text))
        given |= set(re.findall(r"(--[\w-]+):", text))
    assert asked - given == set()


def test_styles_know_start_and_end_but_no_left_and_right() -> None:
    lines = [
        (sheet.name, line.strip())
        for sheet in STYLES.rglob("*.css")
        for line in sheet.read_text("utf-8").splitlines()
        if PHYSICAL.search(line) and not line.lstrip().startswith("@media")
    ]
    assert lines == []


def test_templates_hold_no_inline_style_and_no_inline_script() -> None:
    handler = r"\son(?:click|load|error|submit|change|input|focus|key\w+|mouse\w+)="
    inline = re.compile(rf"\sstyle=|{handler}|<style|<script(?![^>]*\bsrc=)|\|\s*safe\b")
    pages = [
        page for page in TEMPLATES.rglob("*.html") if page.parent.name != "letters"
    ]  # letters carry their style along
    assert [(page.name, found) for page in pages for found in inline.findall(page.read_text("utf-8"))] == []


def test_every_macro_file_opens_with_how_to_use_it() -> None:
    silent = [
        page.name for page in (TEMPLATES / "macros").glob("*.html") if not page.read_text("utf-8").startswith("{#")
    ]
    assert silent == []


def test_every_style_family_that_a_page_names_exists() -> None:
    named = re.compile(r"set styles = \[([^\]]*)\]")
    families = {
        family
        for page in TEMPLATES.rglob("*.html")
        for names in named.findall(page.read_text("utf-8"))
        for family in re.findall(r'"([\w-]+)"', names)
    }
    assert families - {sheet.stem for sheet in (STYLES / "components").glob("*.css")} == set()
