"""What the fault tests of the whole program share: a demo city in a scratch directory, the real server with all its processes, and
clients that post forms as a browser does and ask again, with the same key, until they are answered."""
import http.client, os, re, select, signal, socket, sqlite3, subprocess, threading, time, urllib.parse
from storefault import BUILD, check, scratch, shim_env

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TONGBAN = os.path.join(BUILD, "tongban")
PASSWORD = "tongban-demo-2026"
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
        return dict(re.findall(r'<input type="hidden" name="(_\w+)" value="([^"]*)"', self.page))

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
