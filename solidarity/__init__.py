"""The website, one folder for each audience; the only package that knows Flask."""
