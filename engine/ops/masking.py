"""Which words a masked language model has to guess, and what stands in their place."""

from __future__ import annotations

import numpy as np

REPLACED, RANDOM = 0.8, 0.1  # of the chosen pieces; the rest stay as they are (Devlin et al. 2019)
IGNORED = -100  # the target of a piece that need not be guessed


def choose_words(
    pieces: np.ndarray, rate: float, longest: int, generator: np.random.Generator
) -> np.ndarray:
    """Choose whole words until about `rate` of all pieces are covered: bool, one per word.

    `pieces` counts the pieces of each word, int [words]. Words are chosen in spans of 1 to
    `longest` with p(n) in proportion to 1/n (Lan et al. 2019, section 3.1); a span that would
    touch a chosen word is drawn again elsewhere. At least one word is chosen if there is one.
    """
    count = len(pieces)
    chosen = np.zeros(count, bool)
    if not count:
        return chosen
    wanted = max(1, round(rate * int(pieces.sum())))
    odds = 1 / np.arange(1, longest + 1)
    sizes = generator.choice(np.arange(1, longest + 1), size=count, p=odds / odds.sum())
    covered = 0
    for start, size in zip(generator.permutation(count), sizes, strict=True):
        end = min(count, start + size)
        if chosen[start:end].any():
            continue
        cost = int(pieces[start:end].sum())
        over = covered + cost - wanted
        if over > 0 and covered and generator.random() < over / cost:
            break  # so that neither the share of pieces nor the sizes of spans are off on average
        chosen[start:end] = True
        covered += cost
        if over >= 0:
            break
    return chosen


def corrupt(
    ids: np.ndarray, chosen: np.ndarray, mask: int, vocabulary: int,
    generator: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """What the model reads and what it has to guess, both int [pieces].

    Of the chosen pieces 80 % become `mask`, 10 % a random piece, 10 % stay (Devlin et al. 2019,
    section 3.1); targets are -100 where nothing is to be guessed.
    """
    targets = np.where(chosen, ids, IGNORED)
    dice = generator.random(len(ids))
    others = generator.integers(0, vocabulary, len(ids))
    read = np.where(chosen & (dice < REPLACED), mask, ids)
    swapped = chosen & (dice >= REPLACED) & (dice < REPLACED + RANDOM)
    return np.where(swapped, others, read), targets
