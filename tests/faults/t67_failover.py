"""T67: a primary with two standbys, of which any one confirms each commit; 8 clients write through the store, each entry under its
key, and ask again until it is answered. The whole primary is killed (-9), the standby that has more is promoted, and the store finds
it by itself from its list of hosts. Nothing acknowledged is lost, nothing is there twice, nothing that was never asked is found.
Then the control: with no standby waited for, and the standby standing still, the same ledger must show the loss."""
import collections, os, select, subprocess, time
from storefault import *

CLIENTS, SERVE_S = 8, 1.5
PSQL = ["psql", "-X", "-q", "-A", "-t", "-F", " "]


class Trio:
    """The servers: fault-pg_cluster, which ends them when we end, however we end."""

    def __init__(self):
        self.p = subprocess.Popen([os.path.join(BUILD, "fault-pg_cluster"), "trio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  text=True)
        self.url = self.p.stdout.readline().strip()

    def do(self, word):
        print(word, file=self.p.stdin, flush=True)
        if self.p.stdout.readline().strip() != "ok":
            raise SystemExit(f"pg_cluster: {word} failed")

    def sql(self, text):
        return subprocess.run(PSQL + ["-c", text, self.url], check=True, capture_output=True, text=True).stdout.splitlines()


class Writers:
    """The clients under way, and when each line of theirs came."""

    def __init__(self, url):
        self.p = start(["ledger", url, CLIENTS], stdin=subprocess.PIPE)
        self.rest, self.acked, self.unknown, self.failed, self.times = b"", set(), [], [], []

    def listen(self, seconds=None, until_acked=None, limit=20):
        end = time.monotonic() + (limit if seconds is None else seconds)
        while (left := end - time.monotonic()) > 0 and (until_acked is None or len(self.acked) < until_acked):
            if select.select([self.p.stdout], [], [], left)[0] and not self.take(os.read(self.p.stdout.fileno(), 1 << 20)):
                break

    def take(self, more):
        *lines, self.rest = (self.rest + more).split(b"\n")
        for line in lines:
            kind, c, n, *code = line.decode().split()
            if kind == "A":
                self.acked.add((int(c), int(n)))
                self.times.append(time.monotonic())
            else:
                (self.unknown if kind == "U" else self.failed).append(line.decode())
        return len(more) > 0

    def end(self):
        self.p.stdin.close()
        self.take(self.p.stdout.read())
        return self.p.wait()


def judge(rows, acked):
    """(lost, doubled, made up) of rows "client number payload" against what was acknowledged; each client has one entry under way."""
    have, wrong = collections.Counter(), 0
    for row in rows:
        c, n, text = row.split(" ")
        have[int(c), int(n)] += 1
        wrong += text != payload(int(c), int(n))
    last = {c: max([n for k, n in acked if k == c], default=0) for c in range(CLIENTS)}
    return (len(acked - set(have)), sum(k > 1 for k in have.values()), wrong + sum(n > last[c] + 1 for c, n in have))


ENTRIES = "SELECT home, fence, holder FROM store_lease WHERE length(holder) = %d" % PAYLOAD_BYTES
began = time.monotonic()
trio = Trio()
w = Writers(trio.url)
w.listen(until_acked=CLIENTS * 5)
w.listen(SERVE_S)
before, killed = len(w.acked), time.monotonic()
trio.do("kill")
w.listen(0.3)
trio.do("promote")
w.listen(until_acked=len(w.acked) + CLIENTS * 20)
w.listen(SERVE_S)
code, gap = w.end(), max(b - a for a, b in zip(w.times, w.times[1:]))
rows = trio.sql(ENTRIES)
lost, doubled, madeup = judge(rows, w.acked)
print(f"{before} acknowledged before the kill, {len(w.acked) - before} after; {len(w.unknown)} unknown; longest silence {gap:.1f} s")
check(code == 0 and before > CLIENTS * 5 and len(w.acked) > before + CLIENTS * 5, "the store served before, and again after")
check(not w.failed, f"nothing was answered wrongly {w.failed[:3]}")
check(lost == 0, f"{lost} acknowledged lost")
check(doubled == 0, f"{doubled} written twice")
check(madeup == 0, f"{madeup} never asked, or damaged")
check(judge(rows[1:] + [rows[1]] + ["0 99999999 x"], w.acked | {tuple(map(int, rows[0].split()[:2]))}) == (1, 1, 2),
      "control: one row taken away, one doubled and one made up are seen")

# Control: what synchronous_standby_names is for.
trio.sql("TRUNCATE store_lease, store_idem")
trio.do("async")
trio.do("down")
w = Writers(trio.url)
w.listen(until_acked=CLIENTS * 20)
trio.do("kill")
w.listen(0.2)
trio.do("up")
trio.do("promote")
trio.do("async")
w.listen(until_acked=len(w.acked) + CLIENTS)
w.end()
lost, doubled, madeup = judge(trio.sql(ENTRIES), w.acked)
print(f"control, no standby waited for: {lost} of {len(w.acked)} acknowledged lost")
check(lost > 0, "control: without synchronous standbys the ledger shows the loss")
trio.p.stdin.close()
check(trio.p.wait() == 0, f"the servers are gone; {time.monotonic() - began:.1f} s")
finish()
