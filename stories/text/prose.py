"""The one door for people's words: plain text is tidied, HTML is measured and then sanitised by bleach, once.

What comes out of `body_from_…` is safe to show and is shown as it is; nothing else on the site is trusted as HTML.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable
from itertools import islice

import regex
from bleach.sanitizer import Cleaner

from stories.errors import Refused, TooLong, TooMuchMarkup
from stories.text import allowed_html, dropped, limits, markdown
from stories.text.allowed_html import INLINE
from stories.text.html_tokens import Markup, markup_of
from stories.text.markup import Paragraphs, walk
from stories.text.plain_text import caseless, has_visible_text, lines, plain
from stories.text.sanitizer import plainly

__all__ = [
    "beginning", "body_from_html", "body_from_markdown", "body_from_typed", "caseless", "dropped_from_html",
    "dropped_from_markdown", "dropped_from_typed", "excerpt", "has_visible_text", "lines", "linkable", "plain",
    "text_of", "typed_from_body",
]  # fmt: skip

_TAG = re.compile(r'<(/?)([a-z0-9]+)((?:[^">]|"[^"]*")*)>')
_REFERENCE = re.compile(r"&amp;(?!#[0-9]+;|#[xX][0-9a-fA-F]+;|[a-zA-Z][a-zA-Z0-9]*;)")


def body_from_typed(typed: str) -> str:
    """Safe HTML from what stands in the text box: a blank line makes a paragraph, pasted HTML keeps its structure.

    In a text that is no HTML every character means itself. Raises TooLong, TooMuchMarkup or TooDeep.
    """
    tidy = lines(typed)
    if max(len(tidy), len(typed) // 2) > limits.BODY:
        raise TooLong("body", limits.BODY)
    markup = markup_of(tidy)
    return _paragraphs(tidy) if markup is Markup.NONE else _cleaned(typed, markup)


def body_from_markdown(written: str) -> str:
    """Safe HTML from Markdown; raw HTML in it is sanitised. Raises as `body_from_typed`."""
    if len(written) > limits.BODY:
        raise TooLong("body", limits.BODY)
    if written.count("[") > limits.BODY_MARKUP:  # what may begin a link takes the parser more than linear time
        raise TooMuchMarkup
    return body_from_html(markdown.render(written))


def body_from_html(raw: str) -> str:
    """Safe HTML from a stranger's. The size is checked first, because bleach takes more than linear time."""
    if len(raw) > limits.BODY:
        raise TooLong("body", limits.BODY)
    return _cleaned(raw)


def dropped_from_typed(typed: str) -> Counter[dropped.Kind]:
    """What a reader would have seen of a text from the text box that `body_from_typed` leaves out, and how often."""
    return Counter() if markup_of(typed) is Markup.NONE else dropped.visible_in(typed)


def dropped_from_markdown(written: str) -> Counter[dropped.Kind]:
    """What a reader would have seen of Markdown that `body_from_markdown` leaves out, and how often."""
    return dropped.visible_in(markdown.render(written))


def dropped_from_html(raw: str) -> Counter[dropped.Kind]:
    """What a reader would have seen of HTML that `body_from_html` leaves out, and how often."""
    return dropped.visible_in(raw)


def _paragraphs(tidy: str) -> str:
    """Paragraphs of a text without markup."""
    written = html.escape(tidy, quote=False)
    parts = [part.replace("\n", "<br>") for part in re.split(r"\n\n+", written) if part]
    return "".join(f"<p>{part}</p>" for part in parts)


def _cleaned(raw: str, typed: Markup = Markup.NONE) -> str:
    """Safe HTML of what `raw` shows; "" where it shows no words. `typed` as `sanitizer.plainly` takes it."""
    cleaner = Cleaner(
        tags=allowed_html.SAFE_TAGS | allowed_html.LINES,
        attributes=allowed_html.may_keep,
        protocols=allowed_html.PROTOCOLS,
        strip=True,
        filters=[Paragraphs],
    )
    cleaner.walker = walk
    cleaned: str = cleaner.clean(f"<div>{plainly(raw, typed)}</div>")
    if "<table" in cleaned:  # what stood in a table outside its cells finds its place only when it is read again
        cleaned = cleaner.clean(f"<div>{cleaned}</div>")
    return cleaned if has_visible_text(text_of(cleaned)) else ""


# --- a stored body in the text box


def typed_from_body(body: str) -> str:
    """What the text box shows for a stored body, such that reading it back gives the same body: as plain as can be."""
    shown = _with_tags_on_lines(body)
    if any(tag not in INLINE | {"p", "br"} or (tag == "p" and rest) for _, tag, rest in _TAG.findall(body)):
        return shown
    lined = body.replace("</p><p>", "\n\n").removeprefix("<p>").removesuffix("</p>").replace("<br>", "\n")
    ways: tuple[Callable[[str], str], ...] = (html.unescape, _bare_brackets, _careful_brackets, str)
    for way in ways:
        if _reads_as(typed := _in_text(lined, way), body):
            return typed
    return shown


def _reads_as(typed: str, body: str) -> bool:
    try:
        return body_from_typed(typed) == body
    except Refused:
        return False


def _with_tags_on_lines(body: str) -> str:
    return re.sub(r"(</(?:p|h[2-4]|ul|ol|table|blockquote)>|<hr>)(?=<)", r"\1\n\n", body)


def _in_text(lined: str, way: Callable[[str], str]) -> str:
    """`lined` with its text, but not its tags, written another way."""
    pieces, at = [], 0
    for tag in _TAG.finditer(lined):
        pieces += [way(lined[at : tag.start()]), tag[0]]
        at = tag.end()
    return "".join([*pieces, way(lined[at:])])


def _bare_brackets(text: str) -> str:
    return _bare_ampersands(text.replace("&lt;", "<").replace("&gt;", ">"))


def _careful_brackets(text: str) -> str:
    return _bare_ampersands(re.sub(r"&lt;(?![a-zA-Z/!?])", "<", text.replace("&gt;", ">")))


def _bare_ampersands(text: str) -> str:
    return _REFERENCE.sub("&", text)


# --- a stored body as text


def text_of(body: str) -> str:
    """The words of a stored body without its tags; blocks stand on lines of their own."""
    spaced = _TAG.sub(lambda tag: "" if tag[2] in INLINE else "\n", body)
    return "\n".join(line for raw in html.unescape(spaced).split("\n") if (line := raw.strip()))


def excerpt(text: str, length: int) -> str:
    """The beginning of `text`, at most `length` graphemes, cut between words where it can be."""
    start = text[: length * 12]
    graphemes = list(islice(regex.finditer(r"\X", start), length + 1))
    if len(graphemes) <= length:
        return text.strip() if start == text else f"{start.strip()}…"
    cut = text[: graphemes[length].start()]
    shorter, space, rest = cut.rpartition(" ")
    return (shorter if space and len(rest) < 30 else cut).rstrip(" ,;:") + "…"


def beginning(body: str, length: int) -> str:
    """The first words of a stored body as one line, at most `length` graphemes; reads no more of it than it needs."""
    start = body[: length * 40]
    if start.rfind("<") > start.rfind(">"):
        start = start[: start.rfind("<")]
    return excerpt(text_of(start).replace("\n", " "), length)


def linkable(address: str) -> bool:
    """Whether a web address given by a person may become a link."""
    return allowed_html.is_linkable(address) and "\\" not in address
