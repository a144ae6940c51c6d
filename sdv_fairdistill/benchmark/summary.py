"""Results in words: medians and spread over seeds, fit times in ratio, what failed, and on which machine."""

from __future__ import annotations

import textwrap

import pandas as pd

from sdv_fairdistill.benchmark.growth import costs_by_size
from sdv_fairdistill.benchmark.measure import (
    ACCURACY_WITHOUT,
    DONE,
    FIT,
    FIT_CPU,
    MEMORY,
    ODDS_WITHOUT,
    PAIRS,
    PEAK,
    SAMPLE,
    SHAPES,
)
from sdv_fairdistill.benchmark.results import Results
from sdv_fairdistill.evaluation import ASSOCIATIONS, TOLD_APART

__all__ = ['fit_ratios', 'growth_summary', 'medians', 'spreads', 'summary']

WIDTH = 100  # characters of a printed line
COST_HEADS = {FIT: 'fit s', FIT_CPU: 'fit cpu s', SAMPLE: 'sample s', MEMORY: 'MB before', PEAK: 'peak MB'}
WORTH_HEADS = {
    'Quality (SDMetrics)': 'quality',
    SHAPES: 'shapes',
    PAIRS: 'pairs',
    ASSOCIATIONS: 'assoc',
    TOLD_APART: 'C2ST',
    'Label parity ratio': 'label',
    'AUC': 'AUC',
    'Accuracy': 'acc',
    'Downstream parity ratio': 'DPR',
    'Equalized odds difference': 'EOD',
    'AUC, without sensitive columns': 'AUC*',
    ACCURACY_WITHOUT: 'acc*',
    'Downstream parity ratio, without sensitive columns': 'DPR*',
    ODDS_WITHOUT: 'EOD*',
}
LEGEND = (
    'fit cpu s: processor time, of all threads. MB before: memory held before the fit, libraries and table included;'
    ' peak MB: the most while fitting and drawing one sample.',
    "quality, shapes, pairs: SDMetrics' scores against the real training rows; in the line real those of the held-out"
    ' rows, a second real sample. assoc: 1 less the mean difference of associations from those rows, over all pairs of'
    ' columns. C2ST: AUC with which boosting tells the rows from held-out real ones; 0.5 is not at all. label: smallest'
    ' share of the favorable label in a group over the largest. AUC, acc (accuracy), DPR (selection-rate ratio), EOD'
    ' (equalized odds difference): of a model trained on the rows and tested on held-out real rows; with *, without the'
    ' sensitive columns. –: not measured, or undefined.',
)


def medians(results: Results, table: str) -> pd.DataFrame:
    """Gives the median over seeds of each figure, a line a copy; undefined if it is so for one seed."""
    return _over_seeds(results, table, lambda column: column.median(skipna=False))


def spreads(results: Results, table: str) -> pd.DataFrame:
    """Gives the largest less the smallest value over seeds of each figure, a line a copy."""
    return _over_seeds(results, table, lambda column: column.max(skipna=False) - column.min(skipna=False))


def fit_ratios(results: Results) -> pd.DataFrame:
    """Compares fit times with those of the reference contenders, SDV's own.

    Returns:
        Columns ``table``, ``contender``, ``reference``, ``seeds`` and ``ratio``: the median over seeds of the
        reference's fit time over the contender's. Only runs of one seed and one machine are compared.
    """
    fits = pd.DataFrame(
        [
            {
                'table': record['table'],
                'seed': record['seed'],
                'machine': record['environment']['machine'],
                'contender': record['contender'],
                'reference': record['reference'],
                'seconds': record['figures'][FIT],
            }
            for record in results.records
            if record['status'] == DONE and FIT in record['figures']
        ],
        columns=['table', 'seed', 'machine', 'contender', 'reference', 'seconds'],
    )
    is_reference = fits['reference'].astype(bool)
    ours, theirs = fits[~is_reference].drop(columns='reference'), fits[is_reference].drop(columns='reference')
    pairs = ours.merge(theirs.rename(columns={'contender': 'reference'}), on=['table', 'seed', 'machine'])
    pairs = pairs.assign(ratio=pairs['seconds_y'] / pairs['seconds_x'])
    found = pairs.groupby(['table', 'contender', 'reference'], sort=False)['ratio'].agg(['count', 'median'])
    return found.rename(columns={'count': 'seeds', 'median': 'ratio'}).reset_index()


def summary(results: Results) -> str:
    """Gives the results of a benchmark as text."""
    frame = results.frame()
    parts = [_table_text(results, table) for table in frame['table'].unique()]
    ratios = [
        f'{line.table}: {line.reference} takes {line.ratio:.3g} times as long to fit as {line.contender}.'
        for line in fit_ratios(results).itertuples()
    ]
    return '\n\n'.join(filter(None, [*parts, '\n'.join(ratios), *map(_filled, LEGEND), _ending(results)]))


def growth_summary(results: Results) -> str:
    """Gives the results of a benchmark on tables of growing size as text: medians over seeds."""
    costs = costs_by_size(results)
    if costs.empty:
        return _ending(results)
    keys = ['Grows', 'Size', 'copy']
    found = costs.groupby(keys, sort=False)[list(COST_HEADS)].agg(lambda column: column.median(skipna=False))
    table = found.rename(columns=COST_HEADS).reset_index()
    text = table.to_string(index=False, formatters={'Size': '{:,}'.format}, float_format='{:,.1f}'.format, na_rep='–')
    return '\n\n'.join([text, _filled(LEGEND[0]), _ending(results)])


def _over_seeds(results: Results, table: str, over: object) -> pd.DataFrame:
    frame = results.frame()
    done = frame[(frame['table'] == table) & (frame['status'] == DONE)]
    return done.groupby('copy', sort=False)[[*COST_HEADS, *WORTH_HEADS]].agg(over)


def _table_text(results: Results, table: str) -> str:
    frame = results.frame()
    done = frame[(frame['table'] == table) & (frame['status'] == DONE)]
    if done.empty:
        return f'{table}: no run succeeded.'
    seeds = done['seed'].nunique()
    blocks = [
        f'{table}: {int(done["rows"].max()):,} rows, {int(done["columns"].max())} columns learned, {_seeds(seeds)}'
    ]
    kinds = (
        {'': medians(results, table)}
        if seeds == 1
        else {
            'median over seeds': medians(results, table),
            'largest less smallest over seeds': spreads(results, table),
        }
    )
    for kind, found in kinds.items():
        for heads, form in ((COST_HEADS, '{:,.1f}'), (WORTH_HEADS, '{:.3f}')):
            part = found[list(heads)].rename(columns=heads)
            if part.notna().any(axis=None):
                text = part.rename_axis(None).to_string(float_format=form.format, na_rep='–')
                blocks.append('\n'.join(filter(None, [kind, text])))
    return '\n\n'.join(blocks)


def _ending(results: Results) -> str:
    failed = [
        f'Failed: {line.contender} on {line.table}, seed {line.seed}: {line.reason}'
        for line in results.failures().itertuples()
    ]
    measured = [f'Measured on {each["machine"]}; {each["versions"]}.' for each in results.environments()]
    return '\n'.join([*failed, *map(_filled, [*_notes(results), *measured])])


def _notes(results: Results) -> list[str]:
    """What is undefined, and why; the same note of several copies and seeds once."""
    places: dict[str, dict[str, None]] = {}
    for record in results.records:
        for sample in record.get('samples', []):
            where = f'{", ".join(filter(None, (record["contender"], sample["sample"])))} on {record["table"]}'
            for note in sample.get('notes', []):
                places.setdefault(note, {})[where] = None
    return [f'Note, {"; ".join(where)}: {note}.' for note, where in places.items()]


def _seeds(count: int) -> str:
    return f'{count} seed' if count == 1 else f'{count} seeds'


def _filled(text: str) -> str:
    return textwrap.fill(text, WIDTH)
