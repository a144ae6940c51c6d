"""Files that were saved before the modules had rooms: they load, and give what they gave.

``data/`` holds what commit 7149d7d saved under SDV 2.0.0: a synthesizer of 60 rows with tiny networks, a goal and two
notions; the first ten rows that it drew once loaded; and a report. The synthesizer's unused generator of personal data
was taken out, since it names the methods of one version of Faker.
"""

from __future__ import annotations

import pickle
import pickletools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sdv.utils import load_synthesizer

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.helpers.old_names import OLD_NAMES
from sdv_fairdistill.plugin.versions import TAKES_FRAMES
from sdv_fairdistill.report import FairnessReport

DATA = Path(__file__).parent / 'data'
SYNTHESIZER, REPORT, ROWS = DATA / 'old_synthesizer.pkl', DATA / 'old_report.pkl', DATA / 'old_rows.csv'

pytestmark = [
    pytest.mark.skipif(np.__version__ < '2', reason='numpy 1 reads no files of numpy 2'),
    pytest.mark.skipif(TAKES_FRAMES, reason='SDV 1 reads no files of SDV 2'),
]


@pytest.fixture(scope='module')
def loaded():
    return load_synthesizer(SYNTHESIZER)


def modules_in(saved: bytes) -> set[str]:
    """The modules of this package that a pickle names, and those pickles that lie in it as bytes."""
    arguments = [argument for _, argument, _ in pickletools.genops(saved)]
    texts = {argument for argument in arguments if isinstance(argument, str)}
    inside = [
        part for part in arguments if isinstance(part, bytes) and part.startswith(b'\x80') and part.endswith(b'.')
    ]
    found = {text for text in texts if text.startswith('sdv_fairdistill.')}
    return found.union(*map(modules_in, inside))


def test_the_files_name_every_module_that_has_moved():
    assert set(OLD_NAMES) <= modules_in(SYNTHESIZER.read_bytes())
    assert SYNTHESIZER.stat().st_size < 200_000


def test_an_old_synthesizer_draws_the_rows_that_it_drew():
    rows = load_synthesizer(SYNTHESIZER).sample(10)['people']

    pd.testing.assert_frame_equal(rows, pd.read_csv(ROWS), check_dtype=False)


def test_an_old_synthesizer_does_all_that_a_new_one_does(loaded, tmp_path):
    assert set(loaded.get_frontier('demographic_parity')) > {'dial', 'parity_ratio'}
    loaded.set_fairness('demographic_parity', dial=0.5)
    rows = loaded.sample(60)['people']
    assert len(loaded.get_fair_representation(rows)) == 60
    assert set(loaded.get_loss_values()['Stage']) == {'Teacher', 'Student'}
    loaded.save(tmp_path / 'new.pkl')
    named = modules_in((tmp_path / 'new.pkl').read_bytes())
    assert {'sdv_fairdistill.synthesizer', 'sdv_fairdistill.method.model'} <= named
    assert not named & set(OLD_NAMES)


def test_an_old_frontier_knows_one_kind_of_models_and_says_so(loaded):
    with pytest.raises(FairDistillError, match='this file knows only models with the sensitive columns, so fit anew'):
        loaded.set_fairness('demographic_parity', at_least=0.5)
    # What it knows of that kind is that its few rows kept aside say nothing.
    with pytest.raises(FairDistillError, match='undefined at every dial, for models with the sensitive columns'):
        loaded.set_fairness('demographic_parity', at_least=0.5, models='with')


def test_an_old_synthesizer_can_be_fitted_again():
    old = load_synthesizer(SYNTHESIZER)
    old.fit({'people': old.sample(60)['people']})

    assert len(old.sample(5)['people']) == 5


def test_an_old_report_is_a_report(tmp_path):
    report = FairnessReport.load(REPORT)

    assert list(report.get_properties()['Property']) == [
        'Label Parity', 'Downstream Parity', 'Utility', 'Independence',
    ]  # fmt: skip
    report.to_html(tmp_path / 'page.html')
    assert (tmp_path / 'page.html').stat().st_size > 1_000_000


@pytest.mark.parametrize('first', ['import sdv', 'import pickle'])
def test_a_new_process_loads_an_old_file_whatever_it_has_imported(first):
    script = f'{first}\nimport pickle\nprint(type(pickle.load(open({str(SYNTHESIZER)!r}, "rb"))._model).__module__)'
    done = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, cwd=sys.prefix, check=True)

    assert done.stdout.strip() == 'sdv_fairdistill.method.model'


@pytest.mark.parametrize(('old', 'new'), OLD_NAMES.items(), ids=list(OLD_NAMES))
def test_an_old_name_is_the_module_itself(old, new):
    __import__(old)
    __import__(new)

    assert sys.modules[old] is sys.modules[new]
    assert sys.modules[new].__spec__.name == sys.modules[new].__name__ == new


def test_other_names_are_not_found():
    with pytest.raises(ModuleNotFoundError):
        __import__('sdv_fairdistill.options')
    with pytest.raises(ModuleNotFoundError):
        pickle.loads(b'csdv_fairdistill.nothing\nNothing\n.')
