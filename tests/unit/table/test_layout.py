"""Which columns are drawn, and in which order."""

from sdv_fairdistill.table.layout import Layout

ORDERED = (False,) * 6


def test_sensitive_columns_and_target_are_not_drawn():
    layout = Layout((5, 5, 5, 5, 5, 5), ORDERED, sensitive=(4, 1), target=2)

    assert layout.drawn == (0, 3, 5)


def test_columns_with_few_tokens_come_first_and_equal_ones_stay_in_order():
    layout = Layout((9, 2, 5, 2, 7, 5), ORDERED)

    assert layout.drawn == (1, 3, 2, 5, 4, 0)
    assert layout.drawn_cardinalities == [2, 2, 5, 5, 7, 9]


def test_the_labels_classes():
    assert Layout((9, 2, 5), ORDERED[:3], target=2).classes == 5
    assert Layout((9, 2, 5), ORDERED[:3]).classes == 0


def test_the_token_of_missing_values_is_the_last_of_its_column():
    layout = Layout((9, 2, 5), (True, False, True), with_missing=(2,))

    assert [layout.missing_of(column) for column in range(3)] == [-1, -1, 4]


def test_a_number_has_no_unordered_classes():
    assert Layout((9, 2, 5), (True, False, True), target=2).unordered_classes == 0
    assert Layout((9, 2, 5), (True, False, False), target=2).unordered_classes == 5
    assert Layout((9, 2, 5), (True, False, False)).unordered_classes == 0


def test_numbers_and_columns_of_very_many_levels_are_no_categories_to_boosting():
    layout = Layout((9, 255, 256, 5), (True, False, False, False))

    assert layout.categorical([0, 1, 2]) == [False, True, False]
    assert layout.categorical([3, 0]) == [True, False]


def test_every_column_may_have_a_role():
    assert Layout((2, 3), ORDERED[:2], sensitive=(0,), target=1).drawn == ()
