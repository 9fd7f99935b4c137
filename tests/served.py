"""What tests with a real server share: the program's commands, the server with all its processes, and a browser without scripts that keeps
cookies and the last page's hidden fields. BUILD is the build directory (default: build)."""
import http.client, os, re, select, signal, socket, subprocess, time, urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
TONGBAN = os.path.join(BUILD, "tongban")
PASSWORD = "tongban-demo-2026"
ROLES = ("app", "keys", "press", "courier", "courier-urgent", "supervise")


def tongban(*args, user=None, timeout=600):
    """A command: (exit code, what it said, what it complained of)."""
    as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    p = subprocess.run(as_user + [TONGBAN, *args], cwd=ROOT, capture_output=True, text=True, timeout=timeout)
    return p.returncode, p.stdout, p.stderr


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(what, seconds=20, every=0.001):
    """The first true answer; the last one when the time is up. The wait is for processes, which cannot be selected upon."""
    end = time.monotonic() + seconds
    while not (got := what()) and time.monotonic() < end:
        select.select([], [], [], every)
    return got


def gone(pid):
    """Ended, perhaps not yet taken note of by its parent: no thread of it is left."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "Z" and len(os.listdir(f"/proc/{pid}/task")) == 1
    except OSError:
        return True


class Server:
    def __init__(self, data, *more, env=None):
        self.data, self.more, self.port, self.env, self.log = data, more, free_port(), env, data + ".log"

    def start(self, must=True):
        """Milliseconds from the start to the first answered request; None if it ended instead and need not come up."""
        began = time.monotonic()
        with open(self.log, "ab") as log:
            before = log.tell()
            self.process = subprocess.Popen([TONGBAN, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}", *self.more],
                                            cwd=ROOT, stdout=log, stderr=log, start_new_session=True, env=self.env)
        up = until(lambda: self.answers() or self.process.poll() is not None, 30) and self.process.poll() is None
        if must and not up:
            raise SystemExit("the server did not start: " + self.said()[-2000:])
        took = (time.monotonic() - began) * 1000
        if up:  # those that it answers without are started when it does, and one of them that cannot begin ends the whole
            until(lambda: self.process.poll() is not None or self.said(before).count('"role ready"') == len(ROLES))
        return took if up and self.process.poll() is None else None

    def answers(self):
        return self.process.poll() is None and Browser(self).ask("GET", "/zh/settings")[0] == 200

    def children(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as f:
            return [int(pid) for pid in f.read().split()]

    def role(self, name):
        """The process of a role, a child of ours."""
        try:
            for pid in self.children():
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    if f.read().split(b"\0")[1:3] == [b"@role", name.encode()]:
                        return pid
        except OSError:
            pass
        return None

    def kill(self):
        """All processes at once. Returns when they are gone, as whoever restarts a service waits for its last process."""
        children = self.children()
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if not until(lambda: all(map(gone, children)), 10):
            raise SystemExit("processes outlive the kill")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def said(self, since=0):
        with open(self.log, "rb") as f:
            f.seek(since)
            return f.read().decode(errors="replace")


class Browser:
    """Cookies, the last page and its hidden fields, one connection for each request. `follows`: goes where it is sent, as people's do."""

    def __init__(self, server, timeout=20, follows=True):
        self.server, self.cookies, self.page, self.timeout, self.follows, self.url = server, {}, "", timeout, follows, ""

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
            self.url = urllib.parse.urlparse(path).path
            return r.status, r.getheader("Location", ""), page
        except (OSError, http.client.HTTPException):
            return 0, "", ""
        finally:
            c.close()

    def go_on(self, answer):
        """The page that an answer sends to, where redirects are followed."""
        for _ in range(10):
            if not self.follows or answer[0] not in (302, 303, 307, 308):
                break
            answer = self.ask("GET", urllib.parse.urljoin(self.url, answer[1]))
        if answer[0] == 200:
            self.page = answer[2]
        return answer

    def get(self, path):
        return self.go_on(self.ask("GET", path))

    def hidden(self):
        pairs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', self.page)
        return dict(reversed(pairs))  # the first of a name: the page's main form

    def post(self, path, **fields):
        """With the last page's token and key, unless `fields` has its own key."""
        return self.go_on(self.ask("POST", path, urllib.parse.urlencode({**self.hidden(), **fields})))

    def upload(self, path, name, data):
        edge, parts = "edge-of-a-part", ""
        for k, v in self.hidden().items():
            parts += f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
        parts += f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/pdf\r\n\r\n'
        return self.go_on(self.ask("POST", path, parts.encode() + data + f"\r\n--{edge}--\r\n".encode(),
                                   f"multipart/form-data; boundary={edge}"))

    def sign_in(self, login, password=PASSWORD):
        """Whether that was right; the page behind is shown where redirects are followed."""
        self.page = self.ask("GET", "/zh/sign-in")[2]
        answer = self.ask("POST", "/zh/sign-in", urllib.parse.urlencode({**self.hidden(), "login": login, "password": password}))
        self.go_on(answer)
        return answer[0] == 303
