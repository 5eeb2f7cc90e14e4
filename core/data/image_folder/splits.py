"""Recognize the words for training, validation and test pictures."""

import re
from typing import Literal

Split = Literal["train", "val", "test"]
WORDS: dict[str, Split] = {
    **dict.fromkeys(("train", "training", "trainval"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "validate", "dev", "eval", "evaluation"), "val"),
    **dict.fromkeys(("test", "testing", "tests"), "test"),
}
_NOUN = re.compile(r"(set|data|dataset|images?|imgs?|pictures?|labels?|split|folder)$")


def split_of(word: str) -> Split | None:
    """Return the part of a dataset that a folder or a cell names, as in "Train", "valid" or "test_set"; else None.

    Examples:
        >>> split_of("Training-Images"), split_of("VALID"), split_of("testset"), split_of("trains")
        ('train', 'val', 'test', None)
    """
    word = word.strip().casefold()
    without = _NOUN.sub("", word)
    return WORDS.get(word) or (WORDS.get(without.rstrip(" _-")) if without != word else None)
