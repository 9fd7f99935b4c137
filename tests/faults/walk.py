"""What the tests share that go through the whole program as its people do: who may sign in, the route table, and each kind of page that a
person is led to."""
import csv, glob, html, re, urllib.parse
from server import *

OF_SESSION = {"GET": 150, "POST": 45}  # what one session is asked: below its rate (http/rate.c)
FIELD = re.compile(r'<(?:input|select|textarea)\b[^>]*? name="([\w.-]+)"[^>]*>')


class Person(Browser):
    """Signs in anew before the rate of a session is used up, from another address each time."""

    def __init__(self, server, login):
        super().__init__(server, follows=False)
        self.login, self.left = login, {}

    def ready(self, method):
        """Signed in, with something of the rate left."""
        if self.left.get(method, 0) > 0:
            return True
        self.cookies, self.left = {}, dict(OF_SESSION)
        # Codes that were guessed on the way count as passwords do: where the address has none left, some come back within seconds.
        return until(lambda: self.sign_in(self.login), 60, 0.5)

    def send(self, method, path, body=None):
        if not self.ready(method):
            return 0, "", ""
        self.left[method] -= 1
        return self.ask(method, path, body)


def routes():
    """(id, method, path, kind, pattern) of each row."""
    out = []
    for line in tongban("routes")[1].splitlines():
        name, method, path, kind, _ = line.split("\t")
        out.append((name, method, path, kind, re.compile("^/(?:zh|en)" + re.sub(r"\{\w+\}", "[^/]+", path).rstrip("/") + "/?$")))
    return out


def route(table, method, path):
    at = urllib.parse.urlsplit(path).path
    return next((r for r in table if r[1] == method and r[4].match(at)), None)


def people():
    out = []
    for at in sorted(glob.glob(os.path.join(ROOT, "systems", "**", "sample", "accounts.csv"), recursive=True)):
        with open(at, encoding="utf-8") as f:
            out += [row["login"] for row in csv.DictReader(f)]
    return out


def led(who, table, but=()):
    """(row, path, page) of whatever this person is led to, each kind of page once, from the pages without a value in their address."""
    done = set()
    due = ["/zh" + r[2] for r in table if r[1] == "GET" and "{" not in r[2] and r[3] != "stream" and r[2] not in but]
    while due:
        path = due.pop(0)
        r = route(table, "GET", path)
        if not r or r[0] in done:
            continue
        status, _, page = who.send("GET", path)
        if status != 200:
            continue
        done.add(r[0])
        due += [html.unescape(h) for h in re.findall(r'href="(/zh[^"#]*)"', page) if "sign-out" not in h]
        yield r, path, page


def forms(table, path, page):
    """(row, method, where it goes, the form as it stands, names of its fields) of each form of a page."""
    for whole in re.findall(r"<form\b.*?</form>", page, re.S):
        head = whole[: whole.index(">")]
        to = re.search(r' action="([^"]*)"', head)
        to = urllib.parse.urljoin(path, html.unescape(to.group(1))) if to else path
        method = "POST" if 'method="post"' in head else "GET"
        r = route(table, method, to)
        if r:
            yield r, method, to, whole, [n for n in dict.fromkeys(FIELD.findall(whole)) if n != "_csrf"]
