"""The one door for people's words: tidied, measured, sanitised, compared, and turned into slugs."""
