"""Two files of law for one parameter, which no directory can hold but a program can hand over."""

from arrears.adapters.policy_files import load_registry
from arrears.policy import build_registry

(levels,) = load_registry(("cn.price.licensed_all_in_cap",)).layers.values()
build_registry([*levels, *levels])
