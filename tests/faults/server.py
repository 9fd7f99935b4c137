"""What the fault tests of the whole program share: a demo city in a scratch directory, the real server with all its processes, and
clients that post forms as a browser does and ask again, with the same key, until they are answered."""
import http.client, os, re, select, shutil, signal, socket, sqlite3, subprocess, threading, time, urllib.parse
from storefault import BUILD, check, scratch, shim_env

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TONGBAN = os.path.join(BUILD, "tongban")
PASSWORD = "tongban-demo-2026"
SENTENCE = re.compile(r"请稍后|再试")  # what a page says that could not be answered now
PEOPLE = ["window", "police", "food", "fire", "sign", "system", "security", "audit"]  # officers; each may apply for himself


def tongban(*args):
    p = subprocess.run([TONGBAN, *args], cwd=ROOT, capture_output=True, text=True, timeout=120)
    return p.returncode, p.stdout + p.stderr


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def city(store=None):
    """The data folder of a new small city."""
    data = os.path.join(scratch(), "city")
    code, said = tongban("init", "--demo", "--data", data, "--people", "60", "--companies", "10", *(["--store", store] if store else []))
    if code:
        raise SystemExit(f"no city: {said}")
    return data


def until(what, seconds):
    """The first true answer; the last one when the time is up. The wait is for processes, which cannot be selected upon."""
    end = time.monotonic() + seconds
    while not (got := what()) and time.monotonic() < end:
        select.select([], [], [], 0.001)
    return got


def gone(pid):
    """Ended, perhaps not yet taken note of by its parent: no thread of it is left."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "Z" and len(os.listdir(f"/proc/{pid}/task")) == 1
    except OSError:
        return True


class Server:
    def __init__(self, data, store=None, shim=None):
        self.data, self.more, self.port = data, ["--store", store] if store else [], free_port()
        self.env, self.log = shim_env(data, **shim) if shim is not None else None, data + ".log"

    def start(self):
        """Milliseconds from the start to the first answered request."""
        began = time.monotonic()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([TONGBAN, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}", *self.more],
                                            cwd=ROOT, stdout=log, stderr=log, start_new_session=True, env=self.env)
        if not until(self.answers, 30):
            raise SystemExit("the server did not start: " + self.said()[-2000:])
        return (time.monotonic() - began) * 1000

    def answers(self):
        return self.process.poll() is None and Client(self).get("/zh/settings")[0] == 200

    def role(self, name):
        """The process of a role, a child of ours."""
        try:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as f:
                children = f.read().split()
            for pid in children:
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    if f.read().split(b"\0")[1:3] == [b"@role", name.encode()]:
                        return int(pid)
        except OSError:
            pass
        return None

    def kill(self):
        """All processes at once. Returns when they are gone, as whoever restarts a service waits for its last process."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as f:
            children = f.read().split()
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if not until(lambda: all(map(gone, children)), 10):
            raise SystemExit("processes outlive the kill")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()


class Client:
    """Cookies, the last page's hidden fields, one connection for each request."""

    def __init__(self, server, timeout=20):
        self.server, self.cookies, self.page, self.timeout = server, {}, "", timeout

    def ask(self, method, path, body=None, kind="application/x-www-form-urlencoded"):
        """(status, location, page); status 0: no answer, or not a whole one."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}
        if body is not None:
            headers |= {"Content-Type": kind, "Sec-Fetch-Site": "same-origin"}
        c = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=self.timeout)
        try:
            c.request(method, path, body, headers)
            r = c.getresponse()
            page = r.read().decode(errors="replace")
            for name, value in r.getheaders():
                if name.lower() == "set-cookie":
                    k, v = value.split(";")[0].split("=", 1)
                    self.cookies[k] = v
            return r.status, r.getheader("Location", ""), page
        except (OSError, http.client.HTTPException):
            return 0, "", ""
        finally:
            c.close()

    def get(self, path):
        status, to, page = self.ask("GET", path)
        if status == 200:
            self.page = page
        return status, to, page

    def hidden(self):
        pairs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', self.page)
        return dict(reversed(pairs))  # the first of a name: the page's main form

    def post(self, path, **fields):
        """With the last page's token and key, unless `fields` has its own key."""
        return self.ask("POST", path, urllib.parse.urlencode({**self.hidden(), **fields}))

    def upload(self, path, name, data):
        edge, parts = "edge-of-a-part", ""
        for k, v in self.hidden().items():
            parts += f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
        parts += f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/pdf\r\n\r\n'
        return self.ask("POST", path, parts.encode() + data + f"\r\n--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}")

    def sign_in(self, login):
        self.get("/zh/sign-in")
        if self.post("/zh/sign-in", login=login, password=PASSWORD)[0] != 303:
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
