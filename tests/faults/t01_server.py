"""T01: the whole server killed (-9, all processes) at 200 seeded moments while 8 people post forms; each asks again, with the same
key, until he is answered. Nothing acknowledged is lost, nothing is done twice, the audit log has no gap and verifies; how long a
restart takes to the first answered request is printed. Then the same on PostgreSQL, 20 times. (t01_kill is the store alone, with many
more rows under way at each kill, and rows refused after they were written.)
Usage: t01_server.py [KILLS [STORE]]; without arguments both."""
import random, sys
import storefault
from server import *

MOMENT_S, VERIFY_EVERY = 0.12, 40


def play(kills, store):
    name, rng, up, times, sound = "PostgreSQL" if store else "SQLite", random.Random(1), threading.Event(), [], []
    data = city(store)
    server = Server(data, *(["--store", store] if store else []))
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
    check(all(code == 0 and "sound: 0 faults" in said for code, said, _ in sound), f"{name}: the log verifies, {len(sound)} times {sound[-1][1][-200:] if sound[-1][0] else ''}")
    check((least, most) == (1, count), f"{name}: entries 1 to {most}, {count} of them")
    one = [posters[0].case]
    less = [x for x in acts if x not in one] + one * (posters[0].acked - 1)
    check(judge(less, posters) == (1, 0) and judge(acts + one, posters) == (0, 1), f"{name}: control: one act away, one more are seen")


if len(sys.argv) > 1:
    play(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
    storefault.finish()
play(200, None)
p = subprocess.run([os.path.join(BUILD, "fault-pg_cluster"), "run", sys.executable, __file__, "20", "@"], capture_output=True, text=True)
print(p.stdout.rsplit("\n", 2)[0])
check(p.returncode == 0, f"PostgreSQL as well {p.stderr[-500:]}")
storefault.finish()
