"""Signing in and out, invitations and lost passwords, and what people do with their own account."""

from __future__ import annotations

from solidarity.accounts import own_second_factor, second_step, session_list
from solidarity.accounts.blueprint import blueprint

__all__ = ["blueprint", "own_second_factor", "second_step", "session_list"]
