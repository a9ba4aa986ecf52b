"""How probably each candidate answers a question: one choice among articles, rival topics and nothing.

A multinomial logit (McFadden 1974): every candidate has a utility from its features, so has "no article
answers this"; probabilities are their exponentials, normed. So a close second lowers the first, and what
is likest to a question that nobody answers takes its probability away. Fitted by
tests/unit/knowledge/fit_ranking.py.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

FEATURES: Final = 9
"""Of a candidate, see `Ranker.candidates`."""
WRITTEN_COVERAGE, SPOKEN_COVERAGE, THREE, SHARE = 1, 3, 4, 6
PLAIN: Final = [0, 1, 2, 3, 6, 7]
"""Features by which a rival, a single sentence, is judged besides."""

UTILITY: Final = np.array(
    [
        2.14, 9.87, 1.24, 17.41, 8.33, -6.29, -1.13, 2.1, 0.88, -11.87, 3.78, 8.4, 15.44, -2.12, 4.43,
        3.16, 32.46, -0.83, 1.35, -0.26, 2.96
    ]
)  # fmt: skip
"""In the order of `described`."""
NOTHING: Final = np.array([4.26, 5.6, 0.28])


def described(features: Doubles, rival: NDArray[np.bool_]) -> Doubles:
    """(…, candidates, 21) what the utility is linear in.

    Args:
        features: (…, candidates, FEATURES).
        rival: (…, candidates) topics that no article answers.
    """
    three, share = features[..., THREE], features[..., SHARE]
    curved = [three**2, share**2, three * share]
    curved += [np.sqrt(features[..., at]) for at in (WRITTEN_COVERAGE, SPOKEN_COVERAGE)]
    known = np.concatenate([features, np.stack(curved, axis=-1)], axis=-1) * ~rival[..., None]
    of_rivals = np.concatenate([np.ones((*rival.shape, 1)), features[..., PLAIN]], axis=-1)
    return np.concatenate([known, of_rivals * rival[..., None]], axis=-1)


def doubts(features: Doubles) -> Doubles:
    """(…, 3) what the utility of "nothing" is linear in: more of a question that is known says more."""
    share = features[..., SHARE].max(axis=-1, initial=0.0)
    return np.stack([np.ones_like(share), share, features[..., SHARE + 1].max(axis=-1, initial=0.0)], axis=-1)


def probabilities(features: Doubles, rival: NDArray[np.bool_]) -> Doubles:
    """(candidates,) that each of them is what is asked; what is missing to 1 is "nothing"."""
    utility = np.append(described(features, rival) @ UTILITY, doubts(features) @ NOTHING)
    powers = np.exp(utility - utility.max())
    return np.asarray(powers[:-1] / powers.sum(), dtype=np.float64)
