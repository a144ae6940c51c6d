"""Where the columns of the roles are among the tokens, once constraints and transformers have changed the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sdv_fairdistill.encoding import TableTokenizer
from sdv_fairdistill.errors import RoleError
from sdv_fairdistill.plugin.metadata import ORDERED
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.table.roles import Roles

__all__ = ['Places']

MOST_CLASSES = 20  # a numeric target with more values than that is repaired as a number, with fewer as classes


@dataclass(frozen=True)
class Places:
    """Finds roles among the columns of a fitted tokenizer.

    Attributes:
        tokenizer: Knows the columns that are learned.
        roles: The roles by name, as the user gave them.
        sdtypes: The sdtype of every column of the user's table.
        joint: The column that holds each one that a constraint has joined, by name.
    """

    tokenizer: TableTokenizer
    roles: Roles
    sdtypes: Mapping[str, str]
    joint: Mapping[str, str]

    def layout(self) -> Layout:
        """Gives the token table's columns and their roles, by position.

        Raises:
            RoleError: If a column of a role is not learned as it is, or plays two roles.
        """
        tokenizer, roles = self.tokenizer, self.roles
        places = {name: self.of(role, name) for role, name in roles.named()}
        target = places.get(roles.target)
        sensitive = tuple(dict.fromkeys(places[name] for name in roles.sensitive))
        admissible = tuple(dict.fromkeys(places[name] for name in roles.admissible))
        if len({target, *sensitive, *admissible}) < 1 + len(sensitive) + len(admissible):
            raise RoleError(
                'A constraint joins columns of different roles into one. Leave it out, or one of the roles.'
            )
        ordered = [tokenizer.is_numeric(name) for name in tokenizer.columns]
        if target is not None and tokenizer.cardinalities[target] <= MOST_CLASSES:
            ordered[target] = not tokenizer.holds_single_values(tokenizer.columns[target])
        missing = tuple(place for place, name in enumerate(tokenizer.columns) if tokenizer.has_missing(name))
        return Layout(tuple(tokenizer.cardinalities), tuple(ordered), sensitive, target, admissible, missing)

    def of(self, role: str, name: str) -> int:
        """Finds the column of a role; fixed combinations have put it into a joint one, which then plays the role.

        Args:
            role: The argument that names the column.
            name: The column's name.

        Raises:
            RoleError: If the column is not learned, or no longer as levels.
        """
        columns = self.tokenizer.columns
        column = name if name in columns or role == 'target_column' else self.joint.get(name, name)
        if column not in columns:
            raise RoleError(
                f"{role} names '{name}', but a constraint or a transformer has replaced that column: those learned"
                f' are {columns}. Leave the column out of the constraint and keep its default'
                ' transformer, or leave it out of the roles.'
            )
        if column == name and self.tokenizer.is_numeric(name) and self.sdtypes[name] not in ORDERED:
            raise RoleError(
                f"{role} names '{name}', a column of sdtype '{self.sdtypes[name]}', but its transformer makes"
                ' numbers of its levels, so that groups and classes are lost. Keep its default transformer.'
            )
        return columns.index(column)

    def favorable_token(self) -> int:
        """Gives the token of the target's desired value.

        Raises:
            RoleError: If it has none of its own.
        """
        favorable = self.tokenizer.level_token(self.roles.target, self.roles.favorable)
        if favorable is None:
            raise RoleError(
                f'favorable_value={self.roles.favorable!r} is not a value of its own in the column'
                f" '{self.roles.target}', so that no goal can be measured. Fit with holdout_share=0."
            )
        return favorable
