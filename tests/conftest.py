"""What all tests share: no deadline for an example of Hypothesis, one thread for each of several test processes, and
one form of tables whichever SDV is installed."""

import os

if 'PYTEST_XDIST_WORKER' in os.environ:  # two processes with two threads each, on two cores, would wait for each other
    os.environ.setdefault('OMP_NUM_THREADS', '1')

from functools import wraps

from hypothesis import settings
from sdv.metadata import Metadata
from sdv.single_table.base import BaseSingleTableSynthesizer, BaseSynthesizer

from sdv_fairdistill.plugin.versions import TAKES_FRAMES, frame_of

settings.register_profile('any machine', deadline=None)  # how long an example takes is the machine's business
settings.load_profile('any machine')

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
