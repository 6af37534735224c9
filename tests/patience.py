"""Tells work that ends from work that grows beyond all patience; how fast it is, `bench/` measures."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 20.0  # seconds of processor time: what is well takes a hundredth of it, what is not takes minutes


def comes_to_an_end(work: Callable[[], object]) -> bool:
    """Do the work; whether it was within all patience."""
    begun = time.process_time()
    work()
    return time.process_time() - begun < PATIENCE
