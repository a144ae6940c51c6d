"""The RDT transformer of datetime columns; texts are parsed and formatted by RDT, the binning is in `binning`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from rdt.transformers import UnixTimestampEncoder

from sdv_fairdistill.encoding.binned import BinnedTransformer
from sdv_fairdistill.encoding.binning import BinningConfig
from sdv_fairdistill.table.dates import DateType

__all__ = ['DatetimeBinner']

_NAME = 'date'  # of the one column of the tables that the parser is given

_ERROR_OF_DATES = 1_024.0  # nanoseconds between neighbouring floats, at the ends of what pandas holds
_ERROR_OF_NEARER_DATES = 256.0  # half of that between 1824 and 2116, less than the microsecond that %f shows

# A day, an hour, a minute, a second, a millisecond and a microsecond, in nanoseconds.
_TIME_STEPS = (86_400e9, 3_600e9, 60e9, 1e9, 1e6, 1e3)


class DatetimeBinner(BinnedTransformer):
    """Turn a datetime column into codes whose floor is a token.

    Timestamps are float64 nanoseconds, good to a fraction of a microsecond; so are their codes, except that where a bin
    spans decades its times come back to some microseconds only. The coarsest unit of which all of them are
    multiples (a day, an hour, … a microsecond) is learned and kept, so a column of days gives days.

    Args:
        datetime_format: The ``strftime`` format of the column; guessed from the data if None.
        enforce_min_max_values: Taken because SDV passes it; dates never leave the range seen.
        max_tokens: The most bins, besides the one of missing values.
        max_knots: The most pieces of the inverse distribution.

    Example:
        >>> table = pd.DataFrame({'day': ['1969-07-20', None, '2013-08-13']})
        >>> binner = DatetimeBinner(datetime_format='%Y-%m-%d')
        >>> codes = binner.fit_transform(table, 'day')
        >>> codes['day'].tolist()
        [0.5, 2.5, 1.5]
        >>> binner.reverse_transform(codes)['day'].tolist()
        ['1969-07-20', nan, '2013-08-13']
    """

    INPUT_SDTYPE = 'datetime'

    def __init__(
        self,
        datetime_format: str | None = None,
        enforce_min_max_values: bool = True,
        max_tokens: int = BinningConfig.max_tokens,
        max_knots: int = BinningConfig.max_knots,
    ) -> None:
        super().__init__(max_tokens=max_tokens, max_knots=max_knots)
        self.datetime_format = datetime_format
        self.enforce_min_max_values = enforce_min_max_values
        self._dtype = np.dtype(object)

    def spelled(self, value: Any) -> Any:
        """Give a date that a user spells in any way as the column has it; what is no date is given back as it is."""
        return self._type.spelled(value)

    def _learn(self, data: pd.Series) -> tuple[np.ndarray, tuple[float, ...]]:
        self._dtype = data.dtype
        self._type = DateType.of(data, self.datetime_format)
        self._parser = UnixTimestampEncoder(
            missing_value_replacement=None, missing_value_generation=None, datetime_format=self.datetime_format
        )
        self._parser.fit(self._frame(data), _NAME)
        return self._to_floats(data), _TIME_STEPS

    def _frame(self, data: pd.Series) -> pd.DataFrame:
        return pd.DataFrame({_NAME: self._type.plain(data).array})

    def _to_floats(self, data: pd.Series) -> np.ndarray:
        return self._parser.transform(self._frame(data))[_NAME].to_numpy(dtype=np.float64)

    def _from_floats(self, values: np.ndarray) -> pd.Series:
        if isinstance(self._dtype, pd.CategoricalDtype):
            return self._nearest_categories(values)
        dates = self._parser.reverse_transform(pd.DataFrame({_NAME: values + self._nudge()}))[_NAME].rename(None)
        return self._type.stored(dates)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restores what was saved; older files say by the dtype alone how dates are stored."""
        self.__dict__.update(state)
        if '_type' not in state and '_parser' in state:
            self._type = DateType.of_dtype(self._dtype, self._parser.datetime_format)

    def _nearest_categories(self, values: np.ndarray) -> pd.Series:
        """Give the categories nearest to values: a column of a categorical dtype holds no others."""
        known = self._to_floats(self._dtype.categories.to_series())
        order = np.argsort(known)
        middles = known[order][:-1] + np.diff(known[order]) / 2
        codes = order[np.searchsorted(middles, values)] if len(order) else np.zeros(len(values), dtype=np.intp)
        return pd.Series(pd.Categorical.from_codes(np.where(np.isnan(values), -1, codes), dtype=self._dtype))

    def _nudge(self) -> float:
        """Nanoseconds by which no float falls short of the whole second, say, that the parser cuts dates to."""
        form = self._parser.datetime_format
        if form is None:
            return 0.0
        return min(self.binning.step / 2, _ERROR_OF_NEARER_DATES if '%f' in form else _ERROR_OF_DATES)
