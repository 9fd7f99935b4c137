"""T04: the disk is full. Writers are told so, reads go on, and when there is room again so do writes, without a restart; nothing
acknowledged is lost, nothing refused is found."""
import os
from storefault import *

where = scratch()
disk, full = os.path.join(where, "disk"), os.path.join(where, "full")
os.mkdir(disk)
db = os.path.join(disk, "store.db")
p = start(["serve", db], stdin=subprocess.PIPE, env=shim_env(disk, DISK_FULL=full))


def ask(line):
    p.stdin.write(line.encode() + b"\n")
    p.stdin.flush()
    return p.stdout.readline().decode().split()


numbers = iter(n for n in range(1, 100000) if n % 7 != 3)
acked, refused = set(), set()


def put(big=None):
    n = next(numbers)
    answer = ask(f"big {n} {big}" if big else f"put {n}")
    (acked if answer[0] == "A" else refused).add(n)
    return answer


check(all(put()[0] == "A" for _ in range(50)), "writes while there is room")
for round in range(3):
    open(full, "w").close()
    answers = [put() for _ in range(40)] + [put(big=3000000)]
    said = {a[3] for a in answers if a[0] == "E"}
    check(any(a[0] == "E" for a in answers), f"round {round}: writers are told")
    check(said == {"ERR_SPACE"}, f"round {round}: told {said}")
    check(ask("count")[2] == str(len(acked)), f"round {round}: reads go on, and see what was acknowledged only")
    os.unlink(full)
    check(all(put()[0] == "A" for _ in range(50)), f"round {round}: writes go on")
p.stdin.close()
check(p.wait() == 0, "it never stopped")
con = sqlite3.connect(db)
rows = {r[0] for r in con.execute("SELECT fence FROM store_lease")}
check(con.execute("PRAGMA integrity_check").fetchone() == ("ok",), "the database is sound")
check(rows == acked, f"{len(acked - rows)} lost, {len(rows - acked)} that were refused")
con.close()
finish()
