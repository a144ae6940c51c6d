"""A benchmark judges whoever is plugged in, outlives failures, and goes on where it was broken off."""

from __future__ import annotations

import os

import pytest

from sdv_fairdistill.benchmark import Contender, Results, benchmark, run
from sdv_fairdistill.benchmark.measure import COSTS, FIT, JUDGED, PEAK
from sdv_fairdistill.errors import FairDistillError

from .conftest import Broken, Redraw


@pytest.fixture
def here(monkeypatch):
    """Runs in this process, for speed; gives the runs that were made."""
    made = []

    def at_once(work, timeout):
        made.append((work.name, work.seed))
        return work()

    monkeypatch.setattr(run, 'run_apart', at_once)
    return made


def die():
    os._exit(7)


def test_each_run_has_its_own_process_and_a_crash_ends_nothing_else(people, tmp_path):
    contenders = [Contender('dies', die), Contender('redraw', Redraw)]
    results = benchmark(contenders, {'people': people}, tmp_path / 'file', judged=False)
    assert list(results.frame()['status']) == ['failed', 'done']
    assert results.failures().loc[0, 'reason'] == 'the process ended itself with exit code 7'
    done = results.frame().loc[1]
    assert done[list(COSTS)].notna().all()
    assert done[list(JUDGED)].isna().all()
    assert done['rows'] == 600


def test_peers_are_judged_beside_the_real_rows(people, tmp_path, here):
    results = benchmark([Contender('redraw', Redraw)], {'people': people}, tmp_path / 'file', seeds=[0, 1])
    assert here == [('real', 0), ('redraw', 0), ('real', 1), ('redraw', 1)]
    frame = results.frame().set_index(['contender', 'seed'])
    assert frame[list(JUDGED)].notna().all(axis=None)
    assert (frame['rows'] == 420).all()
    assert frame.loc[('redraw', 0), 'Column Shapes'] > 0.9
    assert frame.loc['real', FIT].isna().all()
    assert frame.loc['redraw', [FIT, PEAK]].notna().all(axis=None)


def test_a_failed_run_has_its_reason_and_is_made_again_only_if_asked(people, tmp_path, here):
    given = {'path': tmp_path / 'file', 'tables': {'people': people}, 'judged': False}
    results = benchmark([Contender('peer', Broken)], **given)
    assert results.failures()['reason'].tolist() == ['fit: ValueError: no luck']
    benchmark([Contender('peer', Redraw)], **given)
    assert here == [('peer', 0)]
    results = benchmark([Contender('peer', Redraw)], **given, retry_failed=True)
    assert here == [('peer', 0), ('peer', 0)]
    assert results.failures().empty


def test_ctrl_c_keeps_what_is_finished_and_the_next_call_goes_on(people, tmp_path, monkeypatch):
    def interrupted(work, timeout):
        if work.name == 'second':
            raise KeyboardInterrupt
        return work()

    path = tmp_path / 'file'
    contenders = [Contender('first', Redraw), Contender('second', Redraw)]
    monkeypatch.setattr(run, 'run_apart', interrupted)
    with pytest.raises(KeyboardInterrupt):
        benchmark(contenders, {'people': people}, path, judged=False)
    assert list(Results.read(path).frame()['contender']) == ['first']
    made = []
    monkeypatch.setattr(run, 'run_apart', lambda work, timeout: made.append(work.name) or work())
    benchmark(contenders, {'people': people}, path, judged=False)
    assert made == ['second']


def test_one_fit_serves_every_sample(people, tmp_path, here):
    fits = []

    class Counted(Redraw):
        def fit(self, data):
            super().fit(data)
            fits.append(1)

    samples = {'all': lambda peer: None, 'men': lambda peer: setattr(peer, 'rows', peer.rows.query("sex == 'm'"))}
    results = benchmark([Contender('peer', Counted, samples)], {'people': people}, tmp_path / 'file')
    label = results.frame().set_index('copy')['Label parity ratio']
    assert fits == [1]
    assert label.notna().to_dict() == {'real': True, 'peer, all': True, 'peer, men': False}


def test_two_contenders_of_one_name_are_refused(people, tmp_path):
    with pytest.raises(FairDistillError, match=r"called \['peer'\]: give each another name"):
        benchmark([Contender('peer', Redraw), Contender('peer', Broken)], {'people': people}, tmp_path / 'file')
    assert not (tmp_path / 'file').exists()
