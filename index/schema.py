"""What the index knows of a story or guide besides its words: the names of facets and numbers, and their sense."""

from __future__ import annotations

FACETS: dict[str, str] = {
    "kind": "story, guide",
    "language": "a language as lists count it: both scripts of Chinese are zh",
    "tag": "the language tag as given: zh-Hans stays zh-Hans",
    "theme": "slugs of themes",
    "organisation": "slug of the organisation",
    "place": "the place as the teller gave it",
    "decade": "1970s, from the years in the story's time",
    "format": "text; audio and video when stories have them",
    "length": "short (up to 3 minutes of reading), medium (up to 10), long",
    "content_note": "yes, no",
    "audience": "who a guide is for",
    "setting": "where a guide is used",
    "grade_band": "the age of a guide's group",
    "minutes": "the longest a guide takes: 15, 30, 45, 60, 90, more",
    "group_size": "pair, small (to 8), medium (to 20), large: each that fits the guide",
    "sample": "yes for what the sample site brought",
}

NUMBERS: dict[str, str] = {
    "published": "seconds since 1970 when it became public",
    "reading_minutes": "minutes to read a story, or to hold a guide's conversation",
}
