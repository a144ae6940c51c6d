"""A small table whose labels are unequal between groups, and a report on a fair copy of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.report import FairnessReport

ROLES = {'sensitive_columns': ['sex'], 'target_column': 'hired', 'favorable_value': 'yes'}
METADATA = {
    'tables': {
        'people': {
            'primary_key': 'row',
            'columns': {
                'row': {'sdtype': 'id'},
                'sex': {'sdtype': 'categorical'},
                'role': {'sdtype': 'categorical'},
                'skill': {'sdtype': 'numerical'},
                'hired': {'sdtype': 'categorical'},
            },
        }
    }
}


def draw_people(rows: int, seed: int, gap: float = 0.6) -> pd.DataFrame:
    """Skill decides for all, men are hired more often by ``gap``; the role gives the sex away in 9 of 10 rows."""
    generator = np.random.default_rng(seed)
    sex, skill = generator.choice(['f', 'm'], rows), generator.normal(size=rows)
    chance = 0.5 + np.where(sex == 'm', gap / 2, -gap / 2) + 0.18 * np.sign(skill)
    honest = generator.random(rows) < 0.9
    return pd.DataFrame(
        {
            'row': [f'r{number}' for number in range(rows)],
            'sex': sex,
            'role': np.where((sex == 'm') == honest, 'smith', 'weaver'),
            'skill': skill,
            'hired': np.where(generator.random(rows) < chance, 'yes', 'no'),
        }
    )


@pytest.fixture(scope='session')
def tables() -> dict[str, pd.DataFrame]:
    """Real rows, a fair copy, held-out rows; not to be changed."""
    return {'real': draw_people(600, 1), 'fair': draw_people(600, 2, gap=0), 'holdout': draw_people(500, 3)}


@pytest.fixture(scope='session')
def report(tables) -> FairnessReport:
    """A report on the fair copy; not to be changed."""
    made = FairnessReport()
    made.generate(tables['real'], tables['fair'], METADATA, **ROLES, holdout=tables['holdout'], verbose=False)
    return made
