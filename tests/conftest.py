"""What all tests share: no deadline for an example of Hypothesis, and one thread for each of several test processes."""

import os

if 'PYTEST_XDIST_WORKER' in os.environ:  # two processes with two threads each, on two cores, would wait for each other
    os.environ.setdefault('OMP_NUM_THREADS', '1')

from hypothesis import settings

settings.register_profile('any machine', deadline=None)  # how long an example takes is the machine's business
settings.load_profile('any machine')
