"""The verdict says what the figures say, and no more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.report.judge import MODELS
from sdv_fairdistill.report.verdict import Verdict
from sdv_fairdistill.views import NOTIONS

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


SEEING, BLIND = ('boosting', 'logistic'), ('boosting, blind', 'logistic, blind')


def judged(seeing: float, blind: float) -> Verdict:
    return Verdict.of(models(**{name: blind if name in BLIND else seeing for name in MODELS}))


def test_every_model_has_its_own_outcome():
    verdict = Verdict.of(models(**dict(zip(MODELS, (0.9, 0.8, 0.799, np.nan), strict=True))))
    assert verdict.models == dict(zip(MODELS, ('pass', 'pass', 'fail', 'undefined'), strict=True))
    assert verdict.sentences[0] == (
        'Passes: boosting; boosting, blind. Does not pass: logistic. Undefined: logistic, blind.'
    )


def test_where_all_pass_no_notion_is_named():
    verdict = judged(0.9, 0.85)
    assert verdict.notions == ()
    assert not any('notion' in sentence for sentence in verdict.sentences)
    assert verdict.sentences[0] == f'Passes: {"; ".join(MODELS)}.'


@pytest.mark.parametrize(
    ('seeing', 'blind', 'notions', 'said'),
    [
        (0.95, 0.78, ('blind_parity',), 'models pass that do not see the sensitive columns; demographic_parity helps'),
        (0.5, 0.6, ('blind_parity',), 'models pass whether they see the sensitive columns or not; demographic_parity'),
        (0.7, 0.9, ('demographic_parity', 'blind_parity'), 'models pass that see the sensitive columns. If these'),
    ],
)
def test_failing_models_are_told_what_would_make_them_pass(seeing, blind, notions, said):
    verdict = judged(seeing, blind)
    assert verdict.notions == notions
    sentence = verdict.sentences[1]
    assert sentence.startswith(f'Rows of this package with the notion {" or ".join(notions)} at dial 1 would be exp')
    assert said in sentence
    assert set(notions) <= set(NOTIONS)


def test_an_undefined_ratio_asks_for_no_notion():
    assert judged(0.9, np.nan).notions == ()


def common(**unfavorable: float) -> pd.DataFrame:
    """Figures of models that pass by favorable predictions, and by the others as given."""
    parts = [models(**dict.fromkeys(unfavorable, 0.9))]
    for name, ratio in unfavorable.items():
        lines = {'Measure': ['unfavorable ratio', 'parity difference'], 'real': [0.2, 0.3], 'synthetic': [ratio, 0.08]}
        parts.append(pd.DataFrame({'Model': name, **lines, 'Low': 0.0, 'High': 1.0}))
    return pd.concat(parts, ignore_index=True)


def test_where_nine_of_ten_are_favorable_the_others_are_spoken_of():
    verdict = Verdict.of(common(a=0.5, b=0.85), favorable_rate=0.9)
    assert verdict.outcome == 'pass'
    text = ' '.join(verdict.sentences)
    assert (
        'The favorable label is common (0.900 of the real rows), where a ratio of favorable rates can flatter; ' in text
    )
    assert 'below four fifths by unfavorable predictions: a.' in text
    assert 'over the largest) 0.500 to 0.850; trained on real rows 0.200.' in text
    assert 'less the smallest) 0.080; trained on real rows 0.300.' in text
    assert 'predictions: every model.' in ' '.join(Verdict.of(common(a=0.5, b=0.6), favorable_rate=0.9).sentences)


@pytest.mark.parametrize('rate', [0.5, 0.2, np.nan])
def test_where_the_favorable_label_is_not_common_they_are_not(rate):
    assert 'unfavorable' not in ' '.join(Verdict.of(common(a=0.5), favorable_rate=rate).sentences)


def test_undefined_unfavorable_ratios_stay_so():
    text = ' '.join(Verdict.of(common(a=np.nan, b=0.9), favorable_rate=0.95).sentences)
    assert 'over the largest) 0.900 (of 2 models, 1 have none); trained' in text
    assert 'below four fifths' not in text
