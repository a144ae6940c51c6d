"""A small table, contenders that draw rows of it, and records of runs as a results file has them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.benchmark.measure import FIT, PEAK, SAMPLE
from sdv_fairdistill.datasets import Dataset
from sdv_fairdistill.datasets._dataset import describe_table

SDTYPES = {'sex': 'categorical', 'skill': 'numerical', 'hired': 'categorical'}


class Redraw:
    """Samples by drawing the learned rows again; takes and gives what an outside peer may: a DataFrame."""

    def fit(self, data):
        self.rows = next(iter(data.values()))

    def sample(self, num_rows):
        return self.rows.sample(num_rows, replace=True, random_state=0, ignore_index=True)


class Broken(Redraw):
    """Fails while it fits."""

    def fit(self, data):
        raise ValueError('no\nluck')


def record(contender, seed, seconds=None, reference=False, machine='here', **figures):
    """A record of a run that succeeded."""
    fit = {} if seconds is None else {FIT: seconds, PEAK: 100.0}
    sample = {'sample': '', 'figures': {**({SAMPLE: 1.0} if fit else {}), **figures}}
    return {
        'contender': contender,
        'table': 'people',
        'seed': seed,
        'reference': reference,
        'status': 'done',
        'rows': 140,
        'columns': 3,
        'figures': fit,
        'samples': [sample],
        'environment': {'machine': machine, 'versions': 'sdv 2'},
    }


@pytest.fixture
def people():
    """600 rows; men are hired more often than women of the same skill."""
    generator = np.random.default_rng(0)
    sex, skill = generator.choice(['f', 'm'], 600), generator.normal(size=600)
    hired = np.where(skill + (sex == 'm') + generator.normal(size=600) > 0.5, 'yes', 'no')
    table = pd.DataFrame({'sex': sex, 'skill': skill, 'hired': hired})
    return Dataset('people', table, describe_table('people', SDTYPES), ('sex',), 'hired', 'yes')
