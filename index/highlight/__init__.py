"""Which words of a text a query found, and the excerpt that shows them."""
