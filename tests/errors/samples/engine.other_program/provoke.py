"""An executor of Spark has another release than the process that closes."""

from arrears.adapters.spark import refuse_other_program

refuse_other_program("3f1c0a5e9b7d2468", "a94b6d20c7e1f583")
