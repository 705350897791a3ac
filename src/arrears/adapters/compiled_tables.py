"""The fold's tables as the compiled form sees them: where each begins and how many rows it has.

Numba's arrays carry shape and strides, count references, fold negative indices and may overlap.
Handing nine of them from function to function costs more than what the functions do. Here a table is
one C-contiguous block of int64 whose columns `layout` knows, and the nine are handed on as one pointer.
No two tables overlap, and LLVM is told so: what was read of one need not be read again because another
was written. Indices are never negative; with `NUMBA_BOUNDSCHECK=1` each is checked, columns too.
"""

from __future__ import annotations

import operator
from typing import Any, TypeAlias

from llvmlite import ir
from numba.core import cgutils, config, types
from numba.core.types.containers import UniTuple
from numba.core.typing.templates import (
    AbstractTemplate,
    AttributeTemplate,
    infer_global,
    signature,
)
from numba.extending import (
    infer_getattr,
    intrinsic,
    lower_builtin,
    lower_getattr,
    models,
    register_model,
)

from arrears.kernel.movement import MOVEMENT_COLUMNS
from arrears.servicing import layout as c
from arrears.servicing.tables import Tables

#: Numba and llvmlite have no types of their own.
Untyped: TypeAlias = Any
INT64 = ir.IntType(64)
#: Columns of each table of `Tables`; a vector has none.
COLUMNS = {
    "terms": 0,
    "orders": c.ORDER_COLUMNS,
    "events": c.EVENT_COLUMNS,
    "rows": c.ROW_COLUMNS,
    "in_force": 0,
    "queue": 0,
    "work": c.WORK_COLUMNS,
    "account": 0,
    "moves": MOVEMENT_COLUMNS,
}


class TableType(types.Type):
    """One table or vector: a pointer and a number of rows."""

    def __init__(self, name: str) -> None:
        self.table = name
        self.columns = COLUMNS[name]
        self.index = UniTuple(types.int64, 2) if self.columns else types.int64
        super().__init__(name=f"Table({name})")


class TablesType(types.Type):
    """All tables of one account: a pointer to them."""


TABLES = TablesType(name="Tables")
TABLE_TYPES = {name: TableType(name) for name in Tables._fields}
#: What LLVM calls one table, and the bundle of them.
TABLE_MEMORY = ir.LiteralStructType([INT64.as_pointer(), INT64])
TABLES_MEMORY = ir.LiteralStructType([TABLE_MEMORY] * len(TABLE_TYPES))


@register_model(TableType)
class TableModel(models.PrimitiveModel):
    """A table in LLVM."""

    def __init__(self, manager: Untyped, table: Untyped) -> None:
        super().__init__(manager, table, TABLE_MEMORY)


@register_model(TablesType)
class TablesModel(models.PrimitiveModel):
    """The bundle in LLVM."""

    def __init__(self, manager: Untyped, tables: Untyped) -> None:
        super().__init__(manager, tables, TABLES_MEMORY.as_pointer())


def apart(builder: Untyped, access: Untyped, memory: str) -> Untyped:
    """Tell LLVM that this access reaches the memory so named, which no other name reaches."""
    add = builder.module.add_metadata
    zero = ir.Constant(INT64, 0)
    kind = add([memory, add(["arrears"]), zero])
    access.set_metadata("tbaa", add([kind, kind, zero]))
    return access


@intrinsic
def bundle_tables(  # noqa: PLR0913, PLR0917 - one for each field of Tables, as it is called
    _context: Untyped,
    terms: Untyped,
    orders: Untyped,
    events: Untyped,
    rows: Untyped,
    in_force: Untyped,
    queue: Untyped,
    work: Untyped,
    account: Untyped,
    moves: Untyped,
) -> Untyped:
    """`Tables(...)` in the compiled form: bundle nine C-contiguous int64 arrays."""
    arrays = (terms, orders, events, rows, in_force, queue, work, account, moves)
    if any(array.layout != "C" or array.dtype != types.int64 for array in arrays):
        return None

    def generate(context: Untyped, builder: Untyped, call: Untyped, values: Untyped) -> Untyped:
        tables = cgutils.alloca_once(builder, TABLES_MEMORY)
        for at, (array_type, value) in enumerate(zip(call.args, values, strict=True)):
            array = context.make_array(array_type)(context, builder, value)
            length = cgutils.unpack_tuple(builder, array.shape)[0]
            for part, number in enumerate((array.data, length)):
                place = cgutils.gep_inbounds(builder, tables, 0, at, part)
                apart(builder, builder.store(number, place), "tables")
        return tables

    return TABLES(*arrays), generate


def lower_table(at: int, name: str) -> None:
    """Let `t.<name>` be the table at this place of the bundle."""

    @lower_getattr(TablesType, name)
    def table_of(_context: Untyped, builder: Untyped, _type: Untyped, tables: Untyped) -> Untyped:
        table = ir.Constant(TABLE_MEMORY, ir.Undefined)
        for part in range(2):
            place = cgutils.gep_inbounds(builder, tables, 0, at, part)
            loaded = apart(builder, builder.load(place), "tables")
            table = builder.insert_value(table, loaded, part)
        return table


for place_of_table, name_of_table in enumerate(TABLE_TYPES):
    lower_table(place_of_table, name_of_table)


@infer_getattr
class TablesAttributes(AttributeTemplate):
    """The type of `t.<name>`."""

    key = TablesType

    def generic_resolve(self, _tables: Untyped, name: str) -> Untyped:
        """The table's type, None where there is no such table."""
        return TABLE_TYPES.get(name)


@infer_getattr
class TableAttributes(AttributeTemplate):
    """The type of `table.shape`."""

    key = TableType

    def resolve_shape(self, table: Untyped) -> Untyped:
        """Two numbers, one for a vector."""
        return UniTuple(types.int64, 2 if table.columns else 1)


@lower_getattr(TableType, "shape")
def shape_of(context: Untyped, builder: Untyped, table_type: Untyped, table: Untyped) -> Untyped:
    """Rows and columns."""
    numbers = [builder.extract_value(table, 1)]
    if table_type.columns:
        numbers.append(ir.Constant(INT64, table_type.columns))
    return context.make_tuple(builder, UniTuple(types.int64, len(numbers)), numbers)


@infer_global(operator.getitem)
class GetNumber(AbstractTemplate):
    """The type of `table[row, column]` and `vector[at]`."""

    def generic(self, args: Untyped, _keywords: Untyped) -> Untyped:
        """An int64 at int64 indices, None for what is no table."""
        if not isinstance(args[0], TableType):
            return None
        return signature(types.int64, args[0], args[0].index)


@infer_global(operator.setitem)
class PutNumber(AbstractTemplate):
    """The type of `table[row, column] = number` and `vector[at] = number`."""

    def generic(self, args: Untyped, _keywords: Untyped) -> Untyped:
        """An int64 at int64 indices, None for what is no table."""
        if not isinstance(args[0], TableType):
            return None
        return signature(types.void, args[0], args[0].index, types.int64)


def place_of(
    context: Untyped, builder: Untyped, table_type: Untyped, table: Untyped, index: Untyped
) -> Untyped:
    """Where a number stands; the indices are checked where Numba is asked to check bounds."""
    row = index
    outside = []
    if table_type.columns:
        row, column = cgutils.unpack_tuple(builder, index)
        columns = ir.Constant(INT64, table_type.columns)
        index = builder.add(builder.mul(row, columns, flags=("nsw",)), column, flags=("nsw",))
        outside.append(builder.icmp_unsigned(">=", column, columns))
    outside.append(builder.icmp_unsigned(">=", row, builder.extract_value(table, 1)))
    if config.BOUNDSCHECK:
        for beyond in outside:
            with builder.if_then(beyond, likely=False):
                message = (f"outside the table {table_type.table}",)
                context.call_conv.return_user_exc(builder, IndexError, message)
    return builder.gep(builder.extract_value(table, 0), [index], inbounds=True)


@lower_builtin(operator.getitem, TableType, types.Any)
def get_number(context: Untyped, builder: Untyped, call: Untyped, values: Untyped) -> Untyped:
    """`table[row, column]` and `vector[at]`."""
    loaded = builder.load(place_of(context, builder, call.args[0], *values))
    return apart(builder, loaded, call.args[0].table)


@lower_builtin(operator.setitem, TableType, types.Any, types.Any)
def put_number(context: Untyped, builder: Untyped, call: Untyped, values: Untyped) -> Untyped:
    """`table[row, column] = number` and `vector[at] = number`."""
    table, index, number = values
    stored = builder.store(number, place_of(context, builder, call.args[0], table, index))
    apart(builder, stored, call.args[0].table)
    return context.get_dummy_value()
