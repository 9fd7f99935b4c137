"""T62: the audit log tampered with, judged by two verifiers that share no line: the program's own and verify_audit.py. The unit test
writes one store per way of tampering, with the program's verdict, and 1,000 places of a sound store with what the program found
when it changed each; the second verifier changes the same places itself. Both must find all and agree. How fast each verifies a
long log is printed."""
import os, sqlite3, subprocess, time
import verify_audit
from storefault import *

PLACES, LARGE = 1000, 100000
KEYS = {"entry": "seq", "head": "size", "tree": "home"}


def ours(folder):
    with open(os.path.join(folder, "verdict.txt"), encoding="utf-8") as f:
        first, *rest = f.read().splitlines()
    words = first.split()
    return int(words[1]) > 0, int(words[3]), int(words[5]), {line.split()[0] for line in rest}


def opened(folder, mode="ro"):
    db = sqlite3.connect(f"file:{folder}/store.db?mode={mode}", uri=True, isolation_level=None)
    db.text_factory = bytes
    return db


def kinds(report):
    return {f["kind"] for f in report["faults"]}


def second(folder, work):
    kept = verify_audit.read_kept(os.path.join(folder, "kept.json"))
    key, db = verify_audit.Key(os.path.join(folder, "key.der"), work), opened(folder)
    alone, held = verify_audit.verify(db, 1, key, None), verify_audit.verify(db, 1, key, kept)
    db.close()
    return bool(alone["faults"]), held["sealed"], held["unsealed"], kinds(held)


def value_of(text):
    return bytes.fromhex(text[1:]).decode() if text[0] == "t" else bytes.fromhex(text[1:]) if text[0] == "x" else int(text)


def flip(db, key, place):
    """(found, agreed) for one place of the list; the store is as before when this returns."""
    name, row, value, count, *told = place.split()
    table, column = name.split(".")
    row, value, where = 1 if table == "tree" else int(row), value_of(value), KEYS[table]
    (old,), = db.execute(f"SELECT {column} FROM audit_{table} WHERE home = 1 AND {where} = ?", (row,))
    old = old.decode() if isinstance(value, str) else old
    change = f"UPDATE audit_{table} SET {column} = ? WHERE home = 1 AND {where} = ?"
    db.execute("BEGIN")
    db.execute(change, (value, row))
    found = kinds(verify_audit.verify(db, 1, key, None))
    db.execute("ROLLBACK")
    cut = int(count) > len(told)  # the program tells the first few faults only
    return bool(found) and old != value, set(told) <= found if cut else set(told) == found


where = scratch()
subprocess.run([os.path.join(BUILD, "test-engine-audit-audit_tamper_test")], check=True,
               env={**os.environ, "TONGBAN_AUDIT_CASES": where})
names = sorted(os.listdir(where))
for name in names:
    folder = os.path.join(where, name)
    a, b = ours(folder), second(folder, where)
    told = " ".join(sorted(b[3])) or "sound"
    check(a == b and (told == "sound") == (name == "good"), f"{name}: {told}" + ("" if a == b else f"; program {a}, second {b}"))
check(len(names) == 14, f"{len(names)} stores")

good = os.path.join(where, "good")
db, key = opened(good, "rw"), verify_audit.Key(os.path.join(good, "key.der"), where)
places = open(os.path.join(good, "places.txt"), encoding="utf-8").read().splitlines()
found = [flip(db, key, place) for place in places]
check(len(places) == PLACES and all(f for f, _ in found), f"{sum(f for f, _ in found)} of {PLACES} changed places found by both")
differ = [place for place, (_, same) in zip(places, found) if not same]
check(not differ, f"{len(differ)} verdicts differ {differ[:3]}")
check(not kinds(verify_audit.verify(db, 1, key, None)), "and the store is sound again behind them")

large = os.path.join(where, "large")
os.mkdir(large)
run = subprocess.run([os.path.join(BUILD, "fault-audit_large"), str(LARGE), large], capture_output=True, text=True)
check(run.returncode == 0, f"the program: {run.stdout.strip()}")
db, key = opened(large), verify_audit.Key(os.path.join(large, "key.der"), where)
wall, cpu = time.monotonic(), time.process_time()
report = verify_audit.verify(db, 1, key, None)
wall, cpu = time.monotonic() - wall, time.process_time() - cpu
check(report["sealed"] == LARGE and not report["faults"],
      f"the second: {report['entries']} entries, {LARGE / wall:.0f} rows/s ({LARGE / cpu:.0f} a second of processor)")
finish()
