"""The search engines the index can live in, all behind the protocol of `index.engines.base`."""
