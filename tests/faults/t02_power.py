"""T02: power loss. Every write, truncation, sync, creation and acknowledgement is traced; then, at each of 600 points, the disk is
rebuilt as a power cut could leave it: what was not synced is there or not, in any order, torn at 512 bytes. Each rebuilt database must
open, be sound and hold every row that was acknowledged before the point. Three negative controls show that the test can fail: a disk
that lies about syncs, SQLite alone with synchronous=NORMAL (which promises no durability), and with OFF."""
import random, time, os
from storefault import *

def replay(trace, where, points, clients, seed, refuses=True):
    """(points tried, points with lost rows, points with damage)."""
    rng = random.Random(seed)
    every = list(records(trace))
    chosen = set(rng.sample(range(len(every)), min(points, len(every))))
    files, acked, tried, lost, damaged = {}, set(), 0, 0, 0
    for i, (kind, name, offset, data) in enumerate(every):
        if i in chosen:
            tried += 1
            target = os.path.join(where, "after")
            os.makedirs(target)
            for path, f in files.items():
                if not f.named and rng.random() < 0.5:
                    continue
                with open(os.path.join(target, os.path.basename(path)), "wb") as out:
                    out.write(f.after_cut(rng))
            result = judge(os.path.join(target, "store.db"), acked, clients, refuses)
            lost += result[0] > 0
            damaged += result[1] > 0 or result[2] > 0
            shutil.rmtree(target)
        if kind == "A":
            ledger = Ledger()
            ledger.read(data)
            acked |= ledger.acked
        else:
            step(files, kind, name, offset, data)
    return tried, lost, damaged, len(acked)


def trace_of(args, **more):
    where = scratch()
    trace = os.path.join(where, "trace")
    disk = os.path.join(where, "disk")
    os.mkdir(disk)
    args = [os.path.join(disk, "store.db") if a == "DB" else a for a in args]
    p = start(args, env=shim_env(disk, DISK_TRACE=trace, **more))
    p.stdout.read()
    check(p.wait() == 0, f"{args[0]} ran to its end")
    return where, trace


def shown(title, result, began):
    print(f"{title}: {result[0]} cuts, lost at {result[1]}, damaged at {result[2]}, {result[3]} acknowledged, "
          f"{time.monotonic() - began:.1f} s")


began = time.monotonic()
where, trace = trace_of(["write", "DB", 8, 200] + [1] * 8)
kinds = [r[0] for r in records(trace) if not r[1].endswith("-wal")]
check(kinds.count("W") > 100, f"the log was moved into the database meanwhile ({kinds.count('W')} writes)")
result = replay(trace, where, 600, 8, 1)
shown("the store", result, began)
check(result[0] >= 500, "at least 500 cuts")
check(result[1] == 0, f"lost at {result[1]}")
check(result[2] == 0, f"damaged at {result[2]}")
# SQLite does not look whether the sync of the directory failed that makes its log's name durable ; the store syncs it
# again itself before it serves.
where, trace = trace_of(["write", "DB", 8, 20] + [1] * 8, DISK_FAIL="dirsync:3")
result = replay(trace, where, 200, 8, 4)
shown("the store, after a failed sync of the directory", result, began)
check(result[1] + result[2] == 0, f"lost at {result[1]}, damaged at {result[2]}")
began = time.monotonic()
where, trace = trace_of(["write", "DB", 8, 60] + [1] * 8, DISK_LIE=1)
result = replay(trace, where, 60, 8, 2)
shown("control, a disk that lies", result, began)
check(result[1] + result[2] > result[0] // 2, "control: a disk that lies about syncs loses rows")
for mode, loses in ("FULL", False), ("NORMAL", True), ("OFF", True):
    began = time.monotonic()
    where, trace = trace_of(["bare", "DB", mode, 300])
    result = replay(trace, where, 60, 1, 3, refuses=False)
    shown(f"control, SQLite alone with {mode}", result, began)
    check((result[1] + result[2] > result[0] // 2) if loses else result[1] + result[2] == 0,
          f"control: {mode} {'loses' if loses else 'keeps'} acknowledged rows")
finish()
