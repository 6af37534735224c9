"""The search engine that lives in a folder: Whoosh keeps the index and its files, numpy reads and scores them.

Read in this order: `fields` (what is indexed), `arrays` and `lexicon` (how it lies on disk), `codec` (how Whoosh
writes it there), `segment` and `snapshot` (how it is read), `matching` and `answer` (how a question is answered),
`merging` (how segments become fewer), `folder` (locks, the swap, what must survive a power cut), `engine`.
"""

from __future__ import annotations
