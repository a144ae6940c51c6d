"""How the documentation is built: offline, from docstrings, Markdown pages and the stored outputs of the notebooks.

.venv/bin/sphinx-build -W --keep-going tutorials/site build/site
"""

import json
import re
import shutil
from pathlib import Path

import plotly.graph_objects as go
from docutils.nodes import SkipNode
from docutils.utils.math.latex2mathml import tex2mathml
from plotly.offline import get_plotlyjs
from sphinx.util import logging

from sdv_fairdistill import __version__

SITE = Path(__file__).parent
NOTEBOOKS = SITE / 'notebooks'  # copies of tutorials/*.ipynb: Sphinx reads nothing above its own folder
TO_NOTEBOOK = re.compile(r'\]\(\.\./(?=\w+\.ipynb\))')  # the beginning of a page's link to one of them
PLOTLY = 'application/vnd.plotly.v1+json'
CONFIG = {'responsive': True, 'displaylogo': False, 'displayModeBar': False}  # of figures, as on a report's page
REMOTE = re.compile(r'<(?:script|img|iframe|link rel="(?:stylesheet|preload)")[^>]*\s(?:src|href)="(?:https?:)?//')

project = 'sdv_fairdistill'
author = 'The sdv_fairdistill authors'
release = version = __version__
extensions = [
    'myst_nb',
    'sphinx.ext.autodoc',
    'sphinx.ext.napoleon',
    'sphinx_copybutton',
    'sphinx_design',
    'sphinxarg.ext',
]
smartquotes_action = 'qe'  # quotes and ellipses: the two hyphens of an option are no dash
exclude_patterns = ['.ipynb_checkpoints', '**/.ipynb_checkpoints']

# Every reference to a name must lead somewhere, but for names of other packages, whose pages are not at hand offline.
FOREIGN = 'BaseSynthesizer|collections|fairlearn|numpy|pandas|pathlib|plotly|scipy|sdmetrics|sdv|sklearn'
nitpicky = True
nitpick_ignore_regex = [('py:.*', rf'({FOREIGN})\..+'), ('py:class', r'sdv_fairdistill\..*\.Roles')]
nitpick_ignore = [
    ('py:exc', 'NotFittedError'),
    ('py:exc', 'ConstraintNotMetError'),
    *(('py:class', name) for name in ('Path', 'Client', 'dd.DataFrame')),
]

autodoc_member_order = 'bysource'
autodoc_typehints = 'description'
autodoc_typehints_description_target = 'documented'
autodoc_inherit_docstrings = False
python_maximum_signature_line_length = 88
add_module_names = False
toc_object_entries_show_parents = 'hide'
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_custom_sections = ['Reference']

myst_enable_extensions = ['colon_fence', 'dollarmath']
myst_heading_anchors = 3
nb_execution_mode = 'off'  # outputs are stored in the notebooks; .ci/run executes them
nb_ipywidgets_js = {}  # no widgets, and nothing from a content delivery network

html_theme = 'pydata_sphinx_theme'
html_title = 'sdv_fairdistill'
html_math_renderer = 'mathml'  # browsers read it without a script
html_show_sourcelink = html_copy_source = False
html_static_path = ['_static']
html_css_files = ['site.css']
html_sidebars = {name: [] for name in (*(page.stem for page in SITE.glob('*.md')), 'notebooks/*')}  # nothing below them
html_theme_options = {
    'navbar_align': 'left',
    'navbar_end': ['theme-switcher'],
    'footer_start': ['copyright'],
    'footer_end': [],
    'secondary_sidebar_items': ['page-toc'],
    'show_toc_level': 2,
    'navigation_with_keys': False,
    'header_links_before_dropdown': 6,
}


def copy_notebooks(app):
    """Brings tutorials/*.ipynb into the site's sources."""
    shutil.rmtree(NOTEBOOKS, ignore_errors=True)
    NOTEBOOKS.mkdir()
    for notebook in SITE.parent.glob('*.ipynb'):
        shutil.copy(notebook, NOTEBOOKS)


def link_notebooks(app, docname, source):
    """Leads links to tutorials/*.ipynb, which a Git host follows as they are, to the notebooks' pages."""
    if not docname.startswith(f'{NOTEBOOKS.name}/'):
        source[0] = TO_NOTEBOOK.sub(f']({NOTEBOOKS.name}/', source[0])


def draw_plotly(app, docname, source):
    """Turns Plotly figures that a notebook stores as data into elements that the site's own copy of Plotly draws."""
    if not docname.startswith(f'{NOTEBOOKS.name}/'):
        return
    notebook = json.loads(source[0])
    for output in (output for cell in notebook['cells'] for output in cell.get('outputs', [])):
        data = output.get('data', {})
        if PLOTLY in data:
            figure = go.Figure({part: data[PLOTLY][part] for part in ('data', 'layout')})
            figure.update_layout(font_size=13, margin={'l': 8, 'r': 12})  # as on a report's page: phones are narrow
            output['data'] = {'text/html': figure.to_html(full_html=False, include_plotlyjs=False, config=CONFIG)}
    source[0] = json.dumps(notebook)


def add_plotly(app, pagename, templatename, context, doctree):
    """Loads Plotly on the pages of notebooks, before their figures."""
    if pagename.startswith(f'{NOTEBOOKS.name}/'):
        app.add_js_file('plotly.min.js', priority=100)


def write_plotly(app):
    """Puts Plotly beside the other scripts of the site."""
    if any(NOTEBOOKS.iterdir()):
        static = Path(app.outdir, '_static')
        static.mkdir(parents=True, exist_ok=True)
        (static / 'plotly.min.js').write_text(get_plotlyjs(), encoding='utf-8')


def warn_of_remote_files(app, exception):
    """Warns of pages that would not display without a network."""
    for page in sorted(Path(app.outdir).rglob('*.html')):
        if found := REMOTE.search(page.read_text(encoding='utf-8')):
            logging.getLogger(__name__).warning('%s loads a remote file: %s', page.name, found.group())


def visit_math(writer, node):
    """Writes a formula as MathML."""
    writer.body.append(tex2mathml(node.astext(), as_block=node.tagname == 'math_block'))
    raise SkipNode


def setup(app):
    """Connects the above."""
    app.add_html_math_renderer('mathml', (visit_math, None), (visit_math, None))
    app.connect('builder-inited', copy_notebooks)
    app.connect('source-read', link_notebooks)
    app.connect('source-read', draw_plotly)
    app.connect('html-page-context', add_plotly)
    app.connect('builder-inited', write_plotly)
    app.connect('build-finished', warn_of_remote_files)
