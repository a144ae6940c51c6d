"""The report's verbs are SDMetrics', its page opens in a browser, and a fitted synthesizer can be drawn."""

from __future__ import annotations

import errno
import inspect
import pickle
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sdmetrics.reports import QualityReport
from sdv.metadata import Metadata

from sdv_fairdistill.datasets import load_german_credit
from sdv_fairdistill.datasets._dataset import describe_table
from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.evaluation import compare, evaluate_fairness
from sdv_fairdistill.report import FairnessReport
from sdv_fairdistill.visualization import frontier, plot_frontier, plot_label_rates, plot_latent_space

COLUMNS = ['status', 'duration_months', 'purpose', 'credit_amount', 'housing', 'sex', 'age', 'credit']
NAMES = ['Label Parity', 'Downstream Parity', 'Utility', 'Independence']
CHROMIUM = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')


@pytest.fixture(scope='module')
def german():
    """Some columns of German Credit, in three parts: SDMetrics compares all pairs of columns."""
    dataset = load_german_credit()
    described = dataset.metadata.to_dict()['tables'][dataset.name]['columns']
    metadata = describe_table(dataset.name, {name: described[name]['sdtype'] for name in COLUMNS})
    dataset = replace(dataset, table=dataset.table[COLUMNS], metadata=metadata)
    return dataset, dataset.table[:400], dataset.table[400:700], dataset.table[700:]


@pytest.fixture(scope='module')
def report(german):
    dataset, real, copy, holdout = german
    return evaluate_fairness(real, copy, dataset.metadata, **dataset.roles, holdout=holdout, verbose=False)


def verbs(report_class) -> set[str]:
    return {name for name, _ in inspect.getmembers(report_class, callable) if not name.startswith('_')}


def arguments(function) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name not in ('self', 'cls')]


def test_the_verbs_are_those_of_the_quality_report():
    assert verbs(QualityReport) - verbs(FairnessReport) <= {'convert_datetimes'}  # public by oversight: no verb
    for verb in verbs(QualityReport) & verbs(FairnessReport) - {'generate'}:
        assert arguments(getattr(FairnessReport, verb)) == arguments(getattr(QualityReport, verb)), verb
    ours, theirs = arguments(FairnessReport.generate), arguments(QualityReport.generate)
    assert ours[:3] == theirs[:3] == ['real_data', 'synthetic_data', 'metadata']
    assert 'verbose' in ours
    assert isinstance(inspect.getattr_static(FairnessReport, 'load'), classmethod)


def test_what_the_verbs_give_has_the_form_of_the_quality_report(report, german):
    dataset, real, copy, _ = german
    quality = QualityReport()
    name = dataset.name
    quality.generate({name: real}, {name: copy}, dataset.metadata.to_dict(), verbose=False)
    assert list(report.get_properties()) == list(quality.get_properties())
    assert list(report.get_properties()['Property']) == NAMES
    assert isinstance(report.get_score(), float)
    shared = {'report_type', 'generated_date', 'sdmetrics_version', 'generation_time', 'num_rows_real_data'}
    for info in (report.get_info(), quality.get_info()):
        assert shared <= set(info)
    assert report.get_info()['num_rows_real_data'] == quality.get_info()['num_rows_real_data'] == {name: 400}


def test_details_belong_to_the_reader(report):
    for name in NAMES:
        report.get_details(name)['scribble'] = 1
        assert 'scribble' not in report.get_details(name)
        pd.testing.assert_frame_equal(report.get_details(name, 'german_credit'), report.get_details(name))
    with pytest.raises(FairDistillError, match="Unknown table 'adult'"):
        report.get_details(NAMES[0], table_name='adult')
    report.get_info()['seed'] = 'changed'
    assert report.get_info()['seed'] == 0


def test_a_saved_report_is_the_same_and_holds_no_rows(report, tmp_path):
    report.save(tmp_path / 'report.pkl')
    again = FairnessReport.load(tmp_path / 'report.pkl')
    assert again.get_score() == report.get_score()
    assert again.get_info() == report.get_info()
    for name in NAMES:
        pd.testing.assert_frame_equal(again.get_details(name), report.get_details(name))
        assert again.get_visualization(name) == report.get_visualization(name)
    largest = max(len(table) for table in (again._curves, again._models, *map(again.get_details, NAMES)))
    assert largest <= 2 * 2 * 102  # points of curves: tables and groups


@pytest.mark.parametrize('verb', ['save', 'to_html'])
def test_a_full_disk_leaves_the_old_file_whole_and_nothing_beside_it(report, monkeypatch, tmp_path, verb):
    file = tmp_path / 'report'
    file.write_bytes(b'old')

    def fill(_: Any, output: Any) -> None:
        output.write(b'half a file')
        raise OSError(errno.ENOSPC, 'No space left on device')

    def fill_page(path: Any, *_: Any, **__: Any) -> None:
        with path.open('wb') as output:
            fill(None, output)

    with monkeypatch.context() as patch:
        patch.setattr(pickle, 'dump', fill)
        patch.setattr(Path, 'write_text', fill_page)
        with pytest.raises(OSError, match='No space left on device'):
            getattr(report, verb)(file)

    assert file.read_bytes() == b'old'
    assert list(tmp_path.iterdir()) == [file]


def test_another_version_is_warned_of_and_another_object_refused(report, tmp_path, monkeypatch):
    report.save(tmp_path / 'report.pkl')
    monkeypatch.setattr('sdv_fairdistill.report.fairness_report.version', lambda _: '99')
    with pytest.warns(UserWarning, match='this is 99'):
        FairnessReport.load(tmp_path / 'report.pkl')
    pd.to_pickle({'no': 'report'}, tmp_path / 'other.pkl')
    with pytest.raises(FairDistillError, match='holds a dict'):
        FairnessReport.load(tmp_path / 'other.pkl')


def test_verbs_wait_for_generate_and_name_the_properties():
    fresh = FairnessReport()
    for verb in (fresh.get_score, fresh.get_properties, fresh.get_verdict, fresh.get_models):
        with pytest.raises(ValueError, match='call `generate` first'):
            verb()
    with pytest.raises(ValueError, match=r"Invalid property name 'Beauty'.*'Label Parity'"):
        fresh.get_details('Beauty')


def test_progress_is_printed_unless_it_is_not_wanted(german, capsys):
    dataset, real, copy, holdout = german
    given = (real, copy, dataset.metadata)
    evaluate_fairness(*given, **dataset.roles, holdout=holdout)
    said = capsys.readouterr().out
    for number, name in enumerate(NAMES, start=1):
        assert f'({number}/4) Evaluating {name}' in said
        assert f'{name} Score: ' in said
    assert 'Overall Score (Average): ' in said
    evaluate_fairness(*given, **dataset.roles, holdout=holdout, verbose=False)
    assert capsys.readouterr() == ('', '')


def test_a_report_is_repeatable_and_takes_dicts(report, german):
    dataset, *parts = german
    real, copy, holdout = ({dataset.name: part} for part in parts)
    again = evaluate_fairness(real, copy, dataset.metadata, **dataset.roles, holdout=holdout, verbose=False)
    pd.testing.assert_frame_equal(again.get_properties(), report.get_properties())
    assert again.get_info()['groups'] == ['female', 'male']


def test_a_report_of_a_fitted_synthesizer_with_keys_dates_and_missing_values(fitted, people, first_rows, tiny):
    report = evaluate_fairness(people, first_rows, fitted.get_metadata(), **tiny.roles, verbose=False)
    assert not report.get_info()['holdout_is_unseen']
    assert list(report.get_properties()['Property']) == NAMES


def test_several_copies_are_compared_in_one_call(german):
    dataset, real, copy, holdout = german
    given = {'first': copy, 'second': real[:200]}
    found = compare(given, real, dataset.metadata, **dataset.roles, holdout=holdout)
    assert list(found.table()) == ['real', 'first', 'second']
    assert found.table().notna().all(axis=None)
    kinds = {f'model {kind} the sensitive columns' for kind in ('with', 'without')}
    assert {trace.name for trace in found.get_visualization().data} == {'real', 'first', 'second', *kinds}
    assert '400 real, 300 first, 200 second' in ' '.join(str(found).split())
    with pytest.raises(FairDistillError, match='is the name of the real rows'):
        compare({'real': copy}, real, dataset.metadata, **dataset.roles, holdout=holdout)
    with pytest.raises(FairDistillError, match='nothing to compare'):
        compare({}, real, dataset.metadata, **dataset.roles, holdout=holdout)
    with pytest.raises(FairDistillError, match='no lines of the table'):
        found.get_visualization('beauty')


def test_the_frontier_has_a_point_a_dial_and_puts_the_dial_back(fitted, people):
    fitted.reset_sampling()
    points = frontier(fitted, people, dials=(0, 0.5), num_rows=60)
    assert list(points.index) == ['real', 'dial 0', 'dial 0.5']
    figures = ['Downstream parity ratio', 'Equalized odds difference', 'AUC', 'Accuracy']
    without = [f'{name}, without sensitive columns' for name in figures]
    assert list(points) == ['Label parity ratio', *figures, *without]
    assert (points.loc['real', figures].to_numpy() != points.loc['real', without].to_numpy()).any()
    assert fitted.dial == 1.0
    figure = plot_frontier(fitted, {'table': people}, holdout=people, dials=(1, 0), num_rows=60)
    kinds = {f'model {kind} the sensitive columns' for kind in ('with', 'without')}
    assert {trace.name for trace in figure.data} <= {'real', 'synthetic', *kinds}
    with pytest.raises(FairDistillError, match='dial=2'):
        frontier(fitted, people, dials=(0, 2), num_rows=60)
    assert fitted.dial == 1.0
    fitted.reset_sampling()


def test_label_rates_are_drawn_as_in_the_report(report, german):
    dataset, real, copy, _ = german
    figure = plot_label_rates(real, {dataset.name: copy}, dataset.metadata, **dataset.roles)
    assert figure == report.get_visualization('Label Parity')


def test_the_latent_space_is_drawn_by_group_and_by_label(fitted, people):
    figure = plot_latent_space(fitted, {'table': people})
    dots = [trace for trace in figure.data if trace.mode == 'markers']
    strips = [trace for trace in figure.data if trace.mode == 'lines']
    names = ['Group: female', 'Group: male', 'Label: income = high', 'Label: other']
    assert [trace.name for trace in dots] == [trace.name for trace in strips] == names
    assert sum(len(trace.x) for trace in dots) == 2 * len(people)
    assert [round(sum(trace.y), 9) for trace in strips] == [1] * 4


@pytest.mark.skipif(CHROMIUM is None, reason='no chromium or google-chrome on the PATH to open the page in')
def test_the_page_opens_in_a_browser_and_shows_its_pictures(report, tmp_path):
    page = tmp_path / 'report.html'
    report.to_html(page)
    options = [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-dev-shm-usage',
    ]
    command = [
        CHROMIUM,
        *options,
        f'--user-data-dir={tmp_path / "profile"}',
        '--virtual-time-budget=8000',
        '--dump-dom',
    ]
    opened = subprocess.run(
        [*command, page.as_uri()], capture_output=True, text=True, timeout=120, check=True, env={'HOME': str(tmp_path)}
    )
    shown = opened.stdout
    assert report.get_verdict().headline in shown
    drawn = shown.split('<main>')[1]
    assert drawn.count('class="main-svg"') >= 5  # made by plotly.js when the page runs, one figure at least once
    for words in ('predicted favorable', 'false positive rate', 'SDMetrics quality', 'two-sample AUC', 'age'):
        assert words in drawn
    assert f'{report.get_score():.3f}' in drawn


def test_metadata_may_be_a_dict(german):
    dataset, real, copy, _ = german
    assert isinstance(dataset.metadata, Metadata)
    made = FairnessReport()
    made.generate(real, copy, dataset.metadata.to_dict(), **dataset.roles, verbose=False)
    assert made.get_info()['table_name'] == dataset.name
