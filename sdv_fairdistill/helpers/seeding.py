"""Other rows than SDV's fixed ones: everything random in the sampling of a fitted synthesizer, from one seed."""

from __future__ import annotations

from typing import Any

import numpy as np
from rdt.transformers import AnonymizedFaker

__all__ = ['seed_sampling']


def seed_sampling(synthesizer: Any, seed: int | np.random.SeedSequence) -> None:
    """Starts the sampling of a fitted single-table synthesizer anew, from a seed.

    SDV draws the same rows after every fit and every ``reset_sampling``, and has no public way to draw others. Values
    that must differ between rows (keys) are drawn in SDV's own order whatever the seed, as a key tells nothing.

    Args:
        synthesizer: A fitted synthesizer of SDV's kind; its next samples depend on the seed alone.
        seed: Decides the model's draws, invented personal data and where values are missing.

    Example:
        >>> from sdv_fairdistill.datasets import load_german_credit
        >>> from sdv.single_table import GaussianCopulaSynthesizer
        >>> german = load_german_credit()
        >>> synthesizer = GaussianCopulaSynthesizer(german.metadata)  # or any other
        >>> synthesizer.fit(german.data)
        >>> seed_sampling(synthesizer, 1)
        >>> one = synthesizer.sample(5)['german_credit']
        >>> seed_sampling(synthesizer, 1)
        >>> one.equals(synthesizer.sample(5)['german_credit'])
        True
    """
    sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    transformers = [one for one in synthesizer.get_transformers().values() if one is not None]
    of_model, *of_transformers = (int(number) for number in sequence.generate_state(1 + len(transformers)))
    synthesizer.reset_sampling()
    if synthesizer._model:  # a table of keys alone has none
        synthesizer._set_random_state(of_model)  # SDV calls it with its fixed seed; there is no public name
    for transformer, number in zip(transformers, of_transformers, strict=True):
        transformer.set_random_state(np.random.RandomState(number), 'reverse_transform')
        if isinstance(transformer, AnonymizedFaker) and transformer.cardinality_rule is None:
            transformer.faker.seed_instance(number)
