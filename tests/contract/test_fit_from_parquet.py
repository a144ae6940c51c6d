"""What fitting a table on disk promises: a uniform sample with every value in it, the same one however it is cut."""

from __future__ import annotations

import sys

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from distributed import Client
from sdv.metadata import Metadata

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.plugin.versions import TAKES_FRAMES, frame_of
from sdv_fairdistill.scale import fit_from_parquet

ROWS, LEARNED = 6_000, 1_500
COLUMNS = {
    'key': {'sdtype': 'id'},
    'town': {'sdtype': 'categorical'},
    'flag': {'sdtype': 'boolean'},
    'age': {'sdtype': 'numerical'},
    'seen': {'sdtype': 'datetime', 'datetime_format': '%d.%m.%Y'},
}
NUMBERED = {'columns': {'0': {'sdtype': 'id'}, '1': {'sdtype': 'numerical'}}}


class Recorder:
    """Keeps what it is fitted to."""

    seed = 3

    def get_metadata(self):
        return Metadata.load_from_dict({'tables': {'people': {'columns': COLUMNS, 'primary_key': 'key'}}})

    def fit(self, data):
        self.rows = frame_of(data)
        assert TAKES_FRAMES or list(data) == ['people']


@pytest.fixture(scope='module')
def client():
    with Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=':0') as client:
        yield client


@pytest.fixture(scope='module')
def table():
    """Rows in order of age, so that files differ; one row with a level, an extreme and a missing value of its own."""
    generator = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            'key': np.arange(ROWS),
            'town': generator.choice(['a', 'b', 'c'], ROWS, p=[0.6, 0.3, 0.1]),
            'flag': generator.choice([True, False], ROWS),
            'age': np.sort(generator.normal(40, 10, ROWS)),
            'seen': '01.07.2010',
        }
    )
    table['flag'] = table['flag'].astype(object)
    for number in range(4_000, 4_050):
        table.loc[number, 'town'] = f'rare {number}'
    table.loc[4_100, 'flag'] = None
    table.loc[[4_200, 4_300], 'seen'] = '31.12.1899', '01.01.2030'
    return table


@pytest.fixture(scope='module')
def folder(table, tmp_path_factory):
    folder = tmp_path_factory.mktemp('people')
    for number, end in enumerate((700, 2_000, ROWS)):
        start = (0, 700, 2_000)[number]
        table.iloc[start:end].to_parquet(folder / f'part-{number}.parquet', index=False, row_group_size=900)
    (folder / '_manifest.json').write_text('{}')
    return folder


def learned(source, client, max_rows=LEARNED, seed=3) -> pd.DataFrame:
    recorder = Recorder()
    recorder.seed = seed
    fit_from_parquet(recorder, source, client, max_rows)
    return recorder.rows


@pytest.fixture(scope='module')
def rows(folder, client):
    return learned(folder, client)


def test_every_level_extreme_and_missing_value_is_learned(rows, table):
    assert set(rows['town']) == set(table['town'])
    assert rows['age'].agg(['min', 'max']).equals(table['age'].agg(['min', 'max']))
    assert {'31.12.1899', '01.01.2030'} <= set(rows['seen'])
    assert rows['flag'].isna().sum() == 1
    assert LEARNED < len(rows) <= LEARNED + 50 + 1 + 2 + 2
    assert rows['key'].is_unique


def test_shares_are_those_of_the_table_not_of_its_files(rows, table):
    common = rows[rows['town'].isin(['a', 'b', 'c'])]
    shares = common['town'].value_counts(normalize=True)
    assert (shares - pd.Series({'a': 0.6, 'b': 0.3, 'c': 0.1})).abs().max() < 0.05
    assert rows['age'].mean() == pytest.approx(table['age'].mean(), abs=1)  # 4 standard errors
    assert rows['key'].is_monotonic_increasing


def test_the_same_rows_however_the_table_is_cut(rows, folder, table, client, tmp_path):
    table.to_parquet(tmp_path / 'one.parquet', index=False)
    with dask.config.set({'dataframe.convert-string': False}):  # else Dask makes texts of the booleans
        frame = dd.from_pandas(table, npartitions=5)
    for source in (f'{folder}/part-*.parquet', tmp_path / 'one.parquet', frame):
        pd.testing.assert_frame_equal(learned(source, client), rows)


def test_texts_of_a_dask_dataframe_are_objects(rows, table, client):
    frame = dd.from_pandas(table.drop(columns='flag').assign(flag=True), npartitions=5)
    other = learned(frame, client)
    assert frame.dtypes['town'] == 'string'
    assert other['town'].dtype == object
    assert other['town'].tolist() == other['key'].map(table['town']).tolist()


def test_the_seed_decides_which_rows(rows, folder, client):
    assert learned(folder, client, seed=4)['key'].tolist() != rows['key'].tolist()
    assert learned(folder, client, seed=None)['key'].tolist() != learned(folder, client, seed=None)['key'].tolist()


def test_a_short_table_is_learned_as_a_whole(folder, table, client):
    assert learned(folder, client, max_rows=ROWS)['key'].tolist() == table['key'].tolist()


def test_it_is_the_fit_of_those_rows(people, tiny, fitted, first_rows, client, tmp_path):
    people.head(50).to_parquet(tmp_path / '1.parquet')
    people.tail(70).to_parquet(tmp_path / '2.parquet')
    synthesizer = tiny.people()
    fit_from_parquet(synthesizer, tmp_path, client)

    pd.testing.assert_frame_equal(synthesizer.sample(50)['table'], first_rows)


def test_a_dask_frame_may_name_its_columns_by_integers(client, monkeypatch):
    monkeypatch.setattr(Recorder, 'get_metadata', lambda _: Metadata.load_from_dict({'tables': {'people': NUMBERED}}))
    numbered = pd.DataFrame({0: range(50), 1: np.linspace(0, 1, 50), 2: 'a'})

    pd.testing.assert_frame_equal(learned(dd.from_pandas(numbered[[0, 1]], npartitions=2), client), numbered[[0, 1]])
    with pytest.raises(FairDistillError, match=r"The DataFrame has \['2'\], which are not in .* compared as texts"):
        learned(dd.from_pandas(numbered, npartitions=2), client)


def test_sources_that_cannot_be_learned(table, folder, client, tmp_path):
    with pytest.raises(FairDistillError, match='no rows in Parquet files there'):
        learned(tmp_path, client)
    table.head(9).drop(columns='age').assign(more=1).to_parquet(tmp_path / 'other.parquet')
    with pytest.raises(FairDistillError, match=r"other\.parquet lacks the columns \['age'\] .* and has \['more'\]"):
        learned(tmp_path, client)
    with pytest.raises(FairDistillError, match=r"The DataFrame lacks the columns \['age'\]"):
        learned(dd.from_pandas(table.drop(columns='age'), npartitions=2), client)
    with pytest.raises(FairDistillError, match=r"The DataFrame has \['more'\], which are not in the metadata"):
        learned(dd.from_pandas(table.assign(more=1), npartitions=2), client)
    with pytest.raises(FairDistillError, match='The DataFrame has no rows'):
        learned(dd.from_pandas(table.head(0), npartitions=1), client)
    (tmp_path / 'other.parquet').write_bytes(b'PAR1')
    with pytest.raises(FairDistillError, match=r'other\.parquet cannot be read as Parquet'):
        learned(tmp_path, client)
    with pytest.raises(FairDistillError, match='max_rows=0 is not allowed'):
        learned(folder, client, max_rows=0)


def test_without_dask_an_error_says_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, 'dask.dataframe', None)
    with pytest.raises(FairDistillError, match=r"pip install 'sdv-fairdistill\[dask\]'"):
        learned(folder, None)
