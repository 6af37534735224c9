"""What a story is and how it comes to be published; no Flask and no search engine in here."""
