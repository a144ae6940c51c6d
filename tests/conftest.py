"""What all tests share: no deadline for an example of Hypothesis, one thread for each of several test processes, the
same chance in every run, one form of tables whichever SDV is installed, and no date that SDV parses twice."""

import os

if 'PYTEST_XDIST_WORKER' in os.environ:  # two processes with two threads each, on two cores, would wait for each other
    os.environ.setdefault('OMP_NUM_THREADS', '1')
    os.environ.setdefault('LOKY_MAX_CPU_COUNT', '1')  # CTGAN would start a process for each core

import datetime
import random
import sys
from functools import lru_cache, wraps
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from sdv.metadata import Metadata
from sdv.single_table.base import BaseSingleTableSynthesizer, BaseSynthesizer

from sdv_fairdistill.plugin.versions import TAKES_FRAMES, frame_of

settings.register_profile('any machine', deadline=None)  # how long an example takes is the machine's business
settings.load_profile('any machine')


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Lets each test, and the fixtures made for it, begin at the same state of the global generators of numbers.

    Nothing in the package depends on these, but weights of networks that a test makes do: a test must not pass in one
    run and fail in the next, nor pass because of the tests before it.
    """
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 -- it is the global one that is meant
    if 'torch' in sys.modules:
        sys.modules['torch'].manual_seed(0)


TAKE = ('fit', 'validate', 'preprocess', 'fit_processed_data', 'auto_assign_transformers')
GIVE = ('sample', 'sample_from_conditions', 'sample_remaining_columns', 'preprocess')


def in_the_form_of_sdv_2(verb: str) -> None:
    """Lets a verb of SDV 1's synthesizers take ``{table_name: DataFrame}`` as well, and give it, as SDV 2's do.

    The tests are written in that form. That of SDV 1 itself is tested by ``contract/test_sdv_1.py``, without this.
    """
    owner = BaseSynthesizer if verb in vars(BaseSynthesizer) else BaseSingleTableSynthesizer
    original = vars(owner)[verb]

    @wraps(original)
    def wrapped(self, *arguments, **more):
        if verb in TAKE and arguments:
            arguments = (frame_of(arguments[0]), *arguments[1:])
        found = original(self, *arguments, **more)
        return {self._table_name: found} if verb in GIVE and found is not None else found

    setattr(owner, verb, wrapped)


def reading_ordinal(load):
    """Lets SDV 1 read what SDV 2 calls ordinal: to the former it is a categorical column with an order."""

    @wraps(load)
    def wrapped(description, *arguments, **more):
        described = {
            name: {**table, 'columns': {column: as_in_sdv_1(about) for column, about in table['columns'].items()}}
            for name, table in description.get('tables', {}).items()
        }
        return load({**description, **({'tables': described} if described else {})}, *arguments, **more)

    return staticmethod(wrapped)


def as_in_sdv_1(about):
    if about.get('sdtype') != 'ordinal':
        return about
    levels = {'order': about['range_values']} if 'range_values' in about else {}
    return {'sdtype': 'categorical', **levels}


if TAKES_FRAMES and 'FORM_OF_SDV_1' not in os.environ:
    for each in dict.fromkeys(TAKE + GIVE):
        in_the_form_of_sdv_2(each)
    Metadata.load_from_dict = reading_ordinal(Metadata.load_from_dict)


def remembers_texts(parse):
    """Lets a function of SDV remember what it made of a text: it parses dates one by one, a millisecond each."""
    remembered = lru_cache(maxsize=100_000)(parse)

    @wraps(parse)
    def wrapped(value, *arguments, **more):
        return (remembered if isinstance(value, str) else parse)(value, *arguments, **more)

    return wrapped


def knows_moments(parse):
    """Lets SDV see at once that a moment is a date: it guesses the format of each first, then takes it anyway."""

    @wraps(parse)
    def wrapped(value):
        is_moment = isinstance(value, (datetime.datetime, pd.Period)) and not pd.isna(value)
        return True if is_moment else parse(value)

    return wrapped


METADATA = 'sdv.metadata.single_table' if TAKES_FRAMES else 'sdv.metadata._single_table'
SLOW = {
    ('sdv._utils', '_parse_datetime64_value'): remembers_texts,
    ('sdv.data_processing.datetime_formatter', '_datetime_string_matches_format'): remembers_texts,
    (METADATA, '_is_datetime_type'): knows_moments,
}  # fmt: skip
for (place, name), quicker in SLOW.items():
    module = import_module(place)
    if hasattr(module, name):  # not the same in each SDV
        setattr(module, name, quicker(getattr(module, name)))
