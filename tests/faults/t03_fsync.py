"""T03: the k-th fsync, or the k-th write, fails with EIO, for many k. The process ends with exit code 70 (or, if it had not begun to
serve, refuses to start) and acknowledges nothing that was not synced before the failure: on a disk that has lost all the rest, every
acknowledged row is there, and a restart takes the keys up again. The same where each row stands behind a document: also for syncs of
directories. There a failure that meets a document alone refuses that row and no other; each document of an acknowledged row is there,
whole, after a cut at any acknowledgement. Control: with a disk whose syncs of directories do nothing, documents are lost."""
import os, time
from storefault import *

CLIENTS, LAST, DOCS_LAST = 8, 60, 15


def documents_gone(files, acked):
    return documents_bad(files, acked)[0]


class Route:
    """One way to write: how it is started, and what came of the faults that it met."""

    def __init__(self, name, last):
        self.name, self.last = name, last
        self.fired = self.served = self.code = self.lost = self.bad = self.again = self.refused = 0
        self.done = {(c, n) for c in range(CLIENTS) for n in range(1, last + 1) if n % 7 != 3}

    def args(self, top, ledger=None):
        db = os.path.join(top, "store.db")
        if self.name == "docs":
            return ["docs", db, os.path.join(top, "docs"), CLIENTS, self.last]
        return ["write", db, CLIENTS, self.last] + [ledger.next_of(c) if ledger else 1 for c in range(CLIENTS)]

    def judge(self, top, files, acked):
        """(lost, bad), rows and documents. A refused document's row is left out, so what came behind it is no phantom."""
        rows = judge(os.path.join(top, "store.db"), acked, CLIENTS)
        gone, wrong = documents_bad(files, acked) if self.name == "docs" else (0, 0)
        return rows[0] + gone, rows[1] + rows[2] + wrong

    def run(self, call, k, **more):
        where = scratch()
        disk, trace, after = (os.path.join(where, x) for x in ("disk", "trace", "after"))
        os.mkdir(disk)
        p = start(self.args(disk), stderr=subprocess.DEVNULL, env=shim_env(disk, DISK_TRACE=trace, DISK_FAIL=f"{call}:{k}", **more))
        text = p.stdout.read()
        rc = p.wait()
        if b"F\n" in text:
            self.meet(rc, *worst_disk(trace, disk, after, self.name == "docs" and documents_gone), after)
        shutil.rmtree(where)  # without: fewer calls than k

    def meet(self, rc, ledger, files, most, after):
        self.fired += 1
        self.served += bool(ledger.acked)
        alone = self.name == "docs" and rc == 0 and len(ledger.errors) <= 1
        self.refused += alone and len(ledger.errors) == 1
        self.code += not (rc == 70 or (rc == 1 and not ledger.acked) or alone)
        lost, bad = self.judge(after, files, ledger.acked)
        self.lost += max(lost, most)
        self.bad += bad
        p = start(self.args(after, ledger))
        ledger.read(p.stdout.read())
        files = {os.path.relpath(os.path.join(d, f), after): open(os.path.join(d, f), "rb").read() for d, _, fs in os.walk(after) for f in fs}
        self.again += p.wait() != 0 or ledger.acked != self.done or self.judge(after, files, self.done) != (0, 0)


def tried(route, cases, **more):
    began = time.monotonic()
    for call, k in cases:
        route.run(call, k, **more)
    print(f"{route.name}: {route.fired} faults, {route.served} of them after the first acknowledgement, {route.refused} met a document "
          f"alone, {time.monotonic() - began:.1f} s")
    return route


# The first syncs and writes make the tables, more of them with each migration: the ranges go far beyond.
cases = [("fsync", k) for k in list(range(1, 61, 3)) + [2, 6, 8] + list(range(65, 125, 5))]
cases += [("pwrite", k) for k in list(range(1, 60, 5)) + list(range(60, 400, 40)) + list(range(400, 1000, 20))]
doc_cases = [("fsync", k) for k in list(range(1, 60, 7)) + list(range(60, 260, 8))] + [("dirsync", k) for k in range(1, 200, 5)]
for r in tried(Route("write", LAST), cases), tried(Route("docs", DOCS_LAST), doc_cases):
    check(r.fired > 30 and r.served > 15, f"{r.name}: the faults were met")
    check(r.code == 0, f"{r.name}: {r.code} runs ended otherwise than by exit code 70")
    check(r.lost == 0, f"{r.name}: {r.lost} acknowledged rows or their documents lost")
    check(r.bad == 0, f"{r.name}: {r.bad} phantom or damaged rows or documents")
    check(r.again == 0, f"{r.name}: {r.again} restarts did not go on to the end")
    if r.name == "docs":
        check(r.refused > 10, f"{r.name}: {r.refused} faults met a document alone, and refused its row")
control = tried(Route("docs", DOCS_LAST), [("dirsync", k) for k in range(60, 90, 5)], DISK_LIE="dirs")
check(control.lost > 0, "control: where syncs of directories do nothing, documents are lost")
finish()
