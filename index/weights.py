"""What the parts of a story or guide weigh in the index: its title more than its text, its names apart."""

from __future__ import annotations

from collections.abc import Iterable

from index.analysis.analyzer import NAME, normalize, terms, title_keys, tokens
from index.analysis.folding import fold
from index.engines.base import TermColumns, TokenStream

# Found on Cranfield and ADI (bench/relevance.py): two to four are alike, one is worse.
TITLE_WEIGHT = 3.0


def words(title: str, texts: Iterable[str], language: str) -> tuple[TokenStream, ...]:
    """The scored streams of one story or guide: its title, then each text (introduction, body, names of themes …)."""
    whole_title = TokenStream(tuple((key, 0) for key in title_keys(title))) if title.strip() else TokenStream(())
    bodies = (_token_stream(text, language) for text in texts if text)
    return (_token_stream(title, language, TITLE_WEIGHT), whole_title, *bodies)


def names(texts: Iterable[str], language: str) -> tuple[TokenStream, ...]:
    """The token streams that suggestions offer: titles, themes, places, tellers who chose to be named.

    Beside its usual terms each word is there as typed so far, folded but not stemmed, so that its beginning is found.
    """
    return tuple(_name_stream(normalize(text), language) for text in texts if text)


def _token_stream(text: str, language: str, weight: float = 1.0) -> TokenStream:
    return TokenStream(TermColumns(*terms(normalize(text), language)), weight)


def _name_stream(text: str, language: str) -> TokenStream:
    found = list(tokens(text, language))
    typed = {(NAME + fold(text[token.start : token.end]), token.position) for token in found}
    return TokenStream((*((token.term, token.position) for token in found), *sorted(typed)))
