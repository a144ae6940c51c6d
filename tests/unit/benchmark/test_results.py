"""The file of results outlives a kill; tables made of it hold what was measured and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from sdv_fairdistill.benchmark.measure import FIT
from sdv_fairdistill.benchmark.results import Results, ResultsFile
from sdv_fairdistill.errors import FairDistillError

from .conftest import record


def test_what_is_appended_is_read_back_with_undefined_as_missing(tmp_path):
    file = ResultsFile(tmp_path / 'results.jsonl')
    assert file.read() == []
    file.append(record('one', 0, 2.0, AUC=np.nan))
    file.append(record('twö', 0, 3.0, AUC=0.5))
    frame = Results.read(file.path).frame()
    assert list(frame['contender']) == ['one', 'twö']
    assert list(frame[FIT]) == [2.0, 3.0]
    assert frame['AUC'].isna().tolist() == [True, False]


@pytest.mark.parametrize('cut', [1, 40])
def test_a_line_that_a_kill_has_cut_off_counts_as_not_written_and_is_written_over(tmp_path, cut):
    file = ResultsFile(tmp_path / 'results.jsonl')
    file.append(record('one', 0, 2.0))
    first = file.path.read_bytes()
    file.append(record('two', 0, 3.0))
    file.path.write_bytes(file.path.read_bytes()[:-cut])
    assert [each['contender'] for each in file.read()] == ['one']
    file.append(record('three', 0, 4.0))
    assert [each['contender'] for each in file.read()] == ['one', 'three']
    assert file.path.read_bytes().startswith(first)


@pytest.mark.parametrize('line', ['{"a": 1}\n', 'no json\n', '[1]\n'])
def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path, line):
    path = tmp_path / 'other.txt'
    path.write_text(line)
    with pytest.raises(FairDistillError, match='line 1: this is no run of a benchmark'):
        Results.read(path)
    assert path.read_text() == line


def test_the_last_record_of_a_run_counts():
    results = Results.of([record('one', 0, 2.0), record('one', 1, 5.0), record('one', 0, 3.0)])
    assert list(results.frame()[FIT]) == [3.0, 5.0]


def test_a_run_without_a_sample_that_is_asked_for_is_not_done():
    results = Results.of([record('one', 0, 2.0)])
    assert results.status('one', 'people', 0, ['']) == 'done'
    assert results.status('one', 'people', 0, ['', 'dial 1']) is None
    assert results.status('one', 'people', 1, ['']) is None


def test_tidy_has_a_line_a_figure_and_none_for_what_was_not_measured():
    tidy = Results.of([record('one', 0, 2.0, AUC=None), record('real', 0, AUC=0.9)]).tidy()
    lines = {(line.contender, line.metric): line.value for line in tidy.itertuples()}
    assert lines.pop(('one', 'AUC')) is not None  # it is there, and undefined
    assert lines == {
        ('one', 'Fit (s)'): 2.0,
        ('one', 'Peak memory (MB)'): 100.0,
        ('one', 'Sample (s)'): 1.0,
        ('real', 'AUC'): 0.9,
    }
