"""The verdict says what the figures say, and no more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.report.verdict import Verdict

MEASURES = ['parity ratio', 'equalized odds difference', 'AUC', 'accuracy']


def models(**ratios: float) -> pd.DataFrame:
    """Figures of models that differ in their parity ratio only, known to ± .02."""
    parts = [
        pd.DataFrame(
            {
                'Model': name,
                'Measure': MEASURES,
                'real': [0.3, 0.1, 0.9, 0.87],
                'synthetic': [ratio, 0.1, 0.88, 0.85],
                'Low': ratio - 0.02,
                'High': ratio + 0.02,
            }
        )
        for name, ratio in ratios.items()
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(
    ('ratios', 'outcome', 'said'),
    [
        ({'a': 0.9, 'b': 0.8}, 'pass', 'A model trained on these synthetic rows passes'),
        ({'a': 0.9, 'b': 0.7}, 'fail', 'Not every model .* 1 of 2 do not \\(b\\)'),
        ({'a': 0.5, 'b': 0.7}, 'fail', 'does not pass'),
        ({'a': 0.9, 'b': np.nan}, 'undefined', 'cannot be said'),
        ({'a': 0.7, 'b': np.nan}, 'fail', 'does not pass'),
    ],
)
def test_one_failing_model_decides(ratios, outcome, said):
    verdict = Verdict.of(models(**ratios))
    assert verdict.outcome == outcome
    assert pd.Series([verdict.headline]).str.contains(said).all()


def test_what_it_costs_is_said_for_the_model_that_loses_most():
    figures = models(a=0.9, b=0.95)
    figures.loc[(figures['Model'] == 'b') & (figures['Measure'] == 'AUC'), 'synthetic'] = 0.8
    text = ' '.join(Verdict.of(figures).sentences)
    assert 'Parity ratio 0.900 to 0.950; trained on real rows 0.300.' in text
    assert 'AUC at worst 0.800 instead of 0.900 (b)' in text


def test_a_ratio_close_to_the_line_and_wider_error_rates_are_said():
    figures = models(a=0.81, b=0.95)
    assert not any('Error rates' in sentence for sentence in Verdict.of(figures).sentences)
    assert any(sentence.endswith('decide otherwise: a.') for sentence in Verdict.of(figures).sentences)
    figures.loc[figures['Measure'] == 'equalized odds difference', 'synthetic'] = 0.3
    assert any('Error rates' in sentence for sentence in Verdict.of(figures).sentences)


def test_groups_that_no_ratio_is_about_are_named():
    assert not any('Nothing can be said' in sentence for sentence in Verdict.of(models(a=0.9)).sentences)
    said = Verdict.of(models(a=0.9), left_out=['x', 'y']).sentences
    assert 'Nothing can be said of groups with too few held-out rows: x; y.' in said


def test_an_undefined_figure_is_said_to_be_so():
    figures = models(a=np.nan, b=0.9)
    figures.loc[(figures['Model'] == 'b') & (figures['Measure'] == 'AUC'), 'synthetic'] = np.nan
    text = ' '.join(Verdict.of(figures).sentences)
    assert '(of 2 models, 1 have none)' in text
    assert 'AUC at worst undefined instead of 0.900 (b)' in text
    assert 'ratio is undefined, for reasons given below: a.' in text
