"""The imports of the package run one way, over all of its modules; read from the source, so nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

NAME = 'sdv_fairdistill'
ROOT = Path(__file__).resolve().parents[2] / NAME

# Every room, and every module at the root: each may import those before it and itself, and never one after it.
HOUSE = (
    'errors', 'helpers', 'table', 'causal', 'encoding',
    'networks', 'losses', 'views', 'sampling', 'training', 'method', 'goals', 'privacy',
    'metrics', 'plots', 'report', 'evaluation', 'visualization',
    'plugin', 'datasets', 'scale', 'synthesizer', 'classifier', 'multi_table', 'benchmark', 'command_line',
    '__main__', '__init__',
)  # fmt: skip
# Files outside of rooms.
DOORSTEP = {'__init__', '__main__', 'classifier', 'errors', 'evaluation', 'synthesizer', 'visualization'}

# Files are kept short, these two shorter than others.
MOST_LINES = 400
FEWER_LINES = {'__main__.py': 60, 'synthesizer.py': 400}

# Only these may know SDV: they are its face, or stand on top of the face.
FACE = (
    '__init__', '__main__', 'synthesizer', 'classifier', 'plugin', 'datasets', 'evaluation', 'multi_table',
    'benchmark', 'command_line',
)  # fmt: skip

# From the bottom up: a layer may import those before it, never those after it.
LAYERS = ('networks', 'losses', 'training', 'method')

# What a tensor-only package must not touch: data libraries, and our own code that handles tables.
DATA_LIBRARIES = ('pandas', 'sklearn', 'rdt', 'sdmetrics', 'plotly')
DATA_CODE = tuple(f'{NAME}.{part}' for part in ('encoding', 'views', 'metrics', 'report', 'table'))


@dataclass(frozen=True)
class Rule:
    """``package`` (a folder or a module) imports nothing of ``forbidden``, wherever the statement stands."""

    package: str
    forbidden: tuple[str, ...]


RULES = (
    Rule('networks', DATA_LIBRARIES + DATA_CODE),
    Rule('losses', DATA_LIBRARIES + DATA_CODE),
    Rule('metrics', ('rdt', 'torch')),
    *(
        Rule(layer, tuple(f'{NAME}.{later}' for later in LAYERS[index + 1 :]))
        for index, layer in enumerate(LAYERS[:-1])
    ),
)

# What a module must not even reach through others of the package when it is imported.
LIGHT = (
    *(Rule(part, ('torch', 'sklearn')) for part in ('synthesizer', 'datasets', 'helpers.old_names')),
    Rule('metrics', ('torch',)),
)


def modules_of(root: Path) -> dict[str, Path]:
    """``{dotted name: file}`` of every module under ``root``; a package goes by its own name."""
    names = {}
    for path in sorted(root.rglob('*.py')):
        parts = (root.name, *path.relative_to(root).with_suffix('').parts)
        names['.'.join(parts[:-1] if parts[-1] == '__init__' else parts)] = path
    return names


def runs_later(node: ast.AST) -> bool:
    """Whether the code inside waits for a call, or for a type checker."""
    type_checking = isinstance(node, ast.If) and 'TYPE_CHECKING' in ast.unparse(node.test)
    return type_checking or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def statements(tree: ast.AST, *, at_import: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    """Import statements; with ``at_import`` only those that run when the module itself is imported."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not (at_import and runs_later(node)):
            yield from statements(node, at_import=at_import)


def sources_of(module: str, path: Path, *, at_import: bool = False) -> Iterator[tuple[str, str | None]]:
    """Absolute dotted names that a module imports from, each with the name that it takes there, or None for a whole."""
    package = module.split('.') if path.name == '__init__.py' else module.split('.')[:-1]
    for node in statements(ast.parse(path.read_text(encoding='utf-8')), at_import=at_import):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
            continue
        base = package[: len(package) - node.level + 1] if node.level else []
        source = '.'.join([*base, *([node.module] if node.module else [])])
        yield from ((source, alias.name) for alias in node.names)


def imports_of(module: str, path: Path, *, at_import: bool = False) -> set[str]:
    """Absolute dotted names that a module imports; ``from a import b`` counts as ``a`` and as ``a.b``."""
    pairs = list(sources_of(module, path, at_import=at_import))
    return {source for source, _ in pairs} | {f'{source}.{name}' for source, name in pairs if name}


def graph_of(root: Path) -> dict[str, set[str]]:
    """For every module of the package those of it that it imports, now, in a function, or for a type checker.

    ``from a import b`` leads to ``a.b`` if that is a module, else to ``a``; that Python also runs the ``__init__`` of
    every package on the way is left out.
    """
    known = modules_of(root)

    def target(source: str, name: str | None) -> str | None:
        return next((one for one in (f'{source}.{name}', source) if one in known), None)

    return {
        module: {target(*pair) for pair in sources_of(module, path)} - {None, module} for module, path in known.items()
    }


def room_of(root: Path, module: str) -> str:
    """The room of a module, or its own name if it stands at the root."""
    return module.split('.')[1] if module != root.name else '__init__'


def upward(root: Path, house: tuple[str, ...]) -> list[str]:
    """Imports that lead from a room to one above it, and rooms without a place, as readable lines."""
    graph = graph_of(root)
    homeless = {room_of(root, module) for module in graph} - set(house)
    if homeless:
        return [f'{room} has no place in the house' for room in sorted(homeless)]
    height = {module: house.index(room_of(root, module)) for module in graph}
    return [
        f'{module} imports {above}'
        for module, imported in graph.items()
        for above in sorted(imported)
        if height[above] > height[module]
    ]


def circle(root: Path) -> list[str]:
    """Modules that import each other in a circle, the first once more at the end; none if there is no circle."""
    try:
        TopologicalSorter(graph_of(root)).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def within(name: str, packages: tuple[str, ...]) -> bool:
    """Whether a dotted name is one of the packages or lies inside one."""
    return any(name == package or name.startswith(f'{package}.') for package in packages)


def members(root: Path, part: str) -> dict[str, Path]:
    """The modules of one package or the one module of that name."""
    return {name: path for name, path in modules_of(root).items() if within(name, (f'{root.name}.{part}',))}


def violations(root: Path, rule: Rule) -> list[str]:
    """Direct imports that break the rule, as readable lines."""
    return [
        f'{module} imports {name}'
        for module, path in members(root, rule.package).items()
        for name in sorted(imports_of(module, path))
        if within(name, rule.forbidden)
    ]


def reached(root: Path, rule: Rule) -> list[str]:
    """Imports that break the rule when the package is imported, through any chain of our own modules.

    The root's ``__init__`` is left out: it imports SDV, by design, whatever module is asked for.
    """
    known = modules_of(root)
    waiting, seen, found = list(members(root, rule.package)), set(), []
    while waiting:
        module = waiting.pop()
        if module in seen or module not in known or module == root.name:
            continue
        seen.add(module)
        names = imports_of(module, known[module], at_import=True)
        found += [f'{module} imports {name}' for name in sorted(names) if within(name, rule.forbidden)]
        parents = {'.'.join(module.split('.')[:depth]) for depth in range(2, module.count('.') + 1)}
        waiting += sorted(names | parents)
    return found


def skip_unless_present(part: str) -> None:
    if not members(ROOT, part):
        pytest.skip(f'{NAME}.{part} is not written yet')


@pytest.mark.parametrize('rule', RULES, ids=lambda rule: f'{rule.package}-without-{rule.forbidden[0]}')
def test_a_package_imports_nothing_forbidden(rule):
    skip_unless_present(rule.package)
    assert violations(ROOT, rule) == []


@pytest.mark.parametrize('rule', LIGHT, ids=lambda rule: f'{rule.package}-without-{"-".join(rule.forbidden)}')
def test_a_light_module_reaches_nothing_heavy(rule):
    skip_unless_present(rule.package)
    assert reached(ROOT, rule) == []


def test_only_the_face_knows_sdv():
    below = sorted({name.split('.')[1] for name in modules_of(ROOT) if '.' in name} - set(FACE))
    assert [line for part in below for line in violations(ROOT, Rule(part, ('sdv',)))] == []


def test_nothing_below_imports_the_face():
    face = tuple(f'{NAME}.{part}' for part in (*FACE[1:], 'FairDistillSynthesizer'))
    below = sorted({name.split('.')[1] for name in modules_of(ROOT) if '.' in name} - {*FACE, 'scale'})
    assert [line for part in below for line in violations(ROOT, Rule(part, face))] == []


def test_every_import_leads_downwards():
    assert upward(ROOT, HOUSE) == []


def test_no_modules_import_each_other_in_a_circle():
    assert circle(ROOT) == []


def test_the_house_has_no_empty_rooms():
    assert set(HOUSE) == {room_of(ROOT, module) for module in modules_of(ROOT)}


def test_only_the_face_stands_outside_of_the_rooms():
    assert {path.stem for path in ROOT.glob('*.py')} == DOORSTEP


@pytest.mark.parametrize('room', sorted(set(HOUSE) - DOORSTEP))
def test_a_rooms_door_says_in_one_sentence_what_lives_there(room):
    door = ast.get_docstring(ast.parse((ROOT / room / '__init__.py').read_text(encoding='utf-8'))) or ''
    sentence, *more = door.splitlines()
    assert sentence.endswith('.')
    assert not more or more[0] == ''


def test_no_file_is_long():
    lines = {str(path.relative_to(ROOT)): len(path.read_text('utf-8').splitlines()) for path in ROOT.rglob('*.py')}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}
    assert {name: lines[name] for name, most in FEWER_LINES.items() if lines[name] >= most} == {}


@pytest.fixture
def fake(tmp_path):
    """A small package that breaks the rules in every spelling."""
    root = tmp_path / 'fake'
    sources = {
        '__init__.py': 'import sdv',
        'clean.py': 'import math\nfrom fake.low import tool',
        'nested.py': 'def late():\n    import torch.nn as nn\n',
        'typed.py': 'from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch\n',
        'guarded.py': 'try:\n    from torch import nn\nexcept ImportError:\n    nn = None\n',
        'chain.py': 'from fake.low import tool',
        'low/__init__.py': 'from .tool import work',
        'low/tool.py': 'from ..deep import thing',
        'deep.py': 'import torch',
    }
    for name, source in sources.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(source)
    return root


@pytest.mark.parametrize(
    ('package', 'forbidden', 'expected'),
    [
        ('nested', 'torch', ['fake.nested imports torch.nn']),
        ('typed', 'torch', ['fake.typed imports torch']),
        ('guarded', 'torch', ['fake.guarded imports torch', 'fake.guarded imports torch.nn']),
        ('low', 'fake.deep', ['fake.low.tool imports fake.deep', 'fake.low.tool imports fake.deep.thing']),
        ('clean', 'torch', []),
        ('deep', 'tor', []),
    ],
)
def test_the_check_sees_direct_imports(fake, package, forbidden, expected):
    assert violations(fake, Rule(package, (forbidden,))) == expected


@pytest.mark.parametrize(
    ('package', 'expected'),
    [
        ('chain', ['fake.deep imports torch']),
        ('guarded', ['fake.guarded imports torch', 'fake.guarded imports torch.nn']),
        ('nested', []),
        ('typed', []),
    ],
)
def test_the_check_sees_what_an_import_reaches(fake, package, expected):
    assert reached(fake, Rule(package, ('torch',))) == expected


@pytest.fixture
def house(tmp_path):
    """Makes a small package of given sources."""

    def build(**sources):
        root = tmp_path / 'small'
        for name, source in {'__init__': '', **sources}.items():
            path = root / f'{name.replace("__in__", "/")}.py'
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
        return root

    return build


@pytest.mark.parametrize(
    'source',
    [
        'import small.top.tool',
        'from small.top.tool import thing',
        'from small.top import tool',
        'from ..top import tool',
        'from ..top.tool import thing',
        'def late():\n    from small.top import tool',
        'from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from small.top import tool',
    ],
)
def test_the_check_sees_an_import_that_leads_upwards(house, source):
    root = house(ground__in__low=source, ground__in____init__='', top__in____init__='', top__in__tool='thing = 1')

    assert upward(root, ('ground', 'top', '__init__')) == ['small.ground.low imports small.top.tool']
    assert upward(root, ('top', 'ground', '__init__')) == []


def test_the_check_sees_what_is_taken_from_the_root_and_from_a_door(house):
    root = house(low='from small import number\nfrom small.top import thing', top__in____init__='thing = 1')

    assert upward(root, ('low', 'top', '__init__')) == ['small.low imports small', 'small.low imports small.top']


def test_the_check_sees_a_room_without_a_place(house):
    root = house(low='', top__in____init__='', forgotten__in____init__='')

    assert upward(root, ('low', 'top', '__init__')) == ['forgotten has no place in the house']


def test_the_check_sees_a_circle_inside_of_a_room_too(house):
    root = house(
        room__in____init__='from small.room.one import x',
        room__in__one='x = 1\ndef late():\n    from small.room import two',
        room__in__two='from .three import y',
        room__in__three='from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from small.room.one import x',
    )

    assert set(circle(root)) == {'small.room.one', 'small.room.two', 'small.room.three'}
    (root / 'room' / 'three.py').write_text('y = 1')
    assert circle(root) == []
    (root / 'room' / 'three.py').write_text('from small.room import x as y')
    assert set(circle(root)) == {'small.room', 'small.room.one', 'small.room.two', 'small.room.three'}
