"""Merkle trees agree with Certificate Transparency's published vectors and with the RFC's recursion."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel.errors import InvariantError
from arrears.ledger.merkle import (
    EMPTY_ROOT,
    InclusionProof,
    is_included,
    leaf_hash,
    merkle_root,
    node_hash,
    prove_inclusion,
)

# The eight leaves and the roots over the first 0 to 8 of them that Certificate Transparency's
# implementations test against (transparency-dev/merkle, testonly/constants.go).
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

contents = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


def hashes_of(leaves: list[bytes]) -> list[bytes]:
    return [leaf_hash(leaf) for leaf in leaves]


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_roots_are_the_published_ones(size: int) -> None:
    """Trees of 0 to 8 leaves have Certificate Transparency's own roots."""
    assert merkle_root(hashes_of(LEAVES[:size])).hex() == ROOTS[size]


def test_the_empty_root_is_the_hash_of_nothing() -> None:
    """RFC 6962, section 2.1: the hash of an empty list is the hash of an empty string."""
    assert EMPTY_ROOT == sha256(b"").digest() == merkle_root([])


def root_by_definition(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(root_by_definition(hashes[:split]), root_by_definition(hashes[split:]))


@given(leaves=contents)
def test_roots_follow_the_definition(leaves: list[bytes]) -> None:
    """The root read as a stream is the one of the RFC's recursion, for any number of leaves."""
    assert merkle_root(iter(hashes_of(leaves))) == root_by_definition(hashes_of(leaves))


def test_an_odd_leaf_is_not_doubled() -> None:
    """Three leaves and the same three with the last one twice have different roots."""
    three = hashes_of(LEAVES[:3])
    assert merkle_root(three) != merkle_root([*three, three[-1]])


@given(leaves=contents, data=st.data())
def test_proofs_hold_for_their_leaf_and_place_alone(
    leaves: list[bytes], data: st.DataObject
) -> None:
    """A proof is accepted for its leaf; not for another content, place, size, path or root."""
    hashes = hashes_of(leaves)
    root = merkle_root(hashes)
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = prove_inclusion(hashes, index)
    assert is_included(leaves[index], proof, root)
    assert len(proof.path) <= len(leaves).bit_length()
    assert not is_included(leaves[index] + b"x", proof, root)
    assert not is_included(leaves[index], proof, leaf_hash(b"another root"))
    assert not is_included(leaves[index], replace(proof, path=(*proof.path, root)), root)
    if proof.path:
        assert not is_included(leaves[index], replace(proof, path=proof.path[:-1]), root)
        assert not is_included(leaves[index], replace(proof, path=(*proof.path[::-1], root)), root)
    for elsewhere in range(-1, len(leaves) + 1):
        if elsewhere not in range(len(leaves)) or leaves[elsewhere] != leaves[index]:
            moved = replace(proof, index=elsewhere)
            assert not is_included(leaves[index], moved, root)


def test_the_published_tree_proves_its_leaves() -> None:
    """The third leaf of eight is proved by its sibling, its aunt and the other half."""
    hashes = hashes_of(LEAVES)
    proof = prove_inclusion(hashes, 2)
    assert proof == InclusionProof(
        index=2,
        leaves=8,
        path=(hashes[3], node_hash(hashes[0], hashes[1]), merkle_root(hashes[4:])),
    )
    assert is_included(LEAVES[2], proof, bytes.fromhex(ROOTS[8]))


def test_a_leaf_that_is_not_there_has_no_proof() -> None:
    """Asking for one is a bug of the caller."""
    for index in (-1, 2):
        with pytest.raises(InvariantError, match=r"merkle\.no_such_leaf"):
            prove_inclusion(hashes_of(LEAVES[:2]), index)
