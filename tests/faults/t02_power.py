"""T02: power loss. Every write, truncation, sync, creation, renaming and acknowledgement is traced; then, at each of 2,000 points and
more, the disk is rebuilt as a power cut could leave it: what was not synced is there or not, in any order, torn at 512 bytes; names that
their directory's sync had not made durable are there or not. Each rebuilt database must open, be sound and hold every row that was
acknowledged before the point; each document of such a row must be there, whole, and no document may stand under a name that its bytes do
not give. Negative controls show that the test can fail: a disk that lies about syncs, one that lies about those of directories alone,
SQLite alone with synchronous=NORMAL (which promises no durability), and with OFF."""
import multiprocessing, os, random, time
from storefault import *

WORKERS = 2


def cuts(trace, where, points, clients, seed, refuses, docs, worker):
    """(tried, with lost rows or documents, with damage, acknowledged) of this worker's share of the points."""
    every = list(records(trace))
    chosen = {i: k for k, i in enumerate(sorted(random.Random(seed).sample(range(len(every)), min(points, len(every)))))}
    disk, acked, tried, lost, damaged = Disk(os.path.join(where, "disk")), set(), 0, 0, 0
    target = os.path.join(where, f"after-{worker}")
    for i, (kind, name, offset, data) in enumerate(every):
        if i in chosen and chosen[i] % WORKERS == worker:
            tried += 1
            files = disk.after_cut(random.Random(seed * 1000003 + i))
            lay_out(files, target)
            rows = judge(os.path.join(target, "store.db"), acked, clients, refuses)
            gone, wrong = documents_bad(files, acked) if docs else (0, 0)
            lost += rows[0] > 0 or gone > 0
            damaged += rows[1] > 0 or rows[2] > 0 or wrong > 0
            shutil.rmtree(target)
        if kind == "A":
            ledger = Ledger()
            ledger.read(data)
            acked |= ledger.acked
        else:
            disk.step(kind, name, offset, data)
    return tried, lost, damaged, len(acked)


def replay(trace, where, points, clients, seed, refuses=True, docs=False):
    """(points tried, points with lost rows or documents, points with damage, acknowledged)."""
    with multiprocessing.Pool(WORKERS) as pool:
        parts = pool.starmap(cuts, [(trace, where, points, clients, seed, refuses, docs, w) for w in range(WORKERS)])
    return tuple(sum(p[k] for p in parts) for k in range(3)) + (parts[0][3],)


def trace_of(args, **more):
    where = scratch()
    trace = os.path.join(where, "trace")
    disk = os.path.join(where, "disk")
    os.mkdir(disk)
    args = [{"DB": os.path.join(disk, "store.db"), "DOCS": os.path.join(disk, "docs")}.get(a, a) for a in args]
    p = start(args, env=shim_env(disk, DISK_TRACE=trace, **more))
    p.stdout.read()
    check(p.wait() == 0, f"{args[0]} ran to its end")
    return where, trace


total = 0


def shown(title, result, began):
    global total
    total += 0 if title.startswith("control") else result[0]
    print(f"{title}: {result[0]} cuts, lost at {result[1]}, damaged at {result[2]}, {result[3]} acknowledged, "
          f"{time.monotonic() - began:.1f} s")


began = time.monotonic()
where, trace = trace_of(["write", "DB", 8, 200] + [1] * 8)
kinds = [r[0] for r in records(trace) if not r[1].endswith("-wal")]
check(kinds.count("W") > 100, f"the log was moved into the database meanwhile ({kinds.count('W')} writes)")
result = replay(trace, where, 1300, 8, 1)
shown("the store", result, began)
check(result[1] == 0, f"lost at {result[1]}")
check(result[2] == 0, f"damaged at {result[2]}")

began = time.monotonic()
where, trace = trace_of(["docs", "DB", "DOCS", 8, 15])
kinds = [r[0] for r in records(trace)]
check(kinds.count("R") >= 8 * 13 and kinds.count("M") > 50, f"{kinds.count('R')} documents were renamed, {kinds.count('M')} directories made")
result = replay(trace, where, 700, 8, 5, docs=True)
shown("documents and their rows", result, began)
check(result[1] == 0, f"lost at {result[1]}")
check(result[2] == 0, f"damaged at {result[2]}")

# SQLite does not look whether the sync of the directory failed that makes its log's name durable; the store syncs it
# again itself before it serves.
began = time.monotonic()
where, trace = trace_of(["write", "DB", 8, 20] + [1] * 8, DISK_FAIL="dirsync:3")
result = replay(trace, where, 200, 8, 4)
shown("the store, after a failed sync of the directory", result, began)
check(result[1] + result[2] == 0, f"lost at {result[1]}, damaged at {result[2]}")
check(total >= 2000, f"{total} cuts in all")

began = time.monotonic()
where, trace = trace_of(["write", "DB", 8, 60] + [1] * 8, DISK_LIE=1)
result = replay(trace, where, 60, 8, 2)
shown("control, a disk that lies", result, began)
check(result[1] + result[2] > result[0] // 2, "control: a disk that lies about syncs loses rows")
began = time.monotonic()
where, trace = trace_of(["docs", "DB", "DOCS", 8, 15], DISK_LIE="dirs")
result = replay(trace, where, 60, 8, 6, docs=True)
shown("control, names not synced", result, began)
check(result[1] > result[0] // 2, "control: without syncs of directories documents are lost")
for mode, loses in ("FULL", False), ("NORMAL", True), ("OFF", True):
    began = time.monotonic()
    where, trace = trace_of(["bare", "DB", mode, 300])
    result = replay(trace, where, 60, 1, 3, refuses=False)
    shown(f"control, SQLite alone with {mode}", result, began)
    check((result[1] + result[2] > result[0] // 2) if loses else result[1] + result[2] == 0,
          f"control: {mode} {'loses' if loses else 'keeps'} acknowledged rows")
finish()
