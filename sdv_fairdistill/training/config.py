"""Every number of a fit, with its reason."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

__all__ = ['FitConfig']


@dataclass(frozen=True)
class FitConfig:
    """The numbers of a fit. Figures named here were measured on Adult's held-out rows if nothing else is said.

    Attributes:
        latent: Least size of the latent. One dimension carries what a binary label needs, the others stay near the
            prior; with 12 of them boosting found the group in them with an AUC of .63, with 4 at .56.
        most_latent: Largest size of the latent; a label of several classes wants two more than it has classes.
        teacher_features: Width of the teacher's layers. With 128 a step took a seventh less, and models that learned
            Adult's rows were as good (AUC .9231 for .9235, seven splits), but of 6,000 of its rows the latents knew the
            label with an AUC of .74 for .77; with a label loss of weight 4 they knew it, and models of the rows did not
            (.9220).
        teacher_hidden: Width of a column's own layer in the teacher.
        teacher_head: Width of the teacher's label heads.
        last_head: The same where the label of the data is drawn last, from all columns. With 64, models that learned
            two made tables, whose label is a parity in branches and in a tenth of the rows noise, were right in .87 for
            .93.
        last_rows: Rows from which the label of the data is drawn last, however hard it is to tell.
        student_encoder: Width of the layers of the student's encoder, which draws no rows. With 72 its latents knew
            no more of the label (AUC .77), and no less of the group (.60).
        student_features: Width of the student's running sum. With 72, and with 36 for the next, rows were no better.
            The student has a fifth of the teacher's parameters, or less.
        student_hidden: Width of a column's own layer in the student.
        student_head: Width of the student's label heads.
        block: Columns whose logits are computed in one product at most; the gradients of one such block are computed
            while the next is. On one core eight or more of them take the same time, four a twentieth longer.
        label_weight: Weight of the label loss. Ten made the latent too rich and downstream parity worse.
        kl_weight: Weight of the KL term. Half of it filled five latent dimensions and cost .01 of quality.
        kl_warm_up: Share of the training in which the KL term gains its weight (Bowman et al., 2016). Without one, or
            with a tenth, some fits ended with an empty latent: boosting found the label in it with an AUC of .65 for
            .88.
        independence_weight: Weight of the distance correlation. Sixty starved the latent of the label.
        independence_rows: Rows of a step that it compares at most, since it costs their square. In four parts of 128
            it left downstream parity at .89 for .96 on one split; with the first 256 of 512 it was the same.
        batch: Rows a step. With 384 the loss of rows kept aside was 18.54 after 340 steps, as with 512 after as many,
            in three quarters of the time; with 320 it was 18.56, with 256 18.58.
        least_batch: Rows a step for small tables, where few steps a pass would leave too few steps.
        passes: Passes over the data, within the next two bounds. With these models that learned Adult's rows had an AUC
            of .9248, with 4.5 of .9254 (seven splits), which hardly differs from one fit to the next; time is the
            limit. They are not cut short: the rate falls to nothing in one cycle of known length, and when
            it ends the loss of rows kept aside is at its least (Compas and German Credit: within 1 % of it).
        least_steps: Fewest steps for a table of 1,000 rows, and for others in proportion to the fourth root of the
            rows. More of them learn a small table by heart: with 150 on German Credit, 560 rows learned at one and a
            half times the rate, the loss of the others was 29.9, with 100 it was 28.7, and with 60 it was 27.6, but
            then quality was .008 lower.
        view_passes: Share of the passes, and of the student's steps, that each view adds to those of the raw and one
            repaired view: the views share the rows of every batch. Without, parity of four notions learned together
            was .92 for .97 of one alone.
        most_steps: Most steps: beyond, more rows give no more to learn for their time. Of a made table of 150,000 rows
            boosting told the rows with an AUC of .523 after 600, .516 after 700 and .513 after 800.
        most_rows: Rows that are learned from, drawn at random from a larger table: about as many as the most steps
            read, so that time and memory hardly grow with the table. How often each group occurs is counted in all.
        most_values: Values (rows times columns) that the teacher reads: with more than a hundred columns or so it takes
            fewer steps than above, but not fewer than the least. Two hundred columns of 20,000 rows took four minutes
            without that.
        learning_rate: Peak of one cycle. Half of it needed 667 steps for the loss on Adult's rows kept aside that 400
            reach; one and a half times as much learned small tables by heart.
        warm_up: Share of the cycle in which the rate rises.
        clip_norm: Largest norm of a gradient; the first steps with the independence term are steep.
        weight_decay: Decay of the weights, biases aside. Without it downstream parity fell from about .97 to .94.
        decoder_decay: Most decay of the weights through which the decoder's columns depend on each other, against
            learning by heart. On sixteen halves of German Credit .59 of the rows drawn were nearer to a learned row
            than to one of the other half, with this decay .54; where the links make up for what it takes from strong
            dependencies, quality is no lower but higher. More than twice as much took .002 from quality for nothing.
        decoder_decay_rows: That decay is this number over the number of rows. Where it would be no more than the other
            decay, for large tables, there are no links either: Adult's figures were the same with them.
        dropout: Most dropout, against learning by heart: on German Credit .7 instead of .3 took 1.8 from the loss of
            rows kept aside; instead of .5 it took .005 from quality.
        dropout_rows: Dropout is this number over the number of rows, so that large tables have none.
        least_dropout: Dropout below which there is none, to save its time.
        components: Gaussians of the latent sampler, fewer than one for a hundred rows.
        mixture_rows: Latents that start the mixture by EM. With 10,000 its cross-entropy in the end was 5.705 for
            5.710, with 3,000 it was 5.729.
        pool_batches: Batches that the teacher draws at a time.
        pool_numbers: Numbers that the teacher's predictions for a pool may hold (4 bytes each), for many levels.
        pool_passes: Times that the student sees a batch; drawing costs about as much as a student's step.
        pruning_rows: Rows from which the student's start is found, at least. From twice as many it was no nearer to the
            teacher in the end.
        student_steps: Steps of the student: one pool, gone through `pool_passes` times. What is decoded is then .032
            from the teacher, after 64 steps .038; from random weights 256 steps left .056.
        least_student_steps: Fewest of them, for tables of many columns. On communities and crime, of 100 columns, 64
            left a distance of 2.2, from random weights 170 left 4.2.
        most_student_values: Values (rows times columns) that the student reads, unless that takes fewer steps.
        student_learning_rate: Peak of the student's cycle. With 1e-2 the distance was the same on Adult, and 2.4 for
            2.2 on communities and crime; with 2e-2 it was 3.6 there.
        quality_weight: Weight of the quality loss. With 1 boosting found the label in the student's latents with an AUC
            of .86 for .87, and with 10 the group with one of .59 for .56.
        utility_weight: Weight of the utility loss.
        student_independence_weight: Weight of the distance correlation of the student's latents. With 20 boosting found
            the group in them with an AUC of .60, with 60 at .58.
        repair_rows: Rows drawn, for each row learned, to learn from them how labels are changed.
        least_repair_rows: Fewest such rows.
        most_repair_rows: Most such rows. With 30,000 the repair took longer for the same figures, with 40,000 another
            fifth.
        most_groups_rows: The same where there are more than two groups, whose smallest have few of them.
        most_repair_values: Values (rows times columns) of them, so that wide tables take no longer.
        repair_features: Width of the embedding of the network that scores labels of drawn rows. It agrees with the
            boosted scores that it learns to a root mean square of .036.
        repair_hidden: Width of a head of it.
        repair_passes: Its passes over these rows, about forty steps each.
        groups_passes: Times as many passes where there are more than two groups: the least of several rates falls with
            what the network gets wrong. With nine age groups its error fell from .049 to .033, and the least over the
            largest rate of a model that sees them rose from .74 to .79 (two copies of one split each).
        repair_batch: Most rows a step.
        least_repair_batch: Fewest rows a step.
        repair_learning_rate: Peak of its cycle. With 1e-2 eight passes came to what six do now.
        repair_decay: Decay of its weights.
        mechanism_features: Width of the embeddings of the network of causal mechanisms; it learns from as many drawn
            rows as the repair does, and in the same way.
        mechanism_hidden: Width of a mechanism's hidden layer.
        mechanism_learning_rate: Peak of its cycle. With three times as much its loss was 1.826 for 1.808.
    """

    latent: int = 4
    most_latent: int = 16
    teacher_features: int = 192
    teacher_hidden: int = 64
    teacher_head: int = 64
    last_head: int = 128
    last_rows: int = 10_000
    student_encoder: int = 20
    student_features: int = 64
    student_hidden: int = 32
    student_head: int = 32
    block: int = 16
    label_weight: float = 3.0
    kl_weight: float = 1.0
    kl_warm_up: float = 0.2
    independence_weight: float = 20.0
    independence_rows: int = 256
    batch: int = 384
    least_batch: int = 128
    passes: float = 4.25
    least_steps: int = 100
    view_passes: float = 0.15
    most_steps: int = 800
    most_rows: int = 300_000
    most_values: int = 25_000_000
    learning_rate: float = 6e-3
    warm_up: float = 0.1
    clip_norm: float = 5.0
    weight_decay: float = 0.3
    decoder_decay: float = 15.0
    decoder_decay_rows: float = 7_500.0
    dropout: float = 0.6
    dropout_rows: float = 500.0
    least_dropout: float = 0.02
    components: int = 32
    mixture_rows: int = 6_000
    pool_batches: int = 16
    pool_numbers: int = 32_000_000
    pool_passes: int = 6
    pruning_rows: int = 2_048
    student_steps: int = 96
    least_student_steps: int = 64
    most_student_values: int = 6_500_000
    student_learning_rate: float = 6e-3
    quality_weight: float = 3.0
    utility_weight: float = 1.0
    student_independence_weight: float = 60.0
    repair_rows: int = 10
    least_repair_rows: int = 6_000
    most_repair_rows: int = 25_000
    most_groups_rows: int = 40_000
    most_repair_values: int = 1_000_000
    repair_features: int = 64
    repair_hidden: int = 48
    repair_passes: float = 6.0
    groups_passes: float = 2.5
    repair_batch: int = 1_024
    least_repair_batch: int = 64
    repair_learning_rate: float = 3e-2
    repair_decay: float = 1e-2
    mechanism_features: int = 64
    mechanism_hidden: int = 48
    mechanism_learning_rate: float = 1e-2

    def with_epochs(self, epochs: int | None) -> FitConfig:
        """Gives the same numbers with exactly so many passes over the data; None leaves them as they are."""
        if epochs is None:
            return self
        most = dict.fromkeys(('most_steps', 'most_rows', 'most_values'), sys.maxsize)
        passes = {
            'passes': float(epochs),
            'repair_passes': min(self.repair_passes, float(epochs)),
            'groups_passes': 1.0,
        }
        return replace(self, least_steps=1, view_passes=0.0, least_repair_rows=1, **passes, **most)

    def for_table(self, rows: int, columns: int, classes: int, views: int) -> FitConfig:
        """Gives the numbers for a table.

        Args:
            rows: Number of rows.
            columns: Number of columns that are drawn.
            classes: Number of classes of the label; 0 for none or for a number.
            views: Number of views, the raw one included.
        """
        dropout = min(self.dropout, self.dropout_rows / rows)
        latent = max(self.latent, min(classes + 2, self.most_latent))
        more = 1 + self.view_passes * max(views - 2, 0)
        decay = max(min(self.decoder_decay, self.decoder_decay_rows / rows), self.weight_decay)
        read = self.batch * max(columns, 1)
        steps = max(self.most_values // read, self.least_steps)
        student_steps = max(self.most_student_values // read, self.least_student_steps)
        return replace(
            self,
            latent=latent,
            decoder_decay=decay,
            dropout=dropout if dropout >= self.least_dropout else 0.0,
            passes=self.passes * more,
            most_steps=min(self.most_steps, steps),
            student_steps=min(int(self.student_steps * more), student_steps),
        )

    def batch_of(self, rows: int) -> int:
        """Gives the batch for a table of so many rows: at least about ten batches a pass."""
        return int(min(self.batch, max(self.least_batch, rows // 10), rows))

    def steps_of(self, rows: int) -> int:
        """Gives the teacher's steps for a table of so many rows."""
        least = self.least_steps * (rows / 1_000) ** 0.25
        return int(min(max(self.passes * rows / self.batch_of(rows), least, 1), self.most_steps))

    def components_of(self, rows: int) -> int:
        """Gives the number of Gaussians for so many rows."""
        return max(1, min(self.components, rows // 100))

    def pool_of(self, tokens: int) -> int:
        """Gives the batches of a pool drawn from the teacher, for so many tokens in all columns."""
        return int(min(self.pool_batches, max(1, self.pool_numbers // (self.batch * max(tokens, 1)))))

    def repair_rows_of(self, rows: int, columns: int, groups: int = 2) -> int:
        """Gives the rows to draw for the repair of a table of so many rows, columns that are drawn, and groups."""
        most = self.most_groups_rows if groups > 2 else self.most_repair_rows
        wanted = min(max(self.repair_rows * rows, self.least_repair_rows), most)
        return max(min(wanted, self.most_repair_values // max(columns, 1)), min(wanted, self.least_repair_rows // 2))

    def repair_plan_of(self, rows: int, groups: int = 2) -> tuple[int, int]:
        """Gives the batch and the steps of the network that learns the repair from so many rows of so many groups."""
        batch = min(max(rows // 40, self.least_repair_batch), self.repair_batch, rows)
        passes = self.repair_passes * (self.groups_passes if groups > 2 else 1)
        return batch, max(1, int(passes * rows / batch))
