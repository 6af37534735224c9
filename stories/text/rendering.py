"""What is added to a stored body whenever it is shown: links for bare addresses, and directions for its blocks.

Neither is stored, so that the text box shows an address as it was typed and a teller's yes is to the words alone.
Linear in the length of the body, which `stories.text.prose` made.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import regex

from stories.text import direction
from stories.text.allowed_html import CONTAINERS, HEADINGS

_TAG = re.compile(r'<(/?)([a-z0-9]+)((?:[^">]|"[^"]*")*)>')
_DIR = re.compile(r'\sdir="(ltr|rtl|auto)"', re.IGNORECASE)
_BLOCKS = frozenset({"p", *HEADINGS.values(), *CONTAINERS})
_CLEAR = 2 / 3  # of the letters must run the other way

# An address as it stands in a stored body. It ends at white space, quotation marks, signs that nobody sees, and the
# punctuation of scripts that put no space behind it. A host ends before other letters: 见https://example.org更多
_END = (
    r"\s\"<>`«»\p{Default_Ignorable_Code_Point}\u2018-\u201f\u2026\u0964\u0965\u060c\u061b\u061f\u06d4\u17d4-\u17da"
    r"\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_LABEL = r"[a-z0-9]++(?:-++[a-z0-9]++)*+"
_HOST = rf"{_LABEL}(?:\.{_LABEL})++"
_FOREIGN_HOST = r"[\p{L}\p{N}][\p{L}\p{M}\p{N}-]*+(?:\.[\p{L}\p{N}][\p{L}\p{M}\p{N}-]*+)++"
_ADDRESS = regex.compile(
    rf"(?<![\p{{Latin}}\p{{N}}])https?://(?:{_HOST}(?![\p{{Latin}}@-])|{_FOREIGN_HOST}(?!@))(?::[0-9]{{1,5}}+)?+"
    rf"(?:[/?#](?:(?!&(?:lt|gt|quot|\#39);)[^{_END}])*+)?+",
    regex.IGNORECASE,
)
_BRACKETS = {")": "(", "]": "[", "}": "{"}


Piece = str | re.Match[str]  # text, or a tag


def rendered(body: str, base: str) -> str:
    """A stored body as it is shown on a page whose direction is `base` ("ltr" or "rtl")."""
    if base == "ltr" and "://" not in body and "dir=" not in body and not direction.RIGHT_TO_LEFT.search(body):
        return body
    pieces = list(_pieces(body))
    return "".join(_written(pieces, _letters(pieces), base))


def _pieces(body: str) -> Iterator[Piece]:
    at = 0
    for tag in _TAG.finditer(body):
        yield body[at : tag.start()]
        yield tag
        at = tag.end()
    yield body[at:]


def _letters(pieces: list[Piece]) -> dict[int, tuple[int, int]]:
    """For each block, by the place of its start tag, how many of its letters run left to right and right to left."""
    found: dict[int, tuple[int, int]] = {}
    open_blocks: list[tuple[int, int, int]] = [(-1, 0, 0)]
    for at, piece in enumerate(pieces):
        if isinstance(piece, str):
            _add(open_blocks, *direction.letters(html.unescape(piece)))
        elif piece[2] in _BLOCKS and not piece[1]:
            open_blocks.append((at, 0, 0))
        elif piece[2] in _BLOCKS and len(open_blocks) > 1:
            start, *counts = open_blocks.pop()
            found[start] = (counts[0], counts[1])
            _add(open_blocks, *counts)
    return found


def _add(open_blocks: list[tuple[int, int, int]], ltr: int, rtl: int) -> None:
    at, so_far_ltr, so_far_rtl = open_blocks[-1]
    open_blocks[-1] = (at, so_far_ltr + ltr, so_far_rtl + rtl)


def _written(pieces: list[Piece], letters: dict[int, tuple[int, int]], base: str) -> Iterator[str]:
    directions = [base]
    links = 0
    for at, piece in enumerate(pieces):
        if isinstance(piece, str):
            yield piece if links else _linked(piece)
            continue
        links += (-1 if piece[1] else 1) if piece[2] == "a" else 0
        if piece[2] not in _BLOCKS:
            yield piece[0]
        elif piece[1]:
            directions = directions[:-1] or [base]
            yield piece[0]
        else:
            given = _DIR.search(piece[3])
            wanted = given[1].lower() if given else _own(letters.get(at, (0, 0)), directions[-1])
            yield piece[0] if given or wanted == directions[-1] else f'<{piece[2]} dir="{wanted}"{piece[3]}>'
            directions.append(wanted)


def _own(letters: tuple[int, int], base: str) -> str:
    """The direction of a block: that around it, unless its letters clearly run the other way."""
    ltr, rtl = letters
    if base != "rtl" and rtl > _CLEAR * (ltr + rtl):
        return "rtl"
    if base != "ltr" and ltr > _CLEAR * (ltr + rtl):
        return "ltr"
    return base


def _linked(text: str) -> str:
    """Text of a body with its bare web addresses as links."""
    return _ADDRESS.sub(_link, text) if "://" in text else text


def _link(found: regex.Match[str]) -> str:
    address, rest = _without_punctuation(found[0])
    return f'<a href="{address}" dir="ltr">{address}</a>{rest}'


def _without_punctuation(address: str) -> tuple[str, str]:
    """The address, and what follows it: the end of a sentence, or a bracket that was opened before it."""
    end = len(address)
    surplus = {close: address.count(close) - address.count(opened) for close, opened in _BRACKETS.items()}
    while end:
        last = address[end - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
        elif last not in ".,:!?'*_~;" or address.endswith("&amp;", 0, end):
            break
        end -= 1
    return address[:end], address[end:]
