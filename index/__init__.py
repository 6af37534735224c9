"""A searchable copy of what is public, derived from `stories`, that can be deleted and rebuilt."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: no matrices here, and idle threads hold memory
