"""T03: the k-th fsync, or the k-th write, fails with EIO, for many k. The process ends with exit code 70 (or, if it had not begun to
serve, refuses to start) and acknowledges nothing that was not synced before the failure: on a disk that has lost all the rest, every
acknowledged row is there, and a restart takes the keys up again."""
import os, time
from storefault import *

CLIENTS, LAST = 8, 60
began = time.monotonic()
code = lost = bad = fired = served = again = 0
# The first syncs and writes make the tables, more of them with each migration: the ranges go far beyond.
cases = [("fsync", k) for k in list(range(1, 61, 3)) + [2, 6, 8] + list(range(65, 125, 5))]
cases += [("pwrite", k) for k in list(range(1, 60, 5)) + list(range(60, 400, 40)) + list(range(400, 1000, 20))]
for call, k in cases:
    where = scratch()
    disk, trace, after = (os.path.join(where, x) for x in ("disk", "trace", "after"))
    os.mkdir(disk)
    p = start(["write", os.path.join(disk, "store.db"), CLIENTS, LAST] + [1] * CLIENTS, stderr=subprocess.DEVNULL,
              env=shim_env(disk, DISK_TRACE=trace, DISK_FAIL=f"{call}:{k}"))
    text = p.stdout.read()
    rc = p.wait()
    if b"F\n" not in text:
        continue  # fewer calls than k
    ledger = worst_disk(trace, disk, after)
    fired += 1
    served += bool(ledger.acked)
    code += not (rc == 70 or (rc == 1 and not ledger.acked))
    db = os.path.join(after, "store.db")
    result = judge(db, ledger.acked, CLIENTS)
    lost += result[0]
    bad += result[1] + result[2]
    p = start(["write", db, CLIENTS, LAST] + [ledger.next_of(c) for c in range(CLIENTS)])
    ledger.read(p.stdout.read())
    done = {(c, n) for c in range(CLIENTS) for n in range(1, LAST + 1) if n % 7 != 3}
    again += p.wait() != 0 or ledger.acked != done or judge(db, done, CLIENTS) != (0, 0, 0)
    shutil.rmtree(where)
print(f"{fired} faults, {served} of them after the first acknowledgement, {time.monotonic() - began:.1f} s")
check(fired > 30 and served > 15, "the faults were met")
check(code == 0, f"{code} runs ended otherwise than by exit code 70")
check(lost == 0, f"{lost} acknowledged rows lost")
check(bad == 0, f"{bad} phantom or damaged rows")
check(again == 0, f"{again} restarts did not go on to the end")
finish()
