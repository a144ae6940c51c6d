"""What the user chose: a value that is not allowed is refused, and a goal gets the smallest dial that reaches it."""

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.goals.checks import check_dial, check_notions, check_number, check_share, smallest_dial
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
                r"'justice' is not known\. Known are \['conditional_parity', 'demographic_parity'",
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


def frontier_of(ratios, odds=None, error=0.0):
    """Figures that are smooth already."""
    figures = {'parity_ratio': ratios, 'equalized_odds_difference': odds or ratios}
    lines = pd.DataFrame({'dial': np.arange(len(ratios)) / (len(ratios) - 1)})
    for name, values in figures.items():
        lines[f'smooth_{name}'], lines[f'{name}_error'] = values, error
    return lines


class TestGoal:
    FRONTIER = frontier_of([0.3, 0.7, 0.65, 0.9, 0.8], [0.3, 0.2, 0.05, 0.04, 0.1])

    @pytest.mark.parametrize(
        ('at_least', 'dial'), [(0, 0), (0.3, 0), (0.31, 0.01), (0.7, 0.25), (0.75, 0.6), (0.85, 0.7), (0.9, 0.75)]
    )
    def test_the_smallest_dial_whose_ratio_is_high_enough(self, at_least, dial):
        assert smallest_dial(self.FRONTIER, at_least, None) == dial

    @pytest.mark.parametrize(('at_most', 'dial'), [(1, 0), (0.25, 0.13), (0.2, 0.25), (0.05, 0.5), (0.04, 0.75)])
    def test_the_smallest_dial_whose_difference_is_low_enough(self, at_most, dial):
        assert smallest_dial(self.FRONTIER, None, at_most) == dial

    def test_the_order_of_lines_does_not_matter(self):
        assert smallest_dial(self.FRONTIER[::-1], 0.7, None) == 0.25

    def test_what_is_undefined_reaches_nothing(self):
        assert smallest_dial(frontier_of([np.nan, 0.9, np.nan]), 0.0, None) == 0.5

    @pytest.mark.parametrize(('confidence', 'margin'), [(0.5, 0), (0.8, 0.8416), (0.9, 1.2816)])
    def test_the_estimate_passes_by_as_many_errors_as_the_confidence_asks_for(self, confidence, margin):
        # Over the dial the ratio rises from 0 to 1, and the difference falls from 1 to 0.
        ratio = smallest_dial(frontier_of([0, 1], error=0.1), 0.5, None, confidence)
        difference = smallest_dial(frontier_of([1, 0], error=0.1), None, 0.5, confidence)

        assert ratio == difference == pytest.approx(0.5 + 0.1 * margin, abs=0.01)

    @pytest.mark.parametrize(
        ('goal', 'message'),
        [
            (
                (0.95, None),
                r'at_least=0\.95 cannot be reached with confidence=0\.8.*best parity_ratio is 0\.900 ± 0\.000, at dial'
                r' 0\.75\. Ask for less',
            ),
            ((None, 0.03), r'at_most=0\.03 cannot.*best equalized_odds_difference is 0\.040 ± 0\.000, at dial 0\.75'),
        ],
    )
    def test_a_goal_out_of_reach_says_what_is_in_reach(self, goal, message):
        with pytest.raises(FairDistillError, match=message):
            smallest_dial(self.FRONTIER, *goal)

    def test_too_few_rows_kept_aside_reach_nothing_with_confidence(self):
        few = frontier_of([0.5, 0.9], error=0.2)

        assert smallest_dial(few, 0.8, None, confidence=0.5) == 0.75
        with pytest.raises(FairDistillError, match=r'is 0\.900 ± 0\.200, at dial 1\. .*keep more rows aside'):
            smallest_dial(few, 0.8, None)

    @pytest.mark.filterwarnings('error')
    @pytest.mark.parametrize('goal', [(0.8, None), (None, 0.1)])
    def test_a_frontier_that_is_undefined_everywhere_judges_nothing(self, goal):
        with pytest.raises(FairDistillError, match=r'cannot be judged: the .* is undefined at every dial'):
            smallest_dial(frontier_of([np.nan] * 3), *goal)

    @pytest.mark.parametrize('goal', [-0.1, 1.1, np.nan, '0.8', True, [0.8]])
    def test_a_goal_that_is_no_share(self, goal):
        with pytest.raises(FairDistillError, match=r'at_least=.* is not allowed: give a number from 0 to 1'):
            smallest_dial(self.FRONTIER, goal, None)
        with pytest.raises(FairDistillError, match=r'at_most=.* is not allowed: give a number from 0 to 1'):
            smallest_dial(self.FRONTIER, None, goal)

    @pytest.mark.parametrize('confidence', [0.49, 1, np.nan, '0.8', True, None])
    def test_a_confidence_that_is_none(self, confidence):
        with pytest.raises(FairDistillError, match=r'confidence=.* is not allowed: give a number from 0\.5 to less'):
            smallest_dial(self.FRONTIER, 0.5, None, confidence)


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
