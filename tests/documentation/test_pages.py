"""What README and the pages show holds: links lead somewhere, Python blocks run, commands parse. No network."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import plotly.io
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from sdv_fairdistill import __main__ as command_line
from sdv_fairdistill import datasets
from sdv_fairdistill.goals import frontier
from sdv_fairdistill.metrics import learners
from sdv_fairdistill.privacy import stage
from sdv_fairdistill.privacy.choosing import ProxyConfig
from sdv_fairdistill.training import config, inherited
from sdv_fairdistill.views import NOTIONS, score

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / 'tutorials' / 'site'
PAGES = [ROOT / 'README.md', *sorted(SITE.glob('*.md'))]
PROGRAMS = (['-m', 'sdv_fairdistill'], ['sdv-fairdistill'])
ROWS = 800  # of Adult in place of 48,842
STEPS = 4  # of teacher and student: what they learn does not matter here


def tokens_of(page: Path) -> Iterator[Token]:
    """The tokens of a page, those inside of paragraphs and headings too."""
    for token in MarkdownIt('commonmark').enable('table').parse(page.read_text(encoding='utf-8')):
        yield token
        yield from token.children or ()


def blocks_of(page: Path, language: str) -> list[tuple[int, str]]:
    """Line and text of every code block in that language."""
    fences = [token for token in tokens_of(page) if token.type == 'fence' and token.info.strip() == language]
    return [(token.map[0] + 1, token.content) for token in fences]


def anchors_of(page: Path) -> set[str]:
    """The anchors that GitHub and MyST give the headings of a page."""
    pairs = pairwise(tokens_of(page))
    headings = [after.content for token, after in pairs if token.type == 'heading_open']
    return {re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-') for heading in headings}


def dead_links(page: Path) -> list[str]:
    """Relative links and pictures of a page that lead nowhere."""
    dead = []
    for token in tokens_of(page):
        link = str(token.attrGet('src' if token.type == 'image' else 'href') or '')
        if not link or re.match(r'[a-z]+:', link):
            continue
        name, _, anchor = unquote(link).partition('#')
        target = (page.parent / name) if name else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            dead.append(link)
    return dead


def commands_of(text: str) -> list[list[str]]:
    """The commands of a shell block, as lists of words."""
    lines = text.replace('\\\n', ' ').splitlines()
    return [shlex.split(part, comments=True) for line in lines for part in line.split('&&')]


def arguments_of(command: list[str]) -> list[str] | None:
    """What a command gives to our program; None if it is another program's."""
    for place in range(len(command)):
        for program in PROGRAMS:
            if command[place : place + len(program)] == program:
                return command[place + len(program) :]
    return None


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """An empty folder to work in, a small Adult, fits of a second, and goals that are always reached."""
    sizes = {'teacher_features': 16, 'student_features': 16, 'repair_rows': 1, 'least_repair_rows': ROWS}
    small = replace(config.FitConfig(), **sizes, student_steps=STEPS, pool_batches=STEPS)
    load = datasets.load_adult

    def load_few():
        adult = load()
        few = adult.table.sample(ROWS, random_state=0).reset_index(drop=True)
        return replace(adult, table=few)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(config, 'FitConfig', lambda: replace(small, least_steps=STEPS, most_steps=STEPS))
    monkeypatch.setattr(datasets, 'load_adult', load_few)
    monkeypatch.setattr(stage, 'ProxyConfig', lambda: ProxyConfig(parts=100, steps=STEPS, last_steps=STEPS))
    monkeypatch.setattr(frontier.HeldOut, 'predict', lambda real, *_: np.ones(len(real.tokens)))
    monkeypatch.setattr(frontier, 'LEAST_ROWS', 1)
    for module, rounds in ((score, STEPS), (learners, STEPS), (inherited, 1)):
        monkeypatch.setattr(module, 'ROUNDS', rounds)
    monkeypatch.setattr(plotly.io.renderers, 'default', 'json')
    known = dict(NOTIONS)
    yield
    NOTIONS.clear()
    NOTIONS.update(known)


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    assert dead_links(page) == []


@pytest.mark.filterwarnings('ignore')
@pytest.mark.parametrize('page', [page for page in PAGES if blocks_of(page, 'python')], ids=lambda page: page.stem)
def test_python_blocks_run_one_after_the_other(page, tiny):
    names = {'__name__': '__main__'}
    for line, text in blocks_of(page, 'python'):
        exec(compile('\n' * line + text, str(page), 'exec'), names)  # a failure names the line of the page


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.stem)
def test_shell_blocks_name_what_exists(page):
    for _, text in blocks_of(page, 'bash'):
        for command in commands_of(text):
            assert [word for word in command if word.endswith('.py') and not (ROOT / word).exists()] == []
            arguments = arguments_of(command)
            if arguments is not None:
                assert command_line._parser().parse_args(arguments)  # argparse exits if it does not know an option


def test_every_command_has_a_section():
    listed = set(re.findall(r'^:path: (\w+)$', (SITE / 'command_line.md').read_text(encoding='utf-8'), re.MULTILINE))
    groups = command_line._parser()._subparsers._group_actions
    assert listed == {name for group in groups for name in group.choices}


def test_the_checks_see_what_is_wrong(tmp_path):
    page = tmp_path / 'page.md'
    page.write_text('# One & two\n\n[a](#one--two) [b](#three) [c](none.md) [d](https://x.org) ![e](none.png)\n')
    assert dead_links(page) == ['#three', 'none.md', 'none.png']
    page.write_text(
        '```python\nx = 1\n```\n\n```bash\na && python -m sdv_fairdistill demo \\\n  --rows 5  # five\n```\n'
    )
    assert blocks_of(page, 'python') == [(1, 'x = 1\n')]
    [(_, text)] = blocks_of(page, 'bash')
    assert [arguments_of(command) for command in commands_of(text)] == [None, ['demo', '--rows', '5']]
