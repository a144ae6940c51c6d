"""What the script for SDGym writes is what SDGym reads; SDGym itself is not among what the tests need."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest
from sdv.metadata import Metadata

from sdv_fairdistill.datasets import BUNDLED

SCRIPT = Path(__file__).resolve().parents[2] / 'tutorials' / 'run_sdgym.py'


@pytest.mark.parametrize('name', BUNDLED)
def test_a_table_is_written_as_sdgym_reads_it(name, tmp_path):
    dataset = BUNDLED[name]()
    place = runpy.run_path(str(SCRIPT))['write_dataset'](dataset, tmp_path)

    assert place == tmp_path / 'single_table' / name
    with ZipFile(place / 'data.zip') as archive, archive.open(f'{name}.csv') as file:
        assert archive.namelist() == [f'{name}.csv']
        pd.testing.assert_frame_equal(pd.read_csv(file), dataset.table)
    described = json.loads((place / 'metadata.json').read_text(encoding='utf-8'))
    assert Metadata.load_from_dict(described).to_dict() == dataset.metadata.to_dict()


def test_the_script_works_in_the_folder_of_the_table_and_comes_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'deep').mkdir()
    seen = []
    with runpy.run_path(str(SCRIPT))['inside'](tmp_path / 'deep'):
        seen.append(Path.cwd())

    assert [*seen, Path.cwd()] == [tmp_path / 'deep', tmp_path]
