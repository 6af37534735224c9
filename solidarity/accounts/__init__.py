"""Signing in and out, invitations and lost passwords, and what people do with their own account."""

from __future__ import annotations

from solidarity.accounts import (
    leaving,
    my_data,
    new_address,
    own_account,
    own_second_factor,
    second_step,
    session_list,
    sign_in_letter,
)
from solidarity.accounts.blueprint import blueprint

__all__ = [
    "blueprint", "leaving", "my_data", "new_address", "own_account", "own_second_factor", "second_step", "session_list",
    "sign_in_letter",
]  # fmt: skip
