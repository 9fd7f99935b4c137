#!/usr/bin/env python3
"""A second verifier of Merkle proofs, written from the recursive definitions of RFC 9162 (sections 2.1.3.1 and 2.1.4.1), where the
program's own follows the iterative algorithms: both must accept and refuse the same proofs.

  merkle_agree.py [TEST_PROGRAM]     default: build/test-crypto-merkle_test
"""
import hashlib
import os
import subprocess
import sys
import tempfile


class Refused(Exception):
    pass


def node(name, left, right):
    return hashlib.new(name, b"\1" + left + right).digest()


def split(n):
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def root_by_path(name, index, n, leaf, path):
    """PATH(m, D[n]) read backwards: the last element is the sibling at the top."""
    if n == 1:
        if path:
            raise Refused
        return leaf
    if not path:
        raise Refused
    k, top = split(n), path[-1]
    if index < k:
        return node(name, root_by_path(name, index, k, leaf, path[:-1]), top)
    return node(name, top, root_by_path(name, index - k, n - k, leaf, path[:-1]))


def roots_by_path(name, m, n, old, path, whole):
    """SUBPROOF(m, D[n], whole) read backwards: the roots of the first m leaves and of all n."""
    if m == n:
        if whole:
            if path:
                raise Refused
            return old, old
        if len(path) != 1:
            raise Refused
        return path[0], path[0]
    if not path:
        raise Refused
    k, top = split(n), path[-1]
    if m <= k:
        before, after = roots_by_path(name, m, k, old, path[:-1], whole)
        return before, node(name, after, top)
    before, after = roots_by_path(name, m - k, n - k, old, path[:-1], False)
    return node(name, top, before), node(name, top, after)


def accepts(name, kind, index, n, first, root, path):
    try:
        if kind == "in":
            return index < n and root_by_path(name, index, n, first, path) == root
        if index == 0:
            return first == hashlib.new(name).digest() and not path
        return index <= n and roots_by_path(name, index, n, first, path, True) == (first, root)
    except Refused:
        return False


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else "build/test-crypto-merkle_test"
    good = refused = differ = 0
    with tempfile.TemporaryDirectory() as work:
        cases = os.path.join(work, "cases")
        subprocess.run([program], check=True, capture_output=True, env={**os.environ, "TONGBAN_MERKLE_CASES": cases})
        with open(cases, encoding="ascii") as f:
            for line in f:
                name, kind, ours, index, n, *hashes = line.split()
                first, root, *path = (bytes.fromhex(h) for h in hashes)
                theirs = accepts(name, kind, int(index), int(n), first, root, path)
                good += theirs
                refused += not theirs
                differ += theirs != (ours == "1")
    print("%d proofs accepted, %d refused, %d verdicts differ" % (good, refused, differ))
    return 1 if differ or good < 10000 or refused < 10000 else 0


if __name__ == "__main__":
    sys.exit(main())
