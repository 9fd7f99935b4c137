"""T01: kill -9, 200 times, under 8 clients; each starts again where it stood, with the same keys. Nothing acknowledged is lost,
nothing refused or never sent is found, nothing is there twice. (The page cache survives a kill: this is the test of the restart;
t02 is the test of durability.)"""
import random, select, signal, sqlite3, time, os
from storefault import *

KILLS, CLIENTS = 200, 8
random.seed(1)
where = scratch()
db = os.path.join(where, "store.db")
ledger, lost, phantom, corrupt, bad_exit = Ledger(), 0, 0, 0, 0
next_n = [1] * CLIENTS
began = time.monotonic()
for kill in range(KILLS):
    p = start(["write", db, CLIENTS, 10 ** 9] + next_n)
    first = os.read(p.stdout.fileno(), 65536)  # it serves
    wait = time.monotonic() + random.random() * 0.06
    text = first
    while first and (left := wait - time.monotonic()) > 0:
        if select.select([p.stdout], [], [], left)[0]:
            text += os.read(p.stdout.fileno(), 1 << 20)
    p.kill()
    text += p.stdout.read()
    bad_exit += p.wait() != -signal.SIGKILL or not first
    said = Ledger()
    said.read(text[: text.rfind(b"\n") + 1])
    ledger.acked |= said.acked
    ledger.refused |= said.refused
    ledger.errors += said.errors
    for c in range(CLIENTS):
        next_n[c] = max(next_n[c], said.next_of(c))
    if kill % 25 == 24:
        l, f, c = judge(db, ledger.acked, CLIENTS)
        lost, phantom, corrupt = lost + l, phantom + f, corrupt + c
print(f"{KILLS} kills, {len(ledger.acked)} acknowledged, {time.monotonic() - began:.1f} s")
check(bad_exit == 0, "each run served and ended by the kill")
check(len(ledger.acked) > KILLS * CLIENTS, "enough was acknowledged to mean something")
check(not ledger.errors, f"no other errors {ledger.errors[:3]}")
check(lost == 0, f"{lost} acknowledged rows lost")
check(phantom == 0, f"{phantom} rows that nobody was promised")
check(corrupt == 0, f"{corrupt} damaged")
# Negative control: a row taken away behind its back is noticed.
con = sqlite3.connect(db)
con.execute("DELETE FROM store_lease WHERE home = 3 AND fence = 4")
con.execute("INSERT INTO store_lease VALUES (5, '99999999', 'x', 1, 0)")
con.commit()
con.close()
check(judge(db, ledger.acked, CLIENTS) == (1, 1, 1), "control: one row removed and one made up are seen")
finish()
