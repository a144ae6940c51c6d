"""A small table with every kind of column, and synthesizers of it that fit within a second."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
import torch
from sdv.metadata import Metadata
from sdv.single_table import CTGANSynthesizer

from sdv_fairdistill import FairDistillSynthesizer
from sdv_fairdistill.goals import frontier
from sdv_fairdistill.metrics import learners
from sdv_fairdistill.training import config
from sdv_fairdistill.training.config import FitConfig
from sdv_fairdistill.views import score

CONFIG = FitConfig(
    latent=4,
    teacher_features=16,
    teacher_hidden=8,
    teacher_head=8,
    student_features=12,
    student_hidden=6,
    student_head=8,
    batch=64,
    least_batch=64,
    components=2,
    mixture_rows=128,
    student_steps=12,
    pool_batches=12,
)
ROLES = {'sensitive_columns': ['sex'], 'target_column': 'income', 'favorable_value': 'high'}
COLUMNS = {
    'person': {'sdtype': 'id'},
    'name': {'sdtype': 'name', 'pii': True},
    'badge': {'sdtype': 'id'},
    'note': {'sdtype': 'unknown'},
    'sex': {'sdtype': 'categorical'},
    'town': {'sdtype': 'categorical'},
    'grade': {'sdtype': 'ordinal', 'range_values': ['low', 'middle', 'top']},
    'owner': {'sdtype': 'boolean'},
    'age': {'sdtype': 'numerical'},
    'wealth': {'sdtype': 'numerical'},
    'joined': {'sdtype': 'datetime', 'datetime_format': '%d.%m.%Y'},
    'seen': {'sdtype': 'datetime'},
    'income': {'sdtype': 'categorical'},
}


class Tiny(NamedTuple):
    """How the tests make synthesizers: very small networks, very few steps, one thread of one processor."""

    columns: dict[str, dict]
    roles: dict[str, Any]

    @staticmethod
    def metadata(columns: dict[str, dict], primary_key: str | None = None, **more: Any) -> Metadata:
        """Metadata of one table named ``table``."""
        table = {'columns': columns, **({'primary_key': primary_key} if primary_key else {}), **more}
        return Metadata.load_from_dict({'tables': {'table': table}})

    @staticmethod
    def make(metadata: Metadata, **arguments: Any) -> FairDistillSynthesizer:
        """A synthesizer that is not fitted; that it is a plain one is not said."""
        with warnings.catch_warnings():
            warnings.filterwarnings('ignore', 'N(either|o) ')
            synthesizer = FairDistillSynthesizer(metadata, **{'epochs': 1, 'seed': 0, 'enable_gpu': False, **arguments})
        synthesizer._config = CONFIG
        return synthesizer

    def fit(
        self, table: pd.DataFrame, columns: dict[str, dict], primary_key: str | None = None, **arguments: Any
    ) -> FairDistillSynthesizer:
        """A synthesizer that is fitted to a table."""
        synthesizer = self.make(self.metadata(columns, primary_key), **arguments)
        synthesizer.fit({'table': table})
        return synthesizer

    def people(self, **arguments: Any) -> FairDistillSynthesizer:
        """A synthesizer of the people that is not fitted."""
        return self.make(self.metadata(self.columns, 'person'), **{**self.roles, **arguments})


def draw_people(rows: int) -> pd.DataFrame:
    """Draws the table of people; women have the label ``high`` half as often as men."""
    generator = np.random.default_rng(7)
    sex = generator.choice(['female', 'male'], rows)
    day = pd.Timestamp('1965-03-01')
    days = pd.to_timedelta(generator.integers(0, 9_000, rows), 'D')
    return pd.DataFrame(
        {
            'person': [f'P{number:05}' for number in range(rows)],
            'name': [f'Somebody {number}' for number in range(rows)],
            'badge': generator.choice(['b1', 'b2', 'b3'], rows),
            'note': [f'note {number}' for number in range(rows)],
            'sex': sex,
            'town': pd.Series(generator.choice(['Ostby', 'Vik', 'Ås'], rows, p=[0.58, 0.4, 0.02])).mask(
                generator.random(rows) < 0.1
            ),
            'grade': generator.choice(['low', 'middle', 'top'], rows),
            'owner': pd.Series(generator.choice([True, False], rows), dtype=object).mask(generator.random(rows) < 0.1),
            'age': generator.integers(18, 80, rows),
            'wealth': pd.Series(generator.lognormal(3, 1, rows).round(2)).mask(generator.random(rows) < 0.1),
            'joined': pd.Series((day + days).strftime('%d.%m.%Y')).mask(generator.random(rows) < 0.1),
            'seen': pd.Series(day + pd.to_timedelta(generator.integers(0, 10**8, rows), 's')),
            'income': np.where(generator.random(rows) < np.where(sex == 'male', 0.6, 0.3), 'high', 'low'),
        }
    )


@pytest.fixture(scope='session', autouse=True)
def one_thread():
    """Keeps torch to one thread: the networks are too small for more, and other threads' order would be seen."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@contextmanager
def boosting_little() -> Iterator[None]:
    """Keeps boosting as small as the networks: what models of the label find is tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (score, frontier, learners):
            patch.setattr(module, 'ROUNDS', 10)
        yield


@pytest.fixture(scope='module', autouse=True)
def few_rounds():
    """Boosts little in all tests here, and no longer than they last."""
    with boosting_little():
        yield


@pytest.fixture
def small_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets whatever makes a synthesizer by itself, as commands do, fit within a second."""
    sizes = {'teacher_features': 16, 'student_features': 16, 'pool_batches': 4, 'mixture_rows': 500, 'repair_rows': 1}
    steps = {'least_steps': 4, 'most_steps': 4, 'student_steps': 4, 'least_repair_rows': 300}
    small = FitConfig(**sizes, **steps)
    monkeypatch.setattr(config, 'FitConfig', lambda: small)


@pytest.fixture(scope='session')
def tiny() -> Tiny:
    """Makes synthesizers that fit within a second."""
    return Tiny(COLUMNS, ROLES)


@pytest.fixture(scope='session')
def people() -> pd.DataFrame:
    """A hundred and twenty people; not to be changed."""
    return draw_people(120)


@pytest.fixture(scope='session')
def fitted(people: pd.DataFrame, tiny: Tiny) -> FairDistillSynthesizer:
    """A synthesizer fitted to the people; not to be fitted again, its dial left at 1."""
    synthesizer = tiny.people()
    with boosting_little():
        synthesizer.fit({'table': people.copy()})
    return synthesizer


@pytest.fixture(scope='session')
def first_rows(fitted: FairDistillSynthesizer) -> pd.DataFrame:
    """The first fifty rows that the fitted synthesizer draws."""
    fitted.reset_sampling()
    return fitted.sample(50)['table']


@pytest.fixture(scope='session')
def ctgan(people: pd.DataFrame) -> CTGANSynthesizer:
    """SDV's own synthesizer, fitted to the people."""
    metadata = Tiny.metadata(COLUMNS, 'person')
    synthesizer = CTGANSynthesizer(metadata, epochs=1, batch_size=20, enable_gpu=False)
    synthesizer.fit({'table': people.copy()})
    return synthesizer


@pytest.fixture
def calls(fitted: FairDistillSynthesizer, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of rows that ``_sample`` of the fitted synthesizer is asked for; one a condition is no loop."""
    seen: list[int] = []
    draw: Callable = fitted._sample

    def count(num_rows: int, conditions: Any = None) -> pd.DataFrame:
        seen.append(num_rows)
        return draw(num_rows, conditions)

    monkeypatch.setattr(fitted, '_sample', count)
    return seen
