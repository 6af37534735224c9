"""The one door for people's words: plain text is tidied, HTML is measured and then sanitised by bleach, once.

What comes out of `body_from_…` is safe to show and is shown as it is; nothing else on the site is trusted as HTML.
"""

from __future__ import annotations

import html
import re
from itertools import islice

import regex
from bleach.sanitizer import Cleaner
from markdown_it import MarkdownIt

from stories.errors import TooLong
from stories.text import limits
from stories.text.markup import CONTAINERS, HEADINGS, INLINE, LINES, Paragraphs, walk
from stories.text.sanitizer import plainly

SAFE_TAGS = frozenset({"p", "br", "hr", *INLINE, *HEADINGS.values(), *CONTAINERS})
_BLOCK_TAG = re.compile(rf"<(?:{'|'.join(sorted(LINES | CONTAINERS | {'hr'}))})[\s/>]", re.IGNORECASE)
_SAFE_LINK = re.compile(r"(?:https?://[^\s/]|mailto:[^\s])", re.IGNORECASE)
_TAG = re.compile(r'<(/?)([a-z0-9]+)((?:[^">]|"[^"]*")*)>')
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_MARKDOWN = MarkdownIt("commonmark", {"html": True})


def plain(text: str) -> str:
    """`text` as one line: control characters dropped, white space collapsed."""
    return " ".join(_CONTROL.sub(" ", text).split())


def lines(text: str) -> str:
    """`text` with its line breaks: control characters dropped, trailing space and outer blank lines too."""
    tidy = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.rstrip() for line in tidy.split("\n")).strip("\n")


def body_from_typed(typed: str) -> str:
    """Safe HTML from what stands in the text box: a blank line makes a paragraph, pasted HTML keeps its structure.

    Raises TooLong, TooMuchMarkup or TooDeep.
    """
    tidy = lines(typed)
    if len(tidy) > limits.BODY:
        raise TooLong("body", limits.BODY)
    if _BLOCK_TAG.search(tidy):
        return body_from_html(tidy)
    paragraphs = re.split(r"\n\s*\n", tidy)
    return _cleaned("".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in paragraphs))


def body_from_markdown(markdown: str) -> str:
    """Safe HTML from Markdown; raw HTML in it is sanitised. Raises as `body_from_typed`."""
    return body_from_html(_MARKDOWN.render(lines(markdown)))


def body_from_html(raw: str) -> str:
    """Safe HTML from a stranger's. The size is checked first, because bleach takes more than linear time."""
    if len(raw) > limits.BODY:
        raise TooLong("body", limits.BODY)
    return _cleaned(raw)


def _cleaned(raw: str) -> str:
    plain_tags = plainly(raw)
    cleaner = Cleaner(
        tags=SAFE_TAGS | LINES,
        attributes=_may_keep,
        protocols={"http", "https", "mailto"},
        strip=True,
        filters=[Paragraphs],
    )
    cleaner.walker = walk
    cleaned: str = cleaner.clean(f"<div>{plain_tags}</div>")
    if "<table" in cleaned:  # what stood in a table outside its cells finds its place only when it is read again
        cleaned = cleaner.clean(f"<div>{cleaned}</div>")
    return cleaned


def _may_keep(tag: str, name: str, value: str) -> bool:
    """Whether an attribute stays. Links are read as a browser would, entities and white space undone."""
    if tag == "a" and name == "href":
        return _SAFE_LINK.match(re.sub(r"[\x00-\x20\x7f-\xa0]", "", html.unescape(value))) is not None
    if name == "lang":
        return re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", value) is not None
    if name == "dir":
        return value.lower() in {"ltr", "rtl", "auto"}
    return (
        tag in {"td", "th"}
        and name in {"colspan", "rowspan"}
        and value.isascii()
        and value.isdigit()
        and len(value) < 3
    )


def typed_from_body(body: str) -> str:
    """What the text box shows for a stored body, such that reading it back gives the same body."""
    if any(tag not in INLINE | {"p", "br"} for _, tag, _ in _TAG.findall(body)):
        return re.sub(r"(</(?:p|h[2-4]|ul|ol|table|blockquote)>|<hr>)(?=<)", r"\1\n\n", body)
    text = body.replace("</p><p>", "\n\n").removeprefix("<p>").removesuffix("</p>").replace("<br>", "\n")
    text = text.replace("&gt;", ">")
    text = re.sub(r"&lt;(?![a-zA-Z/!?])", "<", text)
    return re.sub(r"&amp;(?![a-zA-Z#])", "&", text)


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


_SPEEDS = (  # units a minute; a coarse guide for readers, not a measurement of any one of them
    (re.compile(r"[\u3400-\u9fff]"), 300),
    (re.compile(r"[\u1780-\u17b3]"), 600),
    (re.compile(r"[^\W\d_\u3400-\u9fff\u1780-\u17b3]+"), 200),
)


def reading_minutes(text: str) -> int:
    """About how many minutes a reader needs for `text`, at least one."""
    return max(1, round(sum(len(unit.findall(text)) / speed for unit, speed in _SPEEDS)))


def linkable(address: str) -> bool:
    """Whether a web address given by a person may become a link."""
    return _SAFE_LINK.match(address) is not None and "\\" not in address
