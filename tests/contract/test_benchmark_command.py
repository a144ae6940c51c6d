"""The command ``benchmark``: its files, what it says, what it refuses."""

from __future__ import annotations

import pandas as pd
import pytest

from sdv_fairdistill.__main__ import main
from sdv_fairdistill.benchmark import Results, run

PEER = """
from sdv_fairdistill.datasets import load_german_credit as load
from sdv_fairdistill.plugin.versions import frame_of

class Peer:
    def fit(self, data):
        self.rows = frame_of(data)
    def sample(self, num_rows):
        return self.rows.sample(num_rows, random_state=0)

class Broken(Peer):
    def fit(self, data):
        1 / 0
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder with a peer in it; runs happen in this process, which is faster."""
    (tmp_path / 'peer_of_tests.py').write_text(PEER)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(run, 'run_apart', lambda work, timeout: work())
    return tmp_path


def test_a_benchmark_prints_its_summary_and_writes_results_and_pictures(folder, capsys):
    contenders = 'TVAE,peer_of_tests:Peer'
    command = ['benchmark', '--tables', 'german_credit', '--contenders', contenders, '--tvae-epochs', '1']
    assert main([*command, '--out', 'out']) == 0
    said = capsys.readouterr().out
    assert 'german_credit: 700 rows, 21 columns learned, 1 seed' in said
    assert 'TVAE(epochs=1) takes' in said
    assert (folder / 'out' / 'results.txt').read_text().strip() in said
    pages = {'tradeoff_german_credit.html', 'costs_german_credit.html'}
    assert {path.name for path in (folder / 'out').glob('*.html')} == pages
    frame = Results.read('out/results.jsonl').frame()
    assert frame['copy'].tolist() == ['real', 'TVAE(epochs=1)', 'peer_of_tests:Peer']
    assert main([*command, '--out', 'out']) == 0  # nothing is measured again
    pd.testing.assert_frame_equal(Results.read('out/results.jsonl').frame(), frame)


def test_ours_has_a_line_a_notion_and_dial(folder, small_fits):
    ours = ['--contenders', 'FairDistill', '--notions', 'demographic_parity,unawareness', '--dials', '0,1']
    assert main(['benchmark', '--tables', 'german_credit', *ours, '--epochs', '1']) == 0
    frame = Results.read('benchmark/results.jsonl').frame().set_index('sample')
    dials = [f'{notion}, dial {dial}' for notion in ('demographic parity', 'unawareness') for dial in (0, 1)]
    assert frame.index.tolist() == ['', *dials]
    assert frame.loc[dials, 'Fit (s)'].nunique() == 1  # one fit
    judged = ['Quality (SDMetrics)', 'Association similarity', 'Two-sample AUC', 'AUC']
    assert frame.loc[dials, judged].notna().all(axis=None)


def test_the_cost_by_size_is_printed_and_drawn(folder, capsys):
    command = ['benchmark', '--cost', '--rows', '100,200', '--contenders', 'GaussianCopula']
    assert main(command) == 0
    lines = [line.split()[:3] for line in capsys.readouterr().out.splitlines()]
    for size in (['rows', '100'], ['rows', '200']):
        assert [*size, 'GaussianCopula'] in lines
    written = {path.name for path in (folder / 'benchmark').iterdir()}
    assert written - {'growth.png'} == {'growth.jsonl', 'growth.txt', 'growth.html'}  # a PNG where kaleido is


def test_a_table_of_the_user_and_a_failure(folder, capsys):
    command = ['benchmark', '--tables', 'peer_of_tests:load', '--contenders', 'peer_of_tests:Broken']
    assert main(command) == 0
    assert 'Failed: peer_of_tests:Broken on peer_of_tests:load, seed 0: fit: ZeroDiv' in capsys.readouterr().out


def test_ctrl_c_says_where_what_is_finished_is(folder, monkeypatch, capsys):
    def interrupted(work, timeout):
        if work.contender:
            raise KeyboardInterrupt
        return work()

    monkeypatch.setattr(run, 'run_apart', interrupted)
    assert main(['benchmark', '--tables', 'german_credit', '--contenders', 'GaussianCopula']) == 130
    assert 'the same command goes on from there' in capsys.readouterr().out
    assert Results.read('benchmark/results.jsonl').frame()['copy'].tolist() == ['real']


@pytest.mark.parametrize(
    ('options', 'expected'),
    [
        (['--tables', 'adults'], '--tables adults: name some of adult, german_credit, or MODULE:NAME'),
        (['--contenders', 'GAN'], '--contenders GAN: name some of FairDistill,'),
        (['--contenders', 'absent_module:make'], 'cannot be imported'),
        (['--contenders', 'peer_of_tests:absent'], 'cannot be imported'),
        (['--contenders', 'peer_of_tests:PEER_OF_NOTHING'], 'cannot be imported'),
        (['--notions', 'fair'], '--notions fair: name some of blind_parity'),
        (['--rows', '1000'], 'are sizes of --cost'),
        (['--cost', '--tables', 'adult'], '--cost makes its own tables'),
        (['--out', 'peer_of_tests.py'], 'is a file; give a folder'),
    ],
)
def test_input_that_cannot_be_used_is_refused_in_one_line(folder, capsys, options, expected):
    assert main(['benchmark', *options]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert expected in line
    assert not (folder / 'benchmark').exists()


@pytest.mark.parametrize(
    'options', [['--seeds', '0,x'], ['--dials', '2'], ['--cost', '--columns', '2'], ['--timeout', '0']]
)
def test_options_that_are_not_allowed_exit_with_2(folder, options):
    with pytest.raises(SystemExit) as stopped:
        main(['benchmark', *options])
    assert stopped.value.code == 2
