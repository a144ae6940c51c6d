"""The imports of the package run one way; read from the source, so nothing is imported to find out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

NAME = 'sdv_fairdistill'
ROOT = Path(__file__).resolve().parents[2] / NAME

# Only these may know SDV: they are its face, or stand on top of the face.
FACE = ('__init__', '__main__', 'synthesizer', 'plugin', 'datasets', 'evaluation', 'benchmark', 'command_line')

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
    Rule('metrics', ('torch',)),
    *(
        Rule(layer, tuple(f'{NAME}.{later}' for later in LAYERS[index + 1 :]))
        for index, layer in enumerate(LAYERS[:-1])
    ),
)

# What a module must not even reach through others of the package when it is imported.
LIGHT = (Rule('synthesizer', ('torch', 'sklearn')), Rule('metrics', ('torch',)))


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


def imports_of(module: str, path: Path, *, at_import: bool = False) -> set[str]:
    """Absolute dotted names that a module imports; ``from a import b`` counts as ``a`` and as ``a.b``."""
    package = module.split('.') if path.name == '__init__.py' else module.split('.')[:-1]
    names = set()
    for node in statements(ast.parse(path.read_text(encoding='utf-8')), at_import=at_import):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
            continue
        base = package[: len(package) - node.level + 1] if node.level else []
        source = '.'.join([*base, *([node.module] if node.module else [])])
        names |= {source} | {f'{source}.{alias.name}' for alias in node.names}
    return names


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
    below = sorted({name.split('.')[1] for name in modules_of(ROOT) if '.' in name} - set(FACE))
    assert [line for part in below for line in violations(ROOT, Rule(part, face))] == []


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
