"""Missing values filled in: what is known stays, dtypes and constraints hold; what cannot be done is said before."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sdv.cag import FixedCombinations, Inequality, Range
from sdv.cag._errors import ConstraintNotMetError
from sdv.errors import NotFittedError

from sdv_fairdistill.errors import FairDistillError

LEARNED = ['badge', 'sex', 'town', 'grade', 'owner', 'age', 'wealth', 'joined', 'seen', 'income']


@pytest.fixture(scope='module')
def holes(people):
    """The people with a fifth of the cells removed, under an index of its own."""
    generator = np.random.default_rng(3)
    table = people.copy()
    for name in LEARNED:
        table[name] = table[name].mask(generator.random(len(table)) < 0.2)
    return table.set_index(pd.Index([f'row {number % 50}' for number in range(len(table))], name='who'))


@pytest.fixture(scope='module')
def filled(fitted, holes):
    fitted.reset_sampling()
    return fitted.impute(holes)


def test_nothing_is_missing_and_what_was_known_stays(filled, holes, people):
    assert filled[LEARNED].notna().all(axis=None)
    for name in holes:
        known = holes[name].notna().to_numpy()
        assert filled[name].to_numpy(dtype=object)[known].tolist() == holes[name].to_numpy(dtype=object)[known].tolist()
    pd.testing.assert_index_equal(filled.index, holes.index)
    pd.testing.assert_index_equal(filled.columns, holes.columns)
    complete = [name for name in LEARNED if people[name].notna().all()]
    pd.testing.assert_series_equal(filled[complete].dtypes, people[complete].dtypes)


def test_what_is_filled_in_are_values_of_the_data(filled, people):
    for name in ('badge', 'sex', 'town', 'grade', 'owner', 'income'):
        assert set(filled[name]) <= set(people[name].dropna())
    for name in ('age', 'wealth', 'seen'):
        assert filled[name].between(people[name].min(), people[name].max()).all()
    assert pd.to_datetime(filled['joined'], format='%d.%m.%Y').notna().all()


def test_draws_are_repeatable_and_go_on(fitted, holes, filled):
    fitted.reset_sampling()
    pd.testing.assert_frame_equal(fitted.impute(holes), filled)
    assert not fitted.impute(holes).equals(filled)


def test_several_imputations_differ_in_what_was_missing_alone(fitted, holes):
    tables = fitted.impute({'table': holes}, num_imputations=3)

    assert len(tables) == 3
    for name in LEARNED:
        known = holes[name].notna().to_numpy()
        columns = [table['table'][name].astype(str).to_numpy() for table in tables]
        assert all((column[known] == columns[0][known]).all() for column in columns)
    assert any((tables[0]['table']['age'] != tables[1]['table']['age']).to_numpy())


def test_complete_rows_and_no_rows_come_back_as_they_are(fitted, people, holes):
    complete = people.dropna()
    pd.testing.assert_frame_equal(fitted.impute(complete), complete)
    assert fitted.impute(holes.iloc[:0]).shape == (0, holes.shape[1])


def test_keys_and_personal_data_may_be_lacking_and_are_not_filled_in(fitted, holes):
    needless = ['person', 'name', 'note']
    assert fitted.impute(holes.drop(columns=needless))[LEARNED].notna().all(axis=None)
    unnamed = holes.assign(name=None)
    assert fitted.impute(unnamed)['name'].isna().all()


def test_a_level_never_seen_stays_and_is_warned_of(fitted, holes):
    with pytest.warns(UserWarning, match=r'tell the model nothing; they stay as they are: town \(\d+\)'):
        found = fitted.impute(holes.assign(town='Nowhere'))

    assert set(found['town']) == {'Nowhere'}
    assert found[LEARNED].notna().all(axis=None)


def test_a_row_of_which_nothing_is_known_is_drawn(fitted, holes):
    nothing = holes.head(4).assign(**dict.fromkeys(LEARNED))
    assert fitted.impute(nothing)[LEARNED].notna().all(axis=None)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda table: table.drop(columns='age'), r"lack the columns \['age'\] that were fitted"),
        (lambda table: table.assign(extra=1), r"columns \['extra'\], which were not fitted"),
        (lambda table: table.assign(age='old'), 'cannot be read'),
        (lambda table: {'other': table}, r"a dict of \['other'\] came"),
        (lambda table: table.to_numpy(), 'ndarray came'),
        (lambda table: table.set_axis(['age', *table.columns[1:]], axis=1), 'several columns of the same name'),
    ],
    ids=['lacking', 'extra', 'no number', 'other table', 'array', 'repeated'],
)
def test_rows_that_do_not_fit_are_refused(fitted, holes, change, message):
    with pytest.raises(FairDistillError, match=message):
        fitted.impute(change(holes))


@pytest.mark.parametrize('number', [0, -1, 1.5, 'two'])
def test_the_number_of_imputations_is_checked(fitted, holes, number):
    with pytest.raises(FairDistillError, match='num_imputations'):
        fitted.impute(holes, num_imputations=number)


def test_it_needs_a_fit(tiny, holes):
    with pytest.raises(NotFittedError, match='Imputations are not available yet'):
        tiny.people().impute(holes)


class TestUnderConstraints:
    @pytest.fixture(scope='class', params=['inequality', 'combinations', 'rejecting'])
    @staticmethod
    def case(request, tiny):
        """A synthesizer, the rows that it was fitted to, and what kind its constraint is of."""
        generator = np.random.default_rng(0)
        low = generator.integers(0, 16, 150)
        table = pd.DataFrame({'low': low, 'high': 15 + generator.integers(1, 16, 150), 'sex': ['f', 'm'] * 75})
        table['land'] = np.resize(['no', 'no', 'se', 'dk'], 150)
        table['town'] = np.resize(['Oslo', 'Vik', 'Lund', 'Odense'], 150)
        levels = {'sdtype': 'categorical'}
        columns = {name: {'sdtype': 'numerical'} if name in ('low', 'high') else levels for name in table}
        constraints = {
            'inequality': [Inequality('low', 'high')],
            'combinations': [FixedCombinations(['land', 'town'])],
            'rejecting': [Inequality('low', 'high'), Range('low', 'middle', 'high')],
        }[request.param]
        if request.param == 'rejecting':
            table['low'] = np.minimum(table['low'], 14)
            table['middle'] = np.minimum(table['low'].to_numpy()[::-1] / 4 + 14.2, table['high'] - 0.5)
            columns['middle'] = {'sdtype': 'numerical'}
        synthesizer = tiny.make(tiny.metadata(columns), sensitive_columns=['sex'])
        synthesizer.add_constraints(constraints)
        synthesizer.fit({'table': table})
        return synthesizer, table, request.param

    def test_imputed_rows_meet_them(self, case):
        synthesizer, table, kind = case
        generator = np.random.default_rng(1)
        holes = table.mask(pd.DataFrame(generator.random(table.shape) < 0.3, columns=table.columns))

        filled = synthesizer.impute(holes)

        assert filled.notna().all(axis=None)
        known = holes.notna().to_numpy()
        assert (filled.to_numpy(dtype=object)[known] == holes.to_numpy(dtype=object)[known]).all()
        if kind == 'combinations':
            assert set(filled[['land', 'town']].itertuples(index=False)) <= set(
                table[['land', 'town']].itertuples(index=False)
            )
        else:
            assert (filled['low'] <= filled['high']).all()
            pd.testing.assert_series_equal(filled.dtypes, table.dtypes)
        if kind == 'rejecting':
            assert filled['middle'].between(filled['low'], filled['high']).all()

    def test_known_values_that_break_them_are_refused(self, case):
        synthesizer, table, kind = case
        broken = table.head(4).assign(sex=None)
        broken.loc[2, ['land', 'town'] if kind == 'combinations' else ['low', 'high']] = (
            ['no', 'Lund'] if kind == 'combinations' else [9, 3]
        )
        with pytest.raises(ConstraintNotMetError, match='break a constraint'):
            synthesizer.impute(broken)


def test_without_roles_it_fills_in_all_the_same(tiny, people, holes):
    columns = {name: tiny.columns[name] for name in ('badge', 'age', 'wealth')}
    plain = tiny.fit(people[list(columns)], columns)
    assert plain.impute(holes[list(columns)]).notna().all(axis=None)
    assert np.isfinite(plain.log_likelihood(people[list(columns)])).all(axis=None)
