"""Copies of Adult with differential privacy, from a small ε to none at all: prints a table, draws a picture.

    python tutorials/what_epsilon_buys.py [--epsilons .1 .3 1 3 10] [--table adult] [--out what_epsilon_buys.html]

Levels and bounds count as public: those of the bundled tables are in their code books. Noise never depends on a seed,
so figures differ a little from run to run.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots
from sdv.single_table import FairDistillSynthesizer

from sdv_fairdistill.datasets import BUNDLED, Dataset
from sdv_fairdistill.evaluation import PARITY, UTILITY, WITHOUT, compare
from sdv_fairdistill.plots.style import COLOURS, styled
from sdv_fairdistill.privacy import Privacy, without_values

DIALS = (0.0, 1.0)
NONE = 'no privacy'
PANELS = {
    'Quality (SDMetrics)': ['Quality (SDMetrics)'],
    'AUC of a model': [UTILITY, f'{UTILITY}{WITHOUT}'],
    'Parity of a model': [PARITY, f'{PARITY}{WITHOUT}'],
}


def public_of(dataset: Dataset) -> dict[str, dict]:
    """Gives the levels and the bounds of a bundled table, whose code book is public."""
    columns = dataset.metadata.tables[dataset.name].columns
    numbers = [name for name, about in columns.items() if about['sdtype'] == 'numerical']
    return {
        'levels': {name: sorted(dataset.table[name].dropna().unique()) for name in columns if name not in numbers},
        'bounds': {name: (dataset.table[name].min(), dataset.table[name].max()) for name in numbers},
    }


def copies_of(dataset: Dataset, train: pd.DataFrame, epsilons: Sequence[float]) -> dict[str, pd.DataFrame]:
    """Fits once for each ε and once without privacy, and draws from each fit at both ends of the dial."""
    copies = {}
    for epsilon in [*epsilons, None]:
        privacy = None if epsilon is None else Privacy(epsilon, **public_of(dataset))
        metadata = dataset.metadata if privacy is None else without_values(dataset.metadata)
        synthesizer = FairDistillSynthesizer(metadata, **dataset.roles, privacy=privacy, seed=0)
        synthesizer.fit({dataset.name: train})
        name = NONE if privacy is None else f'ε = {epsilon:g}'
        print(name if privacy is None else f'{name}: {synthesizer.get_privacy().sentence}', flush=True)
        for dial in DIALS:
            synthesizer.set_fairness(dial=dial)
            copies[f'{name}, dial {dial:g}'] = synthesizer.sample(len(train))[dataset.name]
    return copies


def picture_of(table: pd.DataFrame, epsilons: Sequence[float], title: str) -> go.Figure:
    """Draws each measure over ε: a colour a dial, what no privacy reaches as a thin line.

    Args:
        table: A line a measure, a column a copy.
        epsilons: Every ε that was fitted.
        title: Title of the picture.
    """
    figure = make_subplots(rows=len(PANELS), subplot_titles=list(PANELS), shared_xaxes=True, vertical_spacing=0.08)
    for row, lines in enumerate(PANELS.values(), start=1):
        for line in lines:
            for dial, colour in zip(DIALS, COLOURS, strict=False):
                blind = line.endswith(WITHOUT)
                name = f'dial {dial:g}{WITHOUT if blind else ""}'
                values = [table.loc[line, f'ε = {epsilon:g}, dial {dial:g}'] for epsilon in epsilons]
                style = {'color': colour, 'dash': 'dot' if blind else 'solid'}
                points = go.Scatter(x=list(epsilons), y=values, name=name, mode='lines+markers', line=style)
                figure.add_trace(points.update(legendgroup=name, showlegend=row == 2), row=row, col=1)
                if not blind:
                    without = table.loc[line, f'{NONE}, dial {dial:g}']
                    figure.add_hline(without, line={'color': colour, 'width': 1}, opacity=0.6, row=row, col=1)
    figure.update_xaxes(type='log', tickvals=list(epsilons))
    figure.update_xaxes(title='ε', row=len(PANELS), col=1)
    return styled(figure, title, height=300 * len(PANELS) + 120)


def main() -> None:
    """Fits, compares, and writes the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--epsilons', type=float, nargs='+', default=[0.1, 0.3, 1, 3, 10])
    parser.add_argument('--table', choices=list(BUNDLED), default='adult')
    parser.add_argument('--out', default='what_epsilon_buys.html')
    options = parser.parse_args()
    dataset = BUNDLED[options.table]()
    train, holdout = dataset.split()
    copies = copies_of(dataset, train, options.epsilons)
    comparison = compare(copies, train, dataset.metadata, **dataset.roles, holdout=holdout)
    table = comparison.table()
    print(table.T.to_string(float_format='{:.3f}'.format))
    title = f'What ε buys on {options.table}: thin lines are without privacy'
    picture = picture_of(table, options.epsilons, title)
    picture.write_html(options.out, config={'displayModeBar': False})
    print(f'Wrote {Path(options.out)}.')


if __name__ == '__main__':
    main()
