"""SDV finds the synthesizer by itself, in either import order, without a warning and without loading anything heavy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
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


# Has loaded what SDV stands on, which is most of an import's time, but neither SDV nor this package. Runs each script,
# with warnings as errors, in a process that is forked from it, so that none sees what another one imported.
SERVER = """
import json, os, sys, traceback, warnings
import copulas, ctgan, deepecho, rdt, sdmetrics.reports, torch
assert not {'sdv', 'sdv_fairdistill'} & set(sys.modules), 'nothing of what is tested is loaded before'
for line in sys.stdin:
    child = os.fork()
    if child:
        print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])]), flush=True)
        continue
    for number in (1, 2):
        os.dup2(os.open(sys.argv[number], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    warnings.simplefilter('error')
    code = 1
    try:
        exec(compile(json.loads(line), 'script', 'exec'), {'__name__': '__main__'})
        code = 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush(), sys.stderr.flush()
    os._exit(code)
"""


@pytest.fixture(scope='module')
def strictly(tmp_path_factory) -> Iterator[Callable[[str], str]]:
    """Runs a script with warnings as errors, where neither SDV nor this package is loaded; gives what it prints."""
    if not hasattr(os, 'fork'):  # Windows
        yield lambda script: run(script, '-W', 'error')
        return
    folder = tmp_path_factory.mktemp('server')
    files = folder / 'printed', folder / 'failed'
    pipes = {'stdin': subprocess.PIPE, 'stdout': subprocess.PIPE, 'text': True, 'cwd': sys.prefix}
    with subprocess.Popen([sys.executable, '-c', SERVER, *files], **pipes) as server:

        def ask(script: str) -> str:
            server.stdin.write(json.dumps(script) + '\n')
            server.stdin.flush()
            answer = server.stdout.readline()
            printed, failed = (file.read_text(encoding='utf-8') for file in files)
            assert answer.strip() == '[0]', failed
            return printed

        yield ask
        server.stdin.close()


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
def test_sdv_offers_the_synthesizer_in_any_import_order(strictly, first):
    script = f"""
{first}
from sdv.single_table import FairDistillSynthesizer
import sdv_fairdistill, sdv.single_table
assert FairDistillSynthesizer is sdv_fairdistill.FairDistillSynthesizer
assert sdv.single_table.__dict__['FairDistillSynthesizer'] is FairDistillSynthesizer
print(FairDistillSynthesizer.__module__)
"""
    assert strictly(script).strip() == 'sdv_fairdistill.synthesizer'


def test_a_failing_addon_would_be_seen(strictly):
    """The guard of the test above: SDV turns a failing add-on into a warning, which is an error there."""
    broken = """
import importlib.metadata
point = importlib.metadata.EntryPoint('sdv.single_table:Absent', 'sdv_fairdistill.synthesizer:Absent', 'sdv_modules')
find = importlib.metadata.entry_points
importlib.metadata.entry_points = lambda **query: (point,) if query.get('group') == 'sdv_modules' else find(**query)
import sdv
"""
    with pytest.raises(AssertionError, match='Failed to load'):
        strictly(broken)


def test_the_plugin_adds_no_module_but_its_own():
    without, with_plugin = (set(json.loads(run(LOADED.format(hide=hide)))) for hide in (True, False))
    added = {module.partition('.')[0] for module in with_plugin - without}
    assert 'sdv_fairdistill' in added
    assert added - {'sdv_fairdistill'} - sys.stdlib_module_names == set()


def test_everyday_names_are_within_reach(strictly):
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
    assert strictly(script).strip() == 'here'


def test_what_judges_rows_waits_until_it_is_asked_for(strictly):
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
    assert strictly(script).strip() == 'waited'


def test_a_name_that_there_is_not_is_refused_as_by_any_module(strictly):
    script = """
import sdv_fairdistill
try:
    sdv_fairdistill.evaluat
except AttributeError as error:
    print(error)
"""
    assert strictly(script).strip() == "module 'sdv_fairdistill' has no attribute 'evaluat'"
