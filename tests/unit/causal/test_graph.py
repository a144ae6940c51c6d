"""Causal graphs: what they are read from, what follows from their arrows, and what is refused before any work."""

from itertools import pairwise

import networkx
import pytest

from sdv_fairdistill.causal import CausalGraph, Cut, read_graph
from sdv_fairdistill.causal.checks import check_cut_edges, check_graph
from sdv_fairdistill.errors import FairDistillError, RoleError

EDGES = [
    ('age', 'job'), ('age', 'hours-per-week'), ('sex', 'job'), ('sex', 'role'), ('role', 'job'), ('job', 'rank'),
    ('sex', 'income'), ('role', 'income'), ('rank', 'income'), ('hours-per-week', 'income'),
]  # fmt: skip
COLUMNS = {name for edge in EDGES for name in edge} | {'town'}


@pytest.fixture
def graph():
    return CausalGraph.of(EDGES)


def test_every_way_to_give_a_graph_gives_the_same(graph, tmp_path):
    drawn = networkx.DiGraph(EDGES)
    networkx.write_gml(drawn, tmp_path / 'graph.gml')
    lines = ''.join(f'"{cause}" -> "{effect}";' for cause, effect in EDGES)
    (tmp_path / 'graph.dot').write_text(f'digraph {{ {lines} }}')
    ways = [EDGES, iter(EDGES), graph, drawn, tmp_path / 'graph.gml', str(tmp_path / 'graph.dot')]

    assert all(set(read_graph(way).edges) == set(EDGES) for way in ways)


def test_nodes_of_a_dot_file_go_by_their_labels(tmp_path):
    (tmp_path / 'graph.gv').write_text('digraph { a [label="sex"]; a -> income; a -> "hours per week"; }')

    assert set(read_graph(tmp_path / 'graph.gv').edges) == {('sex', 'income'), ('sex', 'hours per week')}


@pytest.mark.parametrize(
    ('given', 'said'),
    [
        ([], 'no edges'),
        (7, 'not allowed'),
        ('graph.txt', 'kind that is known'),
        (['ab'], "'ab' for an edge"),
        ([('a', 'b', 'c')], 'pairs'),
        ([3], 'pairs'),
        ([('a', 'a')], 'causes itself'),
        ([('a', 'b'), ('b', 'c'), ('c', 'a')], 'circle: '),
        (networkx.Graph([('a', 'b')]), 'without a direction'),
    ],
)
def test_what_is_no_graph_is_refused(given, said):
    with pytest.raises(FairDistillError, match=said):
        read_graph(given)


@pytest.mark.parametrize(('name', 'text'), [('a.gml', 'graph ['), ('a.dot', 'digraph { a -> ')])
def test_a_broken_file_is_named(tmp_path, name, text):
    (tmp_path / name).write_text(text)

    with pytest.raises(FairDistillError, match='cannot be read'):
        read_graph(tmp_path / name)


def test_a_circle_is_named_in_the_direction_of_its_arrows():
    with pytest.raises(FairDistillError) as caught:
        CausalGraph.of([('a', 'b'), ('b', 'c'), ('c', 'a'), ('a', 'd')])
    named = str(caught.value).split('circle: ')[1].split('. ')[0].split(' → ')

    assert named[0] == named[-1]
    assert set(pairwise(named)) == {('a', 'b'), ('b', 'c'), ('c', 'a')}


def test_relatives(graph):
    assert graph.parents('job') == ('age', 'role', 'sex')
    assert graph.children('sex') == ('income', 'job', 'role')
    assert graph.descendants(['sex']) == {'job', 'role', 'rank', 'income'}
    assert graph.ancestors(['rank']) == {'age', 'sex', 'role', 'job'}
    assert graph.mediators(['sex'], 'income') == ('job', 'rank', 'role')
    assert graph.confounders(['sex'], 'income') == ('age', 'hours-per-week')
    places = {name: place for place, name in enumerate(graph.order)}
    assert all(places[cause] < places[effect] for cause, effect in EDGES)
    assert CausalGraph.of(reversed(EDGES)).order == graph.order


def test_joined_columns_are_one_node(graph):
    assert set(graph.renamed({'job': 'job#rank', 'rank': 'job#rank'}).edges) >= {('job#rank', 'income')}
    with pytest.raises(FairDistillError, match='circle'):
        graph.renamed({'role': 'both', 'rank': 'both'})


def test_what_each_notion_cuts(graph):
    direct = Cut.direct(graph, ['sex'], 'income')
    total = Cut.total(graph, ['sex'])
    unresolved = Cut.unresolved(graph, ['sex'], ['job'])

    assert direct.edges == {('sex', 'income')}
    assert direct.changed(graph, ['sex']) == {'income'}
    assert total.edges == {('sex', 'income'), ('sex', 'job'), ('sex', 'role')}
    assert total.changed(graph, ['sex']) == {'job', 'role', 'rank', 'income'}
    assert unresolved.edges == {('sex', 'income'), ('sex', 'role')}
    assert unresolved.changed(graph, ['sex']) == {'role', 'income'}


def test_a_graph_that_suits_its_roles_passes(graph):
    check_graph(graph, COLUMNS, ['sex'], 'income')
    check_graph(graph, COLUMNS, ['role'], 'income')  # with a cause, which is its confounder


@pytest.mark.parametrize(
    ('edges', 'sensitive', 'target', 'said'),
    [
        ([('sex', 'income')], [], 'income', 'needs sensitive_columns'),
        ([('sex', 'income')], ['sex'], None, 'needs sensitive_columns'),
        ([('sex', 'income'), ('height', 'income')], ['sex'], 'income', r"\['height'\], which are no columns"),
        ([('sex', 'job')], ['sex'], 'income', r"no edge of \['income'\]"),
        ([('job', 'income')], ['sex'], 'income', r"no edge of \['sex'\]"),
        ([('sex', 'income'), ('income', 'job')], ['sex'], 'income', r"causes \['job'\]"),
        ([('sex', 'job'), ('role', 'income')], ['sex'], 'income', 'no path'),
    ],
)
def test_a_graph_that_does_not_suit_its_roles_is_refused(edges, sensitive, target, said):
    with pytest.raises(RoleError, match=said):
        check_graph(CausalGraph.of(edges), COLUMNS, sensitive, target)


def test_edges_to_cut(graph):
    assert check_cut_edges(None, None) == ()
    assert check_cut_edges([['sex', 'job'], ('sex', 'job')], graph) == (('sex', 'job'),)
    for edges, given, said in [
        ([('sex', 'age')], graph, 'no edges of causal_graph'),
        ([], graph, 'no edges of causal_graph'),
        ([('sex', 'job')], None, 'needs a causal_graph'),
        ('sex', graph, 'give pairs'),
        ([('sex',)], graph, 'pairs'),
    ]:
        with pytest.raises(FairDistillError, match=said):
            check_cut_edges(edges, given)
