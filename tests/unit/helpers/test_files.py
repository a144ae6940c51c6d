"""A file is written whole or not at all, wherever its name leads."""

from __future__ import annotations

import pytest

from sdv_fairdistill.helpers.files import complete, remove_partial


def test_a_file_appears_under_its_name_once_it_is_complete(tmp_path):
    with complete(str(tmp_path / 'page.html')) as partial:
        partial.write_text('whole')
        assert partial.suffix == '.html'
        assert not (tmp_path / 'page.html').exists()

    assert [path.name for path in tmp_path.iterdir()] == ['page.html']
    assert (tmp_path / 'page.html').read_text() == 'whole'


@pytest.mark.parametrize('failure', [OSError('full'), KeyboardInterrupt()], ids=['error', 'ctrl-c'])
def test_what_goes_wrong_leaves_the_old_file(tmp_path, failure):
    (tmp_path / 'page.html').write_text('old')

    def break_off():
        with complete(tmp_path / 'page.html') as partial:
            partial.write_text('half')
            raise failure

    with pytest.raises(type(failure)):
        break_off()

    assert [path.read_text() for path in tmp_path.iterdir()] == ['old']


@pytest.mark.parametrize('there', [True, False], ids=['to a file', 'to nothing yet'])
def test_a_link_stays_a_link(tmp_path, there):
    file, link = tmp_path / 'elsewhere' / 'file', tmp_path / 'link'
    file.parent.mkdir()
    if there:
        file.write_text('old')
    link.symlink_to(file)
    with complete(link) as partial:
        partial.write_text('new')

    assert link.is_symlink()
    assert not file.is_symlink()
    assert file.read_text() == 'new'
    assert [path.name for path in file.parent.iterdir()] == ['file']


def test_a_device_is_written_to_directly():
    with complete('/dev/null') as partial:
        assert str(partial) == '/dev/null'


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path):
    for name in ('.0f-part-page.html', 'page.html', '.hidden'):
        (tmp_path / name).touch()
    remove_partial(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == ['.hidden', 'page.html']
