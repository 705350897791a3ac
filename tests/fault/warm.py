"""Imported once by the process that others are forked from: the product, and the compiled fold."""

import closer

import arrears.adapters.engines
import arrears.app.closing
import arrears.app.exporting
import arrears.app.parking
import arrears.app.paying_many  # noqa: F401 - to have it there

closer.frame()
