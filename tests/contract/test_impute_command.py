"""The command ``impute``: from a file with missing values to files without."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.__main__ import main


@pytest.fixture
def files(fitted, people, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fitted.save('model.pkl')
    table = people.assign(age=people['age'].mask(np.arange(len(people)) % 3 == 0))
    table.to_csv('holes.csv', index=False)
    return table


def test_missing_values_are_filled_in(files, capsys):
    assert main(['impute', 'model.pkl', 'holes.csv', '--dial', '0', '--out', 'full.csv']) == 0

    full = pd.read_csv('full.csv')
    assert full.drop(columns=['name', 'note', 'person']).notna().all(axis=None)
    known = files['age'].notna()
    assert (full['age'][known] == files['age'][known]).all()
    assert 'Filled in' in capsys.readouterr().out


def test_several_imputations_get_files_of_their_own(files):
    assert main(['impute', 'model.pkl', 'holes.csv', '--imputations', '2', '--seed', '3', '--out', 'full.csv']) == 0

    one, other = pd.read_csv('full_1.csv'), pd.read_csv('full_2.csv')
    assert one.shape == other.shape == files.shape
    assert not one.equals(other)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['model.pkl', 'holes.csv', '--out', 'holes.csv'], 'would be overwritten by its own output'),
        (['model.pkl', 'absent.csv', '--out', 'full.csv'], 'absent.csv'),
        (['holes.csv', 'holes.csv', '--out', 'full.csv'], 'cannot be loaded as a synthesizer'),
    ],
)
def test_what_cannot_be_done_is_one_line(files, capsys, arguments, message):
    assert main(['impute', *arguments]) == 2
    assert message in capsys.readouterr().err
