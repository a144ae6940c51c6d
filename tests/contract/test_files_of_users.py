"""Files as people have them, and as they name what is in them: read right, or refused in one line; doubts are said."""

from __future__ import annotations

import codecs
import json
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from sdv.metadata import Metadata

from sdv_fairdistill import FairDistillSynthesizer
from sdv_fairdistill.__main__ import main
from sdv_fairdistill.command_line import files as files_module
from sdv_fairdistill.command_line import work
from sdv_fairdistill.datasets import BUNDLED
from sdv_fairdistill.plugin.detection import detect, doubts
from sdv_fairdistill.plugin.versions import TAKES_FRAMES, frame_of

ROWS = 120
ROLES = ['--sensitive', 'sex', '--target', 'hired']
FIT = [*ROLES, '--out', 'model.pkl']
PEOPLE = pd.DataFrame(
    {
        'sex': np.resize(['Frau', 'Männer', 'Frau'], ROWS),
        'pay': np.linspace(-7.5, 1000.25, ROWS).round(2),
        'hired': np.resize([True, False, False, True, False], ROWS),
    }
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, small_fits):
    """An empty folder to work in, and fits of a second: what they learn does not matter here."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def fits(monkeypatch):
    """What comes to be fitted, as pairs of a synthesizer and a table; checked, but nothing is learned."""
    seen = []

    def fit(synthesizer, data):
        synthesizer.validate(frame_of(data) if TAKES_FRAMES else data)
        seen.append((synthesizer, frame_of(data)))

    monkeypatch.setattr(FairDistillSynthesizer, 'fit', fit)
    monkeypatch.setattr(FairDistillSynthesizer, 'save', lambda *_: None)
    return seen


def refused(capsys, *arguments: str) -> str:
    """The one line on stderr with which a command is refused."""
    capsys.readouterr()
    try:
        code = main(list(arguments))
    except SystemExit as end:  # argparse
        code = end.code
    assert code == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    return lines[0].partition('error: ')[2]


CSV_FORMS = {
    'latin-1, semicolons, decimal commas': (
        {'encoding': 'latin-1', 'sep': ';', 'decimal': ','},
        ['--encoding', 'latin-1', '--separator', ';', '--decimal', ','],
    ),
    'utf-16, a spelled tab': ({'encoding': 'utf-16', 'sep': '\t'}, ['--encoding', 'utf-16', '--separator', r'\t']),
    'utf-16-le, the word tab': (
        {'encoding': 'utf-16-le', 'sep': '\t'},
        ['--encoding', 'UTF-16LE', '--separator', 'tab'],
    ),
    'a byte order mark': ({'encoding': 'utf-8-sig'}, []),
    'a bar': ({'sep': '|'}, ['--separator', '|']),
}  # fmt: skip


@pytest.mark.parametrize(('written', 'options'), CSV_FORMS.values(), ids=CSV_FORMS)
@pytest.mark.parametrize('name', ['people.csv', 'people.csv.gz'])
def test_a_csv_file_is_read_in_its_form(fits, name, written, options):
    PEOPLE.to_csv(name, index=False, **written)

    assert main(['fit', name, *FIT, *options]) == 0

    pd.testing.assert_frame_equal(fits[0][1], PEOPLE)


@pytest.mark.parametrize('name', ['people.parquet', 'people.pq', 'PEOPLE.PARQUET'])
def test_parquet_is_read_by_its_ending_with_its_types(fits, name):
    typed = PEOPLE.astype({'sex': 'category', 'hired': 'boolean'}).assign(
        day=pd.date_range('2020', periods=ROWS), left=None
    )
    typed.loc[3, 'day'] = pd.NaT
    typed.to_parquet(name)

    assert main(['fit', name, *FIT, '--favorable', 'true', '--sdtype', 'left=categorical']) == 0

    pd.testing.assert_frame_equal(fits[0][1], typed)


def test_what_only_parquet_has_becomes_columns_of_plain_names_and_numbers(fits):
    owed = [Decimal('1.25'), None, Decimal('7.50')] * (ROWS // 3)
    table = pd.DataFrame({0: PEOPLE['sex'], 1: owed, 2: PEOPLE['hired'], 3: [date(2020, 1, 1)] * ROWS})
    table.set_index(pd.Index(PEOPLE['pay'], name='pay')).to_parquet('people.parquet')

    assert main(['fit', 'people.parquet', '--sensitive', '0', '--target', '2', '--out', 'model.pkl']) == 0

    read = fits[0][1]
    assert list(read) == ['pay', '0', '1', '2', '3']
    assert read['1'].dtype == float
    assert read['1'].head(3).fillna(0).tolist() == [1.25, 0, 7.5]


def test_from_a_foreign_form_to_rows_and_their_report(folder):
    form = ['--encoding', 'latin-1', '--separator', ';', '--decimal', ',']
    written = {'encoding': 'latin-1', 'sep': ';', 'decimal': ',', 'index': False}
    PEOPLE.to_csv('people.csv', **written)
    PEOPLE.rename(columns={'sex': ' sex '}).to_csv('others.csv', **written)

    assert main(['fit', 'people.csv', *FIT, *form, '--rows', '60', '--synthetic', 'rows.csv']) == 0
    assert main(['sample', 'model.pkl', '--rows', '40', '--out', 'rows.parquet']) == 0
    rows, more = pd.read_csv('rows.csv'), pd.read_parquet('rows.parquet')
    assert (len(rows), len(more)) == (60, 40)
    assert set(rows['sex']) | set(more['sex']) == set(PEOPLE['sex'])
    assert rows.dtypes.tolist() == more.dtypes.tolist() == PEOPLE.dtypes.tolist()

    report = ['report', 'people.csv', 'rows.csv', '--holdout', 'others.csv', *ROLES, '--favorable', 'TRUE']
    assert main([*report, *form, '--out', 'page.html']) == 0
    page = (folder / 'page.html').read_text(encoding='utf-8')
    assert '120 real rows, 60 synthetic, 120 held out' in page
    assert 'Männer' in page


@pytest.mark.parametrize('given', [[' sex,pay '], ['sex , pay'], ['sex', ' pay']], ids=str)
def test_spaces_around_names_do_not_matter(fits, given):
    PEOPLE.rename(columns={'sex': ' sex', 'hired': ' hired '}).to_csv('people.csv', index=False)
    sensitive = [word for text in given for word in ('--sensitive', text)]

    assert main(['fit', 'people.csv', *sensitive, '--target', 'hired', '--out', 'model.pkl']) == 0

    assert fits[0][0].sensitive_columns == [' sex', 'pay']
    assert fits[0][0].target_column == ' hired '


def test_a_name_that_two_columns_have_but_for_spaces_is_asked_for(capsys):
    PEOPLE.assign(**{' hired': 'yes', 'hired ': 'no'}).drop(columns='hired').to_csv('people.csv', index=False)

    assert "may be any of the columns [' hired', 'hired ']" in refused(capsys, 'fit', 'people.csv', *FIT)


SPELLINGS = {
    'true for True': ([True, False], 'true', True),
    '1 for True': ([True, False], '1', True),
    'True for True': ([True, False], 'True', True),
    'true for a nullable one': (pd.array([True, None], dtype='boolean'), 'true', True),
    'true for 1': ([0, 1], 'true', 1),
    '1.0 for 1': ([0, 1], '1.0', 1),
    '1 for 1.0': ([0.0, 1.0, None], '1', 1.0),
    '1.0 for a nullable 1': (pd.array([1, None, 0], dtype='Int64'), '1.0', 1),
    '1.0 for the text 1': (['1', '0'], '1.0', '1'),
    'exactly, before anything else': (['yes', 'Yes', ' yes'], 'yes', 'yes'),
    'a space that the data has': ([' >50K', ' <=50K'], '>50K', ' >50K'),
    'a space that the user gives': (['>50K', '<=50K'], ' >50K ', '>50K'),
    'another case': (['Yes', 'No'], 'yes', 'Yes'),
    'a category': (pd.Categorical(['good', 'bad']), 'GOOD', 'good'),
    'a date': (pd.to_datetime(['2020-01-01', '2021-01-01']), '2021-01-01', pd.Timestamp('2021-01-01')),
}  # fmt: skip


@pytest.mark.parametrize(('labels', 'text', 'value'), SPELLINGS.values(), ids=SPELLINGS)
def test_the_favorable_value_is_the_data_s_own(fits, labels, text, value):
    labels = pd.Series(labels)
    repeated = labels.iloc[np.resize(np.arange(len(labels)), ROWS)].reset_index(drop=True)
    PEOPLE.assign(hired=repeated).to_parquet('people.parquet')

    assert main(['fit', 'people.parquet', *FIT, '--favorable', text]) == 0

    assert str(fits[0][0].favorable_value) == str(value)


NEVER = {
    'a number': ([0, 1], '2', '[0, 1]'),
    'true of three numbers': ([0, 1, 2], 'true', '[0, 1, 2]'),
    'two cases': (['Yes', 'yes'], 'YES', "['Yes', 'yes']"),
    'a text': (['yes', 'no'], 'maybe', "['yes', 'no']"),
}


@pytest.mark.parametrize(('labels', 'text', 'named'), NEVER.values(), ids=NEVER)
def test_a_favorable_value_that_is_not_there_is_told_those_that_are(capsys, labels, text, named):
    PEOPLE.assign(hired=np.resize(labels, ROWS)).to_csv('people.csv', index=False)
    for command in (['fit', 'people.csv', *FIT], ['report', 'people.csv', 'people.csv', *ROLES, '--out', 'page.html']):
        line = refused(capsys, *command, '--favorable', text)

        assert f"'{text}' never occurs in column 'hired', whose values are {named}" in line


TEXT = PEOPLE.head(30)
BAD_FILES = {
    'nowhere': ('absent.csv', None, [], 'No such file or directory'),
    'nowhere, of Parquet': ('absent.parquet', None, [], 'No such file or directory'),
    'a folder': ('folder.csv', 'folder', [], 'is a folder; give a file'),
    'a folder of Parquet': ('folder.parquet', 'folder', [], 'fit_from_parquet reads folders'),
    'empty': ('a.csv', b'', [], 'the file is empty'),
    'empty, of Parquet': ('a.parquet', b'', [], 'cannot be read as Parquet'),
    'no rows': ('a.csv', b'sex,hired\n', [], 'has no rows'),
    'no Parquet': ('a.parquet', b'sex,hired\nf,1\n', [], 'cannot be read as Parquet'),
    'Parquet by another name': ('a.csv', b'PAR1...', [], 'Give it the ending .parquet'),
    'a workbook': ('a.csv', b'PK\x03\x04...', [], 'Save the table as CSV'),
    'no gzip': ('a.csv.gz', b'sex,hired\nf,1\n', [], 'cannot be read as CSV'),
    'latin-1': ('a.csv', {'encoding': 'latin-1'}, [], 'cp1252 or latin-1 seems right: give --encoding cp1252'),
    'cp1252': ('a.csv', b'sex,hired\n\x81,1\n', ['--encoding', 'cp1252'], 'latin-1 seems right'),
    'utf-16': ('a.csv', {'encoding': 'utf-16'}, [], 'utf-16 seems right'),
    'utf-16 without a mark': ('a.csv', {'encoding': 'utf-16-be'}, [], 'utf-16-be seems right'),
    'no utf-16': ('a.csv', {}, ['--encoding', 'utf-16'], 'utf-8 seems right'),
    'no utf-16-le': ('a.csv', {}, ['--encoding', 'utf-16-le'], 'utf-8 seems right'),
    'garbled': ('a.csv', {}, ['--encoding', 'latin-1'], 'is text in utf-8, which --encoding latin-1 garbles'),
    'no encoding': ('a.csv', {}, ['--encoding', 'base64'], "'base64' is no encoding"),
    'semicolons': ('a.csv', {'sep': ';'}, [], "';' seems right, with 3 columns: give --separator ';'"),
    'semicolons and decimal commas': ('a.csv', {'sep': ';', 'decimal': ','}, [], "give --separator ';'"),
    'tabs': ('a.csv', {'sep': '\t'}, ['--separator', ';'], 'tab seems right, with 3 columns: give --separator tab'),
    'commas': ('a.csv', {}, ['--separator', '|'], "',' seems right, with 3 columns"),
    'a long separator': ('a.csv', {}, ['--separator', '::'], "'::' is no separator: give one character"),
    'one mark for two': ('a.csv', {}, ['--decimal', ','], "--separator and --decimal are both ','"),
    'one name twice': ('a.csv', b'sex,hired,sex\nf,1,2\n', [], "several columns of the same name: ['sex']"),
    'more fields than names': ('a.csv', b'sex,hired\nf,1,\nm,0,\n', [], 'more fields in its rows than names'),
    'rows of other lengths': ('a.csv', b'sex,hired\nf,1\nm,0,3\n', [], 'Expected 2 fields in line 3, saw 3'),
    'a target that is sensitive': ('a.csv', {}, ['--sensitive', 'hired'], 'is both target_column and one of'),
    'no such column': ('a.csv', {}, ['--sensitive', 'race'], "'race', which is not in the metadata"),
    'an sdtype of no column': ('a.csv', {}, ['--sdtype', 'race=id'], 'give COLUMN=SDTYPE. The columns are'),
    'an sdtype without a column': ('a.csv', {}, ['--sdtype', 'id'], 'give COLUMN=SDTYPE'),
    'no metadata': ('a.csv', {}, ['--metadata', 'a.csv'], 'a.csv is not SDV metadata in JSON'),
    'a folder of metadata': ('a.csv', {}, ['--metadata', '.'], 'Is a directory'),
    'metadata of something else': ('a.csv', {}, ['--metadata', 'list.json'], 'list.json is not SDV metadata'),
}  # fmt: skip


@pytest.mark.parametrize(('name', 'content', 'options', 'expected'), BAD_FILES.values(), ids=BAD_FILES)
def test_what_cannot_be_used_is_refused_in_one_line(folder, capsys, name, content, options, expected):
    (folder / 'list.json').write_text('[1]')
    if content == 'folder':
        (folder / name).mkdir()
    elif isinstance(content, bytes):
        (folder / name).write_bytes(content)
    elif content is not None:
        TEXT.to_csv(name, index=False, **content)
    before = sorted(folder.iterdir())

    assert expected in refused(capsys, 'fit', name, *FIT, *options)
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize('place', ['SYNTHETIC', 'HOLDOUT'])
def test_a_report_names_the_file_that_cannot_be_read(folder, capsys, place):
    TEXT.to_csv('real.csv', index=False)
    (folder / 'other.csv').write_bytes(b'')
    files = ['real.csv', 'other.csv'] if place == 'SYNTHETIC' else ['real.csv', 'real.csv', '--holdout', 'other.csv']

    line = refused(capsys, 'report', *files, *ROLES, '--favorable', 'true', '--out', 'page.html')

    assert line == 'other.csv cannot be read as CSV: the file is empty.'


def test_one_column_is_a_table_where_no_separator_makes_more(fits):
    PEOPLE[['pay']].assign(pay=lambda rows: rows['pay'].astype(str) + ' a;b').to_csv('people.csv', index=False)

    assert main(['fit', 'people.csv', '--sdtype', 'pay=categorical', '--out', 'model.pkl']) == 0


def test_without_pyarrow_an_error_says_what_to_install(capsys, monkeypatch):
    PEOPLE.to_csv('people.csv', index=False)
    monkeypatch.setattr(files_module, 'find_spec', lambda _: None)
    for arguments in (['people.parquet', '--out', 'm.pkl'], ['people.csv', '--synthetic', 'rows.pq']):
        assert "pip install 'sdv-fairdistill[dask]'" in refused(capsys, 'fit', *arguments)


def test_metadata_that_only_another_sdv_can_use_are_refused_in_one_sentence(folder, capsys):
    PEOPLE.to_csv('people.csv', index=False)
    columns = {name: {'sdtype': 'categorical'} for name in PEOPLE}
    columns['sex']['range_is_nullable' if TAKES_FRAMES else 'order_by'] = False
    written = {'tables': {'people': {'columns': columns}}, 'METADATA_SPEC_VERSION': 'V2' if TAKES_FRAMES else 'V1'}
    if not TAKES_FRAMES:  # which reads all that SDV 1 writes
        written['tables']['people']['primary_key'] = ['none']
    (folder / 'metadata.json').write_text(json.dumps(written))

    line = refused(capsys, 'fit', 'people.csv', *FIT, '--metadata', 'metadata.json')

    assert line.startswith(f'metadata.json was written by SDV {2 if TAKES_FRAMES else 1}, and SDV ')
    assert '--save-metadata' in line


def test_an_error_that_nobody_foresaw_is_one_line_too(capsys, monkeypatch):
    PEOPLE.to_csv('people.csv', index=False)
    monkeypatch.setattr(FairDistillSynthesizer, 'fit', lambda *_: 1 // 0)
    expected = f'unexpected ZeroDivisionError: integer division or modulo by zero ({work.TO_SEE})'

    assert refused(capsys, 'fit', 'people.csv', *FIT) == expected


def doubtful(**columns) -> pd.DataFrame:
    return pd.DataFrame({name: np.resize(values, 300) for name, values in columns.items()})


INVENTED, DRAWN = 'its values are invented and not learned', 'its values are drawn word for word'
DOUBTS = {
    'a number named as a postcode': ({'postcode': range(1000, 1150)}, INVENTED, 'postcode=numerical'),
    'codes': ({'state': range(6)}, INVENTED, 'state=categorical'),
    'few texts': ({'city': ['Ulm', 'Jena']}, INVENTED, 'city=categorical'),
    'truth values': ({'has_email': [True, False]}, INVENTED, 'has_email=categorical'),
    'a number that numbers the rows': ({'id': range(300)}, INVENTED, 'id=numerical'),
    'a name with a space': ({'zip code': range(150)}, INVENTED, "'zip code=numerical'"),
    'remarks': ({'remark': [f'said {row}' for row in range(200)]}, DRAWN, 'remark=unknown'),
    'numbers of orders': ({'order_id': range(250)}, DRAWN, 'order_id=unknown'),
}


@pytest.mark.parametrize(('column', 'said', 'advised'), DOUBTS.values(), ids=DOUBTS)
def test_what_sdv_may_have_mistaken_gets_one_warning(fits, capsys, column, said, advised):
    doubtful(sex=['f', 'm'], hired=['no', 'yes', 'no'], **column).to_csv('people.csv', index=False)

    assert main(['fit', 'people.csv', *FIT]) == 0

    [warning] = capsys.readouterr().err.splitlines()
    assert warning.startswith(f"Warning: Column '{next(iter(column))}' holds ")
    assert said in warning
    assert f'give --sdtype {advised}, or --metadata.' in warning

    assert main(['fit', 'people.csv', *FIT, '--sdtype', advised.strip("'")]) == 0
    assert capsys.readouterr().err == ''
    (fixed,) = fits[1][0].metadata.tables.values()
    name, _, sdtype = advised.strip("'").partition('=')
    assert fixed.columns[name]['sdtype'] == sdtype
    assert fixed.primary_key is None


def test_corrections_are_saved_with_the_metadata(fits):
    doubtful(sex=['f', 'm'], hired=['no', 'yes', 'no'], postcode=range(300)).to_csv('people.csv', index=False)

    assert main(['fit', 'people.csv', *FIT, '--sdtype', 'postcode=numerical', '--save-metadata', 'm.json']) == 0

    assert Metadata.load_from_json('m.json').tables['people'].columns['postcode']['sdtype'] == 'numerical'


def test_a_role_of_a_mistaken_column_is_refused_with_the_way_to_change_it(fits, capsys):
    doubtful(state=['NY', 'CA'], hired=['no', 'yes', 'no']).to_csv('people.csv', index=False)
    command = ['fit', 'people.csv', '--sensitive', 'state', '--target', 'hired', '--out', 'model.pkl']

    assert 'can be neither sensitive nor target nor admissible; if that is wrong, give --sdtype state=categorical' in (
        refused(capsys, *command)
    )
    assert main([*command, '--sdtype', 'state=categorical']) == 0
    assert fits[0][0].sensitive_columns == ['state']


def test_a_report_says_what_it_does_not_judge(capsys, monkeypatch):
    from sdv_fairdistill import evaluation

    seen = []
    monkeypatch.setattr(evaluation, 'evaluate_fairness', lambda *given, **_: seen.append(given) or 1 // 0)
    table = doubtful(
        sex=['f', 'm'], hired=['no', 'yes'], city=['Ulm', 'Jena'], remark=[f'said {i}' for i in range(300)]
    )
    table.to_csv('people.csv', index=False)
    main(['report', 'people.csv', 'people.csv', *ROLES, '--favorable', 'yes', '--out', 'page.html'])

    assert len(seen) == 1
    warning, _ = capsys.readouterr().err.splitlines()
    assert 'personal data (city), so that it is not judged; if that is wrong, give --sdtype city=categorical' in warning


@pytest.mark.parametrize('name', BUNDLED)
def test_nothing_is_doubtful_in_the_bundled_tables(name):
    table = BUNDLED[name]().table

    assert doubts(table, detect(name, table).to_dict()['tables'][name]) == []


@pytest.mark.parametrize(
    'column',
    [
        [f'{row}@example.org' for row in range(300)],
        np.resize(['a', 'b', 'c'], 300),
        pd.date_range('2020', periods=300).astype(str),
        np.linspace(0, 1, 300),
    ],
    ids=['addresses', 'levels', 'dates', 'numbers'],
)
def test_what_is_as_it_should_be_is_not_doubtful(column):
    table = pd.DataFrame({'e-mail' if '@' in str(column[0]) else 'kind': column, 'age': np.resize(range(50), 300)})

    assert doubts(table, detect('people', table).to_dict()['tables']['people']) == []


def test_the_encodings_that_are_advised_are_known_to_python():
    assert all(codecs.lookup(name) for name in ('cp1252', 'latin-1', 'utf-16', 'utf-16-le', 'utf-16-be'))
