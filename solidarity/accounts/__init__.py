"""Signing in and out, invitations and lost passwords, and what people do with their own account."""

from __future__ import annotations

from solidarity.accounts import sign_in_letter
from solidarity.accounts.blueprint import blueprint

__all__ = ["blueprint", "sign_in_letter"]
