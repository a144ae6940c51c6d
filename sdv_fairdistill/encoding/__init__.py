"""Every column of a table becomes one token: RDT transformers, and the glue between tables and tokens."""

from sdv_fairdistill.encoding.binned import check_finite
from sdv_fairdistill.encoding.binning import Binning, BinningConfig
from sdv_fairdistill.encoding.datetime_binner import DatetimeBinner
from sdv_fairdistill.encoding.level_tokenizer import LevelTokenizer
from sdv_fairdistill.encoding.quantile_binner import QuantileBinner
from sdv_fairdistill.encoding.table_tokenizer import TableTokenizer
from sdv_fairdistill.encoding.withholding import LEARNED, withhold

__all__ = [
    'LEARNED',
    'Binning',
    'BinningConfig',
    'DatetimeBinner',
    'LevelTokenizer',
    'QuantileBinner',
    'TableTokenizer',
    'check_finite',
    'withhold',
]
