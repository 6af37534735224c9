"""Signing in and out, invitations and lost passwords."""
