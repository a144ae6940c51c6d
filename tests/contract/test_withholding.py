"""Rare levels and extreme values are neither drawn nor saved, whatever stands between the data and the model."""

from __future__ import annotations

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from rdt.transformers import FloatFormatter, LabelEncoder
from sdmetrics.reports import DiagnosticReport
from sdv.cag import FixedCombinations, Inequality
from sdv.sampling import Condition

from sdv_fairdistill.errors import FairDistillError, RoleError

LEAST = 5


@pytest.fixture(scope='module')
def marked(people):
    """The people, three of them in a town of their own, others alone with an age, a wealth and dates."""
    table = people.assign(town=people['town'].mask(np.arange(len(people)) < 3, 'Nowhere'))
    table.loc[5, 'age'] = 10_101
    table.loc[7, 'wealth'] = 987_654.32
    table.loc[9, 'joined'] = '13.01.1771'
    table.loc[11, 'seen'] = pd.Timestamp('1771-02-03')
    return table


def state_of(synthesizer) -> bytes:
    """What is saved, with numbers as text: a number is sought by how it is written."""
    data = synthesizer._data_processor
    numbers = [vars(formatter) for formatter in data.formatters.values()]
    numbers += [vars(one.binning) for one in synthesizer.get_transformers().values() if hasattr(one, 'binning')]
    return cloudpickle.dumps(synthesizer) + repr(numbers).encode()


@pytest.mark.parametrize('dtype', [object, 'category'])
def test_what_is_rare_or_extreme_is_neither_drawn_nor_saved(tiny, marked, dtype):
    saved, drawn = {}, {}
    for least in (0, LEAST):
        synthesizer = tiny.people(min_category_count=least)
        synthesizer.fit({'table': marked.astype({'town': dtype})})
        saved[least], drawn[least] = state_of(synthesizer), synthesizer.sample(2_000)['table']

    for trace in (b'Nowhere', b'10101', b'987654'):
        assert trace in saved[0]
        assert trace not in saved[LEAST]
    assert set(drawn[LEAST]['town'].dropna()) == {'Ostby', 'Vik'}
    assert drawn[LEAST]['age'].max() < 80 < drawn[0]['age'].max()
    assert drawn[LEAST]['seen'].min().year >= 1965
    assert drawn[LEAST]['joined'].dropna().str.endswith('1771').sum() == 0
    assert drawn[LEAST]['town'].dtype == (object if dtype is object else pd.CategoricalDtype(['Ostby', 'Vik']))
    report = DiagnosticReport()
    tables = {'table': marked.astype({'town': dtype})}, {'table': drawn[LEAST]}
    report.generate(*tables, tiny.metadata(tiny.columns, 'person').to_dict(), verbose=False)
    assert report.get_score() == 1


def test_other_transformers_do_not_bring_it_back(tiny, marked):
    synthesizer = tiny.people(min_category_count=LEAST)
    synthesizer.auto_assign_transformers({'table': marked.copy()})
    synthesizer.update_transformers({'town': LabelEncoder(), 'age': FloatFormatter()})
    synthesizer.fit({'table': marked.copy()})

    assert b'Nowhere' not in cloudpickle.dumps(synthesizer)
    assert synthesizer.sample(500)['table']['age'].max() < 80


def test_it_is_a_parameter_and_checked(tiny):
    assert tiny.people().get_parameters()['min_category_count'] == 0
    assert tiny.people(min_category_count=7).get_parameters()['min_category_count'] == 7
    with pytest.raises(FairDistillError, match='min_category_count=-1 is not allowed'):
        tiny.people(min_category_count=-1)


def test_the_data_stay_as_they_are_and_a_seed_repeats_the_fit(tiny, marked):
    given, rows = marked.copy(), []
    for _ in range(2):
        synthesizer = tiny.people(min_category_count=LEAST)
        synthesizer.fit({'table': given})
        rows.append(synthesizer.sample(50)['table'])

    pd.testing.assert_frame_equal(given, marked)
    pd.testing.assert_frame_equal(*rows)


def test_a_withheld_level_cannot_be_asked_for(tiny, marked):
    synthesizer = tiny.people(min_category_count=LEAST)
    synthesizer.fit({'table': marked.copy()})

    with pytest.raises(FairDistillError, match="town='Nowhere', but the data has 'Ostby', 'Vik'"):
        synthesizer.sample_from_conditions([Condition({'town': 'Nowhere'}, num_rows=5)])
    with pytest.warns(UserWarning, match=r"levels that it has not learned \('Nowhere'"):
        synthesizer.get_fair_representation(marked)


@pytest.mark.parametrize('role', ['sensitive_columns', 'target_column'])
def test_a_rare_group_or_label_is_refused_before_training(tiny, people, monkeypatch, role):
    monkeypatch.setattr('sdv_fairdistill.method.model.FairDistillModel.fit', lambda *_: pytest.fail('it trained'))
    name = {'sensitive_columns': 'sex', 'target_column': 'income'}[role]
    table = people.assign(**{name: people[name].mask(np.arange(len(people)) < 2, 'other')})

    with pytest.raises(RoleError, match=f"Column '{name}' has levels with fewer than {LEAST} rows \\('other'\\)"):
        tiny.people(min_category_count=LEAST).fit({'table': table})


def test_a_number_that_hardly_differs_plays_no_role_any_more(tiny, people):
    table = people.assign(age=np.where(np.arange(len(people)) < 2, 40, 30))

    with pytest.raises(
        RoleError, match=r"With min_category_count=5: Column 'age' \(sensitive_columns\) has the single"
    ):
        tiny.people(min_category_count=LEAST, sensitive_columns=['age']).fit({'table': table})


class TestConstraints:
    @pytest.fixture
    def table(self):
        towns = ['Oslo'] * 40 + ['Lund'] * 40 + ['Faraway'] * 2 + ['Oslo'] * 38
        generator = np.random.default_rng(0)
        return pd.DataFrame(
            {
                'country': ['no'] * 40 + ['se'] * 40 + ['no'] * 2 + ['no'] * 38,
                'town': towns,
                'low': np.arange(120),
                'high': np.arange(120) + generator.integers(1, 9, 120),
                'sex': generator.choice(['f', 'm'], 120),
                'label': generator.choice(['p', 'q'], 120),
            }
        )

    @pytest.fixture
    def constrained(self, tiny, table):
        def make(*constraints, **roles):
            numbers = ('low', 'high')
            columns = {name: {'sdtype': 'numerical' if name in numbers else 'categorical'} for name in table}
            given = {'sensitive_columns': ['sex'], 'target_column': 'label', **roles}
            synthesizer = tiny.make(tiny.metadata(columns), min_category_count=LEAST, **given)
            synthesizer.add_constraints(list(constraints))
            return synthesizer

        return make

    def test_rare_combinations_are_forgotten_and_constraints_hold(self, constrained, table):
        synthesizer = constrained(FixedCombinations(['country', 'town']), Inequality('low', 'high'))
        synthesizer.fit({'table': table.copy()})
        rows = synthesizer.sample(400)['table']

        assert b'Faraway' not in cloudpickle.dumps(synthesizer)
        assert set(rows[['country', 'town']].itertuples(index=False, name=None)) == {('no', 'Oslo'), ('se', 'Lund')}
        synthesizer.validate_constraints(rows)
        assert len(rows) == 400
        assert rows['low'].min() >= LEAST - 1

    def test_a_second_fit_begins_anew(self, constrained, table):
        synthesizer = constrained(FixedCombinations(['country', 'town']))
        synthesizer.fit({'table': table.copy()})
        synthesizer.fit({'table': table.assign(town=table['town'].replace('Lund', 'Faraway'))})

        assert set(synthesizer.sample(200)['table']['town']) == {'Oslo', 'Faraway'}

    def test_a_rare_group_inside_a_joint_column_is_refused(self, constrained, table):
        synthesizer = constrained(FixedCombinations(['country', 'town']), sensitive_columns=['town'])

        with pytest.raises(RoleError, match="Column 'country#town' has levels with fewer than 5 rows"):
            synthesizer.fit({'table': table.copy()})

    def test_combinations_that_cannot_be_forgotten_are_refused(self, constrained, table):
        synthesizer = constrained(FixedCombinations(['country', 'town']), FixedCombinations(['town', 'label']))

        with pytest.raises(FairDistillError, match='share columns with another constraint keep every combination'):
            synthesizer.fit({'table': table.copy()})
