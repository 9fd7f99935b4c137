#!/usr/bin/env python3
"""Second verifier of the audit log: shares no line with the program's own (src/engine/audit/audit_verify.c).

Reads a SQLite store read-only, hashes every entry from its fields, builds the tree of RFC 9162 by its recursive
definition, and checks each signed head with the openssl command line.

  verify_audit.py STORE.db --home N --key PUBLIC.der [--kept HEADS]

Prints one JSON report; exit 0: sound, 1: faults, 2: could not read.
"""
import argparse
import functools
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

FIELDS = ["seq", "time_ms", "id", "actor", "on_behalf", "post", "act", "purpose", "object_kind", "object_id",
          "case_id", "outcome", "error_name", "request_id", "source", "detail", "subject_person", "data_class",
          "release_id"]
NUMBERS = {"seq", "time_ms", "id", "actor", "on_behalf", "object_id", "case_id", "outcome", "subject_person"}
ENTRY = b"\0tongban audit entry 1\nhome=%d\n" + b"".join(
    name.encode() + (b"=%d\n" if name in NUMBERS else b"=%b\n") for name in FIELDS)
HASHES = {1: "sha256", 2: "sm3"}
HASH = {1: hashlib.sha256, 2: functools.partial(hashlib.new, "sm3")}
BLOCK = 256


def digest(suite, data):
    return HASH[suite](data).digest()


def leaf_of(suite, home, entry):
    return digest(suite, ENTRY % (home, *entry))


class Tree:
    """MTH of RFC 9162 section 2.1.1, by its definition; level[k] holds the roots of the complete subtrees of 2**k leaves."""

    def __init__(self, suite, leaves):
        self.suite, self.leaves, self.level, take = suite, leaves, [leaves], HASH[suite]
        while len(self.level[-1]) > 1:
            below = iter(self.level[-1])
            self.level.append([take(b"\1" + left + right).digest() for left, right in zip(below, below)])

    def root(self, lo, hi):
        n = hi - lo
        if n == 0:
            return digest(self.suite, b"")
        k = n.bit_length() - 1
        if n == 1 << k and lo % n == 0:
            return self.level[k][lo >> k]
        k = 1 << (n - 1).bit_length() - 1
        return digest(self.suite, b"\1" + self.root(lo, lo + k) + self.root(lo + k, hi))


def head_message(h):
    return ("tongban audit head 1\nhome=%d\nsize=%d\nroot=%s\ntime_ms=%d\nsuite=%d\nkey_id=%d\n"
            % (h["home"], h["size"], h["root"].hex(), h["time_ms"], h["suite"], h["key_id"])).encode()


class Key:
    def __init__(self, path, work):
        self.work, self.pem, self.known = work, os.path.join(work, "key.pem"), {}
        with open(path, "rb") as f:
            self.der = f.read()
        subprocess.run(["openssl", "pkey", "-pubin", "-inform", "DER", "-in", path, "-pubout", "-out", self.pem],
                       check=True, capture_output=True)

    def signed(self, h):
        if h["suite"] not in HASHES or h["key_id"] != int.from_bytes(digest(h["suite"], self.der)[:4], "big"):
            return False
        asked = head_message(h), h["signature"]
        if asked not in self.known:
            self.known[asked] = self.ask_openssl(h, asked)
        return self.known[asked]

    def ask_openssl(self, h, asked):
        paths = [os.path.join(self.work, name) for name in ("message", "signature")]
        for path, data in zip(paths, asked):
            with open(path, "wb") as f:
                f.write(data)
        options = ["-sigopt", "distid:1234567812345678"] if h["suite"] == 2 else []
        run = subprocess.run(["openssl", "dgst", "-" + HASHES[h["suite"]], *options, "-verify", self.pem, "-signature",
                              paths[1], paths[0]], capture_output=True)
        return run.returncode == 0


def as_head(home, row):
    size, root, time_ms, suite, key_id, signature = row
    return {"home": home, "size": size, "root": root, "time_ms": time_ms, "suite": suite, "key_id": key_id,
            "signature": signature}


def check_entries(suite, home, entries, report, fault):
    """The leaves of 1..n as long as the numbers are dense, and how many that are."""
    leaves, expected, dense = [], 1, True
    for row in entries:
        number, stored = row[0], row[len(FIELDS)]
        report["entries"] += 1
        if number < 1:
            fault("altered", 0, 0)
            continue
        if number != expected:
            fault("missing", expected, number - 1)
            dense = False
        expected = number + 1
        leaf = leaf_of(suite, home, row[:len(FIELDS)])
        if leaf != stored:
            fault("altered", number, number)
        if dense:
            leaves.append(leaf)
    return leaves, expected - 1, dense


def check_heads(db, home, key, tree, count, report, fault):
    """Heads up to the first gap can be compared; after it the tree is unknown."""
    query = "SELECT size, root, time_ms, suite, key_id, signature FROM audit_head WHERE home = ? ORDER BY size"
    for row in db.execute(query, (home,)):
        h = as_head(home, row)
        report["heads"] += 1
        if h["size"] < 1 or h["suite"] != tree.suite or not key.signed(h):
            fault("signature", h["size"], h["size"])
        elif h["size"] > count:
            fault("missing", count + 1, h["size"])
        elif h["size"] <= len(tree.leaves):
            if tree.root(0, h["size"]) == h["root"]:
                report["sealed"] = h["size"]
            else:
                fault("head", report["sealed"] + 1, h["size"])


def check_stored_tree(db, home, size, edge, tree, count, dense, fault):
    if count < size:
        fault("missing", count + 1, size)
    if dense and count == size:
        want, at = [], size
        for k in range(63):  # complete subtrees from the smallest: they end at the right edge
            if size >> k & 1:
                want.append(tree.root(at - (1 << k), at))
                at -= 1 << k
        if b"".join(want) != edge:
            fault("tree", 1, count)
    blocks = dict(db.execute("SELECT block, root FROM audit_block WHERE home = ?", (home,)))
    for b in range(len(tree.leaves) // BLOCK):
        if blocks.get(b) != tree.root(b * BLOCK, (b + 1) * BLOCK):
            fault("tree", b * BLOCK + 1, (b + 1) * BLOCK)


def read_kept(path):
    """Signed heads that were kept: one JSON object a line."""
    with open(path, encoding="utf-8") as f:
        heads = [json.loads(line) for line in f if line.strip()]
    for h in heads:
        h["root"], h["signature"] = bytes.fromhex(h["root"]), bytes.fromhex(h["signature"])
    return heads


def check_kept(kept, home, key, tree, count, fault):
    if kept["home"] != home or kept["size"] < 1 or not key.signed(kept):
        fault("signature", kept["size"], kept["size"])
    elif kept["size"] > count:
        fault("rollback", count + 1, kept["size"])
    elif kept["size"] <= len(tree.leaves) and tree.root(0, kept["size"]) != kept["root"]:
        fault("rollback", 1, kept["size"])


def verify(db, home, key, kept):
    report = {"entries": 0, "heads": 0, "sealed": 0, "unsealed": 0, "pending": 0, "faults": []}

    def fault(kind, first, last):
        report["faults"].append({"kind": kind, "first": first, "last": last})

    row = db.execute("SELECT suite, size, edge FROM audit_tree WHERE home = ?", (home,)).fetchone()
    suite, size, edge = row or (1, 0, b"")
    if suite not in HASHES or size < 0 or len(edge) != 32 * bin(size).count("1"):
        fault("tree", 1, 1)
        suite, size, edge = 1, None, b""
    query = "SELECT %s, leaf FROM audit_entry WHERE home = ? ORDER BY seq" % ", ".join(FIELDS)
    rows = db.execute(query, (home,)).fetchall()
    if size is not None and rows and rows[-1][0] > size:
        fault("tree", size + 1, rows[-1][0])
        rows = [r for r in rows if r[0] <= size]
    leaves, count, dense = check_entries(suite, home, rows, report, fault)
    tree = Tree(suite, leaves)
    check_heads(db, home, key, tree, count, report, fault)
    if size is not None:
        check_stored_tree(db, home, size, edge, tree, count, dense, fault)
    for head in kept or []:
        check_kept(head, home, key, tree, count, fault)
    report["unsealed"] = max(0, count - report["sealed"])
    report["pending"] = db.execute("SELECT COUNT(*) FROM audit_pending WHERE home = ?", (home,)).fetchone()[0]
    return report


def main():
    p = argparse.ArgumentParser(description="second verifier of the audit log")
    p.add_argument("store")
    p.add_argument("--home", type=int, required=True)
    p.add_argument("--key", required=True, help="trusted public key, SubjectPublicKeyInfo DER")
    p.add_argument("--kept", help="signed heads that were kept elsewhere, a JSON object a line")
    a = p.parse_args()
    kept = read_kept(a.kept) if a.kept else None
    db = sqlite3.connect("file:%s?mode=ro" % a.store, uri=True)
    db.text_factory = bytes
    with tempfile.TemporaryDirectory() as work:
        report = verify(db, a.home, Key(a.key, work), kept)
    print(json.dumps(report))
    return 1 if report["faults"] else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, sqlite3.Error, subprocess.CalledProcessError, ValueError) as problem:
        print("verify_audit: %s" % problem, file=sys.stderr)
        sys.exit(2)
