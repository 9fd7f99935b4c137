"""T29: what people send never becomes part of a statement. Every part of every address, every name of every query and every field of every
form that the pages of the demo city show to anybody are sent with a marker, plain (as a check of words lets through) and with quotes; a
library between the program and SQLite writes down the text of each statement: none may hold the marker, and no answer may be our fault.
By the compiler: a statement's text is made of literals (STORE_STMT)."""
import sys
from walk import *
from storefault import BUILD, finish

MARK = "zq7x"
WORDS = FORMS = (MARK, f"{MARK}' OR '1'='1")
NOT_SENT = {"/sign-out", "/sign-in"}   # would end the session; /sign-in is asked by itself
LAST = "/admin/upkeep"                 # may shut the others out


class Attack:
    def __init__(self, server):
        self.server, self.routes, self.sent, self.ours = server, routes(), 0, []
        self.seen, self.asked = {"GET": set(), "POST": set()}, set()  # routes that were attacked; (method, route, name)

    def shoot(self, who, method, r, path, body=None):
        status = who.send(method, path, body)[0]
        self.sent += 1
        self.seen[method].add(r[0] + r[2])
        if status == 500 or status == 0:
            self.ours.append((who.login, method, path[:80], (body or "")[:80], status))
        return status

    def once(self, method, r, name):
        new = (method, r[0], name) not in self.asked
        self.asked.add((method, r[0], name))
        return new

    def address(self, who, r, path):
        """Each part of the address that is a value, then each name of its query and a few that any list knows."""
        url, parts = urllib.parse.urlsplit(path), r[2].split("/")
        have = url.path.split("/")[1:]
        for i, part in enumerate(parts):
            if not part.startswith("{") or not self.once("GET", r, part):
                continue
            for word in WORDS:
                self.shoot(who, "GET", r, "/" + "/".join(have[:i] + [urllib.parse.quote(word, safe="")] + have[i + 1 :]))
        names = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        for name in list(names) + ["q", "sort", "order", "after", "before", "page", "back", "lang"]:
            if self.once("GET", r, name):
                for word in WORDS:
                    self.shoot(who, "GET", r, url.path + "?" + urllib.parse.urlencode({**names, name: word}))

    def forms(self, who, path, page):
        for r, method, to, whole, names in forms(self.routes, path, page):
            if r[2] in NOT_SENT:
                continue
            for name in names:
                for word in FORMS if self.once(method, r, name) else ():
                    self.field(who, method, r, to, path, name, word, names)

    def field(self, who, method, r, to, path, name, word, names):
        url = urllib.parse.urlsplit(to)
        if method == "GET":
            return self.shoot(who, "GET", r, url.path + "?" + urllib.parse.urlencode({name: word}))
        if who.left.get("POST", 0) <= 0:
            who.left = {}
        fresh = who.send("GET", path)[2]  # its token is the session's
        values = dict(re.findall(r'<input type="hidden" name="([\w.-]+)" value="([^"]*)"', fresh))
        token = re.search(r'name="_csrf" value="([^"]+)"', fresh)
        if not token:
            return None
        body = {**{n: values.get(n, "1") for n in names}, "_csrf": token.group(1), name: word}
        return self.shoot(who, "POST", r, to, urllib.parse.urlencode(body))

    def walk(self, login):
        who = Person(self.server, login)
        for r, path, page in led(who, self.routes, but=(LAST,)):
            self.address(who, r, path)
            self.forms(who, path, page)
        return who

    def rest(self, logins):
        """Rows that no page of the demo city leads to: their address with the marker in each place, and, where they take a form, every name
        that any form has."""
        names = sorted({n for m, _, n in self.asked if m == "POST"} - {"_key"})
        left = [r for r in self.routes if r[3] != "stream" and r[2] not in NOT_SENT and r[0] + r[2] not in self.seen[r[1]]]
        for who in (Person(self.server, login) for login in logins):
            for r in left:
                path = "/zh" + re.sub(r"\{\w+\}", urllib.parse.quote(FORMS[-1], safe=""), r[2])
                if r[1] == "GET":
                    self.shoot(who, "GET", r, path)
                    continue
                if who.left.get("POST", 0) <= 0:
                    who.left = {}
                token = re.search(r'name="_csrf" value="([^"]+)"', who.send("GET", "/zh/sign-out")[2])
                for word in FORMS:
                    self.shoot(who, "POST", r, path.replace(FORMS[-1], word), urllib.parse.urlencode({**dict.fromkeys(names, word), "_csrf": token.group(1)}))


def control(trace):
    """A program that builds its statement from what came is seen."""
    code = f"import sqlite3; sqlite3.connect(':memory:').execute(\"SELECT '\" + {MARK!r} + \"'\")"
    env = dict(os.environ, LD_PRELOAD=os.path.join(BUILD, "sql_shim.so") + ":libsqlite3.so.0", SQL_TRACE=trace)
    subprocess.run([sys.executable, "-c", code], env=env, check=True)


def texts(trace):
    with open(trace, encoding="utf-8", errors="replace") as f:
        return f.read()


data = city()
trace = data + ".sql"
server = Server(data, "--single", env=dict(os.environ, LD_PRELOAD=os.path.join(BUILD, "sql_shim.so"), SQL_TRACE=trace))
server.start()
try:
    attack = Attack(server)
    for login in people():
        last = attack.walk(login)
        if login == "system":
            system = last
    led = {m: len(attack.seen[m]) for m in ("GET", "POST")}
    attack.rest(("citizen", "window", "food", "population", "system"))
    attack.forms(system, "/zh" + LAST, system.send("GET", "/zh" + LAST)[2])
    stranger = Browser(server, follows=False)
    stranger.page = stranger.ask("GET", "/zh/sign-in")[2]
    for word in FORMS:
        stranger.ask("POST", "/zh/sign-in", urllib.parse.urlencode({**stranger.hidden(), "login": word, "password": word}))
    alive = server.process.poll() is None
finally:
    server.stop()
want = {m: {r[0] + r[2] for r in attack.routes if r[1] == m and r[3] != "stream" and r[2] not in NOT_SENT} for m in led}
missed = sorted(r for m in led for r in want[m] - attack.seen[m])
print(f"{attack.sent} requests, {len(attack.asked)} names; pages lead to GET {led['GET']} of {len(want['GET'])}, POST {led['POST']} of {len(want['POST'])}")
said = texts(trace)
check(attack.sent > 1000 and led["GET"] > 80 and led["POST"] > 25 and not missed, f"T29: every row of the route table was asked {missed[:5] or ''}")
check(said.count("\n") > 300, f"T29: {said.count(chr(10))} statements were prepared and seen")
found = [line for line in said.splitlines() if MARK in line]
check(not found, f"T29: none holds what was sent {found[:2] or ''}")
check(not attack.ours and alive, f"T29: no answer is our own fault {attack.ours[:5] or ''}")
control(trace)
check(MARK in texts(trace), "T29: control: a statement that is built from what came is seen")
finish()
