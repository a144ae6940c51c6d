"""What SDV 1.38 and 2.x do not share: the form of tables, some metadata, and files, which cross in neither direction.

The other tests are written in the form of SDV 2, and with SDV 1 run through a layer that turns one form into the other.
Here, with SDV 1, scripts run in processes of their own without that layer, as users' do.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from importlib.metadata import version

import pandas as pd
import pytest
from sdv.errors import InvalidDataTypeError, VersionError
from sdv.utils import load_synthesizer

from sdv_fairdistill.plugin import saved
from sdv_fairdistill.plugin.versions import TAKES_FRAMES, as_given, frame_of

only_sdv_1 = pytest.mark.skipif(not TAKES_FRAMES, reason='about SDV 1')
OTHER = '2.0.0' if TAKES_FRAMES else '1.38.5'

BEGINNING = """
import warnings
import pandas as pd
from sdv.metadata import Metadata, SingleTableMetadata
from sdv.single_table import CTGANSynthesizer, FairDistillSynthesizer
from sdv_fairdistill.datasets import load_german_credit
from sdv_fairdistill.metrics import learners
from sdv_fairdistill.views import score

score.ROUNDS = learners.ROUNDS = 10  # of boosting: what models find is not what differs
german = load_german_credit()
table = german.table.head(200)

def fitted(metadata=german.metadata, rows=table, **more):
    synthesizer = FairDistillSynthesizer(metadata, **german.roles, epochs=1, seed=0, enable_gpu=False, **more)
    synthesizer.fit(rows)
    return synthesizer
"""

SCRIPTS = {
    'tables go in and come out as they do elsewhere': """
        synthesizer = fitted()
        rows = synthesizer.sample(20)
        assert isinstance(rows, pd.DataFrame) and list(rows) == list(table) and len(rows) == 20
        assert isinstance(german.data, pd.DataFrame)
        processed = synthesizer.preprocess(table)
        synthesizer.fit_processed_data(processed)
        assert len(synthesizer.sample(num_rows=5, batch_size=5, output_file_path='rows.csv')) == 5
        assert len(pd.read_csv('rows.csv')) == 5
        synthesizer.validate(table)
        assert synthesizer.get_fair_representation(table).shape[0] == len(table)
    """,
    'the form of SDV 2 is refused in one sentence': """
        from sdv_fairdistill.errors import FairDistillError
        synthesizer = FairDistillSynthesizer(german.metadata, **german.roles, epochs=1, seed=0)
        for verb in ('fit', 'preprocess', 'fit_processed_data'):
            try:
                getattr(synthesizer, verb)({'german_credit': table})
            except FairDistillError as error:
                assert 'takes a table as a DataFrame, and a dict of the tables' in str(error)
            else:
                raise AssertionError(verb)
    """,
    'conditions': """
        from sdv.sampling import Condition, DataFrameCondition
        synthesizer = fitted()
        rows = synthesizer.sample_from_conditions([Condition({'sex': 'female', 'credit': 'good'}, num_rows=7)])
        assert isinstance(rows, pd.DataFrame) and len(rows) == 7 and set(rows['sex']) == {'female'}
        known = table[['sex', 'age']].head(9)
        rows = synthesizer.sample_remaining_columns(known)
        assert (rows[['sex', 'age']].to_numpy() == known.to_numpy()).all()
    """,
    'constraints': """
        from sdv.cag import FixedCombinations, Inequality
        synthesizer = FairDistillSynthesizer(german.metadata, **german.roles, epochs=1, seed=0)
        synthesizer.add_constraints([FixedCombinations(column_names=['sex', 'housing'])])
        synthesizer.fit(table)
        rows = synthesizer.sample(50)
        pairs = set(map(tuple, table[['sex', 'housing']].to_numpy()))
        assert set(map(tuple, rows[['sex', 'housing']].to_numpy())) <= pairs
    """,
    'metadata of a single table, with an order and a representation': """
        rows = pd.DataFrame({'size': ['s', 'm', 'l', 'm'] * 30, 'sex': ['a', 'b'] * 60, 'n': [1, 2, 3, 3] * 30})
        rows['credit'] = ['good', 'bad', 'good'] * 40
        metadata = SingleTableMetadata()
        metadata.detect_from_dataframe(rows)
        metadata.update_column('size', sdtype='categorical', order=['s', 'm', 'l'])
        metadata.update_column('n', sdtype='numerical', computer_representation='Int16')
        metadata.update_column('credit', sdtype='categorical', order_by='alphabetical')
        metadata.update_column('sex', sdtype='categorical')
        synthesizer = fitted(metadata, rows)
        drawn = synthesizer.sample(40)
        assert set(drawn['size']) <= {'s', 'm', 'l'} and drawn['n'].between(-2**15, 2**15).all()
    """,
    'files': """
        synthesizer = fitted()
        first = synthesizer.sample(10)
        synthesizer.reset_sampling()
        synthesizer.save('fair.pkl')
        from sdv.utils import load_synthesizer
        pd.testing.assert_frame_equal(load_synthesizer('fair.pkl').sample(10), first)
        pd.testing.assert_frame_equal(FairDistillSynthesizer.load('fair.pkl').sample(10), first)
    """,
    'judging': """
        from sdv_fairdistill.evaluation import compare, evaluate, evaluate_fairness
        rows = fitted().sample(200)
        train, test = german.split()
        assert 'quality' in str(evaluate(table, rows, german.metadata, **german.roles, holdout=test)).lower()
        report = evaluate_fairness(table, rows, german.metadata, **german.roles, holdout=test, verbose=False)
        report.to_html('report.html')
        single = german.metadata.to_dict()['tables']['german_credit']
        compare({'ours': rows}, table, single, **german.roles, holdout=test)
    """,
    'the command line': """
        from sdv_fairdistill.__main__ import main
        table.to_csv('people.csv', index=False)
        roles = ['--sensitive', 'sex', '--target', 'credit', '--favorable', 'good']
        main(['fit', 'people.csv', *roles, '--epochs', '1', '--out', 'fair.pkl', '--synthetic', 'one.csv'])
        main(['sample', 'fair.pkl', '--rows', '12', '--out', 'two.csv'])
        main(['report', 'people.csv', 'one.csv', *roles, '--out', 'report.html'])
        main(['demo', '--table', 'german_credit', '--epochs', '1', '--out', 'demo.csv'])
        assert [len(pd.read_csv(f'{name}.csv')) for name in ('one', 'two', 'demo')] == [200, 12, 700]
    """,
    'Dask': """
        from distributed import Client
        from sdv_fairdistill.scale import fit_from_parquet, sample_to_parquet
        table.to_parquet('people.parquet')
        synthesizer = FairDistillSynthesizer(german.metadata, **german.roles, epochs=1, seed=0)
        with Client(processes=False, dashboard_address=':0') as client:
            fit_from_parquet(synthesizer, 'people.parquet', client)
            sample_to_parquet(synthesizer, 300, 'rows', client, partition_rows=100)
        assert len(pd.read_parquet('rows')) == 300
    """,
    'the benchmark': """
        from sdv.single_table import GaussianCopulaSynthesizer
        from sdv_fairdistill.benchmark import Contender, benchmark, fair_distill, sdv_contender
        if __name__ == '__main__':
            contenders = [fair_distill([1.0], epochs=1), sdv_contender('GaussianCopula')]
            results = benchmark(contenders, {'german': load_german_credit}, 'results.jsonl')
            assert results.failures().empty and len(results.tidy()) > 0, results.failures()
    """,
}


def run(script: str, folder) -> None:
    file = folder / 'script.py'
    file.write_text(BEGINNING + textwrap.dedent(script), encoding='utf-8')
    done = subprocess.run([sys.executable, '-W', 'ignore', file.name], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3_000:]


@only_sdv_1
@pytest.mark.parametrize('what', SCRIPTS)
def test_with_sdv_1(what, tmp_path):
    run(SCRIPTS[what], tmp_path)


class TestForm:
    def test_a_table_is_given_as_the_installed_sdv_takes_it(self):
        table = pd.DataFrame({'a': [1]})

        given = as_given('people', table)

        assert given is table if TAKES_FRAMES else given == {'people': table}
        assert version('sdv').startswith('1.') == TAKES_FRAMES

    def test_a_table_is_found_in_either_form(self):
        table = pd.DataFrame({'a': [1]})

        assert frame_of(table) is table
        assert frame_of({'people': table}) is table

    @pytest.mark.skipif(TAKES_FRAMES, reason='about SDV 2')
    @pytest.mark.parametrize('verb', ['fit', 'preprocess', 'fit_processed_data'])
    def test_the_form_of_sdv_1_is_refused_in_one_sentence(self, tiny, people, verb):
        with pytest.raises(InvalidDataTypeError, match='must be a dictionary containing exactly one table name'):
            getattr(tiny.people(), verb)(people)


class TestFilesOfAnotherVersion:
    def test_one_sentence_says_why_they_do_not_load(self, fitted, tmp_path, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(saved, 'version', lambda _: OTHER)
            fitted.save(tmp_path / 'fair.pkl')

        with pytest.raises(VersionError) as error:
            load_synthesizer(tmp_path / 'fair.pkl')

        assert str(error.value) == (
            f'This synthesizer was saved with SDV {OTHER}, whose files SDV {version("sdv")} cannot read: load it where'
            f' sdv {OTHER[0]}.x is installed, or fit anew.'
        )

    def test_another_minor_version_does_not_matter(self, fitted, tmp_path, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(saved, 'version', lambda _: f'{version("sdv")[0]}.999.0')
            fitted.save(tmp_path / 'fair.pkl')

        assert type(load_synthesizer(tmp_path / 'fair.pkl')) is type(fitted)
