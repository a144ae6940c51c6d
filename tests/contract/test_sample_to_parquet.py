"""What sampling on Dask workers promises: the same files whoever works, no file twice, no key twice."""

from __future__ import annotations

import os
import pickle
import signal
import sys

import cloudpickle
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from distributed import Client, LocalCluster
from sdv.cag import Inequality
from sdv.errors import SamplingError

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.helpers.seeding import seed_sampling
from sdv_fairdistill.scale import sample_to_parquet

MODELLED = ['badge', 'sex', 'town', 'grade', 'age', 'wealth', 'income']
KEYS = {
    'number': {'sdtype': 'id'},
    'code': {'sdtype': 'id', 'regex_format': 'c[0-9]{4}'},
    'mail': {'sdtype': 'email', 'pii': True},
    'name': {'sdtype': 'name', 'pii': True},
    'sex': {'sdtype': 'categorical'},
    'visits': {'sdtype': 'numerical'},
    'income': {'sdtype': 'categorical'},
}


@pytest.fixture(scope='module')
def client():
    """Two threads of this process."""
    with Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=':0') as client:
        yield client


@pytest.fixture(scope='module')
def keyed(tiny):
    """A synthesizer of a table with keys of every kind."""
    rows, generator = 80, np.random.default_rng(1)
    table = pd.DataFrame(
        {
            'number': range(rows),
            'code': [f'c{row:04}' for row in range(rows)],
            'mail': [f'somebody{row}@example.org' for row in range(rows)],
            'name': pd.Series([f'Somebody {row}' for row in range(rows)]).mask(generator.random(rows) < 0.2),
            'sex': generator.choice(['female', 'male'], rows),
            'visits': pd.Series(generator.integers(0, 9, rows), dtype='Int64').mask(generator.random(rows) < 0.02),
            'income': generator.choice(['low', 'high'], rows),
        }
    )
    metadata = tiny.metadata(KEYS, 'number', alternate_keys=['code', 'mail'])
    synthesizer = tiny.make(metadata, **tiny.roles)
    synthesizer.fit({'table': table})
    return synthesizer


def tables(files) -> list[pd.DataFrame]:
    return [pd.read_parquet(file) for file in files]


def same(one, other) -> bool:
    return all(a.equals(b) for a, b in zip(tables(one), tables(other), strict=True))


def test_files_are_the_same_whoever_works(fitted, client, tmp_path):
    threads = sample_to_parquet(fitted, 130, tmp_path / 'threads', client, seed=5, partition_rows=50)
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=':0') as cluster:
        alone = sample_to_parquet(fitted, 130, tmp_path / 'alone', Client(cluster), seed=5, partition_rows=50)
    processes = sample_to_parquet(fitted, 130, tmp_path / 'processes', seed=5, partition_rows=50)

    assert same(threads, alone)
    assert same(threads, processes)
    assert sorted(path.name for path in (tmp_path / 'processes').iterdir()) == [
        '_manifest.json', 'part-00000.parquet', 'part-00001.parquet', 'part-00002.parquet'
    ]  # fmt: skip
    assert [len(table) for table in tables(threads)] == [44, 43, 43]
    assert client.status == 'running'


def test_a_seed_gives_rows_of_its_own(fitted, client, tmp_path):
    one, two = (
        sample_to_parquet(fitted, 60, tmp_path / str(seed), client, seed=seed, partition_rows=30) for seed in (1, 2)
    )
    rows = [table[[*MODELLED, 'name']] for table in tables([*one, *two])]

    assert not any(rows[a].equals(rows[b]) for a in range(4) for b in range(a))
    assert not any((rows[a]['name'] == rows[b]['name']).all() for a in range(4) for b in range(a))


def test_rows_are_typed_as_those_of_sample(fitted, client, first_rows, tmp_path):
    sample_to_parquet(fitted, 90, tmp_path, client, partition_rows=30)
    read, lazily = pd.read_parquet(tmp_path), dd.read_parquet(tmp_path).compute()

    expected = first_rows.dtypes.astype(str).to_dict() | {'owner': 'boolean'}  # objects in a DataFrame of sample
    assert read.dtypes.astype(str).to_dict() == expected
    assert list(lazily) == list(read)
    assert len(lazily) == len(read) == 90
    assert lazily['age'].tolist() == read['age'].tolist()


def test_keys_are_unique_over_all_files(keyed, client, tmp_path):
    files = sample_to_parquet(keyed, 400, tmp_path, client, partition_rows=40)
    rows, visits = pd.concat(tables(files)), [table['visits'].dtype for table in tables(files)]

    assert len(rows) == 400
    for name in ('number', 'code', 'mail'):
        assert rows[name].is_unique
        assert rows[name].notna().all()
    assert rows['number'].dtype == np.int64
    assert rows['code'].str.fullmatch('c[0-9]{4}').all()
    assert sorted(rows['code']) == [f'c{number:04}' for number in range(400)]
    assert rows['name'].isna().mean() == pytest.approx(0.2, abs=0.1)
    assert len({tuple(table['name'].dropna()) for table in tables(files)}) == 10
    assert visits == [pd.Int64Dtype()] * 10
    assert rows['visits'].isna().any()


def test_only_what_is_missing_is_sampled_again(keyed, client, tmp_path):
    files = sample_to_parquet(keyed, 120, tmp_path / 'one', client, partition_rows=30)
    whole = tables(files)
    for file in files:
        os.utime(file, ns=(0, 0))
    files[1].unlink()
    files[3].write_bytes(files[3].read_bytes()[:-20])  # as a machine that loses power leaves it
    (tmp_path / 'one' / '.0f-part-part-00001.parquet').touch()  # as a killed process leaves it
    loaded = pickle.loads(cloudpickle.dumps(keyed))
    loaded.sample(7)
    again = sample_to_parquet(loaded, 120, tmp_path / 'one', client, partition_rows=30)

    assert again == files
    assert all(a.equals(b) for a, b in zip(whole, tables(again), strict=True))
    assert [file.stat().st_mtime_ns == 0 for file in files] == [True, False, True, False]
    assert len(list((tmp_path / 'one').iterdir())) == 5


def test_a_folder_belongs_to_one_fit_and_one_dial(fitted, people, tiny, client, tmp_path):
    sample_to_parquet(fitted, 40, tmp_path, client)
    other = tiny.people(seed=1)
    other.fit({'table': people.copy()})
    with pytest.raises(FairDistillError, match='holds rows of another call: first_rows was'):
        sample_to_parquet(other, 40, tmp_path, client)
    less = pickle.loads(cloudpickle.dumps(fitted))
    less.set_fairness(dial=0.99)
    with pytest.raises(FairDistillError, match=r'dial was 1\.0 and is 0\.99'):
        sample_to_parquet(less, 40, tmp_path, client)


def test_labels_are_even_in_every_file_and_in_all(fitted, client, tmp_path):
    parted = tables(sample_to_parquet(fitted, 2_000, tmp_path / '1', client, partition_rows=500))

    def gap(rows: pd.DataFrame) -> float:
        rates = (rows['income'] == 'high').groupby(rows['sex']).mean()
        return abs(rates['female'] - rates['male'])

    assert [len(rows) for rows in parted] == [500] * 4
    assert max(map(gap, parted)) <= 0.015  # a row or two of some 250; independent draws: .03 in every second file
    assert gap(pd.concat(parted)) <= 0.01


@pytest.mark.parametrize('dial', [0, 1])
def test_a_file_holds_what_the_synthesizer_draws_at_its_dial(fitted, client, tmp_path, dial):
    one, other = (pickle.loads(cloudpickle.dumps(fitted)) for _ in range(2))
    one.set_fairness(dial=dial)
    other.set_fairness(dial=1 - dial)
    file = sample_to_parquet(one, 80, tmp_path, client, seed=3, partition_rows=50)[1]
    drawn = []
    for synthesizer in (one, other):
        seed_sampling(synthesizer, np.random.SeedSequence(3).spawn(2)[1])
        drawn.append(synthesizer.sample(40)['table'][MODELLED])

    assert pd.read_parquet(file)[MODELLED].equals(drawn[0])
    assert not pd.read_parquet(file)[MODELLED].equals(drawn[1])


def test_the_synthesizer_is_left_as_it_was(fitted, client, first_rows, tmp_path):
    fitted.reset_sampling()
    fitted.sample(20)
    before = cloudpickle.loads(cloudpickle.dumps(fitted)).sample(30)['table']
    sample_to_parquet(fitted, 60, tmp_path, client, partition_rows=30)

    pd.testing.assert_frame_equal(cloudpickle.loads(cloudpickle.dumps(fitted)).sample(30)['table'], before)
    fitted.reset_sampling()
    pd.testing.assert_frame_equal(fitted.sample(50)['table'], first_rows)


def test_other_synthesizers_are_sampled_too(ctgan, client, tmp_path):
    one = sample_to_parquet(ctgan, 60, tmp_path / 'one', client, partition_rows=30)
    two = sample_to_parquet(ctgan, 60, tmp_path / 'two', client, partition_rows=30)

    assert same(one, two)
    assert not tables(one)[0]['age'].equals(tables(one)[1]['age'])
    assert pd.concat(tables(one))['person'].is_unique


def test_a_killed_worker_costs_nothing_but_time(fitted, tmp_path):
    class Deadly:
        """Kills the first process that samples a partition of it."""

        _model = True

        def __init__(self, synthesizer, marker):
            self.synthesizer, self.marker = synthesizer, marker

        def sample(self, rows):
            if rows == 30 and not self.marker.exists():
                self.marker.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return self.synthesizer.sample(rows)

        def __getattr__(self, name):
            if name.startswith('__') or name == 'synthesizer':
                raise AttributeError(name)
            return getattr(self.synthesizer, name)

    marker = tmp_path / 'killed'
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=':0', silence_logs=50) as cluster,
        Client(cluster) as client,
    ):
        survived = sample_to_parquet(Deadly(fitted, marker), 60, tmp_path / 'killed_once', client, partition_rows=30)
        calm = sample_to_parquet(fitted, 60, tmp_path / 'calm', client, partition_rows=30)

    assert marker.exists()
    assert same(survived, calm)


def test_constraints_that_leave_too_few_rows_are_named(tiny, client, tmp_path):
    table = pd.DataFrame({'a': [1, 2, 3] * 20, 'b': [4, 5, 6] * 20, 'c': ['u', 'v'] * 30})
    synthesizer = tiny.make(
        tiny.metadata({'a': {'sdtype': 'numerical'}, 'b': {'sdtype': 'numerical'}, 'c': {'sdtype': 'categorical'}})
    )
    synthesizer.add_constraints([Inequality('a', 'b')])
    synthesizer.fit({'table': table})
    rows = pd.concat(tables(sample_to_parquet(synthesizer, 60, tmp_path / 'all', client, partition_rows=25)))
    assert len(rows) == 60
    assert (rows['a'] <= rows['b']).all()

    class Short(type(synthesizer)):
        def sample(self, rows):
            return {'table': super().sample(rows)['table'].head(20)}

    synthesizer.__class__ = Short
    with pytest.raises(FairDistillError, match=r'part-0000\d.parquet: only 20 of 25 rows meet the constraints'):
        sample_to_parquet(synthesizer, 50, tmp_path / 'short', client, partition_rows=25)


@pytest.mark.parametrize(
    ('arguments', 'expected'),
    [
        ({'num_rows': 0}, 'num_rows=0 is not allowed: give a whole number of at least 1.'),
        ({'num_rows': None}, 'num_rows=None is not allowed'),
        ({'partition_rows': 2.5}, r'partition_rows=2\.5 is not allowed'),
        ({'seed': -1}, 'seed=-1 is not allowed: give a whole number of at least 0.'),
    ],
)
def test_numbers_that_are_not_allowed(fitted, client, tmp_path, arguments, expected):
    with pytest.raises(FairDistillError, match=expected):
        sample_to_parquet(fitted, **{'num_rows': 5, 'path': tmp_path / 'rows', 'client': client, **arguments})
    assert not (tmp_path / 'rows').exists()


def test_a_synthesizer_that_is_not_fitted_is_refused_as_by_sample(tiny, client, tmp_path):
    with pytest.raises(SamplingError, match='has not been fitted'):
        sample_to_parquet(tiny.people(), 5, tmp_path, client)


@pytest.mark.parametrize('package', ['distributed', 'pyarrow', 'dask.dataframe'])
def test_without_dask_an_error_says_what_to_install(fitted, tmp_path, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(FairDistillError, match=r"pip install 'sdv-fairdistill\[dask\]'"):
        sample_to_parquet(fitted, 5, tmp_path)
