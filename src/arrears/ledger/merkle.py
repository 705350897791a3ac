"""Merkle trees as Certificate Transparency has them: roots, inclusion proofs and their check."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from arrears.kernel.errors import invariant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: A leaf and a node are hashed under different prefixes, so that neither can pass for the other.
LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"

#: The root of a tree without leaves.
EMPTY_ROOT = sha256(b"").digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """The hashes that lead from one leaf to the root of its tree."""

    index: int  #: of the leaf, 0 for the first
    leaves: int  #: of the whole tree
    path: tuple[bytes, ...]  #: siblings from the leaf upwards


def leaf_hash(content: bytes) -> bytes:
    """The hash of one leaf's content.

    Source:
        RFC 6962, section 2.1.
    """
    return sha256(LEAF_PREFIX + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children.

    Source:
        RFC 6962, section 2.1.
    """
    return sha256(NODE_PREFIX + left + right).digest()


def merkle_root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, read once and in order; memory grows with the tree's height only.

    An odd leaf is carried up as it is, never doubled, so no two lists of leaves share a root.

    Source:
        RFC 6962, section 2.1: the left part of a split is the largest power of two below n.
    """
    # Complete subtrees still waiting for a right sibling, largest first: (leaves, root).
    waiting: list[tuple[int, bytes]] = []
    for hashed in leaf_hashes:
        leaves, root = 1, hashed
        while waiting and waiting[-1][0] == leaves:
            _, left = waiting.pop()
            leaves, root = leaves * 2, node_hash(left, root)
        waiting.append((leaves, root))
    if not waiting:
        return EMPTY_ROOT
    _, root = waiting.pop()
    while waiting:
        _, left = waiting.pop()
        root = node_hash(left, root)
    return root


def prove_inclusion(leaf_hashes: Sequence[bytes], index: int) -> InclusionProof:
    """Prove that one leaf is in a tree, by as many hashes as the tree is high.

    Args:
        leaf_hashes: All leaves of the tree.
        index: Of the leaf, 0 for the first.

    Raises:
        InvariantError: `merkle.no_such_leaf`.

    Source:
        RFC 6962, section 2.1.1.
    """
    invariant(
        0 <= index < len(leaf_hashes), "merkle.no_such_leaf", index=index, leaves=len(leaf_hashes)
    )
    path: list[bytes] = []
    first, end = 0, len(leaf_hashes)
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            path.append(merkle_root(leaf_hashes[middle:end]))
            end = middle
        else:
            path.append(merkle_root(leaf_hashes[first:middle]))
            first = middle
    return InclusionProof(index=index, leaves=len(leaf_hashes), path=tuple(reversed(path)))


def is_included(content: bytes, proof: InclusionProof, root: bytes) -> bool:
    """Whether a leaf of that content stands in the tree of that root, at the proof's place.

    Args:
        content: Canonical bytes of the row.
        proof: From `prove_inclusion`, or from anyone.
        root: Of the batch; the answer is worth what this root is worth.

    Source:
        RFC 9162, section 2.1.3.2, the check for proofs of RFC 6962, section 2.1.1.
    """
    if not 0 <= proof.index < proof.leaves:
        return False
    index, last = proof.index, proof.leaves - 1
    found = leaf_hash(content)
    for sibling in proof.path:
        if last == 0:
            return False
        if index % 2 == 1 or index == last:
            found = node_hash(sibling, found)
            while index % 2 == 0 and index != 0:
                index, last = index // 2, last // 2
        else:
            found = node_hash(found, sibling)
        index, last = index // 2, last // 2
    return last == 0 and found == root


def _split(leaves: int) -> int:
    """The largest power of two below the number of leaves, which is at least 2."""
    return 1 << ((leaves - 1).bit_length() - 1)
