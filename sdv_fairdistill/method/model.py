"""The whole method on tokens: groups, views, teacher, student; then sampling and representing. It knows no SDV."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import torch

from sdv_fairdistill.helpers.threads import in_threads, new_lock, one_thread
from sdv_fairdistill.networks.fair_vae import Sizes, Student
from sdv_fairdistill.networks.heads import LabelInputs
from sdv_fairdistill.sampling.counterfactual import Counterfactuals
from sdv_fairdistill.sampling.filling import fill_rows
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.likelihood import log_likelihoods
from sdv_fairdistill.sampling.particles import draw_conditioned
from sdv_fairdistill.sampling.prediction import class_probabilities
from sdv_fairdistill.sampling.repairs import Repairs
from sdv_fairdistill.sampling.rows import Source, draw_rows
from sdv_fairdistill.table.digits import Digits
from sdv_fairdistill.table.groups import Groups
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.training.config import FitConfig
from sdv_fairdistill.training.drawn import Drawn
from sdv_fairdistill.training.links import find_links
from sdv_fairdistill.training.mechanisms import learn_counterfactuals
from sdv_fairdistill.training.repairs import begin_scores, learn_repairs
from sdv_fairdistill.training.student import train_student
from sdv_fairdistill.training.tables import TrainingRows
from sdv_fairdistill.training.teacher import train_teacher
from sdv_fairdistill.views import LabelView, Reads, build_views, check_target

__all__ = ['FairDistillModel']

CHUNK = 8_192  # rows represented at once
LAYERS = 2  # of heads that tell a label from all columns, where there is much to learn of it
JUDGING_SEED = 0  # of what is said of real rows: the same each time, and no sample is moved by it
MOST_TRIES = 20  # to fill in a column written with digits without the token that is not filled in
GLOBAL_GENERATOR = new_lock()  # torch draws initial weights and dropout from its one global generator only


class FairDistillModel:
    """A distilled student with what it needs to draw rows. No training row and no latent of one is kept.

    Args:
        student: The trained student.
        digits: Columns and their roles, and how those with very many levels are written.
        groups: Combinations of sensitive values and how often they occur.
        recipes: For each notion with a view its number, and the share of rows from there at dial 1.
        repairs: How the other notions change labels; None if there are no others.
        repair_recipes: For each of them the name of the one whose change it makes, and the share of rows at dial 1.
        counterfactuals: How notions of a causal graph change rows; None if there are no such notions.
        teacher_parameters: Number of parameters that the teacher had.
        loss_values: The losses of both stages, a row a step.
        device: Where the student computes.
    """

    def __init__(
        self,
        student: Student,
        digits: Digits,
        groups: Groups,
        recipes: dict[str, tuple[int, float]],
        repairs: Repairs | None,
        repair_recipes: dict[str, tuple[str, float]],
        teacher_parameters: int,
        loss_values: pd.DataFrame,
        device: torch.device,
        counterfactuals: Counterfactuals | None = None,
    ) -> None:
        self.student, self.digits, self.groups, self.recipes = student, digits, groups, recipes
        self.repairs, self.repair_recipes, self.counterfactuals = repairs, repair_recipes, counterfactuals
        self.teacher_parameters = teacher_parameters
        self.loss_values = loss_values
        self.device = device
        self.set_random_state(None)

    @classmethod
    @one_thread()
    def fit(
        cls,
        tokens: np.ndarray,
        layout: Layout,
        notions: Sequence[str],
        config: FitConfig,
        seed: int,
        device: torch.device,
        verbose: bool = False,
    ) -> FairDistillModel:
        """Learns a token table.

        Args:
            tokens: Token table ``(rows, columns)``, integers.
            layout: Roles of the columns.
            notions: Names of the notions of fairness to learn a view for.
            config: The numbers of the fit.
            seed: Decides everything random.
            device: Where to train.
            verbose: Whether to show progress bars with the loss.

        Raises:
            TrainingError: If a loss is not a finite number.
        """
        check_target(layout, notions)
        digits = Digits(layout)
        tokens, layout = digits.split(tokens), digits.layout
        groups, combination = Groups.fit(tokens, layout, seed)
        if len(tokens) > config.most_rows:
            read = np.random.default_rng(seed).choice(len(tokens), config.most_rows, replace=False)
            tokens, combination = tokens[read], combination[read]
        group = groups.group_of[combination]
        views = build_views(tokens, layout, groups, combination, notions, seed, config.last_rows)
        last = views.label[0].reads is Reads.EVERYTHING
        sensitive = groups.features(tokens[:, layout.sensitive])
        drawn = tokens[:, layout.drawn].astype(np.int64)
        rows = TrainingRows.of(drawn, sensitive, group, views.label, layout.classes, device)
        config = config.for_table(len(tokens), len(layout.drawn), layout.unordered_classes, len(views.label))
        sizes = Sizes(
            cardinalities=layout.drawn_cardinalities,
            sensitive=groups.width,
            classes=layout.classes,
            views=tuple(_label_inputs(view, layout, last) for view in views.label),
            groups=groups.count,
            latent=config.latent,
            features=config.teacher_features,
            hidden=config.teacher_hidden,
            head=config.last_head if last else config.teacher_head,
            dropout=config.dropout,
            bins=tuple(layout.drawn_bins),
            label_bins=0 if layout.target is None else layout.bins_of(layout.target),
            block=config.block,
            links=find_links(drawn, layout) if config.decoder_decay > config.weight_decay else (),
        )
        scores = begin_scores(tokens, layout, groups, notions, seed)
        forked = [device] if device.type == 'cuda' else []
        with GLOBAL_GENERATOR, torch.random.fork_rng(devices=forked):  # the caller's is put back; threads take turns
            torch.manual_seed(seed)
            generator = torch.Generator(device).manual_seed(seed)
            teacher, teacher_losses = train_teacher(rows, sizes, config, generator, verbose)
            student, student_losses = train_student(teacher, rows, config, generator, seed, verbose)
            drawn_rows = Drawn(student, len(tokens), groups, layout, config, generator, seed, verbose)
            repairs, repair_recipes = learn_repairs(drawn_rows, tokens, group, scores)
            counterfactuals = learn_counterfactuals(drawn_rows, notions)
        losses = [_loss_table('Teacher', teacher_losses), _loss_table('Student', student_losses)]
        loss_values = pd.concat(losses, ignore_index=True)
        return cls(
            student,
            digits,
            groups,
            views.recipes,
            repairs,
            repair_recipes,
            _parameters(teacher),
            loss_values,
            device,
            counterfactuals,
        )

    @property
    def layout(self) -> Layout:
        """Roles of the columns of the token tables that go in and come out."""
        return self.digits.outer

    @property
    def student_parameters(self) -> int:
        """Number of parameters that are kept."""
        return _parameters(self.student)

    def set_random_state(self, state: int | tuple[Any, Any] | None) -> None:
        """Starts the generators of sampling anew; see :meth:`Generators.of`."""
        self.generators = Generators.of(state, self.device)

    @one_thread()
    def sample(
        self,
        count: int,
        notion: str,
        dial: float,
        fixed: Mapping[int, int | np.ndarray] | None = None,
        with_columns: bool = False,
    ) -> np.ndarray:
        """Draws rows.

        Args:
            count: Number of rows.
            notion: Name of a notion that was learned; any other draws from the raw view.
            dial: How far to go from the raw view (0) to where the notion holds (1).
            fixed: Token of each conditioned column, by position: one for all rows, or one a row ``(count,)``.
            with_columns: Whether a notion of a causal graph changes the columns on the way to the label as well.

        Returns:
            Token table ``(count, columns)``, int32.
        """
        source = self._source(notion, dial, with_columns)
        if fixed:
            return self.digits.join(draw_conditioned(source, count, self.digits.of(fixed), self.generators))
        return self.digits.join(draw_rows(source, count, self.generators))

    @one_thread()
    def fill(self, known: np.ndarray, never: Mapping[int, int], notion: str, dial: float) -> np.ndarray:
        """Draws the tokens that rows lack given those that they have; see :func:`fill_rows`.

        Args:
            known: Token table ``(rows, columns)``; -1 where a token is lacking.
            never: By position the token of a column that is not filled in.
            notion: As in :meth:`sample`, of labels that are lacking.
            dial: Likewise.

        Returns:
            Token table ``(rows, columns)``, int32.
        """
        source, split = self._source(notion, dial), self.digits.split(known)
        places = {
            self.digits.places[column]: token for column, token in never.items() if column not in self.digits.bases
        }
        filled = np.empty(known.shape, dtype=np.int32)
        left = np.arange(len(known))
        for _ in range(MOST_TRIES):  # of columns written with digits
            filled[left] = self.digits.join(fill_rows(source, split[left], places, self.generators))
            refused = [(filled[left, column] == token) & (known[left, column] < 0) for column, token in never.items()]
            left = left[np.any([np.zeros(len(left), dtype=bool), *refused], axis=0)]
            if not len(left):
                break
        return filled

    @one_thread()
    def class_probabilities(self, known: np.ndarray, never: Mapping[int, int], notion: str, dial: float) -> np.ndarray:
        """Gives the probabilities ``(rows, classes)`` of the label of rows; see :func:`class_probabilities`.

        Args:
            known: Token table ``(rows, columns)``; -1 where a token is lacking.
            never: By position the token of a column that is not drawn.
            notion: As in :meth:`sample`.
            dial: Likewise.
        """
        places = self._placed(never)
        generators = Generators.of(JUDGING_SEED, self.device)
        return class_probabilities(self._source(notion, dial), self.digits.split(known), places, generators)

    @one_thread()
    def log_likelihoods(self, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gives log-probabilities of rows ``(rows,)`` and their standard errors; see :func:`log_likelihoods`.

        Args:
            known: Token table ``(rows, columns)``; -1 where a token is lacking.
        """
        source, generators = self._source('', 0.0), Generators.of(JUDGING_SEED, self.device)
        return log_likelihoods(source, self.digits.split(known), generators)

    def _placed(self, tokens: Mapping[int, int]) -> dict[int, int]:
        """Gives tokens by position once wide columns are written with digits, without those of these."""
        whole = [column for column in tokens if column not in self.digits.bases]
        return {self.digits.places[column]: tokens[column] for column in whole}

    def _source(self, notion: str, dial: float, with_columns: bool = False) -> Source:
        view, share = self.recipes.get(notion, (0, 0.0))
        source = Source(self.student, self.digits.layout, self.groups, view, dial * share)
        if notion in self.repair_recipes:
            changing, share = self.repair_recipes[notion]
            source = replace(source, repair=self.repairs.of(changing), changed=dial * share)
        if self.counterfactuals is not None and notion in self.counterfactuals.paths:
            counterfactual = self.counterfactuals.of(notion, self.digits.layout, self.groups)
            source = replace(source, counterfactual=counterfactual, changed=dial, with_columns=with_columns)
        return source

    @one_thread()
    @torch.no_grad()
    def represent(self, tokens: np.ndarray) -> np.ndarray:
        """Gives the fair latents ``(rows, latent)``, float32, of rows; the target's tokens are not looked at.

        Args:
            tokens: Token table ``(rows, columns)``.
        """
        layout, tokens = self.digits.layout, self.digits.split(tokens)
        sensitive = torch.from_numpy(self.groups.features(tokens[:, layout.sensitive]))
        drawn = torch.from_numpy(tokens[:, layout.drawn].astype(np.int64))

        def encoded(rows: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
            return self.student.encoder(rows.to(self.device), features.to(self.device))[0].cpu()

        return torch.cat(in_threads(encoded, drawn.split(CHUNK), sensitive.split(CHUNK))).numpy()

    def __getstate__(self) -> dict[str, Any]:
        """Gives what is saved: the student as numbers on the CPU, so that any machine can load it.

        Of the generators only a seed for the next ones is kept, so that what is loaded never repeats rows drawn before.
        """
        left_out = ('student', 'generators', 'device', 'repairs', 'counterfactuals')
        state = {name: value for name, value in self.__dict__.items() if name not in left_out}
        state['next_seed'] = int(copy.deepcopy(self.generators.numpy).integers(2**31))
        state['repairs_state'] = None if self.repairs is None else self.repairs.state()
        state['counterfactuals_state'] = None if self.counterfactuals is None else self.counterfactuals.state()
        state['sizes'] = self.student.sizes
        state['weights'] = {name: value.cpu().numpy() for name, value in self.student.state_dict().items()}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Builds the student again, on the CPU."""
        sizes, weights, seed = state.pop('sizes'), state.pop('weights'), state.pop('next_seed')
        repairs = state.pop('repairs_state', None)  # files that were saved before there were any have none
        counterfactuals = state.pop('counterfactuals_state', None)
        self.__dict__.update({'repair_recipes': {}, **state})
        self.device = torch.device('cpu')
        with GLOBAL_GENERATOR, torch.random.fork_rng(devices=[]):
            self.student = Student(sizes, len(weights['sampler.means']))
            self.repairs = None if repairs is None else Repairs.of_state(repairs)
            self.counterfactuals = None if counterfactuals is None else Counterfactuals.of_state(counterfactuals)
        self.student.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
        self.student.eval()
        self.set_random_state(seed)


def _label_inputs(view: LabelView, layout: Layout, last: bool) -> LabelInputs:
    """Says in the networks' terms what the label head of a view may read.

    Args:
        view: The view.
        layout: Roles of the columns.
        last: Whether the label of the raw view is drawn last: heads that read all columns then learn more of them.
    """
    if view.reads is None:
        return LabelInputs(latent=True, sensitive=True)
    if view.reads is Reads.EVERYTHING:
        return LabelInputs(latent=False, sensitive=True, columns=len(layout.drawn), layers=LAYERS)
    if view.reads is Reads.COLUMNS:
        return LabelInputs(latent=False, columns=len(layout.drawn), layers=LAYERS if last else 1)
    return LabelInputs(columns=len(layout.admissible) if view.reads is Reads.ADMISSIBLE else 0)


def _parameters(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def _loss_table(stage: str, losses: list[dict]) -> pd.DataFrame:
    table = pd.DataFrame(losses)
    table.insert(0, 'Stage', stage)
    table.insert(1, 'Step', np.arange(1, len(table) + 1))
    return table
