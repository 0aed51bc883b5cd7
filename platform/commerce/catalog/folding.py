"""One spelling per word, so that a search and a sort do not mind case, accents or width."""

import unicodedata
from functools import lru_cache

_WRITTEN_OUT = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe"})


# A file's rows ask for the same few words again and again.
@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return text without case and accents, single-spaced: `  Café  LATTE` is `cafe latte`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(each for each in decomposed if not unicodedata.combining(each))
    return " ".join(bare.casefold().translate(_WRITTEN_OUT).split())
