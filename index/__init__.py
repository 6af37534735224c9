"""A searchable copy of what is public, derived from `stories`, that can be deleted and rebuilt."""
