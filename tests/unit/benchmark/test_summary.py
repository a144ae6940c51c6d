"""The summary's arithmetic, by hand."""

from __future__ import annotations

import pytest

from sdv_fairdistill.benchmark.growth import costs_by_size
from sdv_fairdistill.benchmark.measure import FIT
from sdv_fairdistill.benchmark.pictures import plot_costs, plot_growth, plot_tradeoff
from sdv_fairdistill.benchmark.results import Results
from sdv_fairdistill.benchmark.summary import fit_ratios, growth_summary, medians, spreads, summary
from sdv_fairdistill.evaluation import WITHOUT

from .conftest import record

PARITY = 'Downstream parity ratio'


@pytest.fixture
def results():
    """CTGAN and ours on three seeds, of which one was measured on another machine; one run failed."""
    return Results.of(
        [
            *(record('real', seed, AUC=0.9, **{PARITY: 0.3}) for seed in range(3)),
            *(record('CTGAN', seed, 100.0 * (seed + 1), reference=True, AUC=0.6 + seed / 10) for seed in range(3)),
            record('ours', 0, 10.0, AUC=0.80, **{PARITY: 0.91}),
            record('ours', 1, 50.0, AUC=0.86, **{PARITY: 0.93}),
            record('ours', 2, 1.0, machine='there', AUC=0.82, **{PARITY: 0.99}),
            {
                'contender': 'peer',
                'table': 'people',
                'seed': 0,
                'reference': False,
                'status': 'failed',
                'reason': 'why',
            },
        ]
    )


def test_medians_and_spreads_over_seeds(results):
    middle, spread = medians(results, 'people'), spreads(results, 'people')
    assert middle.loc['ours', FIT] == 10
    assert middle.loc['ours', 'AUC'] == 0.82
    assert spread.loc['ours', 'AUC'] == pytest.approx(0.06)
    assert spread.loc['real', PARITY] == 0
    assert 'peer' not in middle.index


def test_likeness_has_columns_of_its_own_and_old_results_have_none(results):
    figures = {'Association similarity': 0.93, 'Two-sample AUC': 0.58}
    text = summary(Results.of([record('ours', 0, 10.0, AUC=0.8, **figures)]))
    heads, line = (next(each for each in text.splitlines() if word in each) for word in ('C2ST', '0.930'))
    values = dict(zip(heads.split(), line.split()[1:], strict=True))
    assert (values['assoc'], values['C2ST'], values['AUC'], values['quality']) == ('0.930', '0.580', '0.800', '–')
    assert 'C2ST: AUC with which boosting tells the rows' in text
    assert medians(results, 'people')[list(figures)].isna().all(axis=None)


def test_what_is_undefined_for_one_seed_has_no_median(results):
    results = Results.of([*results.records, record('ours', 1, 50.0, AUC=None)])
    assert medians(results, 'people')['AUC'].isna().to_dict() == {'real': False, 'CTGAN': False, 'ours': True}


def test_fit_times_are_compared_seed_by_seed_on_one_machine_only(results):
    line = fit_ratios(results).set_index(['contender', 'reference']).loc[('ours', 'CTGAN')]
    assert line['seeds'] == 2
    assert line['ratio'] == (100 / 10 + 200 / 50) / 2


def test_the_summary_says_what_failed_why_and_where_it_was_measured(results):
    text = summary(results)
    assert 'people: 140 rows, 3 columns learned, 3 seeds' in text
    assert 'people: CTGAN takes 7 times as long to fit as ours.' in text
    assert 'Failed: peer on people, seed 0: why' in text
    assert 'Measured on here; sdv 2.' in text
    assert 'Measured on there; sdv 2.' in text


def test_the_pictures_show_the_medians(results):
    points = {trace.name: (trace.x[0], trace.y[0]) for trace in plot_tradeoff(results, 'people').data}
    assert points == {'ours': (0.93, 0.82), 'real': (0.3, 0.9)}  # CTGAN's parity was not measured
    without = {f'AUC{WITHOUT}': 0.8, f'{PARITY}{WITHOUT}': 0.6}
    both = Results.of([record('ours', 0, 10.0, AUC=0.8, **{PARITY: 0.9}, **without)])
    ours = plot_tradeoff(both, 'people').data[0]
    assert list(zip(ours.x, ours.y, strict=True)) == [(0.9, 0.8), (0.6, 0.8)]
    bars = plot_costs(results, 'people').data[0]
    assert dict(zip(bars.y, bars.x, strict=True)) == {'CTGAN': 200, 'ours': 10}


@pytest.fixture
def growth():
    """Two sizes of rows, out of order, and one of columns."""
    sizes = {'columns 15': 3.0, 'rows 1000': 9.0, 'rows 200': 1.0}
    return Results.of([{**record('ours', 0, seconds), 'table': table} for table, seconds in sizes.items()])


def test_costs_are_ordered_by_size(growth):
    costs = costs_by_size(growth)
    assert costs[['Grows', 'Size', FIT]].to_numpy().tolist() == [
        ['rows', 200, 1.0],
        ['rows', 1000, 9.0],
        ['columns', 15, 3.0],
    ]
    assert '1,000' in growth_summary(growth)


def test_growth_has_a_panel_a_measure_for_each_thing_that_grows(growth):
    lines = [(tuple(trace.x), tuple(trace.y)) for trace in plot_growth(growth).data]
    assert len(lines) == 2 * 3
    assert ((200, 1000), (1.0, 9.0)) in lines
    assert ((15,), (3.0,)) in lines
