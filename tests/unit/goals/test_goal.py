"""Goals: the smallest dial that reaches one, for both kinds of models or one, and what is said where none does."""

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.goals.goal import smallest_dial


def frontier_of(ratios, odds=None, error=0.0, without=None):
    """Figures that are smooth already; those of models without the sensitive columns are the same if not given."""
    figures = {'parity_ratio': ratios, 'equalized_odds_difference': odds or ratios}
    figures |= {f'{name}_without': without or values for name, values in figures.items()}
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
                r'at_least=0\.95 cannot be reached with confidence=0\.8: at the best dial, 0\.75, the parity_ratio of'
                r' models with the sensitive columns is 0\.900 ± 0\.000\. Ask for less',
            ),
            ((None, 0.03), r'at_most=0\.03 cannot.*at the best dial, 0\.75, the equalized.* is 0\.040 ± 0\.000'),
        ],
    )
    def test_a_goal_out_of_reach_says_what_is_in_reach(self, goal, message):
        with pytest.raises(FairDistillError, match=message):
            smallest_dial(self.FRONTIER, *goal)

    def test_too_few_rows_kept_aside_reach_nothing_with_confidence(self):
        few = frontier_of([0.5, 0.9], error=0.2)

        assert smallest_dial(few, 0.8, None, confidence=0.5) == 0.75
        with pytest.raises(
            FairDistillError, match=r'at the best dial, 1, .* is 0\.900 ± 0\.200\. .*keep more rows aside'
        ):
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


class TestModels:
    """Over the dial the ratio rises from .5 to .9 for models with the sensitive columns, and to .7 for the others."""

    BOTH = frontier_of([0.5, 0.7, 0.9], without=[0.5, 0.6, 0.7])

    @pytest.mark.parametrize(('models', 'dial'), [('with', 0.25), ('without', 0.5), ('both', 0.5)])
    def test_both_take_the_larger_dial_of_the_two(self, models, dial):
        assert smallest_dial(self.BOTH, 0.6, None, models=models) == dial

    @pytest.mark.parametrize(('models', 'dial'), [('with', 0.5), ('without', 0.25), ('both', 0.5)])
    def test_whichever_it_is(self, models, dial):
        falling = frontier_of([0.4, 0.2, 0.1], without=[0.3, 0.1, 0.1])

        assert smallest_dial(falling, None, 0.2, models=models) == dial

    def test_both_is_the_default(self):
        assert smallest_dial(self.BOTH, 0.6, None) == 0.5

    def test_both_must_reach_it_at_the_same_dial(self):
        # With them it is .8 and more up to .2 and again from .9 on, without them from .4 on.
        humped = frontier_of([0.9, 0.5, 0.5, 0.9], without=[0.6, 0.8, 0.9, 0.9])
        humped['dial'] = [0.0, 0.4, 0.6, 1.0]

        assert smallest_dial(humped, 0.8, None, models='with') == 0
        assert smallest_dial(humped, 0.8, None, models='without') == 0.4
        assert smallest_dial(humped, 0.8, None, models='both') == 0.9

    def test_each_kind_has_its_own_error(self):
        surer = frontier_of([0.0, 1.0], error=0.0)
        surer['parity_ratio_without_error'] = 0.1

        assert smallest_dial(surer, 0.5, None, 0.8, 'with') == 0.5
        assert smallest_dial(surer, 0.5, None, 0.8, 'both') == 0.59  # .84 errors of .1 above

    @pytest.mark.parametrize(
        ('models', 'kind', 'advice'),
        [
            ('both', 'without', "learn another notion, or give models='with' if all models will see the sensitive"),
            ('without', 'without', 'or learn another notion.$'),
        ],
    )
    def test_out_of_reach_says_for_which_models_and_what_to_do(self, models, kind, advice):
        reached = rf'at the best dial, 1, the parity_ratio of models {kind} the sensitive columns is 0\.700 ± 0\.000'
        with pytest.raises(FairDistillError, match=f'{reached}.*{advice}'):
            smallest_dial(self.BOTH, 0.8, None, models=models)

    def test_out_of_reach_of_models_with_the_columns_alone(self):
        with pytest.raises(
            FairDistillError, match=r"with the sensitive.*0\.700.*models='without' if no model will see"
        ):
            smallest_dial(frontier_of([0.5, 0.7], without=[0.5, 0.9]), 0.8, None)

    def test_the_best_dial_is_where_the_worse_of_both_is_best(self):
        # The one rises from 0 to 1 and the other falls: they meet at .5.
        crossing = frontier_of([0.0, 1.0], without=[1.0, 0.0])

        with pytest.raises(FairDistillError, match=r'at the best dial, 0\.5, .* is 0\.500 ± 0\.000'):
            smallest_dial(crossing, 0.8, None)

    @pytest.mark.parametrize('models', ['all', '', None, 1, ['both'], True])
    def test_a_choice_that_is_not_known(self, models):
        with pytest.raises(FairDistillError, match=r"models=.* is not allowed: give 'both', or 'with' or 'without'"):
            smallest_dial(self.BOTH, 0.6, None, models=models)

    @pytest.mark.parametrize('models', ['both', 'without'])
    def test_a_frontier_of_an_old_file_knows_one_kind(self, models):
        old = self.BOTH[[name for name in self.BOTH if 'without' not in name]]

        assert smallest_dial(old, 0.6, None, models='with') == 0.25
        with pytest.raises(
            FairDistillError,
            match=r"knows only models with the sensitive columns, so fit anew, or give models='with'\.$",
        ):
            smallest_dial(old, 0.6, None, models=models)

    def test_what_is_undefined_is_said_of_the_models_of_which_it_is(self):
        lacking = frontier_of([0.5, 0.9], without=[np.nan, np.nan])

        assert smallest_dial(lacking, 0.8, None, models='with') == 0.75
        with pytest.raises(FairDistillError, match='undefined at every dial, for models without the sensitive columns'):
            smallest_dial(lacking, 0.8, None)

    def test_lines_in_which_one_kind_is_undefined_reach_nothing(self):
        lacking = frontier_of([0.9, 0.9, 0.9], without=[np.nan, 0.9, 0.9])

        assert smallest_dial(lacking, 0.8, None) == 0.5
