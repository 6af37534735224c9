"""How words become terms, for the index and for queries alike, in nine languages: begin with `analyzer`."""
