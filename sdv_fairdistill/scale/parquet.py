"""Rows as Parquet files whose columns have the same types in every file of a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.helpers.files import complete

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ['agree', 'as_table', 'rows_in', 'write']


def write(rows: pd.DataFrame, file: Path, schema: pa.Schema | None = None) -> None:
    """Writes rows; the file is there as a whole or not at all.

    Args:
        rows: What to write; the index is left out.
        file: Where to.
        schema: Types of the columns; those of the values if None.

    Raises:
        FairDistillError: If a column holds values of several types, or of one that Parquet or pandas' reader has not.
    """
    import pyarrow.parquet as pq

    table = as_table(rows, schema)
    with complete(file) as partial:
        pq.write_table(table, partial)


def as_table(rows: pd.DataFrame, schema: pa.Schema | None = None) -> pa.Table:
    """Gives rows as they are written, and checks that they can be read again.

    Integers and booleans in a column of Python objects become pandas' nullable ones: read back, the column would have
    one type where values are missing, and another where none are. Arrow's dictionaries, which pandas writes but does
    not read, become their values. See :func:`write`.
    """
    import pyarrow as pa

    problems = (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError, TypeError, ValueError)
    try:
        rows = rows.astype(_decoded(rows))
        table = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
        nullable = _nullable(rows, table.schema)
        if nullable:
            table = pa.Table.from_pandas(rows.astype(nullable), schema=schema, preserve_index=False)
        table.slice(0, 1).to_pandas()
    except problems as error:
        raise FairDistillError(
            f'These rows cannot be written as Parquet, whose columns have one type: {error.args}. Give the values of'
            ' the column one type before fitting, such as text.'
        ) from error
    return table


def rows_in(file: Path) -> int | None:
    """Gives the number of rows of a file; None if there is none, or it is not a whole Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_metadata(file).num_rows
    except (FileNotFoundError, pa.ArrowInvalid):
        return None


def agree(files: Sequence[Path]) -> None:
    """Writes those files again whose types are not the ones that hold the values of all files.

    So is a column of objects that happens to be missing in all rows of one file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schemas = [pq.read_schema(file) for file in files]
    bare = [schema.remove_metadata() for schema in schemas]
    common = pa.unify_schemas(bare, promote_options='permissive')
    dtypes: dict[str, Any] = {}
    for schema in schemas:
        empty = schema.empty_table().to_pandas()
        fitting = [field.name for field in common if schema.field(field.name).type == field.type]
        dtypes.update({name: empty[name].dtype for name in fitting if name not in dtypes})
    for file, types in zip(files, bare, strict=True):
        if not types.equals(common):
            write(pq.read_table(file).to_pandas().astype(dtypes), file, common)


def _decoded(rows: pd.DataFrame) -> dict[Any, pd.ArrowDtype]:
    """Gives the type of the values of each column of Arrow's dictionaries."""
    import pyarrow as pa

    kinds = {name: getattr(dtype, 'pyarrow_dtype', None) for name, dtype in rows.dtypes.items()}
    return {
        name: pd.ArrowDtype(kind.value_type)
        for name, kind in kinds.items()
        if kind is not None and pa.types.is_dictionary(kind)
    }


def _nullable(rows: pd.DataFrame, schema: pa.Schema) -> dict[Any, str]:
    """Gives the nullable type of each column of objects that holds integers or booleans."""
    import pyarrow as pa

    objects = [(name, schema.types[place]) for place, name in enumerate(rows) if rows[name].dtype == object]
    whole = {name: 'Int64' for name, kind in objects if pa.types.is_integer(kind)}
    return whole | {name: 'boolean' for name, kind in objects if pa.types.is_boolean(kind)}
