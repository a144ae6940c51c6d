"""Held-out rows that a model finds unlikely, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.report.unlikely import check_synthesizer, unlikely_rows, unlikely_words


class Model:
    """Finds a row as likely as its one number says."""

    def log_likelihood(self, rows):
        return pd.DataFrame({'log_likelihood': rows['likely'], 'standard_error': 0.0})


def test_rows_below_nearly_all_others_are_counted():
    real, held_out = pd.DataFrame({'likely': np.arange(100.0)}), pd.DataFrame({'likely': [-np.inf, -1, 0, 50]})
    found = unlikely_rows(Model(), real, held_out, seed=0)
    assert found == {'threshold': 0.0, 'rows': 4, 'unlikely': 2, 'impossible': 1}
    assert unlikely_words(found).startswith('50.0 % of 4 held-out rows')


def test_without_a_synthesizer_nothing_is_said():
    assert unlikely_rows(None, pd.DataFrame(), pd.DataFrame(), seed=0) is None


def test_what_cannot_say_it_is_refused():
    with pytest.raises(FairDistillError, match='synthesizer=str cannot say'):
        check_synthesizer('model')
