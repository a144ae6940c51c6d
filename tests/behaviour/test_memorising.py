"""Synthetic rows are no closer to rows that were learned than other rows are, and copy them no more often."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, mannwhitneyu
from sdmetrics.reports import QualityReport
from sdmetrics.single_table import DCROverfittingProtection
from sdmetrics.single_table.privacy.dcr_utils import calculate_dcr
from sdv.metadata import Metadata

from sdv_fairdistill import FairDistillSynthesizer
from sdv_fairdistill.datasets import load_adult, load_german_credit
from sdv_fairdistill.method import model
from sdv_fairdistill.training.config import FitConfig

pytestmark = pytest.mark.slow

COMPAS = Path(__file__).resolve().parents[3] / 'shared' / 'data' / 'compas.csv.gz'
MOST_ROWS = 2_000  # of Adult and Compas: distances are of every row to every row
DRAWS = 4  # of as many rows as were learned: what one draw of 500 rows says of nearness moves by .02
CHANCE = 0.01  # that a synthesizer which knows no row fails a test here
LEARNED_BY_HEART = 0.25  # share of training rows in the samples that a test must notice
ROLES = {'sensitive_columns': ['race'], 'target_column': 'two_year_recid', 'favorable_value': 'no'}


class Halves(NamedTuple):
    """A table in two halves of like rows: one that is learned, one that is not, and rows drawn after learning.

    ``usual`` are the distances of the rows kept aside to the closest learned row; ``draws`` are ``drawn`` and more of
    the same size.
    """

    learned: pd.DataFrame
    kept_aside: pd.DataFrame
    drawn: pd.DataFrame
    usual: pd.Series
    metadata: Metadata
    draws: list[pd.DataFrame]

    @property
    def name(self) -> str:
        """Name of the table."""
        return next(iter(self.metadata.tables))


def load(name: str) -> tuple[pd.DataFrame, Metadata, dict[str, Any]]:
    if name == 'compas':
        if not COMPAS.exists():
            pytest.skip('the Compas table is not there')
        table = pd.read_csv(COMPAS)
        return table, Metadata.detect_from_dataframes({'compas': table}, infer_keys=None), ROLES
    dataset = load_adult() if name == 'adult' else load_german_credit()
    return dataset.table, dataset.metadata, dataset.roles


def halved(table: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    table = table.sample(frac=1, random_state=seed, ignore_index=True).head(MOST_ROWS)
    return table.iloc[: len(table) // 2], table.iloc[len(table) // 2 :]


@pytest.fixture(scope='module', params=['adult', 'german', 'compas'])
def halves(request) -> Halves:
    table, metadata, roles = load(request.param)
    learned, kept_aside = halved(table, 0)
    synthesizer = FairDistillSynthesizer(metadata, **roles, seed=0, enable_gpu=False)
    name = next(iter(metadata.tables))
    synthesizer.fit({name: learned.reset_index(drop=True)})
    usual = calculate_dcr(kept_aside, learned, metadata.to_dict()['tables'][name])
    draws = [synthesizer.sample(len(learned))[name] for _ in range(DRAWS)]
    return Halves(learned, kept_aside, draws[0], usual, metadata, draws)


def closer(halves: Halves, drawn: pd.DataFrame) -> tuple[int, int]:
    """How many rows are nearest to one that was learned, and how many to one kept aside; ties are neither."""
    counts = []
    for one, other in ((halves.learned, halves.kept_aside), (halves.kept_aside, halves.learned)):
        found = DCROverfittingProtection.compute_breakdown(one, drawn, other, halves.metadata.to_dict(), halves.name)
        counts.append(round(found['synthetic_data_percentages']['closer_to_training'] * len(drawn)))
    return counts[0], counts[1]


def luck_of_distances(halves: Halves, drawn: pd.DataFrame) -> float:
    """The chance of such small distances to the closest learned row, where those of rows kept aside are as small."""
    distances = calculate_dcr(drawn, halves.learned, halves.metadata.to_dict()['tables'][halves.name])
    return mannwhitneyu(distances, halves.usual, alternative='less').pvalue


def copies(rows: pd.DataFrame, learned: pd.DataFrame) -> int:
    """How many rows are, value by value, a row that was learned."""
    known = set(map(tuple, learned.astype(str).to_numpy()))
    return sum(row in known for row in map(tuple, rows[learned.columns].astype(str).to_numpy()))


def with_rows_by_heart(halves: Halves) -> pd.DataFrame:
    """The rows drawn, a share of them replaced by rows that were learned."""
    count = int(LEARNED_BY_HEART * len(halves.drawn))
    return pd.concat([halves.drawn.iloc[count:], halves.learned.iloc[:count]], ignore_index=True)


def luck(more: int, less: int) -> float:
    """The chance that of so many cases at least ``more`` fall to one side, where either side is as likely for each."""
    return binomtest(more, more + less, 0.5, alternative='greater').pvalue if more else 1.0


def luck_of_copies(halves: Halves, drawn: pd.DataFrame) -> float:
    """The chance of so many copies among rows that copy as often as the same number of rows kept aside do."""
    aside = halves.kept_aside.head(len(drawn))
    return luck(copies(drawn, halves.learned), copies(aside, halves.learned))


def test_the_closest_learned_row_is_no_closer_than_it_is_to_rows_kept_aside(halves):
    assert luck_of_distances(halves, halves.drawn) > CHANCE


def test_rows_are_no_closer_to_those_that_were_learned(halves):
    nearer, farther = np.mean([closer(halves, drawn) for drawn in halves.draws], axis=0).round().astype(int)
    assert luck(nearer, farther) > CHANCE


def test_copies_are_no_more_frequent_than_among_rows_kept_aside(halves):
    assert luck_of_copies(halves, halves.drawn) > CHANCE


def test_rows_learned_by_heart_would_be_noticed(halves):
    assert luck_of_distances(halves, with_rows_by_heart(halves)) < CHANCE
    assert luck(*closer(halves, with_rows_by_heart(halves))) < CHANCE
    assert luck_of_copies(halves, with_rows_by_heart(halves)) < CHANCE


class TestHowItIsDone:
    """On the small table: what the decay of the decoder does, without which there are no links, and what these do."""

    @pytest.fixture(scope='class')
    def judged(self):
        """How often rows lie nearer to one that was learned, and SDMetrics' score of pairs, of fits of two halves."""
        table, metadata, roles = load('german')
        changes = {'as it is': {}, 'no decay': {'decoder_decay': 0.0}, 'no links': {}}
        judged = {name: [] for name in changes}
        for (name, change), seed in product(changes.items(), (1, 2)):
            learned, kept_aside = halved(table, seed)
            synthesizer = FairDistillSynthesizer(metadata, **roles, seed=seed, enable_gpu=False)
            synthesizer._config = replace(FitConfig(), **change)
            with pytest.MonkeyPatch.context() as patch:
                if name == 'no links':
                    patch.setattr(model, 'find_links', lambda *_: ())
                synthesizer.fit({'german_credit': learned.reset_index(drop=True)})
            drawn = synthesizer.sample(4 * len(learned))['german_credit']
            nearer, farther = closer(Halves(learned, kept_aside, drawn, pd.Series(), metadata, [drawn]), drawn)
            report = QualityReport()
            report.generate({'german_credit': learned}, {'german_credit': drawn}, metadata.to_dict(), verbose=False)
            pairs = report.get_properties().set_index('Property')['Score']['Column Pair Trends']
            judged[name].append((nearer / (nearer + farther), pairs))
        return {name: np.mean(scores, axis=0) for name, scores in judged.items()}

    def test_the_decay_of_the_decoder_keeps_rows_from_those_that_were_learned(self, judged):
        assert judged['as it is'][0] < judged['no decay'][0] - 0.02

    def test_the_links_keep_pairs_of_columns_together(self, judged):
        assert judged['as it is'][1] > judged['no links'][1] + 0.01
