"""What the user chose: a value that is not allowed is refused, with what is allowed."""

import numpy as np
import pytest

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.goals.checks import check_dial, check_notions, check_number, check_share
from sdv_fairdistill.table.roles import Roles

PLAIN = Roles(('sex',), 'income', 'high')
ADMISSIBLE = Roles(('sex',), 'income', 'high', ('town',))


class TestNotions:
    @pytest.mark.parametrize(
        ('notions', 'learned'),
        [
            (None, ('unawareness',)),
            ('unawareness', ('unawareness',)),
            (['unawareness'], ('unawareness',)),
            (('equalized_odds', 'unawareness'), ('equalized_odds', 'unawareness')),
            (['unawareness', 'equalized_odds', 'unawareness'], ('unawareness', 'equalized_odds')),
        ],
    )
    def test_each_is_learned_once(self, notions, learned):
        assert check_notions('unawareness', notions, PLAIN) == learned

    def test_with_admissible_columns(self):
        assert check_notions('conditional_parity', None, ADMISSIBLE) == ('conditional_parity',)

    @pytest.mark.parametrize(
        ('notion', 'notions', 'roles', 'message'),
        [
            (
                'justice',
                None,
                PLAIN,
                r"'justice' is not known\. Known are \['blind_parity', 'conditional_parity'",
            ),
            (None, None, PLAIN, 'None is not known'),
            ('unawareness', ['unawareness', 'justice'], PLAIN, "'justice' is not known"),
            ('unawareness', ['equalized_odds'], PLAIN, r"'unawareness' is not among notions=\['equalized_odds'\]: add"),
            ('unawareness', [], PLAIN, r'is not among notions=\[\]'),
            ('conditional_parity', None, PLAIN, "'conditional_parity' needs admissible_columns: name the columns"),
            ('unawareness', ['unawareness', 'conditional_parity'], PLAIN, 'needs admissible_columns'),
            ('unawareness', None, ADMISSIBLE, r"admissible_columns=\['town'\] would not be used.*Add 'conditional_par"),
        ],
    )
    def test_what_cannot_be_learned(self, notion, notions, roles, message):
        with pytest.raises(FairDistillError, match=message):
            check_notions(notion, notions, roles)


class TestDial:
    @pytest.mark.parametrize('dial', [0, 1, 0.5, np.float32(0.25), np.int64(1)])
    def test_a_number_from_0_to_1(self, dial):
        assert check_dial(dial) == dial
        assert type(check_dial(dial)) is float

    @pytest.mark.parametrize('dial', [-0.01, 1.01, np.nan, np.inf, None, '0.5', True, [0.5], 1j])
    def test_nothing_else(self, dial):
        with pytest.raises(FairDistillError, match=r'dial=.* is not allowed: give a number from 0 \(as the data is\)'):
            check_dial(dial)


class TestShare:
    @pytest.mark.parametrize('share', [0, 0.2, 0.5])
    def test_up_to_half_of_the_rows(self, share):
        check_share(share, PLAIN)

    def test_nothing_kept_aside_needs_no_roles(self):
        check_share(0.0, Roles())

    @pytest.mark.parametrize('share', [-0.1, 0.51, np.nan, None, '0.2', True])
    def test_nothing_else(self, share):
        with pytest.raises(FairDistillError, match=r'holdout_share=.* is not allowed: give a number from 0 to 0\.5'):
            check_share(share, PLAIN)

    @pytest.mark.parametrize('roles', [Roles((), 'y', 1), Roles(('s',)), Roles(('s',), 'y')])
    def test_there_must_be_something_to_measure(self, roles):
        with pytest.raises(FairDistillError, match='that needs sensitive_columns, target_column and favorable_value'):
            check_share(0.2, roles)


class TestNumbers:
    def test_none_is_allowed_only_where_it_is_optional(self):
        check_number('epochs', None, least=1)
        with pytest.raises(FairDistillError, match=r'rows=None is not allowed: give a whole number of at least 1\.$'):
            check_number('rows', None, least=1, optional=False)

    @pytest.mark.parametrize('value', [0, 11, 2.5, True, '3'])
    def test_others_are_refused_with_what_is_allowed(self, value):
        for optional, ending in ((True, ', or None'), (False, '')):
            with pytest.raises(FairDistillError, match=rf'rows={value!r} is not allowed: .* from 1 to 10{ending}\.$'):
                check_number('rows', value, least=1, most=10, optional=optional)
        check_number('rows', 10, least=1, most=10)
