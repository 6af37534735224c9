"""Which letters count as the same letter when a reader searches.

Every table maps what may be written to the one form that is kept in the index. The tables are grouped by script, and
`fold` applies them all: a word holds letters of one script, so tables of other scripts cost nothing.
"""

from __future__ import annotations

import re
import unicodedata

import opencc
import regex

# Latin letters that Unicode does not take apart into a plain letter and a mark. Marks themselves are dropped below.
LATIN = {
    "đ": "d",
    "ð": "d",
    "ø": "o",
    "ł": "l",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ħ": "h",
    "ŋ": "ng",
}

# Urdu typed on an Arabic or Persian keyboard, and letters that look alike.
# Hamza, madda and vowel signs are dropped.
ARABIC = {
    "ي": "ی",
    "ى": "ی",
    "ے": "ی",
    "ې": "ی",
    "ك": "ک",
    "ه": "ہ",
    "ة": "ہ",
    "ھ": "ہ",
    "ۃ": "ہ",
    "ە": "ہ",
    "ٱ": "ا",
}
ARABIC_DROPPED = "ءـ" + "".join(map(chr, [*range(0x610, 0x61B), *range(0x64B, 0x660), 0x670, *range(0x6D6, 0x6EE)]))

# Hindi: the dot below is dropped, the moon dot is written as a dot, English o and e as the nearest Hindi vowel.
DEVANAGARI = {"़": "", "ँ": "ं", "ॉ": "ा", "ऑ": "आ", "ॅ": "े", "ऍ": "ए"}

# Bangla: the dot below and the moon dot are dropped, long i and u are written short (বাড়ী and বাড়ি are one word).
BANGLA = {"়": "", "ঁ": "", "ৎ": "ত্", "ী": "ি", "ূ": "ু", "ঈ": "ই", "ঊ": "উ", "ৰ": "র"}

# Signs that join, part or hide letters without being letters; apostrophes inside a word count as one of them.
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f'’‘ʼ＇"

# Khmer: vowel signs typed in two pieces, the two subscripts that look the same, signs that are not heard.
KHMER = {
    "េី": "ើ",
    "េា": "ោ",
    "្ដ": "្ត",
    "\u17b4": "",
    "\u17b5": "",
    "៌": "",
    "៍": "",
    "៎": "",
    "៏": "",
    "័": "",
    "៑": "",
}

# Nasals before a letter of their own row may be written as a dot: हिन्दी and हिंदी, বাঙ্গালি and বাংগালি.
NASALS = regex.compile("ङ्(?=[क-घ])|ञ्(?=[च-झ])|ण्(?=[ट-ढ])|न्(?=[त-ध])|म्(?=[प-भ])|(?P<bangla>ঙ্(?=[ক-ঘ]))")


def _traditional_to_simplified() -> dict[int, str]:
    """Every Traditional character that has a Simplified one, from OpenCC's own table."""
    blocks = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x2A6E0))
    characters = [chr(point) for first, end in blocks for point in range(first, end)]
    converted = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = zip(characters, converted, strict=True)
    return {ord(old): new for old, new in pairs if old != new and len(new) == 1}


def _digits() -> dict[int, str]:
    """Decimal digits of every script, as ASCII."""
    points = (point for point in range(0x80, 0x20000) if unicodedata.category(chr(point)) == "Nd")
    return {point: str(unicodedata.digit(chr(point))) for point in points}


SIMPLIFIED = _traditional_to_simplified()
_SAME = {
    **_digits(),
    **{ord(old): new for table in (LATIN, ARABIC, DEVANAGARI, BANGLA) for old, new in table.items()},
    **{ord(sign): "" for sign in ARABIC_DROPPED + INVISIBLE},
    **dict.fromkeys(range(0x300, 0x370), ""),
}
_HIDDEN = {ord(sign): "" for sign in INVISIBLE}
_HAN = re.compile(f"[{min(map(chr, SIMPLIFIED))}-{max(map(chr, SIMPLIFIED))}]")
_KHMER = re.compile("[\u1780-\u17ff]")
_KHMER_PIECES = regex.compile("|".join(sorted(map(regex.escape, KHMER), key=len, reverse=True)))
_SUBSCRIPTS = regex.compile("(?:្[ក-អ])+")


def fold(word: str) -> str:
    """The form in which a word of an alphabet is compared: no case, no Latin marks, one letter for each sound sign."""
    if word.isascii():
        return word.lower().replace("'", "")
    letters = unicodedata.normalize("NFKD", word).casefold().translate(_SAME)
    return unicodedata.normalize("NFC", NASALS.sub(_as_a_dot, letters))


def exact_form(word: str) -> str:
    """The word as it is written, apart from case, width and invisible signs: what an exact match compares."""
    if word.isascii():
        return word.lower().replace("'", "")
    compatible = unicodedata.normalize("NFKC", word).casefold().translate(_HIDDEN)
    return unicodedata.normalize("NFC", compatible)


def to_simplified(text: str) -> str:
    """Chinese text in Simplified characters, one for one."""
    return text.translate(SIMPLIFIED) if _HAN.search(text) else text  # most text has none, and translating is slow


def fold_khmer(text: str) -> str:
    """Khmer with the parts of each cluster in one order and silent signs dropped: សង្រ្គាម and សង្គ្រាម are one word."""
    if not _KHMER.search(text):
        return text
    ordered = _SUBSCRIPTS.sub(_ro_last, text.translate(_HIDDEN))
    return str(_KHMER_PIECES.sub(lambda piece: KHMER[piece.group()], ordered))


def _as_a_dot(nasal: regex.Match[str]) -> str:
    return "ং" if nasal.group("bangla") else "ं"


def _ro_last(subscripts: regex.Match[str]) -> str:
    text = subscripts.group()
    pairs = [text[start : start + 2] for start in range(0, len(text), 2)]
    return "".join(sorted(pairs, key=lambda pair: pair == "្រ"))
