"""What is allowed in HTML, in one place: tags, attributes, addresses; and what is known of HTML but left out."""

from __future__ import annotations

import html
import re

# --- what stories are made of

INLINE = frozenset(
    ["a", "abbr", "b", "bdi", "cite", "code", "del", "em", "i", "ins", "q", "rp", "rt", "ruby", "s", "small", "span",
     "strong", "sub", "sup", "u"]
)  # fmt: skip
HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}  # the title of a page is its h1
CONTAINERS = frozenset(["blockquote", "ul", "ol", "li", "table", "thead", "tbody", "tr", "td", "th", "caption"])
VOID = frozenset(["br", "hr"])
SAFE_TAGS = frozenset({"p", *VOID, *INLINE, *HEADINGS.values(), *CONTAINERS})

LINES = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "aside",
        "nav",
        "address",
        "center",
        "dl",
        "dt",
        "dd",
        "figure",
        "figcaption",
        "form",
        "fieldset",
        "legend",
        "details",
        "summary",
        "pre",
        *HEADINGS,
    ]
)  # fmt: skip - boxes of pasted pages: each begins a line of its own
RENAMED = {"html": "div", "body": "div", "menu": "ul", "dir": "ul", "hgroup": "div", "search": "div", "dialog": "div",
           "option": "div", "optgroup": "div", "xmp": "pre", "listing": "pre"}  # fmt: skip
READ = INLINE | CONTAINERS | LINES | VOID  # what the parser is given

# --- attributes

EVERYWHERE = frozenset(["lang", "dir"])
ATTRIBUTES = EVERYWHERE | {"href", "colspan", "rowspan"}
PROTOCOLS = frozenset(["http", "https", "mailto"])
_SAFE_LINK = re.compile(r"(?:https?://[^\s/]|mailto:[^\s])", re.IGNORECASE)
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def is_linkable(address: str) -> bool:
    """Whether an address may become a link: http, https or mailto, and naming a host or a mailbox."""
    return _SAFE_LINK.match(address) is not None


def may_keep(tag: str, name: str, value: str) -> bool:
    """Whether an attribute stays. Links are read as a browser would, entities and white space undone."""
    if tag == "a" and name == "href":
        return is_linkable(re.sub(r"[\x00-\x20\x7f-\xa0]", "", html.unescape(value)))
    if name == "lang":
        return _LANGUAGE_TAG.fullmatch(value) is not None
    if name == "dir":
        return value.lower() in {"ltr", "rtl", "auto"}
    return (
        tag in {"td", "th"}
        and name in {"colspan", "rowspan"}
        and value.isascii()
        and value.isdigit()
        and len(value) < 3
    )


# --- what is HTML, and is left out

MACHINERY = ("script", "style", "template", "noscript", "iframe", "noembed", "noframes", "title", "svg", "xml")
PICTURES = frozenset(["img", "svg", "picture", "canvas", "image"])
RECORDINGS = frozenset(["video", "audio", "bgsound"])
EMBEDDED = frozenset(["iframe", "embed", "object", "applet", "frame"])
FORM_FIELDS = frozenset(["input", "textarea", "select", "button", "meter", "progress", "keygen"])
STYLED = frozenset(["font", "mark", "big", "tt", "kbd", "samp", "marquee", "blink", "basefont", "strike", "bdo"])
_OTHER = frozenset(
    ["acronym", "area", "base", "col", "colgroup", "command", "data", "datalist", "dfn", "frameset", "head", "label",
     "link", "map", "menuitem", "meta", "multicol", "nobr", "output", "param", "plaintext", "rb", "rtc", "slot",
     "source", "spacer", "tfoot", "time", "track", "var", "wbr", "google-sheets-html-origin"]
)  # fmt: skip
_FORMULAS = frozenset(
    [
        "math",
        "mi",
        "mn",
        "mo",
        "ms",
        "mtext",
        "mspace",
        "mrow",
        "mfrac",
        "msqrt",
        "mroot",
        "mstyle",
        "mpadded",
        "mphantom",
        "mfenced",
        "msub",
        "msup",
        "msubsup",
        "munder",
        "mover",
        "munderover",
        "mmultiscripts",
        "mtable",
        "mtr",
        "mtd",
        "mglyph",
    ]
)  # fmt: skip - their letters stay
BOXES = PICTURES | RECORDINGS | EMBEDDED | FORM_FIELDS | {"label", "output"}  # words on both sides stay apart
LEFT_OUT = frozenset(MACHINERY) | BOXES | STYLED | _OTHER | _FORMULAS
KNOWN = READ | LEFT_OUT | RENAMED.keys()
STANDALONE = VOID | {
    "img",
    "input",
    "embed",
    "frame",
    "area",
    "base",
    "col",
    "link",
    "meta",
    "param",
    "source",
    "track",
}
OPTIONAL_END = frozenset(["p", "li", "td", "th", "tr", "thead", "tbody", "tfoot", "dt", "dd", "option", "optgroup"])
BARE_ATTRIBUTES = frozenset(
    [
        "allowfullscreen",
        "async",
        "autofocus",
        "autoplay",
        "checked",
        "compact",
        "controls",
        "default",
        "defer",
        "disabled",
        "download",
        "formnovalidate",
        "hidden",
        "inert",
        "ismap",
        "itemscope",
        "loop",
        "multiple",
        "muted",
        "nohref",
        "noshade",
        "novalidate",
        "nowrap",
        "open",
        "playsinline",
        "readonly",
        "required",
        "reversed",
        "selected",
    ]
)  # fmt: skip - HTML's attributes that stand without a value
OFFICE_PREFIXES = frozenset(["o", "w", "v", "x", "m", "st1", "st2", "u1", "u2", "dt", "mc", "wp", "xml"])
