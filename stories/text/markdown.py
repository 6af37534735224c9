"""Markdown as people write it: CommonMark with tables, struck words and footnotes; four spaces are no code.

Line breaks stay as written: two spaces at the end of a line, and the separators of word processors (VT, FF, NEL,
U+2028; U+2029 between paragraphs). What comes out is raw HTML that `prose` has yet to sanitise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import islice
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from stories.text.plain_text import LINE_SEPARATORS, PARAGRAPH_SEPARATOR, composed, without_controls

_DEFINITION = re.compile(r"\[\^([^\]\s]{1,100})\]:[ \t]*(.*)")
_REFERENCE = re.compile(r"\[\^([^\]\s]{1,100})\]")
_YEAR = re.compile(r"^([ ]*\d{4,9})(?=[.)][ \t\n])", re.MULTILINE)
_BREAKS = {ord("\r"): "\n", ord(PARAGRAPH_SEPARATOR): "\n\n", **{ord(sign): "  \n" for sign in LINE_SEPARATORS}}


def render(text: str) -> str:
    """HTML from Markdown, the footnotes as a list at its end, those that nothing refers to last."""
    env: dict[str, Any] = {"notes": {}, "numbers": {}}
    main = _PARSER.render(_as_meant(text), env)
    notes = "".join(f"<li>{note}</li>" for note in _notes(env))
    return f"{main}<hr><ol>{notes}</ol>" if notes else main


def _as_meant(text: str) -> str:
    """Separators of word processors as Markdown's own breaks; "1986. That was …" is a year and begins no list."""
    return _YEAR.sub(r"\1\\", composed(without_controls(text.replace("\r\n", "\n"))).translate(_BREAKS))


def _notes(env: dict[str, Any]) -> Iterator[str]:
    """Each note in the order of its number; a note may refer to further ones, which are numbered as they are met."""
    notes, numbers = env["notes"], env["numbers"]
    waiting = iter(notes)
    labels = list(numbers)
    for shown in range(len(notes)):
        if shown == len(labels):
            label = next(label for label in waiting if label not in numbers)
            numbers[label] = len(numbers) + 1
            labels.append(label)
        yield _PARSER.render(notes[labels[shown]], {"notes": notes, "numbers": numbers})
        labels += islice(numbers, len(labels), None)


def _definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`[^1]: The note`, and the lines that follow until a blank one; after it, lines that are indented."""
    if "notes" not in state.env or state.is_code_block(start):
        return False
    found = _DEFINITION.match(_line(state, start))
    if found is None:
        return False
    if silent:
        return True
    last = _last_line(state, start, end)
    lines = [found[2], *(_line(state, line) for line in range(start + 1, last))]
    state.env["notes"].setdefault(found[1], "\n".join(lines))
    state.line = last
    return True


def _last_line(state: StateBlock, start: int, end: int) -> int:
    """The line after the last one of the note that begins in line `start`."""
    line = start + 1
    while line < end and (_continues(state, line) or _goes_on_after_blank(state, line, end)):
        line += 1
    return line


def _continues(state: StateBlock, line: int) -> bool:
    return not state.isEmpty(line) and (
        state.sCount[line] >= 2 or not (state.isEmpty(line - 1) or _DEFINITION.match(_line(state, line)))
    )


def _goes_on_after_blank(state: StateBlock, line: int, end: int) -> bool:
    return state.isEmpty(line) and line + 1 < end and not state.isEmpty(line + 1) and state.sCount[line + 1] >= 2


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _reference(state: StateInline, silent: bool) -> bool:
    """`[^1]` where there is such a note: its number, raised."""
    found = _REFERENCE.match(state.src, state.pos) if state.src[state.pos] == "[" else None
    if found is None or found[1] not in state.env.get("notes", {}):
        return False
    if not silent:
        number = state.env["numbers"].setdefault(found[1], len(state.env["numbers"]) + 1)
        state.push("html_inline", "", 0).content = f"<sup>{number}</sup>"
    state.pos = found.end()
    return True


def _fence(tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    """What stands between fences keeps its lines; here it is verse more often than code."""
    return f"<p>{escape(tokens[at].content.strip(), quote=False).replace(chr(10), '<br>')}</p>"


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable("code")
    parser.block.ruler.before("reference", "footnote", _definition, {"alt": ["paragraph", "reference"]})
    parser.inline.ruler.before("link", "footnote", _reference)
    parser.renderer.rules["fence"] = _fence  # type: ignore[attr-defined]
    parser.render("Once.")  # which sorts its rules: two threads that did so at once would find some of them missing
    return parser


_PARSER = _parser()
