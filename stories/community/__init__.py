"""What stories are sorted by and belong to: themes and organisations."""
