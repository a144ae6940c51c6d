"""Several notions in one fit, chosen when sampling; goals and what is kept; any sensitive columns and any target."""

from __future__ import annotations

import copy
import pickle
import re

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from sdv.errors import NotFittedError
from sdv.sampling import Condition
from sdv.utils import load_synthesizer

from sdv_fairdistill import FairDistillSynthesizer
from sdv_fairdistill.errors import FairDistillError, RoleError
from sdv_fairdistill.goals import frontier
from sdv_fairdistill.method import model

NOTIONS = ['demographic_parity', 'conditional_parity', 'unawareness', 'equalized_odds']
FIGURES = ['parity_ratio', 'equalized_odds_difference', 'auc', 'accuracy']
SUFFIXES = ['', '_without']  # of figures of models with and without the sensitive columns
FOR_NUMBERS = NOTIONS[:3]  # the last one compares classes
DIALS = (0.0, 0.5, 1.0)


@pytest.fixture(scope='module')
def shared(tiny, people):
    """A synthesizer of all notions that kept rows aside; copied for each test."""
    synthesizer = tiny.people(notions=NOTIONS, admissible_columns=['town', 'age'], holdout_share=0.3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frontier, 'DIALS', DIALS)
        synthesizer.fit({'table': people.copy()})
    return synthesizer


@pytest.fixture
def several(shared):
    synthesizer = copy.deepcopy(shared)
    synthesizer.reset_sampling()
    return synthesizer


def drawn(synthesizer: FairDistillSynthesizer, rows: int = 60) -> pd.DataFrame:
    """The first rows that a synthesizer draws."""
    synthesizer.reset_sampling()
    return synthesizer.sample(rows)['table']


def meets(rows: pd.DataFrame, condition: dict) -> bool:
    """Whether every row has the wanted values."""
    wanted = (rows[name].isna() if pd.isna(value) else rows[name] == value for name, value in condition.items())
    return all(part.all() for part in wanted)


# Choosing


def test_a_notion_is_chosen_without_a_fit(several, people):
    losses, student, tables = several.get_loss_values(), several._model.student, {}
    for notion in NOTIONS:
        several.set_fairness(notion)
        assert several.notion == notion
        tables[notion] = drawn(several)
        pd.testing.assert_index_equal(tables[notion].columns, people.columns)
    several.set_fairness('unawareness')

    pd.testing.assert_frame_equal(drawn(several), tables['unawareness'])
    views = [tables[notion] for notion in FOR_NUMBERS]
    assert all(not one.equals(other) for place, one in enumerate(views) for other in views[:place])
    assert several._model.student is student
    pd.testing.assert_frame_equal(several.get_loss_values(), losses)


def test_what_is_not_given_stays(several):
    several.set_fairness('unawareness', dial=0.4)
    several.set_fairness(dial=0.6)
    assert (several.notion, several.dial) == ('unawareness', 0.6)
    several.set_fairness(notion='equalized_odds')
    assert (several.notion, several.dial) == ('equalized_odds', 0.6)
    several.set_fairness()
    assert (several.notion, several.dial) == ('equalized_odds', 0.6)


def test_at_dial_0_all_notions_are_the_data_as_it_is(several):
    tables = []
    for notion in NOTIONS:
        several.set_fairness(notion, dial=0)
        tables.append(drawn(several))

    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0])


@pytest.mark.parametrize('share', [0.0, 0.4, 1.0])
def test_the_dial_of_equalized_odds_never_exceeds_its_share(several, monkeypatch, share):
    changing, found = several._model.repair_recipes['equalized_odds']
    assert changing == 'demographic_parity'
    assert 0 <= found <= 1
    monkeypatch.setitem(several._model.repair_recipes, 'equalized_odds', (changing, share))
    seen = []
    for name in ('draw_rows', 'draw_conditioned'):
        draw = getattr(model, name)
        monkeypatch.setattr(model, name, lambda source, *rest, draw=draw: (seen.append(source), draw(source, *rest))[1])

    for dial in DIALS:
        several.set_fairness('equalized_odds', dial=dial)
        several.sample(5)
        several.sample_from_conditions([Condition({'town': 'Vik'}, num_rows=2)])

    assert [source.changed for source in seen] == [dial * share for dial in DIALS for _ in range(2)]
    assert {source.repair.head for source in seen} == {several._model.repairs.heads['demographic_parity']}
    assert {source.view for source in seen} == {0}


@pytest.mark.parametrize('notion', NOTIONS)
@pytest.mark.parametrize(
    'condition',
    [
        {'income': 'high'},
        {'sex': 'female'},
        {'town': None, 'age': 40},
        {'wealth': 12.34, 'owner': False},
        {'sex': 'male', 'income': 'low', 'town': 'Vik', 'age': 33, 'grade': 'top', 'joined': None},
    ],
    ids=', '.join,
)
def test_conditions_are_met_under_every_notion(several, notion, condition):
    for dial in (0.5, 1):
        several.set_fairness(notion, dial=dial)
        rows = several.sample_from_conditions([Condition(condition, num_rows=7)])['table']
        assert len(rows) == 7
        assert meets(rows, condition)


@pytest.mark.parametrize('notion', NOTIONS)
def test_remaining_columns_are_drawn_under_every_notion(several, people, notion):
    several.set_fairness(notion)
    known = people[['income', 'age', 'sex']].head(5)

    pd.testing.assert_frame_equal(several.sample_remaining_columns(known)['table'][known.columns], known)


def test_a_notion_that_was_not_learned_is_refused(tiny, several, fitted):
    with pytest.raises(FairDistillError, match=r"notion='unawareness' is not among those learned, \['blind_par"):
        fitted.set_fairness('unawareness', dial=0.5)
    assert (fitted.notion, fitted.dial) == ('blind_parity', 1.0)
    with pytest.raises(FairDistillError, match="notion='justice' is not among those learned"):
        several.get_frontier('justice')
    with pytest.raises(FairDistillError, match="'justice' is not known"):
        tiny.people(notion='justice')
    with pytest.raises(FairDistillError, match='needs admissible_columns'):
        tiny.people(notion='conditional_parity')


# Goals


def test_the_frontier_has_a_line_a_dial_for_every_notion(several):
    for notion in NOTIONS:
        lines = several.get_frontier(notion)
        assert lines['dial'].tolist() == list(DIALS)
        figures = lines.drop(columns='dial')
        expected = []
        for suffix in SUFFIXES:
            names = [f'{name}{suffix}' for name in FIGURES]
            expected += [*names, *(column for name in names[:2] for column in (f'smooth_{name}', f'{name}_error'))]
        assert list(figures) == expected
        assert (figures.isna() | ((figures >= 0) & (figures <= 1))).all(axis=None)
        assert figures[[f'{name}{suffix}' for name in FIGURES[2:] for suffix in SUFFIXES]].notna().all(axis=None)
    lines['dial'] = 9
    assert several.get_frontier(NOTIONS[-1])['dial'].tolist() == list(DIALS)


def give_frontier(
    synthesizer: FairDistillSynthesizer, notion: str, ratios: list, odds: list, less: float = 0.0
) -> None:
    """Takes the place of what was measured; models without the sensitive columns have ratios that are ``less``."""
    figures = {'dial': DIALS}
    for suffix, off in zip(SUFFIXES, (0.0, less), strict=True):
        figures |= {
            f'smooth_parity_ratio{suffix}': np.array(ratios) - off,
            f'parity_ratio{suffix}_error': 0.1,
            f'smooth_equalized_odds_difference{suffix}': odds,
            f'equalized_odds_difference{suffix}_error': 0.0,
        }
    synthesizer._frontiers[notion] = pd.DataFrame(figures)


@pytest.mark.parametrize(
    ('goal', 'dial'),
    [
        ({'at_least': 0.4}, 0),
        ({'at_least': 0.8}, 0.49),  # where the estimate is .884, .84 errors of .1 above
        ({'at_least': 0.8, 'confidence': 0.5}, 0.38),
        ({'at_most': 0.1}, 1),
        ({'at_most': 0.3}, 0),
        ({'at_most': 0.25}, 0.25),
    ],
)
def test_a_goal_sets_the_smallest_dial_that_reaches_it(several, goal, dial):
    give_frontier(several, 'unawareness', [0.5, 0.9, 0.8], [0.3, 0.2, 0.1])

    several.set_fairness('unawareness', **goal)

    assert (several.notion, several.dial) == ('unawareness', dial)
    assert len(drawn(several, 10)) == 10


@pytest.mark.parametrize(
    ('models', 'dial'),
    [({'models': 'with'}, 0.25), ({'models': 'without'}, 0.38), ({'models': 'both'}, 0.38), ({}, 0.38)],
)
def test_a_goal_is_for_both_kinds_of_models_if_nothing_else_is_said(several, models, dial):
    give_frontier(several, 'unawareness', [0.5, 0.9, 0.8], [0.3, 0.2, 0.1], less=0.1)

    several.set_fairness('unawareness', at_least=0.7, confidence=0.5, **models)

    assert several.dial == dial


def test_a_saved_frontier_of_one_kind_of_models_judges_that_kind(several):
    give_frontier(several, 'unawareness', [0.5, 0.9, 0.8], [0.3, 0.2, 0.1])
    lines = several._frontiers['unawareness']
    several._frontiers['unawareness'] = lines[[name for name in lines if 'without' not in name]]

    with pytest.raises(FairDistillError, match=r'this file knows only models with the sensitive columns, so fit anew'):
        several.set_fairness('unawareness', at_most=0.1)
    several.set_fairness('unawareness', at_most=0.1, models='with')
    assert several.dial == 1


@pytest.mark.parametrize(
    ('goal', 'message'),
    [
        ({'at_least': 0.95}, r'at_least=0\.95 cannot be reached.*best dial, 0\.5, the parity_ratio .* 0\.900 ± 0\.100'),
        ({'dial': 0.5, 'models': 'all'}, "models='all' is not allowed: give 'both', or 'with' or 'without'"),
        ({'at_least': 0.5, 'models': None}, 'models=None is not allowed'),
        ({'at_least': 0.5, 'confidence': 1}, 'confidence=1 is not allowed'),
        ({'at_most': 0.05}, r'at_most=0\.05 cannot be judged: the equalized_odds_difference is undefined'),
        ({'at_least': 2}, 'at_least=2 is not allowed'),
        ({'dial': 0.5, 'at_least': 0.5}, 'Give one of dial, at_least and at_most'),
        ({'at_most': 0.5, 'at_least': 0.5}, 'Give one of dial, at_least and at_most'),
        ({'dial': 7}, 'dial=7 is not allowed'),
    ],
)
def test_a_refused_goal_changes_nothing(several, goal, message):
    give_frontier(several, 'unawareness', [0.5, 0.9, 0.8], [np.nan] * 3)
    several.set_fairness('equalized_odds', dial=0.25)

    with pytest.raises(FairDistillError, match=message):
        several.set_fairness('unawareness', **goal)

    assert (several.notion, several.dial) == ('equalized_odds', 0.25)


def test_goals_need_a_fit_and_rows_kept_aside(tiny, fitted):
    for ask in (lambda one: one.set_fairness(at_least=0.8), lambda one: one.get_frontier()):
        with pytest.raises(NotFittedError, match='Please fit your synthesizer first'):
            ask(tiny.people(holdout_share=0.2))
        with pytest.raises(
            FairDistillError, match=r'No rows were kept aside\. Make the synthesizer with holdout_share'
        ):
            ask(fitted)


@pytest.mark.parametrize('roles', [{'favorable_value': None}, {'sensitive_columns': None}])
def test_rows_kept_aside_need_something_to_measure(tiny, roles):
    with pytest.raises(FairDistillError, match='keeps rows aside to measure fairness on'):
        tiny.people(holdout_share=0.2, **roles)


def test_a_desired_number_that_has_no_bin_of_its_own_cannot_be_measured(tiny):
    table = pd.DataFrame({'sex': ['f', 'm'] * 1000, 'x': np.random.default_rng(0).normal(size=2000)})
    columns = {'sex': {'sdtype': 'categorical'}, 'x': {'sdtype': 'numerical'}}
    roles = {'sensitive_columns': ['sex'], 'target_column': 'x', 'favorable_value': table['x'][3]}

    with pytest.raises(RoleError, match=r'is not a value of its own in the column .x.*holdout_share=0'):
        tiny.fit(table, columns, holdout_share=0.2, **roles)


# Keeping


def test_notions_and_frontiers_are_saved(several, tmp_path):
    several.set_fairness('conditional_parity', dial=0.5)
    rows = drawn(several)
    several.reset_sampling()
    several.save(tmp_path / 'several.pkl')
    loaded = load_synthesizer(tmp_path / 'several.pkl')

    assert (loaded.notion, loaded.dial, loaded.notions) == ('conditional_parity', 0.5, NOTIONS)
    pd.testing.assert_frame_equal(drawn(loaded), rows)
    for notion in NOTIONS:
        pd.testing.assert_frame_equal(loaded.get_frontier(notion), several.get_frontier(notion))
        loaded.set_fairness(notion)
        several.set_fairness(notion)
        pd.testing.assert_frame_equal(drawn(loaded), drawn(several))


def arrays_in(thing, seen):
    """The shapes of all arrays and tables that can be reached."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, (np.ndarray, pd.DataFrame, pd.Series)):
        yield thing.shape
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from arrays_in(value, seen)
    elif isinstance(thing, (list, tuple, set)):
        yield (len(thing),)
        for value in thing:
            yield from arrays_in(value, seen)
    elif hasattr(thing, '__dict__'):
        yield from arrays_in(vars(thing), seen)


def test_no_real_row_is_kept_neither_learned_nor_aside(several, people):
    saved = cloudpickle.dumps(several)
    aside = np.random.default_rng(several.seed).random(len(people)) < several.holdout_share
    assert 20 < aside.sum() < 60

    assert not any(text.encode() in saved for name in ('person', 'name') for text in people[name])
    several._model = several._model.__getstate__()
    shapes = list(arrays_in(vars(several), set()))
    assert len(shapes) > 50
    assert not {len(people), int(aside.sum()), int((~aside).sum())} & {shape[0] for shape in shapes if shape}


def test_rows_kept_aside_are_not_learned(tiny, people):
    # With other labels for every second of those kept aside, the losses stay; for every second of the others, not.
    columns = {name: tiny.columns[name] for name in ('sex', 'town', 'income')}
    aside = np.random.default_rng(0).random(len(people)) < 0.3
    losses = []
    for rows in (aside, ~aside):
        every_second = rows & (np.arange(len(people)) % 2 == 0)
        table = people[list(columns)].copy()
        swapped = table['income'].map({'high': 'low', 'low': 'high'})
        for changed in (table, table.assign(income=table['income'].where(~every_second, swapped))):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(frontier, 'DIALS', (1.0,))
                synthesizer = tiny.fit(changed, columns, holdout_share=0.3, **tiny.roles)
            losses.append(synthesizer.get_loss_values())

    pd.testing.assert_frame_equal(losses[0], losses[1])
    assert not losses[2].equals(losses[3])


# Any sensitive columns, any target

SENSITIVE = {
    'boolean, missing values': ['owner'],
    'ordinal': ['grade'],
    'rare and missing levels': ['town'],
    'numbers': ['age'],
    'numbers, missing values': ['wealth'],
    'dates': ['seen'],
    'dates, missing values': ['joined'],
    'several': ['sex', 'owner', 'age'],
}
NAMES = ['sex', 'town', 'grade', 'owner', 'age', 'wealth', 'joined', 'seen', 'income']


def fit_all(tiny, table, columns, target, sensitive, notions):
    admissible = [name for name in columns if name not in (target, *sensitive)][:2]
    return tiny.fit(
        table, columns, sensitive_columns=sensitive, target_column=target, notion=notions[0], notions=notions,
        admissible_columns=admissible,
    )  # fmt: skip


def check_rows(synthesizer, table, wanted, notions):
    """Every notion draws rows of the table's types, and under a condition too."""
    for notion in notions:
        synthesizer.set_fairness(notion)
        rows = synthesizer.sample(30)['table']
        pd.testing.assert_series_equal(rows.dtypes, table.dtypes)
        assert len(rows) == 30
        assert meets(synthesizer.sample_from_conditions([Condition(wanted, num_rows=3)])['table'], wanted)


@pytest.mark.filterwarnings('ignore:Some groups have fewer than 5 rows')
@pytest.mark.parametrize('sensitive', SENSITIVE.values(), ids=SENSITIVE)
def test_any_sensitive_columns(tiny, people, sensitive):
    table, columns = people[NAMES].copy(), {name: tiny.columns[name] for name in NAMES}
    synthesizer = fit_all(tiny, table, columns, 'income', sensitive, NOTIONS)

    check_rows(synthesizer, table, {**people[sensitive].iloc[3], 'income': 'high'}, NOTIONS)


def test_a_missing_sensitive_value_is_a_group_like_another(tiny, people):
    names = ['town', 'owner', 'age', 'income']
    columns = {name: tiny.columns[name] for name in names}
    with pytest.warns(
        UserWarning, match=r'Some groups have fewer than 5 rows: .*missing.* .*no rate of theirs can be trusted'
    ):
        synthesizer = fit_all(tiny, people[names].copy(), columns, 'income', ['town', 'owner'], NOTIONS)

    rows = synthesizer.sample(500)['table']
    for name in ('town', 'owner'):
        assert rows[name].isna().mean() == pytest.approx(people[name].isna().mean(), abs=0.02)


def thrice(table: pd.DataFrame) -> pd.DataFrame:
    """Rows enough for a number to get more bins than are taken for classes."""
    return pd.concat([table] * 3, ignore_index=True)


TARGETS = {
    'boolean, missing values': ('owner', NOTIONS),
    'three classes, one rare, missing values': ('town', NOTIONS),
    'ordinal': ('grade', NOTIONS),
    'numbers': ('age', FOR_NUMBERS),
    'numbers, missing values': ('wealth', FOR_NUMBERS),
    'dates, missing values': ('joined', FOR_NUMBERS),
}


@pytest.mark.parametrize(('target', 'notions'), TARGETS.values(), ids=TARGETS)
def test_any_target(tiny, people, target, notions):
    table, columns = thrice(people[NAMES]), {name: tiny.columns[name] for name in NAMES}
    synthesizer = fit_all(tiny, table, columns, target, ['sex'], notions)

    layout = synthesizer._model.layout
    assert layout.ordered[layout.target] == (notions == FOR_NUMBERS)
    lacking = notions == FOR_NUMBERS and table[target].isna().any()
    assert (layout.missing_of(layout.target) == layout.classes - 1) == lacking
    check_rows(synthesizer, table, {'sex': 'male', target: people[target].iloc[5]}, notions)


def test_a_few_numbers_are_classes(tiny, people):
    table = people[['sex', 'town', 'age']].assign(score=np.resize([1, 2, 3, 5], len(people)))
    columns = {**{name: tiny.columns[name] for name in ('sex', 'town', 'age')}, 'score': {'sdtype': 'numerical'}}
    synthesizer = fit_all(tiny, table, columns, 'score', ['sex'], NOTIONS)

    check_rows(synthesizer, table, {'score': 5, 'town': 'Vik'}, NOTIONS)


@pytest.mark.parametrize('target', ['age', 'joined'])
def test_equalized_odds_of_a_number_is_refused(tiny, people, target):
    columns = {name: tiny.columns[name] for name in ('sex', 'town', target)}
    message = "The notion 'equalized_odds' compares classes of the target, which here is a number or a date."
    with pytest.raises(FairDistillError, match=re.escape(message)):
        tiny.fit(
            thrice(people[list(columns)]), columns, sensitive_columns=['sex'], target_column=target,
            notion='equalized_odds',
        )  # fmt: skip


def test_a_pickled_synthesizer_of_all_notions_can_be_fitted_again(several, people):
    again = pickle.loads(cloudpickle.dumps(several))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frontier, 'DIALS', DIALS)
        again.fit({'table': people.copy()})

    pd.testing.assert_frame_equal(drawn(again), drawn(several))
    for notion in NOTIONS:
        pd.testing.assert_frame_equal(again.get_frontier(notion), several.get_frontier(notion))
