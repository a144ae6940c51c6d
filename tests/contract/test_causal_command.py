"""A causal graph on the command line: what the options set, and one line for a graph that cannot be used."""

from __future__ import annotations

import pytest
from sdv.utils import load_synthesizer

from sdv_fairdistill import FairnessReport, evaluation
from sdv_fairdistill.__main__ import main
from sdv_fairdistill.datasets import load_german_credit

COLUMNS = ['sex', 'age', 'housing', 'credit_amount', 'credit']
ROLES = ['--sensitive', 'sex', '--target', 'credit', '--favorable', 'good']
FIT = ['fit', 'data.csv', *ROLES, '--out', 'model.pkl']
EDGES = [
    ('sex', 'credit_amount'), ('sex', 'housing'), ('sex', 'credit'), ('credit_amount', 'credit'), ('housing', 'credit'),
]  # fmt: skip
GRAPH = ['--causal-graph', 'graph.gml']
DIRECT = ['--notion', 'no_direct_effect']

pytestmark = pytest.mark.usefixtures('small_fits')  # what is learned does not matter here


@pytest.fixture(scope='module')
def german():
    return load_german_credit().table[COLUMNS]


@pytest.fixture
def folder(tmp_path, monkeypatch, german):
    """A folder with a table and graphs, good and bad."""
    monkeypatch.chdir(tmp_path)
    german.head(300).rename(columns={'credit_amount': ' credit_amount '}).to_csv('data.csv', index=False)
    nodes = ''.join(f'node [ id {place} label "{name}" ] ' for place, name in enumerate(COLUMNS))
    places = [(COLUMNS.index(cause), COLUMNS.index(effect)) for cause, effect in EDGES]
    edges = ''.join(f'edge [ source {cause} target {effect} ] ' for cause, effect in places)
    texts = {
        'graph.gml': f'graph [ directed 1 {nodes}{edges}]',
        'undirected.gml': f'graph [ {nodes}{edges}]',
        'broken.dot': 'digraph { sex -> ',
        'circle.dot': 'digraph { sex -> credit; credit -> sex; }',
        'other.dot': 'digraph { sex -> salary; salary -> credit; }',
        'indirect.dot': 'digraph { sex -> housing; housing -> credit; }',
        'graph.txt': 'sex -> credit',
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    (tmp_path / 'binary.dot').write_bytes(b'\xff\xfe\x00')
    return tmp_path


def test_a_fit_keeps_the_edges_and_not_the_file(folder):
    options = ['--notions', 'no_unresolved_effect,cut_edges', '--admissible', 'credit_amount', '--repair-columns']
    cut = ['--cut-edge', 'sex', 'credit', '--cut-edge', 'credit_amount', 'credit']
    assert main([*FIT, *GRAPH, *options, *cut, '--seed', '0']) == 0
    (folder / 'graph.gml').unlink()
    synthesizer = load_synthesizer(folder / 'model.pkl')
    named = {name: name for name in COLUMNS} | {'credit_amount': ' credit_amount '}

    assert set(synthesizer.causal_graph) == {(named[cause], named[effect]) for cause, effect in EDGES}
    assert synthesizer.cut_edges == [('sex', 'credit'), (' credit_amount ', 'credit')]
    assert synthesizer.repair_columns
    assert main(['sample', 'model.pkl', '--rows', '5', '--notion', 'cut_edges', '--out', 'rows.csv']) == 0


def test_a_report_gets_the_graph(folder, monkeypatch):
    given = []
    report = FairnessReport()
    monkeypatch.setattr(report, 'to_html', lambda path: None)
    monkeypatch.setattr(evaluation, 'evaluate_fairness', lambda *_, **options: given.append(options) or report)
    assert main(['report', 'data.csv', 'data.csv', *ROLES, *GRAPH, '--out', 'page.html']) == 0

    assert len(given[0]['causal_graph']) == len(EDGES)
    assert (' credit_amount ', 'credit') in given[0]['causal_graph']


@pytest.mark.parametrize(
    ('options', 'said'),
    [
        (DIRECT, 'needs a causal_graph'),
        (GRAPH, 'causal_graph would not be used'),
        ([*DIRECT, '--causal-graph', 'absent.dot'], 'No such file or directory'),
        ([*DIRECT, '--causal-graph', '.'], 'does not name a file of a kind that is known'),
        ([*DIRECT, '--causal-graph', 'graph.txt'], 'does not name a file of a kind that is known'),
        ([*DIRECT, '--causal-graph', 'undirected.gml'], 'without a direction'),
        ([*DIRECT, '--causal-graph', 'broken.dot'], 'cannot be read as DOT'),
        ([*DIRECT, '--causal-graph', 'binary.dot'], 'is no text in UTF-8'),
        ([*DIRECT, '--causal-graph', 'circle.dot'], 'goes round in a circle'),
        ([*DIRECT, '--causal-graph', 'other.dot'], "causal_graph names ['salary']"),
        ([*DIRECT, '--causal-graph', 'indirect.dot'], 'has no such edge'),
        ([*DIRECT, *GRAPH, '--cut-edge', 'sex', 'credit'], 'cut_edges would not be used'),
        (['--notion', 'cut_edges', *GRAPH], 'give cut_edges'),
        (['--notion', 'cut_edges', *GRAPH, '--cut-edge', 'age', 'credit'], 'no edges of causal_graph'),
        (['--notion', 'no_unresolved_effect', *GRAPH], 'needs admissible_columns'),
        (['--repair-columns'], 'needs a causal_graph'),
    ],
    ids=lambda value: ' '.join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_used_is_refused_in_one_line_before_any_work(folder, capsys, options, said):
    assert main([*FIT, *options]) == 2
    heard = capsys.readouterr()
    lines = heard.err.splitlines()

    assert len(lines) == 1, lines
    assert said in lines[0]
    assert 'Fitting' not in heard.out
    assert 'Expected' not in heard.out  # what the reader of DOT files prints by itself
    assert not (folder / 'model.pkl').exists()


def test_half_an_edge_is_no_edge(folder, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([*FIT, '--notion', 'cut_edges', *GRAPH, '--cut-edge', 'sex'])

    assert stopped.value.code == 2
    assert '--cut-edge: expected 2 arguments' in capsys.readouterr().err
