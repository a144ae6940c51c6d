"""The command line writes a report: of the demo, and of anybody's CSV files."""

from __future__ import annotations

import pytest

from sdv_fairdistill.__main__ import main
from sdv_fairdistill.datasets import load_german_credit

ROLES = ['--sensitive', 'sex', '--target', 'credit', '--favorable', 'good']
COLUMNS = ['sex', 'age', 'housing', 'credit_amount', 'credit']


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with real, synthetic and held-out rows."""
    monkeypatch.chdir(tmp_path)
    table = load_german_credit().table[COLUMNS]
    for name, part in {'real': table[:300], 'synthetic': table[300:600], 'holdout': table[600:]}.items():
        part.to_csv(f'{name}.csv', index=False)
    return tmp_path


def test_a_report_on_csv_files(folder, capsys):
    files = ['real.csv', 'synthetic.csv', '--holdout', 'holdout.csv']
    assert main(['report', *files, *ROLES, '--out', 'page.html']) == 0
    said = capsys.readouterr().out
    assert 'Overall Score (Average): ' in said
    assert 'Wrote the report to ' in said
    page = (folder / 'page.html').read_text(encoding='utf-8')
    assert '300 real rows, 300 synthetic' in page
    assert 'No held-out rows were given' not in page


def test_without_held_out_rows_the_page_says_so(folder):
    assert main(['report', 'real.csv', 'synthetic.csv', *ROLES, '--out', 'page.html']) == 0
    assert 'No held-out rows were given' in (folder / 'page.html').read_text(encoding='utf-8')


@pytest.mark.parametrize(
    ('changed', 'expected'),
    [
        (['--out', 'no/page.html'], 'there is no folder'),
        (['--out', 'synthetic.csv'], 'would be overwritten'),
        (['--out', 'page.html', '--target', 'wealth'], "'wealth', which is not in"),
        (['--out', 'page.html', '--holdout', 'absent.csv'], 'No such file'),
    ],
)
def test_a_report_that_cannot_be_made_is_refused_in_one_line(folder, capsys, changed, expected):
    before = sorted(folder.iterdir())
    assert main(['report', 'real.csv', 'synthetic.csv', *ROLES, *changed]) == 2
    error = capsys.readouterr().err
    assert expected in error
    assert error.count('\n') == 1
    assert sorted(folder.iterdir()) == before


def test_the_demo_writes_a_report_if_asked(folder, small_fits):
    options = ['--table', 'german_credit', '--rows', '200', '--out', 'rows.csv', '--report', 'page.html']
    assert main(['demo', *options]) == 0
    assert '700 real rows, 200 synthetic, 300 held out.' in (folder / 'page.html').read_text(encoding='utf-8')
