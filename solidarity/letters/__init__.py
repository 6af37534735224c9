"""Writing to people: letters are stored with what they tell of, sent afterwards, and tried again."""
