"""More rows than one process or one memory holds, on Dask workers; how one part is fitted or drawn stays out.

Without the extra ``[dask]`` only names are here.
"""

from sdv_fairdistill.scale.fit import fit_from_parquet
from sdv_fairdistill.scale.sample import sample_to_parquet

__all__ = ['fit_from_parquet', 'sample_to_parquet']
