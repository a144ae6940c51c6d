"""The verbs that are ours: the dial, turned without a fit, and the losses of both stages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sdv.errors import NotFittedError


def test_the_dial_moves_the_parity_without_a_fit(tiny):
    sex = np.resize(['male', 'female'], 240)
    table = pd.DataFrame({'sex': sex, 'town': np.resize(['a', 'b', 'c'], 240)})
    table['income'] = np.where(sex == 'male', 'high', 'low')
    synthesizer = tiny.make(tiny.metadata({name: tiny.columns[name] for name in table}), **tiny.roles)
    synthesizer._config = replace(
        synthesizer._config,
        teacher_features=24,
        student_features=16,
        dropout=0,
        batch=32,
        least_batch=32,
        student_steps=300,
        pool_batches=32,
    )
    synthesizer.epochs = 60
    synthesizer.fit({'table': table})
    gaps, losses = {}, synthesizer.get_loss_values()
    for dial in (0, 0.5, 1):
        synthesizer.set_fairness(dial=dial)
        rows = synthesizer.sample(2_000)['table']
        rates = (rows['income'] == 'high').groupby(rows['sex']).mean()
        gaps[dial] = rates['male'] - rates['female']

    assert gaps[0] > 0.7
    assert abs(gaps[1]) < 0.1
    assert abs(gaps[0.5] - gaps[0] / 2) < 0.05
    pd.testing.assert_frame_equal(synthesizer.get_loss_values(), losses)


def test_loss_values_name_both_stages_and_their_parts(fitted):
    losses = fitted.get_loss_values()
    stages = losses.groupby('Stage', sort=False)

    parts = {stage: set(part.dropna(axis=1, how='all')) - {'Stage', 'Step'} for stage, part in stages}
    assert parts == {
        'Teacher': {'Reconstruction', 'KL', 'Label', 'Independence', 'Loss'},
        'Student': {'Quality', 'Utility', 'Independence', 'Loss'},
    }
    assert all(part['Step'].tolist() == list(range(1, len(part) + 1)) for _, part in stages)
    assert len(stages.get_group('Student')) == fitted._config.student_steps
    losses['Loss'] = 0
    assert (fitted.get_loss_values()['Loss'] != 0).all()


def test_the_loss_plot_has_a_line_a_loss(fitted):
    figure = fitted.get_loss_values_plot(title='Losses of people')

    assert figure.layout.title.text == 'Losses of people'
    assert {trace.name for trace in figure.data} >= {'Teacher: Loss', 'Student: Loss', 'Student: Utility'}
    assert fitted.get_loss_values_plot().layout.title.text == 'FairDistill loss functions'


def test_losses_and_plot_need_a_fit(tiny):
    for verb in ('get_loss_values', 'get_loss_values_plot'):
        with pytest.raises(NotFittedError, match='Please fit your synthesizer first'):
            getattr(tiny.people(), verb)()
