"""How rows are divided, and that a folder belongs to one call."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.scale.plan import Plan

PLAN = Plan(10, 4, 0, 'Some', 'demographic_parity', 0.1, 'digest')


@given(st.integers(1, 500), st.integers(1, 60))
def test_partitions_are_of_like_size_and_hold_all_rows(rows, most):
    sizes = [partition.rows for partition in replace(PLAN, num_rows=rows, partition_rows=most).partitions()]

    assert sum(sizes) == rows
    assert max(sizes) - min(sizes) <= 1
    assert max(sizes) <= most
    assert len(sizes) == -(-rows // most)


def test_every_partition_has_its_own_numbers_and_the_same_ones_each_time():
    drawn = [partition.seed.generate_state(4).tolist() for partition in PLAN.partitions()]

    assert drawn == [partition.seed.generate_state(4).tolist() for partition in PLAN.partitions()]
    assert len({tuple(state) for state in drawn}) == 3
    assert drawn != [partition.seed.generate_state(4).tolist() for partition in replace(PLAN, seed=1).partitions()]


def test_the_same_plan_opens_a_folder_again(tmp_path):
    PLAN.open(tmp_path / 'a' / 'b')
    PLAN.open(tmp_path / 'a' / 'b')
    assert [path.name for path in (tmp_path / 'a' / 'b').iterdir()] == ['_manifest.json']


@pytest.mark.parametrize(
    ('name', 'value', 'expected'),
    [
        ('num_rows', 11, 'num_rows was 10 and is 11'),
        ('partition_rows', 5, 'partition_rows was 4 and is 5'),
        ('seed', 3, 'seed was 0 and is 3'),
        ('synthesizer', 'Other', "synthesizer was 'Some' and is 'Other'"),
        ('notion', None, "notion was 'demographic_parity' and is None"),
        ('dial', 0.2, 'dial was 0.1 and is 0.2'),
        ('first_rows', 'other', "first_rows was 'digest' and is 'other'"),
    ],
)
def test_another_plan_is_refused(tmp_path, name, value, expected):
    PLAN.open(tmp_path)
    manifest = (tmp_path / '_manifest.json').read_bytes()
    with pytest.raises(FairDistillError, match=f'holds rows of another call: {expected}. Give a new folder'):
        replace(PLAN, **{name: value}).open(tmp_path)
    assert (tmp_path / '_manifest.json').read_bytes() == manifest


@pytest.mark.parametrize('text', ['', '[1]', '{"num_rows": 10'])
def test_a_broken_manifest_is_refused(tmp_path, text):
    (tmp_path / '_manifest.json').write_text(text)
    with pytest.raises(FairDistillError, match='is no manifest'):
        PLAN.open(tmp_path)


def test_a_folder_of_other_files_and_a_file_are_refused(tmp_path):
    pd.DataFrame({'x': [1]}).to_parquet(tmp_path / 'mine.parquet')
    with pytest.raises(FairDistillError, match='were not sampled into it'):
        PLAN.open(tmp_path)
    with pytest.raises(FairDistillError, match='is a file; give the name of a folder'):
        PLAN.open(tmp_path / 'mine.parquet')
    assert [path.name for path in tmp_path.iterdir()] == ['mine.parquet']
