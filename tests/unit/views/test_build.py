"""From tokens to label views."""

import numpy as np
import pytest

from sdv_fairdistill.layout import Layout
from sdv_fairdistill.views import NOTIONS, build_views

NAMES = sorted(NOTIONS)


@pytest.fixture(scope='module')
def unfair():
    """Group, a feature and a label that depends on both."""
    generator = np.random.default_rng(0)
    group, feature = generator.integers(0, 2, 4000), generator.integers(0, 5, 4000)
    label = generator.random(4000) < 0.1 + 0.4 * group + 0.1 * feature
    return np.column_stack([group, feature, label]).astype(np.int64)


LAYOUT = Layout((2, 5, 2), (False, False, False), sensitive=(0,), target=2)


@pytest.fixture(scope='module')
def views(unfair):
    return build_views(unfair, LAYOUT, unfair[:, 0], NAMES, 0)


def test_the_raw_view_is_the_data(unfair, views):
    raw = views[0]

    assert raw.name == 'raw'
    assert raw.probabilities is None
    assert (raw.labels == unfair[:, 2]).all()


def test_a_view_for_every_notion(views):
    assert [view.name for view in views] == ['raw', *NAMES]
    for view in views[1:]:
        assert view.probabilities.dtype == np.float32
        assert view.probabilities.shape == (4000, 2)
        assert view.probabilities.sum(1) == pytest.approx(1, abs=1e-6)


def test_demographic_parity_takes_the_gap_and_leaves_the_rest(unfair, views):
    raw, view = views[0], next(view for view in views if view.name == 'demographic_parity')
    group, feature, positive = unfair[:, 0], unfair[:, 1], view.probabilities[:, 1]

    def gap(label):
        return label[group == 1].mean() - label[group == 0].mean()

    assert gap(raw.labels) > 0.35
    assert abs(gap(positive)) < 0.02
    assert positive.mean() == pytest.approx(raw.labels.mean(), abs=0.01)
    # What the data knows of a row stays: the feature's influence, and most of the labels.
    assert positive[feature == 4].mean() - positive[feature == 0].mean() > 0.3
    assert view.probabilities[np.arange(4000), raw.labels].mean() > 0.75


def test_an_ordered_target_gets_a_repaired_label(unfair):
    generator = np.random.default_rng(1)
    tokens = np.column_stack([unfair[:, 0], generator.integers(0, 10, 4000) + 5 * unfair[:, 0]])
    layout = Layout((2, 15), (False, True), sensitive=(0,), target=1)

    view = build_views(tokens, layout, tokens[:, 0], ['demographic_parity'], 0)[1]

    assert view.probabilities is None
    means = [view.labels[tokens[:, 0] == group].mean() for group in (0, 1)]
    assert abs(means[1] - means[0]) < 0.05


def test_only_the_raw_view_without_a_target(unfair):
    layout = Layout((2, 5, 2), (False, False, False), sensitive=(0,))

    assert [view.name for view in build_views(unfair, layout, unfair[:, 0], NAMES, 0)] == ['raw']


def test_only_the_raw_view_with_one_group(unfair):
    assert [v.name for v in build_views(unfair, LAYOUT, np.zeros(4000, dtype=int), NAMES, 0)] == ['raw']
