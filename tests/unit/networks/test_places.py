"""Numbers are smooth functions of the places of their bins; levels and missing values are not."""

import pytest
import torch
from torch import nn

from sdv_fairdistill.networks.places import FUNCTIONS, PlacedEmbedding, PlacedLinear, places


class TestPlaces:
    @pytest.mark.parametrize('bins', [2, 3, 16, 64])
    def test_the_functions_are_of_mean_0_and_of_variance_about_1(self, bins):
        found = places(bins, bins)

        torch.testing.assert_close(found.mean(0), torch.zeros(FUNCTIONS), atol=1e-5, rtol=0)
        waves = found[:, 1 : min(bins, FUNCTIONS)]
        assert not found[:, bins:].any()  # so few bins do not tell shorter waves apart
        torch.testing.assert_close(waves.T @ waves / bins, torch.eye(waves.shape[1]), atol=1e-5, rtol=0)
        assert 0.4 < found[:, 0].square().mean() <= 1.0

    def test_the_first_rises_with_the_place(self):
        assert (places(20, 20)[:, 0].diff() > 0).all()

    @pytest.mark.parametrize('bins', [0, 1])
    def test_levels_and_single_bins_have_none(self, bins):
        assert not places(5, bins).any()

    def test_a_missing_value_has_none(self):
        found = places(5, 4)

        assert not found[4].any()
        assert torch.equal(found[:4], places(4, 4))


class TestEmbedding:
    def test_neighbours_begin_alike_and_levels_do_not(self):
        numbers, levels = PlacedEmbedding(40, 200, 40, 1.0), PlacedEmbedding(40, 200, 0, 1.0)

        for embedding, alike in ((numbers, True), (levels, False)):
            vectors = embedding(torch.arange(40))
            near, far = (nn.functional.cosine_similarity(vectors[:-by], vectors[by:]).mean() for by in (1, 20))
            assert (near > far + 0.3) == alike

    def test_it_is_the_tokens_own_and_that_of_the_place(self):
        embedding = PlacedEmbedding(5, 3, 4, 1.0)

        by_hand = embedding.weight + places(5, 4) @ embedding.smooth.T

        torch.testing.assert_close(embedding(torch.arange(5)), by_hand)
        assert torch.equal(embedding(torch.tensor([4])), embedding.weight[4:])  # a missing value's is its own alone

    def test_a_step_for_one_bin_moves_its_neighbours(self):
        embedding = PlacedEmbedding(20, 3, 20, 1.0)
        embedding(torch.tensor([7])).sum().backward()

        moved = places(20, 20) @ embedding.smooth.grad.T

        assert (moved[6:9] > 1).all()
        assert (embedding.weight.grad[6] == 0).all()


@pytest.mark.parametrize('bins', [0, 4])
def test_the_logits_are_those_of_a_layer_with_weights_of_the_places(bins):
    layer, hidden = PlacedLinear(3, 5, bins), torch.randn(6, 3)
    weight = layer.weight
    if bins:
        nn.init.normal_(layer.smooth)
        weight = weight + places(5, bins) @ layer.smooth.T

    torch.testing.assert_close(layer(hidden), nn.functional.linear(hidden, weight, layer.bias))


@pytest.mark.parametrize('made', [PlacedEmbedding(5, 3, 0, 1.0), PlacedLinear(3, 5, 0)])
def test_levels_have_the_parameters_of_torchs_own(made):
    assert {name for name, _ in made.named_parameters()} <= {'weight', 'bias'}
