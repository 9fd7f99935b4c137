"""T01: the whole server killed (-9, all processes) at 200 seeded moments while 8 people post forms; each asks again, with the same
key, until he is answered. Nothing acknowledged is lost, nothing is done twice, the audit log has no gap and verifies; how long a
restart takes to the first answered request is printed. Then the same on PostgreSQL, 20 times. (t01_kill is the store alone, with many
more rows under way at each kill, and rows refused after they were written.)
Usage: t01_server.py [KILLS [STORE]]; without arguments both."""
import random, sys
from server import *
import storefault

MOMENT_S, VERIFY_EVERY = 0.12, 40


class Poster(threading.Thread):
    """One person who saves the same page of an application over and over: each time another answer under another key."""

    def __init__(self, server, who, up):
        super().__init__(daemon=True)
        self.client, self.who, self.up, self.ending = Client(server, 10), who, up, False
        self.acked, self.again, self.busy, self.wrong = 0, 0, 0, []
        self.client.sign_in(who)
        self.client.get("/zh/apply/residence-proof")
        to = self.client.post("/zh/apply/residence-proof")[1]
        self.case = int(re.search(r"/case/(\d+)", to).group(1))
        if self.client.get(f"/zh/case/{self.case}/consent")[0] == 200:
            self.client.post(f"/zh/case/{self.case}/consent", decision="type", act="go")
        self.path = f"/zh/case/{self.case}/fill/registered"
        if self.client.get(self.path)[0] != 200:
            raise SystemExit(f"{who} has no form to fill in")

    def run(self):
        n = 0
        while not self.ending:
            self.up.wait(1)
            answer = self.client.post(self.path, _key=f"{self.case:016x}{n:016x}", _seen="", purpose=str(n % 2 + 1), act="go",
                                      residence_division="120101", residence="示例路 8 号")
            if answer[0] == 303:
                self.acked, n = self.acked + 1, n + 1
            elif answer[0] == 0:
                self.again += 1
            elif answer[0] in (429, 503):
                self.busy += 1
                select.select([], [], [], 0.05)
            else:
                self.wrong.append(answer[0])
                n += 1

    def finish(self):
        """Whatever is under way is asked until it is answered."""
        self.ending = True
        self.join(60)


def judge(acts, posters):
    """(lost, doubled): cases with fewer entries of saving than were acknowledged, and with more."""
    have = {p.case: acts.count(p.case) for p in posters}
    return sum(have[p.case] < p.acked for p in posters), sum(have[p.case] > p.acked for p in posters)


def saved(data, store):
    """The case of each act of saving, and (entries, least number, highest number) of the log."""
    acts = "SELECT object_id FROM {} WHERE act = 'case.draft' AND outcome = 0 AND detail = 'registered'"
    dense = "SELECT COUNT(*), MIN(seq), MAX(seq) FROM audit_entry"
    both = acts.format("audit_entry") + " UNION ALL " + acts.format("audit_pending")
    if store:
        out = [subprocess.run(["psql", "-XqAt", "-F", " ", "-c", q, store], check=True, capture_output=True, text=True).stdout
               for q in (both, dense)]
        return [int(x) for x in out[0].split()], tuple(map(int, out[1].split()))
    db = sqlite3.connect(os.path.join(data, "tongban.db"))
    out = [r[0] for r in db.execute(both)], tuple(db.execute(dense).fetchone())
    db.close()
    return out


def play(kills, store):
    name, rng, up, times, sound = "PostgreSQL" if store else "SQLite", random.Random(1), threading.Event(), [], []
    data = city(store)
    server = Server(data, store)
    began = time.monotonic()
    server.start()
    posters = [Poster(server, who, up) for who in PEOPLE]
    up.set()
    for p in posters:
        p.start()
    for kill in range(kills):
        select.select([], [], [], rng.random() * MOMENT_S)  # the seeded moment
        up.clear()
        server.kill()
        if kill % VERIFY_EVERY == VERIFY_EVERY - 1 and not store:
            sound.append(tongban("audit", "verify", "--data", data))
        times.append(server.start())
        up.set()
    for p in posters:
        p.finish()
    check(server.stop() == 0, f"{name}: the last one ends in order")
    sound.append(tongban("audit", "verify", "--data", data, *(["--store", store] if store else [])))
    acts, (count, least, most) = saved(data, store)
    acked, again, busy = (sum(getattr(p, k) for p in posters) for k in ("acked", "again", "busy"))
    times.sort()
    print(f"{name}: {kills} kills, {acked} acknowledged, {again} asked again, {busy} told to wait; restart p50 "
          f"{times[len(times) // 2]:.0f} ms, max {times[-1]:.0f} ms; {time.monotonic() - began:.1f} s")
    wrong = [w for p in posters for w in p.wrong]
    lost, doubled = judge(acts, posters)
    check(acked > kills * 4 and again > kills, f"{name}: enough was under way to mean something")
    check(not wrong, f"{name}: no other answer {wrong[:5]}")
    check(lost == 0, f"{name}: {lost} of {len(posters)} lost acts that were acknowledged")
    check(doubled == 0, f"{name}: {doubled} of {len(posters)} have acts done twice, or never asked for")
    check(all(code == 0 and "sound: 0 faults" in said for code, said in sound), f"{name}: the log verifies, {len(sound)} times {sound[-1][1][-200:] if sound[-1][0] else ''}")
    check((least, most) == (1, count), f"{name}: entries 1 to {most}, {count} of them")
    one = [posters[0].case]
    less = [x for x in acts if x not in one] + one * (posters[0].acked - 1)
    check(judge(less, posters) == (1, 0) and judge(acts + one, posters) == (0, 1), f"{name}: control: one act away, one more are seen")
    check(times[-1] < 10000, f"{name}: it is always back")


if len(sys.argv) > 1:
    play(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
    storefault.finish()
play(200, None)
p = subprocess.run([os.path.join(BUILD, "fault-pg_cluster"), "run", sys.executable, __file__, "20", "@"], capture_output=True, text=True)
print(p.stdout.rsplit("\n", 2)[0])
check(p.returncode == 0, f"PostgreSQL as well {p.stderr[-500:]}")
storefault.finish()
