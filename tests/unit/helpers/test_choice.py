"""Chosen evenly: every draw has its exact distribution, and together they keep their shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sdv_fairdistill.helpers.choice import even_choice

seeds = st.integers(0, 2**31)
shares = (
    st.integers(1, 8)
    .flatmap(lambda n: arrays(np.float64, n, elements=st.floats(0, 1)))
    .filter(lambda values: values.sum() > 1e-3)
)


class TestChoice:
    @given(shares, st.integers(1, 500), seeds)
    def test_every_item_occurs_as_often_as_its_share_says(self, shares, count, seed):
        chosen = even_choice(shares, count, np.random.default_rng(seed))

        expected = count * shares / shares.sum()
        assert len(chosen) == count
        assert (np.abs(np.bincount(chosen, minlength=len(shares)) - expected) < 1 + 1e-6).all()

    @given(shares, st.integers(1, 500), seeds)
    def test_what_has_no_share_does_not_occur(self, shares, count, seed):
        shares = np.append(shares * (shares > 0.3), 1.0)

        assert (shares[even_choice(shares, count, np.random.default_rng(seed))] > 0).all()

    def test_a_single_draw_follows_the_shares(self):
        wanted = np.array([0.5, 0.1, 0.4])

        drawn = [even_choice(wanted, 1, np.random.default_rng(seed))[0] for seed in range(4000)]

        assert np.bincount(drawn) / 4000 == pytest.approx(wanted, abs=0.03)

    def test_rounding_is_fair(self):
        # 10 draws of shares .25 and .75: 2 or 3, and 2.5 on average.
        counts = [(even_choice(np.array([1, 3]), 10, np.random.default_rng(seed)) == 0).sum() for seed in range(2000)]

        assert set(counts) == {2, 3}
        assert np.mean(counts) == pytest.approx(2.5, abs=0.05)
