"""Policy files: the pack that comes with the package, and a lender's own directory beside it.

A parameter's id is its place: `cn.price.lpr_1y` lies in `cn/price/lpr_1y.yaml`, so that a command
reads only what it asks for.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from arrears.kernel.errors import ArrearsError
from arrears.policy.loading import (
    check_yields,
    is_parameter_id,
    read_parameter,
    read_ratification,
)
from arrears.policy.parameter import Level
from arrears.policy.registry import build_registry, require_completes

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from arrears.policy.parameter import Parameter, Ratification
    from arrears.policy.registry import PolicyRegistry

PACK = Path(__file__).parents[1] / "policy" / "data"
#: In a lender's directory: the list of permissions the lender ratified.
RATIFICATIONS = "ratifications.yaml"
_SUFFIX = ".yaml"
# The C loader is some ten times faster; where libyaml is absent, the Python one reads the same.
if TYPE_CHECKING:
    _FastLoader = yaml.SafeLoader
else:
    _FastLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_FastLoader):
    """A safe loader that refuses a key written twice, of which YAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - the signature is PyYAML's
        """The mapping of a node, each key once."""
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        if len(mapping) != len(node.value):
            keys = [key.value for key, _ in node.value]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {twice} stands twice", node.start_mark
            )
        return mapping


def load_registry(
    parameter_ids: Iterable[str] | None = None, lender_directory: Path | None = None
) -> PolicyRegistry:
    """Read parameters and check them: form, overlaps, and that lower levels are only stricter.

    Args:
        parameter_ids: Only these, as a command on one account wants; None: all, which also checks
            what yields to what.
        lender_directory: Laid out like the pack. Its files at the level of the lender stand in
            front of the law's, and replace the pack's own defaults. A file of law in it adds what
            the pack lacks, or completes a series of the pack, keeping every value.

    Raises:
        ArrearsError: `policy.*` and `date.malformed`, each naming the file; `policy.unknown` for
            an id without a file.
    """
    wanted = None if parameter_ids is None else tuple(dict.fromkeys(parameter_ids))
    pack = _read_tree(PACK, wanted, within="the pack")
    own: list[Parameter] = []
    ratifications: tuple[Ratification, ...] = ()
    if lender_directory is not None:
        if not lender_directory.is_dir():
            raise ArrearsError(
                "policy.malformed",
                where="the lender's policy",
                expected="a directory laid out like the pack",
                got=str(lender_directory),
            )
        own = _read_tree(lender_directory, wanted, within=str(lender_directory))
        ratifications = _read_ratifications(lender_directory / RATIFICATIONS)
    pack = _without_replaced(pack, own)
    registry = build_registry([*pack, *own], ratifications)
    if wanted is None:
        check_yields(levels[-1] for levels in registry.layers.values())
    else:
        for parameter_id in wanted:
            registry.levels(parameter_id)
    return registry


def _without_replaced(pack: list[Parameter], own: list[Parameter]) -> list[Parameter]:
    """The pack's parameters that no file of the lender at the same level takes the place of."""
    by_place = {(parameter.id, parameter.level): parameter for parameter in own}
    kept = []
    for parameter in pack:
        other = by_place.get((parameter.id, parameter.level))
        if other is None:
            kept.append(parameter)
        elif parameter.level is Level.LAW:
            require_completes(other, parameter)
    return kept


def known_ids() -> tuple[str, ...]:
    """All ids of the pack, from the names of its files alone."""
    return tuple(sorted(parameter_id for parameter_id, _ in _walk(PACK)))


def _read_tree(root: Path, wanted: tuple[str, ...] | None, *, within: str) -> list[Parameter]:
    """Read the files of a tree; `within` names it in messages."""
    if wanted is None:
        found = sorted(_walk(root), key=lambda entry: entry[0])
    else:
        well_formed = filter(is_parameter_id, wanted)
        places = ((parameter_id, _place(root, parameter_id)) for parameter_id in well_formed)
        found = [(parameter_id, place) for parameter_id, place in places if place.is_file()]
    return [_read_file(place, parameter_id, within) for parameter_id, place in found]


def _read_file(place: Path, parameter_id: str, within: str) -> Parameter:
    source = f"{within}, {parameter_id.replace('.', '/')}{_SUFFIX}"
    parameter = read_parameter(_read_yaml(place, source), source=source)
    if parameter.id != parameter_id:
        raise ArrearsError(
            "policy.malformed",
            where=f"{source}, field id",
            expected=f"{parameter_id}, as the file's place says",
            got=parameter.id,
        )
    return parameter


def _read_ratifications(place: Path) -> tuple[Ratification, ...]:
    if not place.is_file():
        return ()
    source = f"{place.parent}, {RATIFICATIONS}"
    entries = _read_yaml(place, source)
    if not isinstance(entries, list):
        raise ArrearsError(
            "policy.malformed", where=source, expected="a list", got=type(entries).__name__
        )
    found = []
    for number, entry in enumerate(entries, start=1):
        where = f"{source}, entry {number}"
        ratification = read_ratification(entry, source=where)
        _require_text(place.parent, ratification, where)
        found.append(ratification)
    return tuple(found)


def _require_text(root: Path, ratification: Ratification, where: str) -> None:
    """The text that was read is kept beside the ratification, and is still the one that was read."""
    place = (root / ratification.text_file).resolve()
    if root.resolve() not in place.parents or not place.is_file():
        raise ArrearsError(
            "policy.text_changed",
            where=f"{where}, field text_file",
            expected="the text that was read, as a file in the lender's policy directory",
            got=f"no such file: {ratification.text_file}",
        )
    found = hashlib.sha256(place.read_bytes()).hexdigest()
    if found != ratification.text_sha256:
        raise ArrearsError(
            "policy.text_changed",
            where=f"{where}, field text_sha256",
            expected=f"{ratification.text_sha256}, of the text that {ratification.person} read",
            got=f"{found}, of {ratification.text_file} as it is now",
        )


def _read_yaml(place: Path, source: str) -> object:
    try:
        return yaml.load(place.read_bytes(), Loader=_Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2026-13-01
        raise ArrearsError(
            "policy.malformed",
            where=source,
            expected="YAML",
            got=" ".join(str(error).split()),
        ) from error


def _walk(root: Path) -> Iterator[tuple[str, Path]]:
    """Every file that lies where a parameter lies, with the id that its place says."""
    for jurisdiction in _folders(root):
        for domain in _folders(jurisdiction):
            for place in domain.iterdir():
                name = place.name.removesuffix(_SUFFIX)
                if name != place.name:
                    yield f"{jurisdiction.name}.{domain.name}.{name}", place


def _folders(place: Path) -> list[Path]:
    return [child for child in place.iterdir() if child.is_dir() and child.name[:1] != "."]


def _place(root: Path, parameter_id: str) -> Path:
    *folders, name = parameter_id.split(".")
    return root.joinpath(*folders, f"{name}{_SUFFIX}")
