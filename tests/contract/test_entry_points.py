"""SDV finds the synthesizer by itself, in either import order, without a warning and without loading anything heavy."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

NAME = 'sdv.single_table:FairDistillSynthesizer'
VALUE = 'sdv_fairdistill.synthesizer:FairDistillSynthesizer'

# Lists the loaded modules after `import sdv`, with SDV's add-ons found or, for the comparison, hidden from it.
LOADED = """
import importlib.metadata, json, sys
find = importlib.metadata.entry_points
if {hide}:
    importlib.metadata.entry_points = lambda **query: () if query.get('group') == 'sdv_modules' else find(**query)
import sdv
print(json.dumps(sorted(sys.modules)))
"""


def run(script: str, *options: str) -> str:
    """Run a script in a new interpreter away from the checkout and return what it prints."""
    done = subprocess.run(
        [sys.executable, *options, '-c', script], capture_output=True, text=True, timeout=300, cwd=sys.prefix
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_installed_package_declares_exactly_one_addon():
    ours = [point for point in entry_points(group='sdv_modules') if point.value.startswith('sdv_fairdistill')]
    assert [(point.name, point.value) for point in ours] == [(NAME, VALUE)]


@pytest.mark.parametrize(
    'first',
    [
        'import sdv',
        'import sdv.single_table',
        'import sdv_fairdistill',
        'import sdv_fairdistill.synthesizer',
        'import sdv_fairdistill.datasets',
    ],
)
def test_sdv_offers_the_synthesizer_in_any_import_order(first):
    script = f"""
{first}
from sdv.single_table import FairDistillSynthesizer
import sdv_fairdistill, sdv.single_table
assert FairDistillSynthesizer is sdv_fairdistill.FairDistillSynthesizer
assert sdv.single_table.__dict__['FairDistillSynthesizer'] is FairDistillSynthesizer
print(FairDistillSynthesizer.__module__)
"""
    assert run(script, '-W', 'error').strip() == 'sdv_fairdistill.synthesizer'


def test_a_failing_addon_would_be_seen():
    """The guard of the test above: SDV turns a failing add-on into a warning, and ``-W error`` into a failure."""
    broken = """
import importlib.metadata
point = importlib.metadata.EntryPoint('sdv.single_table:Absent', 'sdv_fairdistill.synthesizer:Absent', 'sdv_modules')
find = importlib.metadata.entry_points
importlib.metadata.entry_points = lambda **query: (point,) if query.get('group') == 'sdv_modules' else find(**query)
import sdv
"""
    with pytest.raises(AssertionError, match='Failed to load'):
        run(broken, '-W', 'error')


def test_the_plugin_adds_no_module_but_its_own():
    without, with_plugin = (set(json.loads(run(LOADED.format(hide=hide)))) for hide in (True, False))
    added = {module.partition('.')[0] for module in with_plugin - without}
    assert 'sdv_fairdistill' in added
    assert added - {'sdv_fairdistill'} - sys.stdlib_module_names == set()


def test_everyday_names_are_within_reach():
    script = """
from sdv_fairdistill import FairDistillSynthesizer, FairnessReport, compare, evaluate, evaluate_fairness
from sdv_fairdistill import FairIndependentSynthesizer, evaluation, multi_table, report, synthesizer
assert (compare, evaluate) == (evaluation.compare, evaluation.evaluate)
assert evaluate_fairness is evaluation.evaluate_fairness
assert FairnessReport is report.FairnessReport
assert FairDistillSynthesizer is synthesizer.FairDistillSynthesizer
assert FairIndependentSynthesizer is multi_table.FairIndependentSynthesizer
print('here')
"""
    assert run(script, '-W', 'error').strip() == 'here'


def test_what_judges_rows_waits_until_it_is_asked_for():
    script = """
import sys, types
import sdv_fairdistill
ours = {name for name in sys.modules if name.startswith('sdv_fairdistill')}
waiting = ('evaluation', 'report', 'metrics', 'plots', 'method', 'training', 'networks', 'goals.frontier', 'views',
           'multi_table')
assert not [name for name in ours for each in waiting if name.startswith(f'sdv_fairdistill.{each}')], ours
held = [value for name in ours for value in vars(sys.modules[name]).values()]
parts = {value.__name__ for value in held if isinstance(value, types.ModuleType)}
assert not [part for part in parts if part.partition('.')[0] in ('torch', 'sklearn')], parts
names = {'evaluate', 'compare', 'evaluate_fairness', 'FairIndependentSynthesizer', 'FairnessReport', 'datasets'}
assert names <= set(dir(sdv_fairdistill))
assert 'sdv_fairdistill.evaluation' not in sys.modules
sdv_fairdistill.evaluate
assert 'sdv_fairdistill.evaluation' in sys.modules
print('waited')
"""
    assert run(script).strip() == 'waited'


def test_a_name_that_there_is_not_is_refused_as_by_any_module():
    script = """
import sdv_fairdistill
try:
    sdv_fairdistill.evaluat
except AttributeError as error:
    print(error)
"""
    assert run(script).strip() == "module 'sdv_fairdistill' has no attribute 'evaluat'"
