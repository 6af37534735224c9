"""Light stemming: which endings a word may lose so that its forms find each other.

The tables hold endings as people write them; they are folded once, when the module is loaded, as the words will be.
The exact form of a word is kept beside its stem in the index, so a stem may be blunt:
the word itself still comes first.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

import regex
import snowballstemmer

from index.analysis.folding import fold

# After Ramanathan and Rao, "A Lightweight Stemmer for Hindi" (2003), without the rarest verb endings.
HINDI = """ियों ियाँ ियां ाओं ाएं ाएँ ुओं ुएं ों ें ाँ ां ीं ओं ाए एंगे ेंगे ेगा ेगी ूंगा ूंगी ता ती ते ना नी ने
    ाया ाई ाये यी ये या ई ए ा ी े ि ु ू ो"""
BANGLA = """গুলোকে গুলোর গুলোতে গুলিকে গুলির গুলিতে গুলো গুলি গুলা দেরকে দের েরা রা য়েরা টির টিকে টিতে টার টাকে
    টাতে টি টা খানা খানি জনের জন কে তে য়ের য়ে য় ের র ে ই ও রই েই"""
URDU = "یوں یاں ووں ؤں وں یں یے ئے ئی ات ے ی ا و ہ"

# Particles and copulas that follow a Korean noun, and the forms of the verbs made from nouns.
KOREAN = """에서는 에서도 에서의 으로는 으로도 으로부터 로부터 에게서 에게는 에게도 이라고 이라는 라고 라는 에서
    에게 에는 에도 으로 까지 부터 처럼 보다 하고 이나 이란 께서 한테 마다 조차 밖에 만큼 대로 이며 이고 입니다
    이에요 예요 이다 였다 이었다 은 는 이 가 을 를 의 에 도 와 과 로 만 나 야 하다 하는 한다 했다 하여 해서 했고
    하며 하지 하게 했던 합니다 했습니다 하였다 되다 되는 된다 됐다 되어 되고 되며 됩니다 되었다"""
KOREAN_PLURAL = "들"
# Particles safe enough to take from a word of two syllables, where they leave one: 집에, 나는.
KOREAN_SHORT = "은는을를에의"

# Tagalog verbs and nouns wear their affixes on every side of the root: nagtuturo, tinuruan, pagtuturo.
TAGALOG_PREFIXES = """pinakama nakikipag makikipag nakipag makipag ipinang ipinag pinang pinag nangang mangang
    nakaka makaka nakapag makapag nagsi magsi nagpa magpa nagka magka ipang ipag ikina naka maka paka taga tag
    nang mang pang nag mag pag nam mam pam nan man pan ipa ika ka"""
TAGALOG_SUFFIXES = "hang hing han hin an in"
TAGALOG_LINKER = "ng"


def _table(endings: str) -> tuple[str, ...]:
    """The endings of one language, folded as words are, the longest first."""
    return tuple(sorted({fold(ending) for ending in endings.split()} - {""}, key=len, reverse=True))


def _without_ending(word: str, endings: Iterable[str], keep: int) -> str:
    """The word less the first of the endings it has, if at least `keep` characters are left."""
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= keep:
            return word[: -len(ending)]
    return word


_own = threading.local()  # a stemmer keeps the word it works on: threads that share one get each other's stems
_BY_SCRIPT = (
    # first and last letter, the endings its words lose, how many characters must stay
    ("\u0600", "\u06ff", _table(URDU), 3),
    ("\u0900", "\u097f", _table(HINDI), 2),
    ("\u0980", "\u09ff", _table(BANGLA), 2),
)
_KOREAN = tuple(sorted(KOREAN.split(), key=len, reverse=True))
_PREFIXES = tuple(sorted(TAGALOG_PREFIXES.split(), key=len, reverse=True))
_SUFFIXES = tuple(TAGALOG_SUFFIXES.split())
# The o and e of a last syllable become u and i once an ending follows: turo, turuan; babae, kababaihan.
_ONE_VOWEL = str.maketrans("oe", "ui")
_INFIX = regex.compile("^([^aeiou]{1,2})(?:um|in)([aeiou])")
_DOUBLED = regex.compile(r"^([^aeiou])[^aeiou]?([aeiou])(?=\1[^aeiou]?\2)|^([aeiou])(?=\3)")


def stem(word: str) -> str:
    """The stem of a folded word of an alphabet; a word of a script without a table is its own stem."""
    if word.isascii():
        return str(_english().stemWord(word)) if len(word) > 3 and word.isalpha() else word
    for first, last, endings, keep in _BY_SCRIPT:
        if first <= word[0] <= last:
            return _without_ending(word, endings, keep)
    return word


def _english() -> Any:
    try:
        return _own.english
    except AttributeError:
        _own.english = snowballstemmer.stemmer("english")
        return _own.english


def korean_noun(word: str) -> str:
    """A Korean word without its particle and its plural, two syllables at least."""
    bare = _without_ending(word, _KOREAN, 2)
    return _without_ending(bare, KOREAN_PLURAL, 2)


def korean_short(word: str) -> str:
    """The syllable before a particle in a word of two, or nothing."""
    return word[0] if len(word) == 2 and word[1] in KOREAN_SHORT else ""


def tagalog_root(word: str) -> str:
    """The likely root of a folded Tagalog word, or the word itself: nagtuturo, tinuro and pagtuturo give turo."""
    if not word.isascii() or len(word) < 4:
        return word
    inner = _without_prefix(word)
    inner = _INFIX.sub(r"\1\2", inner)
    inner = _DOUBLED.sub("", inner) if len(inner) > 4 else inner
    for endings, keep in ((_SUFFIXES[:2], 3), ((TAGALOG_LINKER,), 4), (_SUFFIXES[2:], 3), ((TAGALOG_LINKER,), 4)):
        inner = _without_ending(inner, endings, keep)
    return inner.translate(_ONE_VOWEL) if len(inner) >= 3 else word


def _without_prefix(word: str) -> str:
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= 4:
            return word[len(prefix) :]
    return word
