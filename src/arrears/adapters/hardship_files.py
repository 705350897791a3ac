"""Reading how each type of option is treated: the package's own file."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

from arrears.hardship.treatments import read_treatments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arrears.hardship.option import OptionType, Treatment

FILE = "option_types.yaml"


@cache
def load_treatments() -> Mapping[OptionType, Treatment]:
    """How each type of option is treated, checked; read once in a process.

    Raises:
        ArrearsError: `policy.malformed`.
    """
    text = (resources.files("arrears.hardship") / "data" / FILE).read_text(encoding="utf-8")
    return read_treatments(yaml.safe_load(text), source=FILE)
