"""T03, the processes: each child of the server killed (-9) while 8 people post forms, and `app` ended by a failed fsync (exit code 70).
The parent starts it again after a pause that doubles and has a bound; what was under way is answered with a sentence or carried out
once: nothing acknowledged is lost, nothing is done twice, a paper asked for is issued once, the log verifies."""
import datetime, sys
import storefault
from server import *

TIMES, PAUSE_MS, LATE_MS, GONE_MS = 3, 100, 2000, 150


def stamp(line):
    return datetime.datetime.fromisoformat(line.split(" ")[0][:-1]).timestamp() * 1000


def pauses(log, role):
    """Milliseconds from each end of a role to its next start, as the parent's log tells them. It waits from when it saw the end, and
    writes it down when the process is quite gone: the pause seen here may be shorter by that."""
    out, ended = [], None
    for line in log.splitlines():
        if '"role ended"' in line and f"role={role} " in line:
            ended = stamp(line)
        if '"role ready"' in line and f"role={role} " in line and ended:
            out.append(stamp(line) - int(line.rsplit("after_ms=", 1)[1]) - ended)
            ended = None
    return out


def end(server, posters, role, how):
    """Ends a role and waits for its successor; (milliseconds till it serves, whether it is another process)."""
    before, ready, began = server.role(role), f'"role ready" role={role} ', time.monotonic()
    had = server.said().count(ready)
    how(before)
    back = until(lambda: server.said().count(ready) > had and server.role(role) not in (None, before) and server.answers(), 30)
    ms = (time.monotonic() - began) * 1000
    seen = [p.acked for p in posters]
    until(lambda: all(p.acked > n for p, n in zip(posters, seen)), 20)  # everybody goes on
    return ms, back and all(p.acked > n for p, n in zip(posters, seen))


def decide(server, officer):
    """One task approved, whose paper is set by press and signed by keys; its case."""
    officer.get("/zh/desk")
    task = re.findall(r'href="(/zh/desk/task/\d+)"', officer.page)[0]
    officer.get(task)
    return officer.post(task, move="approve", opinion="同意")[0]


def papers(data):
    db = sqlite3.connect(f"file:{data}/tongban.db?mode=ro", uri=True, timeout=10)
    (n,), = db.execute("SELECT (SELECT COUNT(*) FROM audit_entry WHERE act = 'paper.issue' AND outcome = 0) + "
                       "(SELECT COUNT(*) FROM audit_pending WHERE act = 'paper.issue' AND outcome = 0)")
    db.close()
    return n


data = city()
trip = os.path.join(data, "trip")
server, up = Server(data, env=shim_env(data, DISK_TRIP=trip)), threading.Event()
began = time.monotonic()
server.start()
posters = [Poster(server, who, up) for who in PEOPLE]
officer = Client(server)
officer.sign_in("police")
had = papers(data)
up.set()
for p in posters:
    p.start()


def paper_under_way(pid):
    global decided
    decided = decide(server, officer)
    os.kill(pid, signal.SIGKILL)


def fail_fsync(pid):
    open(trip, "w").close()


def kill(pid):
    os.kill(pid, signal.SIGKILL)


decided = 0
rounds = [("press", "a paper under way", paper_under_way)]
rounds += [(role, "killed", kill) for role in ("keys", "press", "courier", "supervise") for _ in range(TIMES)]
rounds += [("app", "killed", kill), ("app", "failed fsync", fail_fsync)] * 2
for role, what, how in rounds:
    ms, back = end(server, posters, role, how)
    check(back, f"{role}, {what}: served again after {ms:.0f} ms, and everybody goes on")
check(decided == 303 and until(lambda: papers(data) > had, 20), f"the paper is issued (answer {decided})")
for p in posters:
    p.finish()
log = server.said()
issued = papers(data) - had
check(server.process.poll() is None and server.stop() == 0, "the parent was there throughout, and ends in order")
code, said, _ = tongban("audit", "verify", "--data", data)
acts, (count, least, most) = saved(data, None)
lost, doubled = judge(acts, posters)
acked, again, busy, mute = (sum(getattr(p, k) for p in posters) for k in ("acked", "again", "busy", "mute"))
wrong = [w for p in posters for w in p.wrong]
print(f"{len(rounds)} ends, {acked} acknowledged, {again} asked again, {busy} told to wait; {time.monotonic() - began:.1f} s")
check(not wrong and mute == 0, f"no other answer {wrong[:5]}, and none without a sentence ({mute})")
check(lost == 0 and doubled == 0, f"{lost} lost, {doubled} done twice")
check(issued == 1, f"{issued} paper issued")
check(log.count("role=app code=70") == 2, f"{log.count('role=app code=70')} times exit code 70 after a failed fsync")
for role in ("app", "keys", "press", "courier", "supervise"):
    p = pauses(log, role)
    grows = all(PAUSE_MS * 2 ** i - GONE_MS <= ms <= PAUSE_MS * 2 ** i + LATE_MS for i, ms in enumerate(p))
    check(len(p) >= TIMES and grows, f"{role}: pauses {' '.join(f'{ms:.0f}' for ms in p)} ms")
check(code == 0 and "sound: 0 faults" in said and (least, most) == (1, count), "the log verifies, without a gap")
storefault.finish()
