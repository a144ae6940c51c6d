"""The report as one page: verdict, tables, pictures, method; nothing is measured here, and nothing is fetched."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from numbers import Integral
from string import Template
from typing import Any, Protocol

import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
from plotly.offline import get_plotlyjs

from sdv_fairdistill.report.case import REAL, SYNTHETIC
from sdv_fairdistill.report.common import is_common
from sdv_fairdistill.report.effects import CausalEffects
from sdv_fairdistill.report.likeness import likeness_facts
from sdv_fairdistill.report.properties import PROPERTIES, DownstreamParity, Property
from sdv_fairdistill.report.unlikely import unlikely_words
from sdv_fairdistill.report.verdict import DIFFERENCE, FAIL, PARITY, PASS, UNFAVORABLE, Verdict, outcome_of
from sdv_fairdistill.report.words import spelled

__all__ = ['page', 'table_html']

FONT = {'family': 'system-ui, sans-serif', 'size': 13}
BADGES = {PASS: 'passes', FAIL: 'does not pass'}
MOST_LINES = 60  # lines of a table that the page shows; get_details gives all
CONFIG = {'responsive': True, 'displaylogo': False, 'displayModeBar': False}


class Report(Protocol):
    """What a page asks of a report, which is above it: :class:`~sdv_fairdistill.report.FairnessReport`."""

    def get_score(self) -> float: ...
    def get_properties(self) -> pd.DataFrame: ...
    def get_details(self, property_name: str) -> pd.DataFrame: ...
    def get_notes(self, property_name: str) -> list[str]: ...
    def get_visualization(self, property_name: str) -> go.Figure: ...
    def get_roc_visualization(self) -> go.Figure: ...
    def get_info(self) -> dict[str, Any]: ...
    def get_models(self) -> pd.DataFrame: ...
    def get_verdict(self) -> Verdict: ...


def page(report: Report, title: str) -> str:
    """Gives the whole page as HTML; every text that came from the data is escaped."""
    info, verdict = report.get_info(), report.get_verdict()
    measured = set(report.get_properties()['Property'])
    template = Template((files('sdv_fairdistill.report') / 'template.html').read_text(encoding='utf-8'))
    return template.substitute(
        title=escape(title),
        subtitle=_subtitle(info),
        outcome=verdict.outcome,
        badge=BADGES.get(verdict.outcome, verdict.outcome),
        headline=escape(verdict.headline),
        sentences=_items(verdict.sentences),
        warning='' if info['holdout_is_unseen'] else f'<p class="warning">{_split_warning(info)}</p>',
        privacy=_privacy(info),
        scores=_scores(report),
        summary=_summary(report.get_models(), common=is_common(info.get('favorable_rate', float('nan')))),
        models=table_html(_signed(report.get_models()), 'Models trained on real and on synthetic rows'),
        sections='\n'.join(_section(report, part) for part in (*PROPERTIES, CausalEffects()) if part.name in measured),
        method=_items(_method(info)),
        caveats=_items(_caveats(info)),
        facts=_facts(info),
        plotly=get_plotlyjs(),
    )


def table_html(table: pd.DataFrame, caption: str) -> str:
    """Gives a table as HTML: numbers with three digits and to the right, NaN as 'undefined', all texts escaped."""
    shown = table.head(MOST_LINES)
    numeric = [pd.api.types.is_numeric_dtype(table[name]) for name in table]
    header = ''.join(
        f'<th scope="col"{_right(number)}>{escape(_capital(str(name)))}</th>'
        for name, number in zip(table, numeric, strict=True)
    )
    lines = []
    for _, line in shown.iterrows():
        cells = [
            f'<td{_right(number)}>{escape(_cell(value))}</td>' for value, number in zip(line, numeric, strict=True)
        ]
        lines.append(f'<tr>{"".join(cells)}</tr>')
    more = f' The first {MOST_LINES} of {len(table)} lines.' if len(table) > MOST_LINES else ''
    return (
        f'<div class="scroll" tabindex="0"><table><caption>{escape(caption)}.{more}</caption>'
        f'<thead><tr>{header}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
    )


def _section(report: Report, part: Property) -> str:
    score = report.get_properties().set_index('Property').loc[part.name, 'Score']
    details = report.get_details(part.name)
    empty = [name for name in details if details[name].isna().all() or (details[name] == '').all()]
    notes = _notes(report.get_notes(part.name))
    figure = _figure(report.get_visualization(part.name), part.name)
    table = table_html(details.drop(columns=empty), f'{part.name}, in figures')
    return (
        f'<section id="{_anchor(part.name)}"><h2>{part.name} <span class="score">{spelled(score)}</span></h2>'
        f'<p>{escape(part.meaning)}</p>{notes}{figure}'
        f'{_curves(report) if part.name == DownstreamParity.name else ""}'
        f'<details><summary>The figures</summary>{table}</details></section>'
    )


def _notes(notes: list[str]) -> str:
    """A note at sight; of more than one the number, and the notes for those who ask."""
    if len(notes) < 2:
        return ''.join(f'<p class="note">Note: {escape(note)}.</p>' for note in notes)
    summary = f'What is undefined, leaves groups out or can flatter: {len(notes)} notes'
    return f'<details class="note"><summary>{summary}</summary><ul>{_items(notes)}</ul></details>'


def _curves(report: Report) -> str:
    about = 'ROC curves by group, of boosting with all columns; the point is the threshold 0.5'
    return f'<p>{about}.</p>{_figure(report.get_roc_visualization(), "ROC curves by group")}'


def _figure(figure: go.Figure, name: str) -> str:
    figure.update_layout(title=None, font=FONT, margin={'l': 8, 'r': 12, 't': 44, 'b': 8}, autosize=True)
    figure.update_annotations(font_size=FONT['size'] + 1)
    height = f'{figure.layout.height - 60}px'
    figure.update_layout(height=None)
    drawn = pio.to_html(
        figure,
        full_html=False,
        include_plotlyjs=False,
        config=CONFIG,
        default_height=height,
        div_id=f'figure-{_anchor(name)}',
    )
    return f'<figure role="img" aria-label="{escape(name)}, drawn; the figures follow as a table">{drawn}</figure>'


def _scores(report: Report) -> str:
    scores = report.get_properties().set_index('Property')['Score']
    cards = ''.join(
        f'<a class="card" href="#{_anchor(name)}"><span class="value">{spelled(score)}</span>{name}</a>'
        for name, score in scores.items()
    )
    overall = spelled(report.get_score())
    first = f'<div class="card overall"><span class="value">{overall}</span>Overall</div>'
    return f'<div class="cards">{first}{cards}</div>'


def _summary(models: pd.DataFrame, common: bool) -> str:
    """A line a model: does it pass, and its figures with those of real rows below them; more where ratios flatter."""
    ratios = models[models['Measure'] == PARITY].set_index('Model')[SYNTHETIC]
    outcomes = {model: outcome_of(ratio) for model, ratio in ratios.items()}
    rules = {'Four-fifths rule': {model: BADGES.get(outcome, outcome) for model, outcome in outcomes.items()}}
    caption = (
        'Trained on the synthetic rows; in small, the same trained on the real rows. Blind: not shown the sensitive'
        ' columns.'
    )
    first = _beside_real(models, [PARITY, 'AUC', 'accuracy'], caption, rules)
    beside = 'Beside the parity ratio, since the favorable label is common.'  # a table of its own: phones are narrow
    return first + (_beside_real(models, [UNFAVORABLE, DIFFERENCE], beside, {}) if common else '')


def _beside_real(models: pd.DataFrame, measures: list[str], caption: str, words: dict[str, dict[str, str]]) -> str:
    """A line a model: words, then measures with those of real rows below them in small."""
    real, synthetic = (models.pivot(index='Model', columns='Measure', values=kind) for kind in (REAL, SYNTHETIC))
    header = ''.join(f'<th scope="col">{_capital(name)}</th>' for name in words)
    header += ''.join(f'<th scope="col" class="number">{_capital(measure)}</th>' for measure in measures)
    lines = []
    for model in models['Model'].unique():
        cells = ''.join(f'<td>{escape(word[model])}</td>' for word in words.values())
        cells += ''.join(
            f'<td class="number">{spelled(synthetic.loc[model, measure])}'
            f'<small>{spelled(real.loc[model, measure])}</small></td>'
            for measure in measures
        )
        lines.append(f'<tr><th scope="row">{escape(model)}</th>{cells}</tr>')
    return (
        f'<div class="scroll"><table><caption>{caption}</caption><thead><tr><th scope="col">Model</th>{header}</tr>'
        f'</thead><tbody>{"".join(lines)}</tbody></table></div>'
    )


def _signed(models: pd.DataFrame) -> pd.DataFrame:
    change = models['change'].map(lambda value: spelled(value) if pd.isna(value) else f'{value:+.3f}')
    return models.assign(change=change)


def _subtitle(info: dict[str, Any]) -> str:
    return (
        f'Table <b>{escape(info["table_name"])}</b>: groups by <b>{escape(", ".join(info["sensitive_columns"]))}</b>,'
        f' favorable label <b>{escape(info["target_column"])} = {escape(str(info["favorable_value"]))}</b>.'
        f' {_rows(info, "real_data"):,} real rows, {_rows(info, "synthetic_data"):,} synthetic,'
        f' {_rows(info, "holdout"):,} held out.'
    )


def _privacy(info: dict[str, Any]) -> str:
    """The guarantee and what it does not promise; nothing where none was given."""
    if not info.get('privacy'):  # old files have none
        return ''
    sentence, *others = info['privacy']['said']
    return (
        f'<section id="privacy"><h2>Privacy</h2><p><b>{escape(sentence)}</b></p><ul>{_items(others)}</ul>'
        '<p>Stated by whoever made this report, for the synthesizer that the rows were drawn from.</p></section>'
    )


def _split_warning(info: dict[str, Any]) -> str:
    return (
        f'No held-out rows were given. Of the real rows {_rows(info, "holdout"):,} were kept from the model that learns'
        ' from real rows, to test on, but the synthesizer has seen them: the figures of the synthetic rows are'
        ' flattered. For fair figures, hold rows out before fitting.'
    )


def _method(info: dict[str, Any]) -> list[str]:
    trained, tested = _rows(info, 'trained_on_real_data'), _rows(info, 'holdout')
    return [
        'Four-fifths rule: the smallest rate of favorable predictions in a group must be at least 80 % of the largest'
        ' (29 CFR 1607.4 D). That ratio is the parity ratio.',
        'Unfavorable ratio: the smallest rate of unfavorable predictions in a group over the largest; parity'
        ' difference: the largest rate less the smallest. They are shown beside the parity ratio where more than half'
        ' of the real rows are favorable: it is then near 1 even where unfavorable predictions are far apart.',
        f"Models: scikit-learn's histogram gradient boosting and logistic regression, trained on {trained:,} real or"
        ' on all synthetic rows and'
        f' tested on the same {tested:,} held-out real rows, each once with all columns and once blind, which is: not'
        ' shown the sensitive columns. A favorable prediction is a probability of at least 0.5.',
        'Equalized odds difference: the larger of the gaps between groups in true and in false positive rates.',
        "Rates by group with fairlearn; intervals of rates are Wilson's; those of ratios, of AUC and of the like come"
        ' from resampled held-out rows. All are 95 %, hold for one figure at a time, and do not tell how much another'
        ' fit of the synthesizer or of the model would change it.',
        "Quality: SDMetrics' QualityReport. For real rows it compares the held-out rows with the others: two real"
        ' samples, the best that can be had.',
        "Associations: Spearman's rank correlation of numbers, Cramér's V of levels, the correlation ratio of ranks of"
        ' one and the other, over all pairs; their similarity is 1 less the mean difference. Two-sample AUC: boosting'
        ' learns to tell as many synthetic as held-out real rows, and is asked of others; for real rows it tells those'
        ' that were not held out. A label that was changed on purpose counts in both.',
        'The overall score is the mean of the properties; if one is undefined, so is it.',
    ]


def _caveats(info: dict[str, Any]) -> list[str]:
    return [
        'The four-fifths rule is a rule of thumb of one country, for one notion of fairness. Passing it is no legal'
        ' opinion, and says nothing of other notions, of other groups or of single persons.',
        'Accuracy and AUC are measured against the labels as recorded. Where these are unfair, accuracy rewards that.',
        'The figures hold for these learners, this threshold and these rows; another model can come out differently.',
        *([] if info.get('privacy') else ['Nothing here says how private the synthetic rows are.']),
    ]


def _facts(info: dict[str, Any]) -> str:
    facts = {
        'Made on': info['generated_date'],
        'Seed': info['seed'],
        'Groups': ', '.join(info['groups']),
        'Held-out rows': info['holdout'],
        **(likeness_facts(info['likeness']) if info.get('likeness') else {}),  # old files have none
        **({'Rows that the model finds unlikely': unlikely_words(info['unlikely'])} if info.get('unlikely') else {}),
        'Time to measure': f'{info["generation_time"]:.1f} s',
        'Versions': ', '.join(f'{name} {number}' for name, number in info['versions'].items()),
    }
    return ''.join(f'<dt>{name}</dt><dd>{escape(str(value))}</dd>' for name, value in facts.items())


def _rows(info: dict[str, Any], name: str) -> int:
    return next(iter(info[f'num_rows_{name}'].values()))


def _items(texts: list[str] | tuple[str, ...]) -> str:
    return ''.join(f'<li>{escape(text)}</li>' for text in texts)


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return 'undefined'
    return f'{value:,}' if isinstance(value, Integral) else f'{value:.3f}'


def _right(number: bool) -> str:
    return ' class="number"' if number else ''


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _anchor(name: str) -> str:
    return name.lower().replace(' ', '-')
