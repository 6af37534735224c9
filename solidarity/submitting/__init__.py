"""Where leaders work: writing a story, agreeing to what happens with it, sending it, answering, withdrawing."""

from __future__ import annotations

from solidarity.submitting import confirming, consenting, desk, sending, withdrawing, writing
from solidarity.submitting.blueprint import blueprint

__all__ = ["blueprint", "confirming", "consenting", "desk", "sending", "withdrawing", "writing"]
