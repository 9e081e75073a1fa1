"""Rules over the columns of a table, as in `promo_share > 0.5 and predicted_decline`.

A rule is written in the notation of Python, but never run as Python: only what stands below is
understood.

- columns, numbers, 'texts', lists of them; `column * 2`, `column + other`, and `-` and `/`
- `<`, `<=`, `>`, `>=`, `==`, `!=`, `in`, `not in`, which no missing value
  meets; `and`, `or`, `not`
- `mean(column)`, `quantile(column, share)`: of all customers
- `among_top(column, n, by, where)`: whether the customer's value of `column` is one of the n with
  the largest sum of the column `by` over customers for whom the rule `where` holds
- `always`
"""

import ast
import difflib
import operator
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from retention.harness.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

# A part of a rule, ready to be read off a table.
_Part = Callable[["pd.DataFrame"], Any]

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_ALWAYS = "always"
_FUNCTIONS = ("mean", "quantile", "among_top")


class Rule:
    """A rule that was checked when it was made.

    `columns` are the names that it may use (None: those of the table that it will be asked of),
    `where` is its place in params.yaml or contract.yaml, `constants` are names that stand for
    numbers. Raises UserError for anything that the notation doesn't have, and for unknown columns.
    """

    def __init__(
        self,
        text: str,
        columns: Collection[str] | None,
        where: str,
        constants: Mapping[str, float] | None = None,
    ) -> None:
        self._text, self._columns, self._where = text, columns, where
        self._constants = constants or {}
        try:
            tree = ast.parse(text, mode="eval").body
            self._truth_of = self._truth(tree)
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
            raise self._wrong("can't be read") from error
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        # The columns that the rule names.
        self.named = frozenset(names - {*self._constants, _ALWAYS, *_FUNCTIONS})
        parts = (
            tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.Or) else [tree]
        )
        self._alternatives = [ast.unparse(part) for part in parts]

    def holds(self, table: "pd.DataFrame") -> "pd.Series[bool]":
        """Return for each row of the table whether the rule holds.

        Raises UserError when the table can't answer, say for a text compared with a number.
        """
        result: pd.Series[bool] = self._truth_of(table)
        return result

    def alternatives(self) -> "list[Rule]":
        """Return the rules of which one has to hold: the parts between `or`, or the rule itself."""
        if len(self._alternatives) == 1:
            return [self]
        return [
            Rule(text, self._columns, self._where, self._constants) for text in self._alternatives
        ]

    def compared(self) -> dict[str, list[str]]:
        """Return for each column the texts that it is compared with."""
        found: dict[str, list[str]] = {}
        for node in ast.walk(ast.parse(self._text, mode="eval")):
            if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name):
                texts = [
                    part.value
                    for part in ast.walk(node)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                ]
                found.setdefault(node.left.id, []).extend(texts)
        return {column: texts for column, texts in found.items() if texts}

    def _wrong(self, what: str, node: ast.expr | None = None) -> UserError:
        place = f" at «{ast.unparse(node)}»" if node is not None else ""
        return UserError(f"{self._where}: the rule «{self._text}» {what}{place}: correct it.")

    def _truth(self, node: ast.expr) -> _Part:
        match node:
            case ast.BoolOp(op=op, values=values):
                join = operator.and_ if isinstance(op, ast.And) else operator.or_
                first, *rest = [self._truth(value) for value in values]

                def joined(table: "pd.DataFrame") -> Any:
                    found = first(table)
                    for part in rest:
                        found = join(found, part(table))
                    return found

                return joined
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                negated = self._truth(operand)
                return lambda table: ~negated(table)
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as op], comparators=[right]):
                column, listed = self._column(left), self._list(right)

                def among(table: "pd.DataFrame") -> Any:
                    values = column(table)
                    for constant in listed:
                        self._check_kinds(values, constant, node)
                    return values.isin(listed) == isinstance(op, ast.In)

                return among
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
                compare = _COMPARISONS[type(op)]
                column, value = self._left(left), self._value(right)

                def compared(table: "pd.DataFrame") -> Any:
                    values, other = column(table), value(table)
                    self._check_kinds(values, other, node)
                    # Whatever it is compared with, nobody knows a missing value.
                    return compare(values, other) & values.notna() & _known(other)

                return compared
            case ast.Call(func=ast.Name("among_top"), args=[column, n, by, where], keywords=[]):
                return self._among_top(column, n, by, where)
            case ast.Name(id=name) if name == _ALWAYS:
                return lambda table: table.iloc[:, 0].notna() | True
            case ast.Name():
                flag = self._column(node)

                def truth(table: "pd.DataFrame") -> Any:
                    values = flag(table)
                    if str(values.dtype) != "bool":
                        raise self._wrong("doesn't say yes or no for each customer", node)
                    return values

                return truth
            case _:
                raise self._wrong("needs a comparison of a column with one value", node)

    def _column(self, node: ast.expr) -> _Part:
        if not isinstance(node, ast.Name):
            raise self._wrong("needs a column", node)
        name = node.id
        if self._columns is not None:
            self._check_known(name, self._columns, node)

        def read(table: "pd.DataFrame") -> Any:
            self._check_known(name, table.columns, node)
            return table[name]

        return read

    def _check_known(self, name: str, columns: Collection[str], node: ast.expr) -> None:
        if name not in columns:
            near = difflib.get_close_matches(name, [str(column) for column in columns], n=1)
            hint = f" (did you mean «{near[0]}»?)" if near else ""
            raise self._wrong(f"names an unknown column{hint}", node)

    def _left(self, node: ast.expr) -> _Part:
        return self._value(node) if isinstance(node, ast.BinOp) else self._column(node)

    def _number_column(self, node: ast.expr) -> _Part:
        column = self._column(node)

        def read(table: "pd.DataFrame") -> Any:
            values = column(table)
            self._check_kinds(values, 0.0, node)
            return values

        return read

    def _check_kinds(self, values: Any, other: Any, node: ast.expr) -> None:
        """Refuse a text beside a number: pandas would answer that they differ."""
        if _is_number(values) != _is_number(other):
            raise self._wrong("compares a text with a number", node)

    def _value(self, node: ast.expr) -> _Part:
        match node:
            case ast.Call(func=ast.Name("mean"), args=[column], keywords=[]):
                values = self._number_column(column)
                return lambda table: values(table).mean()
            case ast.Call(func=ast.Name("quantile"), args=[column, share], keywords=[]):
                values, level = self._number_column(column), self._constant(share)
                if not isinstance(level, float) or not 0 <= level <= 1:
                    raise self._wrong("needs a share between 0 and 1", share)
                return lambda table: values(table).quantile(level)
            case ast.Name(id=name) if name in self._constants:
                number = float(self._constants[name])
                return lambda _: number
            case ast.Name():
                return self._column(node)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                compute, one, other = _ARITHMETIC[type(op)], self._value(left), self._value(right)

                def computed(table: "pd.DataFrame") -> Any:
                    a, b = one(table), other(table)
                    if not (_is_number(a) and _is_number(b)):
                        raise self._wrong("computes with a text", node)
                    return compute(a, b)

                return computed
            case _:
                constant = self._constant(node)
                return lambda _: constant

    def _constant(self, node: ast.expr) -> float | str:
        match node:
            case ast.Constant(value=str() as text):
                return text
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return float(number)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -float(number)
            case _:
                raise self._wrong("needs a number or a text", node)

    def _list(self, node: ast.expr) -> list[float | str]:
        if not isinstance(node, ast.List | ast.Tuple):
            raise self._wrong("needs a list", node)
        return [self._constant(element) for element in node.elts]

    def _among_top(self, column: ast.expr, n: ast.expr, by: ast.expr, where: ast.expr) -> _Part:
        keys, amounts, counted = self._column(column), self._number_column(by), self._truth(where)
        count = self._constant(n)
        if not isinstance(count, float) or count < 1 or count != int(count):
            raise self._wrong("needs a whole number of at least 1", n)

        def among(table: "pd.DataFrame") -> Any:
            sums = amounts(table).where(counted(table), 0).groupby(keys(table)).sum()
            # Equal sums: in the order of the alphabet.
            top = sums.sort_values(ascending=False, kind="stable").index[: int(count)]
            return keys(table).isin(top)

        return among


def _known(value: Any) -> Any:
    return value.notna() if hasattr(value, "notna") else True


def _is_number(value: Any) -> bool:
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    return isinstance(value, int | float) if kind is None else kind in "iufb"


def memberships(table: "pd.DataFrame", rules: Mapping[str, Rule]) -> "pd.DataFrame":
    """Return a boolean column for each segment, the rows as in `table`."""
    import pandas as pd  # the check of params.yaml needs rules alone, and has to stay fast

    return pd.DataFrame({name: rule.holds(table) for name, rule in rules.items()})
