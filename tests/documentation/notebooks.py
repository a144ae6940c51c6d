"""Every tutorial runs from scratch, in an empty folder and in time.

Not part of the tests that users run: ``pytest tests/documentation/notebooks.py``, in an environment with ``[docs]``.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

TUTORIALS = Path(__file__).resolve().parents[2] / 'tutorials'
NOTEBOOKS = sorted(TUTORIALS.glob('*.ipynb'))
LONGEST = 180  # seconds, on two cores


def test_the_navigation_names_the_notebooks_that_exist():
    page = (TUTORIALS / 'site' / 'tutorials.md').read_text(encoding='utf-8')
    listed = re.findall(r'^notebooks/([^\s<>]+)$', page, re.MULTILINE)
    assert sorted(listed) == [notebook.stem for notebook in NOTEBOOKS]


@pytest.mark.parametrize('notebook', NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_a_notebook_runs(notebook, tmp_path):
    import nbformat
    from nbclient import NotebookClient

    content = nbformat.read(notebook, as_version=4)
    assert any(cell.get('outputs') for cell in content.cells), 'a notebook is stored with its outputs'
    start = time.perf_counter()
    folder = {'metadata': {'path': str(tmp_path)}}
    NotebookClient(content, timeout=LONGEST, kernel_name='python3', resources=folder).execute()
    assert time.perf_counter() - start < LONGEST
