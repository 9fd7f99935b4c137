"""T03: the k-th fsync, or the k-th write, fails with EIO, for many k. From then on nothing is acknowledged, the process ends with exit
code 70 (or, if it had not begun to serve, refuses to start), and after a restart on a good disk every acknowledged row is there and the
keys are taken up again."""
import os, time
from storefault import *

CLIENTS, LAST = 8, 60
began = time.monotonic()
late = code = lost = bad = fired = served = again = 0
cases = [("fsync", k) for k in list(range(1, 61, 2)) + [2, 4, 6, 8, 10, 70, 80, 90]] + [("pwrite", k) for k in list(range(1, 60, 3)) + list(range(60, 400, 20))]
for call, k in cases:
    where = scratch()
    db = os.path.join(where, "store.db")
    p = start(["write", db, CLIENTS, LAST] + [1] * CLIENTS, env=shim_env(where, DISK_FAIL=f"{call}:{k}"), stderr=subprocess.DEVNULL)
    text = p.stdout.read()
    rc = p.wait()
    before, mark, after = text.partition(b"F\n")
    ledger = Ledger()
    ledger.read(before)
    if not mark:
        continue  # fewer calls than k
    fired += 1
    served += bool(ledger.acked)
    late += b"A " in after
    code += not (rc == 70 or (rc == 1 and not ledger.acked))
    if ledger.acked:
        result = judge(db, ledger.acked, CLIENTS)
        lost += result[0]
        bad += result[1] + result[2]
    p = start(["write", db, CLIENTS, LAST] + [ledger.next_of(c) for c in range(CLIENTS)])
    ledger.read(p.stdout.read())
    done = {(c, n) for c in range(CLIENTS) for n in range(1, LAST + 1) if n % 7 != 3}
    again += p.wait() != 0 or ledger.acked != done or judge(db, done, CLIENTS) != (0, 0, 0)
    shutil.rmtree(where)
print(f"{fired} faults, {served} of them after the first acknowledgement, {time.monotonic() - began:.1f} s")
check(fired > 40 and served > 20, "the faults were met")
check(late == 0, f"{late} runs acknowledged after the failure")
check(code == 0, f"{code} runs ended otherwise than by exit code 70")
check(lost == 0, f"{lost} acknowledged rows lost")
check(bad == 0, f"{bad} phantom or damaged rows")
check(again == 0, f"{again} restarts did not go on to the end")
finish()
