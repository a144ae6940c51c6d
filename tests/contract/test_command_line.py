"""What the command line promises: files in, files out, one line and exit code 2 for input that cannot be used."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sdv.metadata import Metadata
from sdv.utils import load_synthesizer

from sdv_fairdistill import FairDistillSynthesizer
from sdv_fairdistill.__main__ import main
from sdv_fairdistill.datasets import load_german_credit
from sdv_fairdistill.goals import frontier

COLUMNS = ['sex', 'age', 'housing', 'credit_amount', 'foreign_worker', 'credit']
ROLES = ['--sensitive', 'sex', '--target', 'credit', '--favorable', 'good']

pytestmark = pytest.mark.usefixtures('small_fits')  # what is learned does not matter here


@pytest.fixture(scope='module')
def german() -> pd.DataFrame:
    return load_german_credit().table[COLUMNS].head(300)


@pytest.fixture
def folder(tmp_path, monkeypatch, german):
    """An empty folder to work in, but for the user's data."""
    monkeypatch.chdir(tmp_path)
    german.to_csv('data.csv', index=False)
    return tmp_path


@pytest.fixture
def model(folder):
    assert main(['fit', 'data.csv', *ROLES, '--epochs', '1', '--seed', '0', '--out', 'model.pkl']) == 0
    return folder / 'model.pkl'


def refused(capsys, *arguments: str) -> str:
    """The one line on stderr with which a command is refused."""
    capsys.readouterr()
    assert main(list(arguments)) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    return lines[0].partition('error: ')[2]


def files(folder) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_csv_in_csv_out(folder, german):
    assert main(['fit', 'data.csv', *ROLES, '--rows', '50', '--dial', '0.5', '--synthetic', 'rows.csv']) == 0
    rows = pd.read_csv('rows.csv')
    assert list(rows) == COLUMNS
    assert len(rows) == 50
    assert set(rows['sex']) <= set(german['sex'])
    assert files(folder) == {'data.csv', 'rows.csv'}


def test_rows_default_to_as_many_as_were_given(folder, german):
    assert main(['fit', 'data.csv', *ROLES, '--synthetic', 'rows.csv']) == 0
    assert len(pd.read_csv('rows.csv')) == len(german)


def test_a_saved_synthesizer_gives_the_same_rows_until_the_seed_changes(model):
    drawn = {}
    for name, options in {'a': [], 'b': [], 'c': ['--seed', '1'], 'd': ['--seed', '1'], 'e': ['--seed', '2']}.items():
        assert main(['sample', 'model.pkl', '--rows', '40', '--out', f'{name}.csv', *options]) == 0
        drawn[name] = pd.read_csv(f'{name}.csv')
    pd.testing.assert_frame_equal(drawn['a'], drawn['b'])
    pd.testing.assert_frame_equal(drawn['c'], drawn['d'])
    assert not drawn['a'].equals(drawn['c'])
    assert not drawn['c'].equals(drawn['e'])


def test_the_dial_of_a_saved_synthesizer_can_be_changed(model, monkeypatch):
    seen = []
    draw = FairDistillSynthesizer._sample
    monkeypatch.setattr(
        FairDistillSynthesizer, '_sample', lambda self, *rest: seen.append(self.dial) or draw(self, *rest)
    )
    for options in ([], ['--dial', '0.25']):
        assert main(['sample', 'model.pkl', '--rows', '5', '--out', 'rows.csv', *options]) == 0
    assert seen == [1.0, 0.25]


@pytest.fixture
def several(folder, monkeypatch):
    """A saved synthesizer of two notions that kept rows aside."""
    monkeypatch.setattr(frontier, 'DIALS', (0.0, 1.0))
    options = ['--notions', 'conditional_parity,equalized_odds', '--admissible', 'housing', '--admissible', 'age']
    fit = ['fit', 'data.csv', *ROLES, *options, '--holdout-share', '0.3', '--min-category-count', '5', '--seed', '0']
    assert main([*fit, '--out', 'model.pkl']) == 0
    return folder / 'model.pkl'


def test_fit_learns_the_notions_and_keeps_what_they_need(several):
    synthesizer = load_synthesizer(several)

    assert synthesizer.notions == ['conditional_parity', 'equalized_odds']
    assert synthesizer.notion == 'conditional_parity'
    assert synthesizer.admissible_columns == ['housing', 'age']
    assert (synthesizer.holdout_share, synthesizer.min_category_count) == (0.3, 5)


def test_sample_chooses_a_notion_and_a_goal(several, monkeypatch, capsys):
    seen = []
    draw = FairDistillSynthesizer._sample
    monkeypatch.setattr(
        FairDistillSynthesizer,
        '_sample',
        lambda self, *rest: seen.append((self.notion, self.dial)) or draw(self, *rest),
    )
    lines = pd.DataFrame({'dial': [0, 0.5, 1]})
    for name, figures in {'parity_ratio': [0.5, 0.7, 0.9], 'equalized_odds_difference': [0.3, 0.2, 0.1]}.items():
        lines[f'smooth_{name}'], lines[f'{name}_error'] = figures, 0.1
    for name, figures in {'parity_ratio': [0.5, 0.6, 0.7], 'equalized_odds_difference': [0.3, 0.1, 0.1]}.items():
        lines[f'smooth_{name}_without'], lines[f'{name}_without_error'] = figures, 0.0
    monkeypatch.setattr(FairDistillSynthesizer, 'get_frontier', lambda *_: lines)
    goals = (
        ['--at-least', '0.8', '--models', 'with'], ['--at-most', '0.1', '--confidence', '0.5'],
        ['--at-least', '0.6', '--confidence', '0.5', '--models', 'without'],
    )  # fmt: skip
    for options in ([], ['--notion', 'equalized_odds'], *goals):
        assert main(['sample', 'model.pkl', '--rows', '5', '--out', 'rows.csv', *options]) == 0

    assert seen == [
        ('conditional_parity', 1.0), ('equalized_odds', 1.0), ('conditional_parity', 0.97), ('conditional_parity', 1.0),
        ('conditional_parity', 0.5),
    ]  # fmt: skip
    said = capsys.readouterr().err
    assert (
        said.count('smooth_equalized_odds_difference ') == said.count('smooth_equalized_odds_difference_without ') == 3
    )
    assert (
        'Dial 0.97 reaches the goal 0.8 with confidence 0.8, for models with the sensitive columns.' in said
    )  # there it is .884, .84 errors of .1 above
    assert 'Dial 1 reaches the goal 0.1 with confidence 0.5, for models with and without the sensitive' in said
    assert 'Dial 0.5 reaches the goal 0.6 with confidence 0.5, for models without the sensitive columns.' in said


@pytest.mark.parametrize(
    ('options', 'expected'),
    [
        (['--notion', 'unawareness'], "notion='unawareness' is not among those learned"),
        (['--at-least', '0.8'], 'No rows were kept aside'),
        (['--at-most', '0.1'], 'No rows were kept aside'),
    ],
)
def test_what_was_not_learned_cannot_be_sampled(model, folder, capsys, options, expected):
    assert expected in refused(capsys, 'sample', 'model.pkl', '--rows', '5', '--out', 'rows.csv', *options)
    assert files(folder) == {'data.csv', 'model.pkl'}


def test_the_same_seed_writes_the_same_file(folder):
    for name in ('a.csv', 'b.csv'):
        assert main(['fit', 'data.csv', *ROLES, '--seed', '3', '--rows', '30', '--synthetic', name]) == 0
    assert (folder / 'a.csv').read_bytes() == (folder / 'b.csv').read_bytes()


def test_several_sensitive_columns_in_both_spellings(folder, monkeypatch):
    from sdv_fairdistill.command_line import fit as command

    seen = []
    build = command.FairDistillSynthesizer
    monkeypatch.setattr(
        command,
        'FairDistillSynthesizer',
        lambda *given, **named: seen.append(named['sensitive_columns']) or build(*given, **named),
    )
    rest = ['--target', 'credit', '--rows', '5', '--synthetic', 'rows.csv']
    assert main(['fit', 'data.csv', '--sensitive', 'sex,foreign_worker', *rest]) == 0
    assert main(['fit', 'data.csv', '--sensitive', 'sex', '--sensitive', 'foreign_worker', *rest]) == 0
    assert seen == [['sex', 'foreign_worker']] * 2


def test_a_name_with_a_comma_is_one_column(folder, german):
    german.rename(columns={'sex': 'sex, as recorded'}).to_csv('comma.csv', index=False)
    options = ['--sensitive', 'sex, as recorded', '--target', 'credit', '--rows', '5', '--synthetic', 'rows.csv']
    assert main(['fit', 'comma.csv', *options]) == 0
    assert 'sex, as recorded' in pd.read_csv('rows.csv')


def test_a_favorable_number_is_recognised(folder, german, capsys):
    german.assign(credit=np.where(german['credit'] == 'good', 1, 0)).to_csv('coded.csv', index=False)
    options = ['--sensitive', 'sex', '--target', 'credit', '--synthetic', 'rows.csv', '--rows', '5']
    assert main(['fit', 'coded.csv', *options, '--favorable', '1']) == 0
    assert "favorable_value='2' never occurs" in refused(capsys, 'fit', 'coded.csv', *options, '--favorable', '2')


def test_fit_says_what_it_took_the_columns_for(folder, capsys):
    assert main(['fit', 'data.csv', *ROLES, '--rows', '5', '--synthetic', 'rows.csv']) == 0
    said = capsys.readouterr().out
    assert 'age numerical' in said
    assert 'housing categorical' in said


def test_metadata_can_be_saved_corrected_and_used(folder, capsys):
    options = [*ROLES, '--rows', '5', '--synthetic', 'rows.csv']
    assert main(['fit', 'data.csv', *options, '--save-metadata', 'metadata.json']) == 0
    metadata = Metadata.load_from_json('metadata.json')
    metadata.update_column(table_name='data', column_name='age', sdtype='categorical')
    metadata.save_to_json('metadata.json', mode='overwrite')
    capsys.readouterr()
    assert main(['fit', 'data.csv', *options, '--metadata', 'metadata.json']) == 0
    assert 'detected' not in capsys.readouterr().out


def test_missing_values_are_announced_and_texts_can_be_kept(folder, german, capsys):
    german.assign(housing=['None'] * 150 + ['own'] * 150).to_csv('none.csv', index=False)
    options = [*ROLES, '--rows', '200', '--synthetic', 'rows.csv']
    assert main(['fit', 'none.csv', *options]) == 0
    assert 'Missing values: housing 150' in capsys.readouterr().out
    assert main(['fit', 'none.csv', *options, '--only-empty-missing']) == 0
    assert 'Missing values' not in capsys.readouterr().out
    assert 'None' in set(pd.read_csv('rows.csv', keep_default_na=False)['housing'])


@pytest.mark.parametrize(
    ('arguments', 'expected'),
    [
        (['fit', 'absent.csv', '--out', 'm.pkl'], 'No such file or directory'),
        (['fit', 'data.csv'], 'nothing to write'),
        (['fit', 'data.csv', '--out', 'no/where/m.pkl'], 'there is no folder'),
        (['fit', 'data.csv', '--out', '.'], 'is a folder'),
        (['fit', 'data.csv', '--synthetic', 'data.csv'], 'would be overwritten by its own output'),
        (
            ['fit', 'data.csv', '--sensitive', 'gender', '--target', 'credit', '--out', 'm.pkl'],
            "'gender', which is not in",
        ),
        (['fit', 'data.csv', '--sensitive', 'sex', '--target', 'sex', '--out', 'm.pkl'], 'is both target_column and'),
        (['fit', 'data.csv', *ROLES[:-1], 'great', '--out', 'm.pkl'], "favorable_value='great' never occurs"),
        (['fit', 'data.csv', *ROLES, '--notions', 'justice', '--out', 'm.pkl'], "'justice' is not known"),
        (['fit', 'data.csv', *ROLES, '--notions', 'conditional_parity', '--out', 'm.pkl'], 'needs admissible_columns'),
        (['fit', 'data.csv', *ROLES, '--admissible', 'housing', '--out', 'm.pkl'], 'would not be used'),
        (
            ['fit', 'data.csv', *ROLES, '--notion', 'conditional_parity', '--admissible', 'home', '--out', 'm.pkl'],
            "admissible_columns names 'home', which is not in",
        ),
        (['fit', 'data.csv', '--sensitive', 'sex', '--holdout-share', '.2', '--out', 'm.pkl'], 'keeps rows aside'),
        (['demo', '--notion', 'conditional_parity'], 'needs admissible_columns'),
        (['fit', 'data.csv', *ROLES, '--metadata', 'data.csv', '--out', 'm.pkl'], 'is not SDV metadata in JSON'),
        (['fit', 'data.csv', *ROLES, '--metadata', 'absent.json', '--out', 'm.pkl'], 'absent.json'),
        (['fit', 'empty.csv', '--out', 'm.pkl'], 'cannot be read as CSV'),
        (['fit', 'header.csv', '--out', 'm.pkl'], 'has no rows'),
        (['fit', 'binary.csv', '--out', 'm.pkl'], 'cannot be read as CSV'),
        (['sample', 'absent.pkl', '--rows', '1', '--out', 'rows.csv'], 'No such file or directory'),
        (['sample', 'data.csv', '--rows', '1', '--out', 'rows.csv'], 'cannot be loaded as a synthesizer'),
        (['sample', 'other.pkl', '--rows', '1', '--out', 'rows.csv'], 'cannot be loaded as a synthesizer'),
    ],
    ids=lambda value: ' '.join(value) if isinstance(value, list) else None,
)
def test_input_that_cannot_be_used_is_refused_in_one_line(folder, capsys, arguments, expected):
    (folder / 'empty.csv').write_text('')
    (folder / 'header.csv').write_text('sex,credit\n')
    (folder / 'binary.csv').write_bytes(b'sex,credit\n\xff\xfe\x00,good\n')
    (folder / 'other.pkl').write_bytes(pickle.dumps({'no': 'synthesizer'}))
    before = files(folder)
    assert expected in refused(capsys, *arguments)
    assert files(folder) == before


@pytest.mark.parametrize(
    'arguments',
    [
        ['sample', 'model.pkl', '--rows', '0', '--out', 'rows.csv'],
        ['sample', 'model.pkl', '--rows', 'many', '--out', 'rows.csv'],
        ['sample', 'model.pkl', '--rows', '5', '--dial', '1.5', '--out', 'rows.csv'],
        ['sample', 'model.pkl', '--rows', '5', '--dial', 'nan', '--out', 'rows.csv'],
        ['fit', 'data.csv', '--seed', '-1', '--out', 'model.pkl'],
        ['demo', '--seed', str(2**32)],
        ['sample', 'model.pkl', '--rows', '5', '--at-least', '1.5', '--out', 'rows.csv'],
        ['sample', 'model.pkl', '--rows', '5', '--at-least', 'much', '--out', 'rows.csv'],
        ['sample', 'model.pkl', '--rows', '5', '--dial', '1', '--at-least', '0.8', '--out', 'rows.csv'],
        ['sample', 'model.pkl', '--rows', '5', '--at-most', '0.1', '--at-least', '0.8', '--out', 'rows.csv'],
        ['sample', 'model.pkl', '--rows', '5', '--at-most', '0.1', '--confidence', '0.4', '--out', 'rows.csv'],
        ['demo', '--dial', '1', '--at-most', '0.1'],
        ['demo', '--at-most', '0.1', '--models', 'all'],
        ['fit', 'data.csv', '--holdout-share', '0.6', '--out', 'model.pkl'],
        ['fit', 'data.csv', '--min-category-count', '-1', '--out', 'model.pkl'],
        ['fit', 'data.csv', '--epochs', '0', '--out', 'model.pkl'],
        ['refit', 'data.csv'],
        [],
    ],
    ids=' '.join,
)
def test_options_that_are_not_allowed_exit_with_2(folder, capsys, arguments):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    said = capsys.readouterr()
    assert stopped.value.code == 2
    assert said.out == ''
    assert said.err.count('\n') == 1
    assert ': error: ' in said.err
    assert files(folder) == {'data.csv'}


@pytest.mark.parametrize('failure', [OSError('No space left on device'), KeyboardInterrupt()], ids=['full', 'ctrl-c'])
def test_a_failure_while_writing_leaves_the_old_file_and_no_other(model, folder, monkeypatch, failure):
    (folder / 'rows.csv').write_text('old')
    before = files(folder)

    def break_off(self, path, **_):
        path.write_text('half')
        raise failure

    monkeypatch.setattr(pd.DataFrame, 'to_csv', break_off)
    assert main(['sample', 'model.pkl', '--rows', '5', '--out', 'rows.csv']) in (2, 130)
    assert (folder / 'rows.csv').read_text() == 'old'
    assert files(folder) == before


def test_an_existing_output_is_replaced_and_its_ending_decides_the_compression(model, folder):
    (folder / 'rows.csv.gz').write_text('old')
    assert main(['sample', 'model.pkl', '--rows', '7', '--out', 'rows.csv.gz']) == 0
    assert len(pd.read_csv('rows.csv.gz', compression='gzip')) == 7


def test_the_demo_prints_real_beside_synthetic_and_writes_the_rows(folder, capsys):
    assert main(['demo', '--table', 'german_credit', '--rows', '200', '--seed', '1', '--out', 'out.csv']) == 0
    said = capsys.readouterr().out
    assert '700 rows to learn from, 300 held out' in said
    lines = [
        ' real  synthetic',
        'Quality (SDMetrics)',
        'Association similarity',
        'Two-sample AUC',
        'Label parity ratio',
    ]
    assert [said.index(line) for line in lines] == sorted(map(said.index, lines))
    assert 'Fitted in ' in said
    assert len(pd.read_csv('out.csv')) == 200


def test_the_demo_takes_a_notion_and_looks_for_a_goal(folder, capsys, monkeypatch):
    monkeypatch.setattr(frontier, 'DIALS', (0.0, 1.0))
    demo = ['demo', '--table', 'german_credit', '--rows', '200', '--notion', 'unawareness', '--out', 'out.csv']
    assert main([*demo, '--at-most', '1', '--confidence', '0.5', '--models', 'without']) == 0
    said = capsys.readouterr()
    assert 'Dial 0 reaches the goal 1 with confidence 0.5, for models without the sensitive columns.' in said.err
    assert 'Dial 0, seed 0.' in said.out


def test_the_module_runs_as_a_program(folder):
    def run(*arguments):
        command = [sys.executable, '-m', 'sdv_fairdistill', *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    assert 'any code' in ' '.join(run('sample', '--help').stdout.split())
    failed = run('fit', 'absent.csv', '--out', 'm.pkl')
    assert failed.returncode == 2
    assert failed.stderr.startswith('python -m sdv_fairdistill: error: ')
    assert failed.stderr.count('\n') == 1


@pytest.mark.parametrize('command', [[], ['demo'], ['fit'], ['sample'], ['report'], ['benchmark']], ids=' '.join)
def test_every_help_can_be_printed(capsys, command):
    with pytest.raises(SystemExit) as end:
        main([*command, '--help'])

    assert end.value.code == 0
    assert capsys.readouterr().out.startswith('usage: ')
