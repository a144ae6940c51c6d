"""The label of proxy rows: what noisy counts say of it, and no more."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from sdv_fairdistill.privacy import Privacy
from sdv_fairdistill.privacy import label as module
from sdv_fairdistill.privacy.choosing import ProxyConfig
from sdv_fairdistill.privacy.label import fit_label
from sdv_fairdistill.privacy.relaxed import Measure, RelaxedTable, positions_of
from sdv_fairdistill.privacy.stage import private_proxy

ROWS, STEPS = 20_000, 200
TARGET = 1  # in the middle, so that its axis is neither the first nor the last of all counts
SIZES = [4, 2, 3]
FIRST, LAST = np.array([-2.0, -0.5, 0.5, 1.5]), np.array([-0.7, 0.0, 1.2])


@pytest.fixture(scope='module')
def tokens():
    generator = np.random.default_rng(0)
    first, last = generator.integers(4, size=ROWS), generator.integers(3, size=ROWS)
    favors = expit(FIRST[first] + LAST[last])
    return np.column_stack([first, generator.random(ROWS) < favors, last]).astype(np.int64)


def measured(tokens, *combinations, variance=1.0):
    """Counts combinations exactly, and says that their noise has a variance."""
    result = []
    for columns in [(TARGET,), *combinations]:
        shape = [SIZES[column] for column in columns]
        cells = positions_of(tokens, columns, SIZES)
        counts = np.bincount(cells, minlength=int(np.prod(shape))).reshape(shape).astype(float)
        result.append(Measure(columns, counts, np.array(variance)))
    return result


def probabilities(model, tokens):
    return model.probabilities(model.cells_of(tokens)).numpy()


def test_log_odds_that_add_up_are_found_from_pairs_with_the_label(tokens):
    model = fit_label(measured(tokens, (0, 1), (1, 2)), tokens, ROWS, TARGET, SIZES, STEPS)
    found, true = probabilities(model, tokens)[:, 1], expit(FIRST[tokens[:, 0]] + LAST[tokens[:, 2]])
    assert np.abs(found - true).max() < 0.03


def test_counts_of_another_scale_say_the_same(tokens):
    counted = measured(tokens, (0, 1), (1, 2))
    few = tokens[: ROWS // 4]
    whole, part = (fit_label(counted, rows, ROWS, TARGET, SIZES, STEPS) for rows in (tokens, few))
    assert np.abs(probabilities(whole, tokens) - probabilities(part, tokens)).max() < 0.02


def test_where_the_proxy_has_more_rows_than_were_counted_the_share_of_the_label_stays(tokens):
    alone, beside = measured(tokens, (0, 1))
    unsure = Measure(alone.columns, alone.counts, np.array(1e12))  # of more such rows the label has another share
    more = np.concatenate([tokens, *[tokens[tokens[:, 0] == 3]] * 4])
    model = fit_label([unsure, beside], more, ROWS, TARGET, SIZES, STEPS)
    level = tokens[tokens[:, 0] == 3]
    assert probabilities(model, level[:1])[0, 1] == pytest.approx(level[:, TARGET].mean(), abs=0.02)


def test_what_is_no_sum_of_log_odds_is_found_from_a_triple():
    generator = np.random.default_rng(1)
    first, last = generator.integers(2, size=ROWS), generator.integers(2, size=ROWS)
    tokens = np.column_stack([first, first ^ last, last])
    sizes = [2, 2, 2]
    counts = np.zeros((2, 2, 2))
    np.add.at(counts, tuple(tokens.T), 1.0)
    alone = Measure((1,), np.bincount(tokens[:, 1], minlength=2).astype(float), np.array(1.0))
    model = fit_label([alone, Measure((0, 1, 2), counts, np.array(1.0))], tokens, ROWS, 1, sizes, STEPS)
    assert (probabilities(model, tokens).argmax(1) == tokens[:, 1]).mean() > 0.99


def test_where_noise_explains_all_the_columns_say_nothing(tokens):
    model = fit_label(measured(tokens, (0, 1), (1, 2), variance=1e10), tokens, ROWS, TARGET, SIZES, STEPS)
    said = probabilities(model, tokens)[:, 1]
    assert np.ptp(said) < 0.01
    assert said.mean() == pytest.approx(tokens[:, TARGET].mean(), abs=0.01)


def test_a_label_that_was_counted_by_itself_has_its_share(tokens):
    model = fit_label(measured(tokens), tokens, ROWS, TARGET, SIZES, STEPS)
    drawn = model.draw(tokens, np.random.default_rng(0))
    assert drawn.shape == (ROWS,)
    assert drawn.mean() == pytest.approx(tokens[:, TARGET].mean(), abs=0.02)


@pytest.mark.parametrize('chunk', [7, 10**6])
def test_labels_are_drawn_by_their_probabilities(tokens, chunk, monkeypatch):
    monkeypatch.setattr(module, 'CHUNK', chunk)
    model = fit_label(measured(tokens, (0, 1), (1, 2)), tokens, ROWS, TARGET, SIZES, STEPS)
    rows = np.tile([[3, 0, 0], [0, 1, 2]], (1_000, 1))
    drawn = model.draw(rows, np.random.default_rng(0)).reshape(-1, 2)
    assert drawn.mean(0) == pytest.approx(probabilities(model, rows[:2])[:, 1], abs=0.06)


def test_the_label_that_is_there_is_not_looked_at(tokens):
    model = fit_label(measured(tokens, (0, 1)), tokens, ROWS, TARGET, SIZES, STEPS)
    other = tokens.copy()
    other[:, TARGET] = 0
    first, second = (model.draw(rows, np.random.default_rng(0)) for rows in (tokens, other))
    assert (first == second).all()


def test_three_classes_and_a_negative_count():
    generator = np.random.default_rng(2)
    column = generator.integers(3, size=ROWS)
    label = (column + (generator.random(ROWS) < 0.1)) % 3
    tokens = np.column_stack([column, label])
    counts = np.zeros((3, 3))
    np.add.at(counts, (column, label), 1.0)
    counts[0, 2] = -5.0
    alone = Measure((1,), np.bincount(label, minlength=3).astype(float), np.full(3, 4.0))
    model = fit_label([alone, Measure((0, 1), counts, np.array(4.0))], tokens, ROWS, 1, [3, 3], STEPS)
    said = probabilities(model, np.array([[0, 0], [1, 0], [2, 0]]))
    assert said.sum(1) == pytest.approx(1)
    assert said.argmax(1).tolist() == [0, 1, 2]
    assert said.max(1) == pytest.approx(0.9, abs=0.03)


def test_the_share_of_the_rows_is_drawn_anew_and_nothing_else(tokens):
    model = fit_label(measured(tokens, (0, 1)), tokens, ROWS, TARGET, SIZES, STEPS, share=0.5)
    other = np.full_like(tokens, -1)
    other[:, [0, 2]] = tokens[:, [0, 2]]
    redrawn = model.redrawn(other, np.random.default_rng(0))
    assert (redrawn[:, [0, 2]] == tokens[:, [0, 2]]).all()
    assert (redrawn[:, TARGET] >= 0).mean() == pytest.approx(0.5, abs=0.02)
    assert (other[:, TARGET] == -1).all()


@pytest.mark.parametrize(('scarce', 'modelled'), [(-1.0, False), (1.0, True)])
def test_a_proxy_draws_labels_from_the_model_or_from_the_table(scarce, modelled):
    generator = np.random.default_rng(3)
    level = generator.integers(2, size=2_000)
    table = pd.DataFrame({'level': level, 'label': np.where(generator.random(2_000) < 0.1, 1 - level, level)})
    described = {name: {'sdtype': 'categorical'} for name in table}
    privacy = Privacy(epsilon=50, delta=1e-3, levels={'level': [0, 1], 'label': [0, 1]})
    config = ProxyConfig(
        parts=100, rounds=1, steps=60, last_steps=20, scarce=scarce, plenty=scarce + 0.1, label_steps=20
    )
    proxy = private_proxy(table, described, privacy, 'label', config=config)
    assert (proxy.label is None) == (not modelled)
    rows = proxy.draw(5_000, generator)
    assert (rows['level'] == rows['label']).mean() == pytest.approx(0.9, abs=0.1)
    if modelled:
        proxy.label.weights[0,].zero_()
        deaf = proxy.draw(5_000, generator)
        assert (deaf['level'] == deaf['label']).mean() == pytest.approx(0.5, abs=0.1)


def test_where_rows_are_scarce_the_table_takes_fewer_steps(monkeypatch):
    taken = []
    monkeypatch.setattr(RelaxedTable, 'fit', lambda table, measures, total, steps, decay=False: taken.append(steps))
    table = pd.DataFrame({'level': [0, 1] * 500, 'label': [0, 1] * 500})
    described = {name: {'sdtype': 'categorical'} for name in table}
    for usual in (1.0, 10**6):  # rows over the noise at which they are not scarce
        privacy = Privacy(epsilon=50, delta=1e-3, levels={'level': [0, 1], 'label': [0, 1]})
        config = ProxyConfig(
            parts=10, rounds=1, rounds_per_column=0.5, steps=100, last_steps=50, usual=usual, scarce=-1.0, plenty=-0.5
        )
        private_proxy(table, described, privacy, 'label', config=config)
    plenty, scarce = taken[: len(taken) // 2], taken[len(taken) // 2 :]
    assert plenty[-1] == 50
    assert scarce[-1] < 10
    assert all(few < many / 4 for few, many in zip(scarce, plenty, strict=False))
