"""How much a person may send in each field, in one place. Counted in characters unless said otherwise."""

from __future__ import annotations

BODY = 300_000
BODY_MARKUP = 20_000  # "<" and "&" together
BODY_NESTING = 50
TITLE = 300
ATTRIBUTION = 1_000
SHORT = 500
INTRODUCTION = 5_000
NOTE = 10_000
LIST_ENTRIES = 30  # pull quotes, takeaways, prompts, and the lists of a guide
GUIDE_PHASES = 20
GUIDE_STEPS = 60
STEP_MINUTES = 600
READING_MINUTES = 600
GROUP = 1_000  # people in one conversation
