"""The search engine that lives in a folder: Whoosh keeps the index and its files, numpy reads and scores them.

Read in this order: `whoosh_schema` (what is indexed), `arrays` and `term_dictionary` (how it lies on disk), `codec`
(how Whoosh writes it there), `segment` and `snapshot` (how it is read), `term_matches`, `scoring` and `collector` (how
a search is answered), `merging` (how segments become fewer), `directory` (locks, the swap, what must survive a power
cut), `engine`.
"""

from __future__ import annotations
