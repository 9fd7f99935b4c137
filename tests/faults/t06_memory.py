"""T06: memory ends while a request is served, at any of the places where it asks for some: once, and from there on (memory_shim.c). Every page
that the people of the demo city are led to, and every form on them. Nobody falls: the answer is that of any other day, a 503 that says so, a 429
(who he is was not found out, and strangers share a rate), or none; the process is the same one after it, the same request is answered as before, and what was acknowledged is there once. Nor does anybody keep what he had got so far: where memory ends at the same place again and again, what the
process holds does not grow.
Usage: t06_memory.py [PLACES [SEED [ONLY]]]: how many places of each request are tried in each way (default 1; 0: all). Which ones the seed says: other ones
with every commit, so that the sample goes round; it is printed, and given again it takes the same. ONLY, a regular expression over "GET /path": just these
requests. What was wrong is printed as it is found."""
import mmap, random, struct, subprocess, sys
from walk import *
from storefault import BUILD, finish

PLACES = int(sys.argv[1]) if len(sys.argv) > 1 else 1


def commits():
    """How many there were so far; a fixed number where nobody knows."""
    said = subprocess.run(["git", "rev-list", "--count", "HEAD"], capture_output=True, text=True, cwd=os.path.dirname(os.path.abspath(__file__)))
    return int(said.stdout) if said.returncode == 0 else 6


SEED = int(sys.argv[2]) if len(sys.argv) > 2 else commits()
ONLY = sys.argv[3] if len(sys.argv) > 3 else None
ONCE, ON, KEEP = 1, 2, 3
AGAIN, SURE, EVERY = 6, 21, 4  # a place that may leak is tried so often, and then so often; of the requests every fourth
NOT_SENT = {"/sign-out", "/sign-in"}  # would end the session
LAST = "/admin/upkeep"                # may shut the others out
LOGINS = ("citizen", "window", "food", "population", "system", "security", "audit")


class Memory:
    """The five numbers of memory_shim.c."""

    def __init__(self, path):
        with open(path, "wb") as f:
            f.write(bytes(40))
        os.chmod(path, 0o666)
        self.file = open(path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), 40)

    def put(self, at, value):
        struct.pack_into("<q", self.map, at * 8, value)

    def get(self, at):
        return struct.unpack_from("<q", self.map, at * 8)[0]

    def ends(self, mode, after):
        self.put(0, 0)
        self.put(1, after)
        self.put(2, 0)
        self.put(3, 0)
        self.put(0, mode)

    def back(self):
        """(asked for, refused) since `ends`."""
        self.put(0, 0)
        return self.get(2), self.get(3)

    def live(self):
        return self.get(4)


class Sender(Person):
    """Has the token of its session at hand."""

    def token(self):
        session = tuple(sorted(self.cookies.items()))
        if getattr(self, "of", None) != session:
            found = until(lambda: re.search(r'name="_csrf" value="([^"]+)"', self.ask("GET", "/zh/sign-out")[2]), 60, 0.5)  # strangers share a rate
            self.of, self.known = session, found.group(1)
        return self.known


def fine(row, status, usual):
    """A form finds things as the last one left them, so its answers may change; but it was well formed, and nothing is our fault."""
    return status in usual or (row[1] == "POST" and status < 500 and status not in (0, 400))


def steady(once):
    """Whether what is held grows as much each time, which a cache that fills does not."""
    third = SURE // 3
    held = [once() for _ in range(SURE)]
    first, then, last = (min(held[i:i + third]) for i in (0, third, 2 * third))
    return then - first > third // 2 and (then - first) / 2 <= last - then <= (then - first) * 2


class Ending:
    def __init__(self, server, memory):
        self.server, self.memory, self.rng = server, memory, random.Random(SEED)
        self.app, self.tried, self.hit, self.wrong, self.fell, self.seen, self.kinds = server.role("app"), 0, 0, [], [], set(), {}
        self.leaks, self.looked, self.heard = [], 0, 0

    def stands(self, what):
        now = until(lambda: self.server.role("app") and self.server.answers() and self.server.role("app"), 30)
        if now != self.app:
            said = self.server.said()
            print("fell", what, *("".join(frame) for frame in re.findall(r"([\w.-]+)\((\w*\+0x[0-9a-f]+)\)", said[self.heard:])), flush=True)
            self.heard = len(said)
            self.fell.append(what)
        self.app = now

    def grows(self, before, send, mode, k):
        """Whether the process holds more after each time that memory ended at this place."""
        felt = [0]

        def once():
            before()
            self.memory.ends(mode, k)
            send()
            felt[0] += self.memory.back()[1] > 0
            return self.memory.live()

        held = [once() for _ in range(AGAIN)]  # what others hold for a moment comes and goes: the least counts
        if (mode in (ONCE, ON) and not felt[0]) or min(held[AGAIN // 2:]) <= min(held[:AGAIN // 2]):
            return False
        return steady(once) and steady(once)

    def go(self, who, row, path, fields=None):
        """One request: as on any other day, then with memory that ends at each of some places."""
        def send():
            return who.send(row[1], path, None if fields is None else urllib.parse.urlencode({**fields, "_csrf": who.token()}))[0]

        what = f"{row[1]} {row[2]}"
        if what in self.seen or (ONLY and not re.search(ONLY, what)):
            return
        self.seen.add(what)
        plain = send()  # the first of its kind makes what later ones find
        self.memory.ends(0, 0)
        again = send()
        places, _ = self.memory.back()
        ks = range(1, places + 1)
        if PLACES != 1:
            print(f"{len(self.seen)} {what}: {places} places, {plain}", flush=True)
        for mode in (ONCE, ON):
            for k in self.rng.sample(ks, min(PLACES, len(ks))) if PLACES else ks:
                who.ready(row[1]) and who.token()  # while there is memory
                self.memory.ends(mode, k)
                status = send()
                _, refused = self.memory.back()
                self.tried += 1
                self.hit += refused > 0
                self.kinds[status] = self.kinds.get(status, 0) + 1
                if not fine(row, status, (plain, again, 503, 429, 0)):
                    print("other answer", what, mode, k, plain, status, flush=True)
                    self.wrong.append((what, mode, k, plain, status))
                self.stands((what, mode, k))
        if places and (not PLACES or (SEED + len(self.seen)) % EVERY == 0):
            for mode in (ONCE, ON):
                k = self.rng.randrange(1, places + 1)
                self.looked += 1
                if self.grows(lambda: who.ready(row[1]) and (fields is None or who.token()), send, mode, k):
                    print("leak", what, mode, k, flush=True)
                    self.leaks.append((what, mode, k))
        after = send()
        if again != 429 and not fine(row, after, (again, 429)):
            self.wrong.append((what, "after", again, after))


def walk(ending, table, login):
    who = Sender(ending.server, login)
    for r, path, page in led(who, table, but=(LAST,)):
        if r[3] != "stream":
            ending.go(who, r, path)
        for row, method, to, whole, names in forms(table, path, page):
            if method != "POST" or row[2] in NOT_SENT or f"POST {row[2]}" in ending.seen:
                continue
            values = dict(re.findall(r'<input type="hidden" name="([\w.-]+)" value="([^"]*)"', whole))
            ending.go(who, row, to, {n: values.get(n, "1") for n in names})


def saves(ending):
    """One who saves his form over and over while memory ends: asked again with the same key until he is answered."""
    up = threading.Event()
    up.set()
    poster = Poster(ending.server, "window", up)
    poster.start()
    for _ in range(40):
        seen = poster.acked
        ending.memory.ends(ending.rng.choice((ONCE, ON)), ending.rng.randrange(1, 400))
        until(lambda: ending.memory.get(3) > 0, 2)
        ending.memory.back()
        until(lambda: poster.acked > seen, 20)
    poster.finish()
    ending.stands("saving")
    return poster


data = city()
memory = Memory(data + ".memory")
server = Server(data, env=dict(os.environ, LD_PRELOAD=os.path.join(BUILD, "memory_shim.so"), MEMORY_CTL=data + ".memory"))
server.start()
ending, table = Ending(server, memory), routes()
poster = saves(ending)  # first: an administrator's forms may shut somebody out
for login in LOGINS:
    walk(ending, table, login)
who = Sender(server, "citizen")
leak = any(ending.grows(lambda: who.ready("GET"), lambda: who.send("GET", "/zh/space"), KEEP, 20) for _ in range(3))
no_leak = ending.grows(lambda: who.ready("GET"), lambda: who.send("GET", "/zh/space"), 0, 0)
alive = server.process.poll() is None and server.stop() == 0
acts, (count, least, most) = saved(data, None)
lost, doubled = judge(acts, [poster])
code, said, _ = tongban("audit", "verify", "--data", data)
print(f"seed {SEED}: {len(ending.seen)} requests, {ending.tried} ends of memory, {ending.hit} of them felt; answers {dict(sorted(ending.kinds.items()))}")
page, form = ("", "GET"), ("", "POST")
check(not fine(page, 500, (200, 503)) and not fine(form, 500, (303, 503)) and not fine(form, 400, (303, 503)) and fine(form, 409, (303, 503)),
      "T06: control: a 500 is seen, and a form that was not understood")
check(len(ending.seen) > 120 and ending.hit > ending.tried * 0.5, "T06: every kind of page and form, and the memory did end")
check(not ending.fell and alive, f"T06: {len(ending.fell)} times the process fell {ending.fell[:5]}")
check(not ending.wrong, f"T06: {len(ending.wrong)} other answers {ending.wrong[:5]}")
check(ending.looked > 60 and not ending.leaks, f"T06: {ending.looked} places again and again: {len(ending.leaks)} leak {ending.leaks[:5]}")
check(leak and not no_leak, "T06: control: a piece that is never given back is found, and a page that gives back all is not")
check(poster.acked > 30 and not poster.wrong and lost == 0 and doubled == 0, f"T06: {poster.acked} saved, {lost} lost, {doubled} twice {poster.wrong[:3]}")
check(code == 0 and "sound: 0 faults" in said and (least, most) == (1, count), "T06: the log verifies, without a gap")
finish()
