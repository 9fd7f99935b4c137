#!/usr/bin/env python3
"""A crowd in the demo city: 1,000 applicants and 200 officers at the same time, each with a session and cookies of his own, who walk real
pages of a real server as people do, with time to read in between. Prints what each page took (p50, p95, p99), what the server and the
crowd itself cost, every error; then whether anything that was acknowledged is lost, done twice or half done, and whether the log verifies.

    tests/speed/crowd/crowd.py [--minutes N] [--kill] [--postgres] [--applicants N] [--officers N] [--think S] [--seed N] [--dir DIR]

`--kill`: in the middle all processes are killed (-9) at once and started again; the people go on. `--think`: seconds that an applicant
reads a page on average (exponential). Signing in costs a slow hash by design: all sign in before the clock begins. BUILD: see tests/served.py.
Ends with 1 if there was an error or something was lost; how long pages took is printed and judged by the reader, who knows the machine."""
import argparse, asyncio, csv, os, random, re, resource, shutil, signal, sqlite3, subprocess, sys, tempfile, time
from collections import Counter

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(os.path.dirname(HERE))]
from people import Applicant, Book, Company, Officer
from served import BUILD, PASSWORD, ROOT, Server, tongban, until

AT_ONCE = 6  # who sign in at the same time
ROLES = (("common", "window-clerk", "service-centre.120101"), ("approval/residence-proof", "police-officer", "police.120101"),
         ("approval/restaurant", "food-reviewer", "market-regulation.120101"), ("approval/restaurant", "fire-reviewer", "fire-rescue.120101"),
         ("approval/restaurant", "sign-reviewer", "urban-management.120101"))
SHARES = (0.3, 0.3, 0.2, 0.1, 0.1)  # of the officers
TICK_S, LONG_S = 0.02, 3600
HZ = os.sysconf("SC_CLK_TCK")


def options():
    p = argparse.ArgumentParser()
    p.add_argument("--minutes", type=float, default=10)
    p.add_argument("--applicants", type=int, default=1000)
    p.add_argument("--officers", type=int, default=200)
    p.add_argument("--think", type=float, default=10)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--kill", action="store_true")
    p.add_argument("--postgres", action="store_true")
    p.add_argument("--store")
    p.add_argument("--dir")
    return p.parse_args()


# ---- the city: the systems as they are, with more people in their sample tables ----

def logins(o):
    """(login, system, row behind the login) of everybody."""
    persons, out = o.applicants // 2, []
    for i in range(o.applicants):
        of_person = i < persons
        place = [str(i + 30), ""] if of_person else ["", str(i - persons + 10)]
        out.append((f"a{i:04d}", "approval/" + ("residence-proof" if of_person else "restaurant"), ["", "", "", *place, "申请人"]))
    for i in range(o.officers):
        at = next(k for k in range(len(SHARES)) if i < o.officers * sum(SHARES[: k + 1]) - 1e-6)
        system, role, unit = ROLES[at]
        out.append((f"o{i:04d}", system, ["样众", role, unit, "", "", "工作人员"]))
    return out


def make_city(o, work, people):
    systems, data = os.path.join(work, "systems"), os.path.join(work, "var")
    shutil.copytree(os.path.join(ROOT, "systems"), systems)
    for login, system, row in people:
        with open(os.path.join(systems, system, "sample", "accounts.csv"), "a", newline="") as f:
            csv.writer(f, lineterminator="\n").writerow([login, *row])
    # enough that so many adults live in the district, and so many companies exist
    code, _, why = tongban("init", "--demo", "--data", data, "--systems", systems, "--people", str(2000 + o.applicants * 13), "--companies",
                           str(100 + o.applicants * 6 // 10), *(["--store", o.store] if o.store else []), timeout=LONG_S)
    if code:
        sys.exit(why)
    return data


# ---- what it costs ----

def cpu_of(pid):
    """Seconds of CPU of a process, its threads and the children that it has waited for."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            part = f.read().rsplit(")", 1)[1].split()
        return sum(map(int, part[11:13])) / HZ
    except OSError:
        return 0


def roles_of(server):
    out = {"parent": server.process.pid}
    for pid in server.children():
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            out[f.read().split(b"\0")[2].decode()] = pid
    return out


def backends(store):
    """The processes of PostgreSQL that work for this store."""
    name, out = re.search(r"d_\d+_run", store or ""), []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                said = f.read().decode(errors="replace")
        except OSError:
            continue
        if name and said.startswith("postgres:") and name.group(0) in said:
            out.append(int(pid))
    return out


class Cost:
    def __init__(self, server, store):
        self.server, self.store, self.spent, self.first = server, store, Counter(), {}
        self.begin()

    def now(self):
        out = {role: cpu_of(pid) for role, pid in roles_of(self.server).items()}
        return out | {"postgres": sum(map(cpu_of, backends(self.store)))} if self.store else out

    def begin(self):
        self.first = self.now()

    def end(self):
        for role, s in self.now().items():
            self.spent[role] += max(0, s - self.first.get(role, 0))


def own_cpu():
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])


def memory(server):
    total = 0
    for pid in roles_of(server).values():
        with open(f"/proc/{pid}/status") as f:
            total += int(re.search(r"RssAnon:\s+(\d+)", f.read()).group(1))
    return total / 1024


# ---- the day ----

async def in_turn(people, what):
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(p):
        async with gate:
            await what(p)
    await asyncio.gather(*map(one, people))


async def lag(book, out):
    """How late the crowd itself is: what is added to each page's time by who measures it."""
    while not book.ending.is_set():
        began = time.monotonic()
        await asyncio.sleep(TICK_S)
        out.append(time.monotonic() - began - TICK_S)


async def kill(server, book, cost):
    book.down = True
    cost.end()
    loop, began = asyncio.get_running_loop(), time.monotonic()
    await loop.run_in_executor(None, server.kill)
    print(f"all processes killed; up again after {await loop.run_in_executor(None, server.start):.0f} ms", flush=True)
    cost.begin()
    await asyncio.sleep(2)  # who was cut off comes back
    book.down = False
    return time.monotonic() - began


async def day(o, server, people):
    book = Book(server.port)
    crowd = []
    for n, (login, system, row) in enumerate(people):
        rng = random.Random(f"{o.seed} {login}")
        kind = Officer if row[1] else Company if row[4] else Applicant
        crowd.append(kind(book, n, login, rng, o.think))
    began = time.monotonic()
    await in_turn(crowd, lambda p: p.sign_in(PASSWORD))
    await in_turn(crowd, lambda p: p.begin())
    print(f"{len(crowd)} people signed in, {AT_ONCE} at a time, in {time.monotonic() - began:.0f} s", flush=True)
    if book.errors:
        return book
    begin_cpu, lags, cost, length = own_cpu(), [], Cost(server, o.store), o.minutes * 60
    book.counting = True
    lives, clock = [asyncio.create_task(p.live()) for p in crowd], asyncio.create_task(lag(book, lags))
    if o.kill:
        await asyncio.sleep(length / 2)
        length = max(1, length / 2 - await kill(server, book, cost))
    await asyncio.sleep(length)
    book.ending.set()
    for r in await asyncio.gather(*lives, return_exceptions=True):
        if isinstance(r, BaseException):
            book.errors[repr(r)] += 1
    await clock
    cost.end()
    for p in crowd:
        p.close()
    report(o, book, cost, own_cpu() - begin_cpu, sorted(lags), server)
    return book


def ms(times, share):
    return times[min(len(times) - 1, int(len(times) * share))] * 1000


def report(o, book, cost, crowd_s, lags, server):
    n = sum(map(len, book.times.values()))
    everything = sorted(t for times in book.times.values() for t in times)
    print(f"{'page':58} {'count':>7} {'p50':>7} {'p95':>7} {'p99':>7} {'max':>7} ms")
    for name, times in sorted(book.times.items(), key=lambda x: -len(x[1])) + [("all", everything)]:
        times = sorted(times)
        print(f"{name:58} {len(times):7} {ms(times, 0.5):7.1f} {ms(times, 0.95):7.1f} {ms(times, 0.99):7.1f} {times[-1] * 1000:7.1f}")
    print(f"{n} requests, {n / (o.minutes * 60):.0f} a second; {book.streams} streams opened, {book.events} changes told, {book.cut} streams cut; "
          f"{book.again} asked again, {sum(book.told.values())} told to come again")
    print(f"done: {dict(Counter(k for k, _ in book.done.elements()))}, {dict(book.people_done)}")
    spent = sum(cost.spent.values())
    print(f"CPU of the server: {spent:.1f} s, {spent / n * 1000:.2f} ms a request, {spent / o.minutes / 60:.2f} cores ("
          + ", ".join(f"{k} {v:.1f}" for k, v in cost.spent.items()) + f"); memory {memory(server):.0f} MiB")
    print(f"the crowd itself: CPU {crowd_s:.1f} s, {crowd_s / n * 1000:.2f} ms a request; late by p50 {ms(lags, 0.5):.1f}, p99 {ms(lags, 0.99):.1f} ms; "
          f"load of the machine {os.getloadavg()[0]:.1f}")


# ---- what is true afterwards ----

def rows(data, store, sql):
    if store:
        out = subprocess.run(["psql", "-XqAt", "-F", "\t", "-c", sql, store], check=True, capture_output=True, text=True).stdout
        return [line.split("\t") for line in out.splitlines()]
    db = sqlite3.connect(os.path.join(data, "tongban.db"))
    out = [list(map(str, r)) for r in db.execute(sql)]
    db.close()
    return out


ACTS = {"case.consent": "object_id", "case.submit": "object_id", "task.claim": "object_id", "task.complete": "object_id", "case.draft": "case_id"}


def judge(book, have, files):
    """(lost, doubled): what was acknowledged and is not in the log as often; what is there more often than it was acknowledged."""
    asked = (Counter({k: v for k, v in book.done.items() if k[0] in ACTS}),
             Counter({k[1]: v for k, v in book.done.items() if k[0] == "file"}))
    lost = sum((asked[0] - have).values()) + sum((asked[1] - files).values())
    mine = {k for k in asked[0] if k[0] in ("case.submit", "task.complete")}
    return lost, sum(have[k] > asked[0][k] for k in mine) + sum(files[k] > asked[1][k] for k in asked[1])


def verdict(o, data, book):
    bad = []

    def check(good, what):
        print(("ok      " if good else "FAILED  ") + what)
        bad.extend([] if good else [what])
    both = " UNION ALL ".join(f"SELECT act, object_id, case_id FROM {t} WHERE outcome = 0" for t in ("audit_entry", "audit_pending"))
    have = Counter((act, int(case if ACTS[act] == "case_id" else thing)) for act, thing, case in rows(data, o.store, both) if act in ACTS)
    files = Counter({int(c): int(n) for c, n in rows(data, o.store, "SELECT case_id, COUNT(*) FROM item_material GROUP BY case_id")})
    lost, doubled = judge(book, have, files)
    n = sum(book.done.values())
    check(not book.errors, f"no error {dict(book.errors.most_common(12)) or ''}")
    check(n > 0 and lost == 0, f"of {n} acts that were acknowledged {lost} are lost")
    check(doubled == 0, f"{doubled} are done twice")
    one = next(iter(k for k in book.done if k[0] == "task.complete"))
    more, less = have.copy(), have.copy()
    more[one] += 1
    less[one] -= 1
    check(judge(book, less, files)[0] == 1 and judge(book, more, files)[1] == 1, "control: one act away, one more are seen")
    # half done: a case that was handed in runs a process; one whose process has ended has its result; one granted has its paper
    for what, sql in HALF.items():
        left = int(rows(data, o.store, sql)[0][0])
        check(left == 0, f"{what}: {left}")
    code, said, why = tongban("audit", "verify", "--data", data, *(["--store", o.store] if o.store else []), timeout=LONG_S)
    check(code == 0 and "sound: 0 faults" in said, f"the log verifies: {(said + why).strip().splitlines()[-1][:160]}")
    return 1 if bad else 0


HALF = {
    "cases handed in without a process": "SELECT COUNT(*) FROM item_case c WHERE c.submitted_ms > 0 AND NOT EXISTS "
                                         "(SELECT 1 FROM flow_instance f WHERE f.home = c.home AND f.case_id = c.id)",
    "processes without a token that have not ended": "SELECT COUNT(*) FROM flow_instance f WHERE f.ended_ms = 0 AND NOT EXISTS "
                                                     "(SELECT 1 FROM flow_token t WHERE t.home = f.home AND t.instance_id = f.id)",
    "tasks that are decided of no move, or by nobody": "SELECT COUNT(*) FROM flow_task WHERE ended_ms > 0 AND move <> '' AND ended_by_id = 0",
}


def main():
    o = options()
    if o.postgres and not o.store:
        args = [a for a in sys.argv[1:] if a != "--postgres"]
        cluster = [os.path.join(BUILD, "fault-pg_cluster"), "run"]
        return subprocess.run([*cluster, sys.executable, os.path.abspath(__file__), *args, "--store", "@"]).returncode
    work, people = tempfile.mkdtemp(prefix="tongban-crowd-", dir=o.dir), logins(o)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(16384, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
        data = make_city(o, work, people)
        server = Server(data, *(["--store", o.store] if o.store else []))
        server.start()
        print(f"{'PostgreSQL' if o.store else 'SQLite'}: a city with {len(people)} people who come", flush=True)
        try:
            book = asyncio.run(day(o, server, people))
        finally:
            until(lambda: drained(data, o.store), 60, 0.2)
            ended = server.stop()
        if ended:
            print(f"FAILED  the server ended with {ended}")
        return verdict(o, data, book) or ended
    finally:
        shutil.rmtree(work, ignore_errors=True)


def drained(data, store):
    """Nothing waits to be set, sent or numbered any more."""
    code, said, _ = tongban("metrics", "--data", data, *(["--store", store] if store else []))
    waits = re.findall(r'tongban_waiting\{queue="(?:outbox|audit|press)"\} (\d+)', said)
    return code == 0 and waits and not any(map(int, waits))


if __name__ == "__main__":
    sys.exit(main())
