"""One spelling of a legal entity's name, so that no comma, capital or full-width letter makes a second entity (3.2)."""

from __future__ import annotations

import unicodedata

# The column's length; a key that is longer is cut, as both spellings of one name are.
LONGEST = 200


def entity_key(name: str) -> str:
    """A legal name as entities are compared by: NFKC, case-folded, letters and digits alone.

    "North Co., Ltd." and "ＮＯＲＴＨ CO LTD" are one entity. A name without a letter or digit is compared as it is
    written, so that two of them do not become one.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    # L, M, N: letters, the marks that belong to them, digits. Nothing invisible is left either.
    kept = "".join(each for each in folded if unicodedata.category(each)[0] in "LMN")
    return (kept or folded.strip())[:LONGEST]
