"""What the fault tests of the whole program share, beside tests/served.py: a demo city in a scratch directory, and clients that post forms
as a browser does and ask again, with the same key, until they are answered."""
import fcntl, os, re, select, shutil, sqlite3, subprocess, sys, threading, time
from storefault import check, scratch, shim_env

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from served import *

SENTENCE = re.compile(r"请稍后|再试")  # what a page says that could not be answered now
PEOPLE = ["window", "police", "food", "fire", "sign", "system", "security", "audit"]  # officers; each may apply for himself


def city(store=None):
    """The data folder of a new small city. What starts many tests names a folder in TONGBAN_CITY: the first makes the city there, whose
    papers alone take ten seconds to draw, and each has a copy of its own."""
    data = os.path.join(scratch(), "city")
    made = os.environ.get("TONGBAN_CITY")
    if not made or store:
        make_city(data, store)
        return data
    with open(os.path.join(made, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        whole = os.path.join(made, "city")
        if not os.path.exists(whole):
            make_city(whole + ".new")
            os.rename(whole + ".new", whole)
    subprocess.run(["cp", "-a", whole, data], check=True)
    return data


def make_city(data, store=None):
    code, said, why = tongban("init", "--demo", "--data", data, "--people", "60", "--companies", "10", *(["--store", store] if store else []))
    if code:
        raise SystemExit(f"no city: {said}{why}")


class Client(Browser):
    """Sees each answer itself; must be able to sign in."""

    def __init__(self, server, timeout=20):
        super().__init__(server, timeout, follows=False)

    def sign_in(self, login):
        if not super().sign_in(login):
            raise SystemExit(f"{login} cannot sign in")


class Poster(threading.Thread):
    """One person who saves the same page of an application over and over: each time another answer under another key."""

    def __init__(self, server, who, up):
        super().__init__(daemon=True)
        self.client, self.who, self.up, self.ending = Client(server, 10), who, up, False
        self.acked, self.again, self.busy, self.mute, self.wrong = 0, 0, 0, 0, []
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
                select.select([], [], [], 0.01)
            elif answer[0] in (429, 503, 507):
                self.busy += 1
                self.mute += not SENTENCE.search(answer[2])
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
