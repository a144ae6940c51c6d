"""Every tutorial runs from scratch, in an empty folder and in time.

Not part of the tests that users run: ``pytest tests/documentation/notebooks.py``, in an environment with ``[docs]``.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

TUTORIALS = Path(__file__).resolve().parents[2] / 'tutorials'
LONG = ('swap_it_in', 'many_groups', 'dial_and_goal', 'inside_the_method')  # run first: none is left to one core alone
NOTEBOOKS = sorted(TUTORIALS.glob('*.ipynb'), key=lambda path: (path.stem not in LONG, path.stem))
LONGEST = 180  # seconds, on two cores
LARGEST = 1_000_000  # bytes of a notebook; Plotly's own script in an output would be several times that
PLOTLY, PICTURE = 'application/vnd.plotly.v1+json', 'image/png'  # what the site draws, and what GitHub shows


def test_the_navigation_names_the_notebooks_that_exist():
    page = (TUTORIALS / 'site' / 'tutorials.md').read_text(encoding='utf-8')
    listed = re.findall(r'^notebooks/([^\s<>]+)$', page, re.MULTILINE)
    assert sorted(listed) == sorted(notebook.stem for notebook in NOTEBOOKS)


each_notebook = pytest.mark.parametrize('notebook', NOTEBOOKS, ids=lambda notebook: notebook.stem)


@each_notebook
def test_stored_outputs_can_be_seen_everywhere(notebook):
    import nbformat

    cells = [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == 'code']
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1)), 'stored in one go, top to bottom'
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == 'error' or output.get('name') == 'stderr']
    figures = [output.data for output in outputs if PLOTLY in output.get('data', {})]
    assert all(PICTURE in figure for figure in figures)
    assert not [output for output in outputs if '<iframe' in output.get('data', {}).get('text/html', '')]
    assert notebook.stat().st_size < LARGEST


@each_notebook
def test_a_notebook_runs(notebook, tmp_path):
    import nbformat
    from nbclient import NotebookClient

    content = nbformat.read(notebook, as_version=4)
    assert any(cell.get('outputs') for cell in content.cells), 'a notebook is stored with its outputs'
    start = time.perf_counter()
    folder = {'metadata': {'path': str(tmp_path)}}
    NotebookClient(content, timeout=LONGEST, kernel_name='python3', resources=folder).execute()
    assert time.perf_counter() - start < LONGEST
