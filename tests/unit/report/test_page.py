"""The page by a parser: one file, nothing fetched, the verdict first, every text of the user's escaped."""

from __future__ import annotations

import re
from copy import copy
from html.parser import HTMLParser

import pandas as pd
import pytest

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.privacy import Privacy, PrivacyStatement
from sdv_fairdistill.report import FairnessReport

from .conftest import METADATA, ROLES

EVIL = '<script>alert("x")</script>&amp;$title'
VOID = {'meta', 'br', 'img', 'hr', 'link', 'input'}


class Reader(HTMLParser):
    """Collects what a page shows, which tags it has, and whether they are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.open, self.texts, self.addresses, self.headers = [], [], [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.addresses += [value for name, value in attributes if name in ('src', 'href')]
        self.headers += [dict(attributes)] if tag == 'th' else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ('script', 'style'):
            self.texts.append(data.strip())

    @property
    def shown(self) -> str:
        return ' '.join(' '.join(self.texts).split())


@pytest.fixture(scope='module')
def page(report, tmp_path_factory):
    path = tmp_path_factory.mktemp('page') / 'report.html'
    report.to_html(path, title='People & work')
    return path.read_text(encoding='utf-8')


@pytest.fixture(scope='module')
def reader(page):
    return Reader(page)


def test_every_tag_is_closed_and_tables_have_captions_and_scopes(reader):
    assert reader.open == []
    assert reader.tags.count('table') == reader.tags.count('caption') == 7
    assert all(header['scope'] in ('col', 'row') for header in reader.headers)
    assert reader.tags.count('figure') == 5


def test_only_where_the_favorable_label_is_common_a_table_tells_of_the_others(report, reader, tmp_path):
    said = 'Beside the parity ratio, since the favorable label is common.'
    assert report.get_info()['favorable_rate'] > 0.5
    assert f'{said} Model Unfavorable ratio Parity difference' in reader.shown
    rarer = copy(report)
    rarer.report_info = {**report.get_info(), 'favorable_rate': 0.5}
    rarer.to_html(tmp_path / 'rarer.html')
    other = Reader((tmp_path / 'rarer.html').read_text(encoding='utf-8'))
    assert other.tags.count('table') == 6
    assert said not in other.shown


def test_nothing_is_fetched(page, reader):
    assert all(address.startswith('#') for address in reader.addresses)
    assert "default-src 'none'" in page
    assert 'link' not in reader.tags
    assert '@import' not in page.split('</style>')[0]
    assert not re.search(r'url\(', page.split('</style>')[0])


def test_plotly_is_there_once(page):
    assert page.count('plotly.js v') == 1
    assert page.count('Plotly.newPlot(') >= 5


def test_the_verdict_comes_first_then_the_scores_then_method_and_caveats(report, reader):
    verdict = report.get_verdict()
    order = [verdict.headline, 'Scores', 'Label Parity', 'Downstream Parity', 'Utility', 'Independence']
    order += ['Method', 'Caveats', 'How this report was made', 'Versions']
    places = [reader.shown.index(text) for text in order]
    assert places[0] < min(places[1:])
    assert places[-4:] == sorted(places[-4:])
    for sentence in verdict.sentences:
        assert sentence in reader.shown


def test_sizes_seed_scores_and_versions_are_shown(report, reader):
    assert 'People & work' in reader.shown
    assert '600 real rows, 600 synthetic, 500 held out.' in reader.shown
    assert 'Seed 0' in reader.shown
    assert 'given by the user' in reader.shown
    likeness = report.get_info()['likeness']
    assert f'Two-sample AUC {likeness["auc"]:.3f} (95 % interval' in reader.shown
    assert f'Associations that differ most {" and ".join(likeness["worst"][0]["columns"])} ' in reader.shown
    assert 'association similarity' in reader.shown
    for value in report.get_properties()['Score']:
        assert f'{value:.3f}' in reader.shown
    for name, number in report.get_info()['versions'].items():
        assert f'{name} {number}' in reader.shown
    assert 'No held-out rows were given' not in reader.shown


def evil(table):
    return table.rename(columns={'role': EVIL}).replace({'sex': {'f': EVIL}, 'hired': {'yes': EVIL}})


def test_texts_of_the_user_are_shown_and_never_run(tables, tmp_path):
    columns = {
        EVIL if name == 'role' else name: about for name, about in METADATA['tables']['people']['columns'].items()
    }
    metadata = {'tables': {EVIL: {**METADATA['tables']['people'], 'columns': columns}}}
    report = FairnessReport()
    roles = {**ROLES, 'favorable_value': EVIL}
    report.generate(evil(tables['real']), evil(tables['fair']), metadata, **roles, verbose=False)
    report.to_html(tmp_path / 'evil.html', title=EVIL)
    page = (tmp_path / 'evil.html').read_text(encoding='utf-8')
    assert '<script>alert' not in page
    reader = Reader(page)
    assert f'hired = {EVIL}' in reader.shown
    assert reader.shown.count(EVIL) > 5


def test_a_report_with_a_split_of_its_own_and_undefined_scores_says_so(tables, tmp_path):
    report = FairnessReport()
    report.generate(tables['real'], tables['fair'].assign(hired='no'), METADATA, **ROLES, verbose=False)
    report.to_html(tmp_path / 'undefined.html')
    shown = Reader((tmp_path / 'undefined.html').read_text(encoding='utf-8')).shown
    assert 'No held-out rows were given. Of the real rows 180 were kept' in shown
    assert 'split off the real data, which the synthesizer has seen' in shown
    assert 'cannot be said' in shown
    assert 'undefined Overall' in shown
    assert 'nan' not in shown.split()


def statement(**changed):
    """A guarantee as a fit states it."""
    given = {'epsilon': 0.998, 'delta': 1e-6, 'rows_per_person': 1, 'is_enforced': False, 'delta_by_default': False}
    return PrivacyStatement(**{**given, **changed}, spent=pd.DataFrame(), public={}, rows=600)


@pytest.fixture(scope='module')
def private(tables):
    """A report that was given a guarantee."""
    made, stated = FairnessReport(), statement(notes=(f"Column '{EVIL}': about 3%",))
    made.generate(tables['real'], tables['fair'], METADATA, **ROLES, verbose=False, privacy=stated)
    return made


def test_a_guarantee_is_stated_right_after_the_verdict_with_what_it_does_not_promise(private, tmp_path):
    private.save(tmp_path / 'report.pkl')
    FairnessReport.load(tmp_path / 'report.pkl').to_html(tmp_path / 'private.html')
    page = (tmp_path / 'private.html').read_text(encoding='utf-8')
    reader = Reader(page)
    order = [private.get_verdict().headline, 'Privacy', statement().sentence, statement().limits, 'Scores']
    places = [reader.shown.index(text) for text in order]
    assert places == sorted(places)
    assert 'It does not cover this report, whose figures were measured on real rows' in reader.shown
    assert f"Column '{EVIL}'" in reader.shown
    assert '<script>alert' not in page
    assert reader.open == []
    assert 'Nothing here says how private' not in reader.shown
    assert private.get_info()['privacy']['epsilon'] == 0.998


def test_without_a_guarantee_none_is_shown(report, page, reader):
    assert 'id="privacy"' not in page
    assert 'differentially private' not in reader.shown
    assert 'Nothing here says how private the synthetic rows are.' in reader.shown
    assert report.get_info()['privacy'] is None


@pytest.mark.parametrize('given', [Privacy(1.0), 1.0, 'private'])
def test_what_is_no_statement_is_refused_before_any_work(tables, given):
    with pytest.raises(FairDistillError, match=r'give what get_privacy\(\) of the fitted synthesizer gives'):
        FairnessReport().generate(tables['real'], tables['fair'], {}, **ROLES, privacy=given)
