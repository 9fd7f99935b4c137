"""The door as a stranger finds it, on a real server of a demo city: T31 (forms from elsewhere), T33 (fields of every answer), T34 (rates), T44
(guessing passwords), T48 (sessions). What the route table names is asked of each of its rows, so a new row is asked too.
Usage: door.py [BUILD]. Ends with `N passed, N failed`."""
import http.client, os, re, statistics, sys, time, urllib.parse

sys.dont_write_bytecode = True
if len(sys.argv) > 1:
    os.environ["BUILD"] = sys.argv[1]
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "faults")]
from server import city
from storefault import check, finish
from served import PASSWORD, Browser, Server, tongban

FORM = "application/x-www-form-urlencoded"
ELSEWHERE = "这次提交不是从本网站的页面发出的"
STALE = "页面已过期"
PER_SESSION = 2  # rows asked with one session: what is asked of them stays below its rate and its address's


PROXY = "127.0.0.1"


class Visitor(Browser):
    """From a loopback address of its own, so that its rate is its own; keeps the fields of the last answer."""
    made, more = 0, {}

    def __init__(self, server):
        super().__init__(server, follows=False)
        Visitor.made += 1
        self.address = f"127.0.{Visitor.made // 250 + 1}.{Visitor.made % 250 + 1}"

    def raw(self, method, path, body=None, headers=None, cookies=True):
        c = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20, source_address=(self.address, 0))
        headers = {**self.more, **(headers or {})}
        if cookies and self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        try:
            c.request(method, path, body, headers)
            r = c.getresponse()
            page = r.read().decode(errors="replace")
            self.fields = [(k.lower(), v) for k, v in r.getheaders()]
            for k, v in self.fields:
                if k == "set-cookie":
                    name, value = v.split(";")[0].split("=", 1)
                    self.cookies[name] = value
            return r.status, r.getheader("Location", ""), page
        finally:
            c.close()

    def ask(self, method, path, body=None, kind=FORM):
        return self.raw(method, path, body, {"Content-Type": kind, "Sec-Fetch-Site": "same-origin"} if body is not None else {})

    def claims(self, **fields):
        """Every request says this as well."""
        self.more = {k.replace("_", "-"): v for k, v in fields.items()}
        return self

    def token(self):
        """The token of a page that anybody may see; signed in, of one's own."""
        for page in ("/zh/sign-in", "/zh/sign-out"):
            found = re.search(r'name="_csrf" value="([^"]+)"', self.ask("GET", page)[2])
            if found:
                return found.group(1)
        raise SystemExit("no page with a form")


def by_https(server, address=None):
    """Somebody whose connections the TLS proxy makes for him."""
    me = Visitor(server)
    me.claims(X_Forwarded_For=address or me.address.replace("127.0.", "203.0."), X_Forwarded_Proto="https")
    me.address = PROXY
    return me


def routes():
    code, said, why = tongban("routes")
    if code:
        raise SystemExit(why)
    return [line.split("\t") for line in said.splitlines()]


def filled(path):
    """An address of that form: whether there is such a thing does not matter here."""
    return "/zh" + re.sub(r"\{\w+\}", "1", path)


# ---- T31 ----

def forms_from_elsewhere(server, rows):
    other = Visitor(server)
    theirs = other.token()
    evil = {"Content-Type": FORM, "Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    ours = {"Content-Type": FORM, "Origin": f"http://127.0.0.1:{server.port}", "Sec-Fetch-Site": "same-origin"}
    accepted, barred, asked = [], [], 0
    for i, (_, method, path, _, _) in enumerate(r for r in rows if r[1] == "POST"):
        if i % PER_SESSION == 0:
            me = Visitor(server)
            if not me.sign_in("citizen"):
                raise SystemExit("the citizen cannot sign in")
            mine = me.token()
        to = filled(path)
        for what, headers, token, wants in (
                ("no token", ours, None, STALE), ("a wrong token", ours, mine[:-2] + "AA", STALE), ("another's token", ours, theirs, STALE),
                ("another origin", {**evil, "Sec-Fetch-Site": "none"}, mine, ELSEWHERE), ("no origin to speak of", {**ours, "Origin": "null"}, mine, ELSEWHERE),
                ("another site", {**ours, "Sec-Fetch-Site": "cross-site"}, mine, ELSEWHERE),
                ("a neighbour's site", {**ours, "Sec-Fetch-Site": "same-site"}, mine, ELSEWHERE)):
            status, _, page = me.raw("POST", to, urllib.parse.urlencode({"_csrf": token} if token else {"x": "1"}), headers)
            asked += 1
            if status != 403 or not re.search(wants, page):
                accepted.append((to, what, status, re.sub("<[^>]*>|\\s+", " ", page[page.find("<h1"):])[:200]))
        if path in ("/sign-out", "/sign-in"):
            continue  # would end the session that the next rows need
        status, _, page = me.raw("POST", to, urllib.parse.urlencode({"_csrf": mine}), ours)
        if re.search(STALE, page) or ELSEWHERE in page or status == 429:
            barred.append((to, status))
    check(asked > 150 and not accepted, f"T31: of {asked} forms from elsewhere each is refused {sorted({(a[0], a[2], a[3][:40]) for a in accepted}) or ''}")
    check(not barred, f"T31: control: with the page's own token each goes on {barred[:5] or ''}")
    me = Visitor(server)
    me.raw("OPTIONS", "/zh/sign-in", None, {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"})
    check(not [k for k, _ in me.fields if k.startswith("access-control-")], "T31: no other origin is let in")


# ---- T33 ----

def faults_of(fields, asset, https=True):
    """What an answer's fields lack."""
    have = {}
    for k, v in fields:
        have.setdefault(k, []).append(v)
    wants = {"x-content-type-options": "nosniff", "referrer-policy": "same-origin", "x-frame-options": "DENY",
             "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin"}
    out = [k for k, v in wants.items() if have.get(k) != [v]]
    csp = (have.get("content-security-policy") or [""])[0]
    out += [f"CSP {d}" for d in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'") if d not in csp]
    out += [f"CSP has {d}" for d in ("unsafe-inline", "unsafe-eval", "*") if d in csp]
    cache = (have.get("cache-control") or [""])[0]
    out += [] if (("immutable" in cache) if asset else cache == "no-store") else [f"Cache-Control {cache}"]
    out += [f"cookie {c.split('=')[0]}" for c in have.get("set-cookie", []) if "HttpOnly" not in c or not re.search("SameSite=(Lax|Strict)", c)]
    if https:
        year = re.fullmatch(r"max-age=(\d+); includeSubDomains", (have.get("strict-transport-security") or [""])[0])
        out += [] if year and int(year.group(1)) >= 31536000 else ["strict-transport-security"]
        out += [f"cookie {c.split('=')[0]} of https" for c in have.get("set-cookie", []) if not c.startswith("__Host-") or "; Secure" not in c or "Path=/;" not in c]
    elif "strict-transport-security" in have:
        out.append("strict-transport-security of http")
    return out + [k for k in ("server", "x-powered-by") if k in have]


def fields_of_every_answer(server, rows):
    me = by_https(server)
    check(me.sign_in("citizen"), "T33: somebody signs in through the proxy")
    wrong, asked, statuses = [], 0, set()
    for _, method, path, kind, _ in rows:
        if method != "GET" or kind == "stream":
            continue
        if asked % 100 == 0:  # a session has its rate
            me = by_https(server)
            me.sign_in("citizen")
        status, _, _ = me.raw("GET", filled(path))
        statuses.add(status)
        asked += 1
        wrong += [(path, status, f) for f in faults_of(me.fields, False)]
    me = by_https(server)
    page = me.raw("GET", "/zh/")[2]
    for method, path, body in [("GET", "/zh/none", None), ("DELETE", "/zh/", None), ("GET", "/zh/%zz", None), ("POST", "/zh/sign-in", "x" * 99),
                               ("POST", "/zh/sign-in", "x" * 300000), ("GET", "/" + "a" * 5000, None), ("BREW", "/zh/", None), ("GET", "/", None)]:
        status, _, _ = me.raw(method, path, body, {"Content-Type": FORM} if body else {})
        statuses.add(status)
        asked += 1
        wrong += [(method, path[:20], status, f) for f in faults_of(me.fields, False)]
    assets = sorted(set(re.findall(r'(?:href|src)="(/assets/[^"]+)"', page)))
    for path in assets:
        me.raw("GET", path)
        asked += 1
        wrong += [(path, f) for f in faults_of(me.fields, True)]
    check(asked > 80 and assets and {200, 303, 400, 403, 404, 405, 413, 414, 501} <= statuses, f"T33: {asked} answers of statuses {sorted(statuses)}")
    check(not wrong, f"T33: each has all fields that protect it {wrong[:5] or ''}")
    for lost in ("x-content-type-options", "strict-transport-security"):
        check(faults_of([(k, v) for k, v in me.fields if k != lost], True) == [lost], f"T33: control: {lost} that lacks is found")
    # Who is not the proxy is not believed: neither that he came by https, nor where from.
    liar = Visitor(server).claims(X_Forwarded_Proto="https", X_Forwarded_For="203.0.113.9")
    liar.sign_in("citizen")
    check(not faults_of(liar.fields, False, https=False) and "session" in liar.cookies, f"T33: without the proxy nothing is of https {faults_of(liar.fields, False, https=False)}")
    # A form through the proxy says where it comes from, as browsers do.
    form = {"Content-Type": FORM, "Host": "city.example"}
    origins = {"https://city.example": 303, "http://city.example": 403, "https://evil.example": 403}
    answers = {}
    for origin in origins:
        me = by_https(server)
        me.claims(**me.more, Host="city.example")
        me.sign_in("sign")
        answers[origin] = me.raw("POST", "/zh/sign-out", urllib.parse.urlencode({"_csrf": me.token()}), {**form, "Origin": origin})[0]
    check(answers == origins, f"T31: through the proxy the origin is that of https: {answers}")


# ---- T34, T44 ----

def try_password(me, login, password, **more):
    token = me.token()
    if more:
        me.cookies |= more
    return me.ask("POST", "/zh/sign-in", urllib.parse.urlencode({"_csrf": token, "login": login, "password": password}))


def until_stopped(attempt):
    """After how many attempts one address is told to wait, and whether that is as many as it may have: 20 at once, and since then 10 more
    each minute (rate_classes.h), however slow the machine is."""
    began = time.monotonic()
    for i in range(80):
        if attempt(i) == 429:
            return i, 15 <= i <= 21 + (time.monotonic() - began) * 10 / 60
    return 80, False


def guessing(server):
    answers = [try_password(Visitor(server), "fire", f"wrong-{i}") for i in range(5)]
    check([a[0] for a in answers] == [422] * 5, "T44: five wrong passwords are told as wrong")
    status, _, page = try_password(Visitor(server), "fire", PASSWORD)
    check(status == 429 and "15" in page, f"T44: after five, from wherever, the right one opens nothing: {status}")
    check(try_password(Visitor(server), "sign", PASSWORD)[0] == 303, "T44: another account is not touched")

    me = Visitor(server)
    first, well = until_stopped(lambda i: try_password(me, f"nobody-{i}", "tongban")[0])  # one password for many accounts
    check(well, f"T44: one password for many accounts is stopped after {first} from one address")
    check(dict(me.fields).get("retry-after", "").isdigit(), "T34: told when to come again")
    check(try_password(Visitor(server), "sign", PASSWORD)[0] == 303, "T34: another address is not touched")

    me = Visitor(server)

    def with_made_up_session(i):  # a new one each time: the token is bound to it, so it is a page's own
        me.cookies = {"session": "m" * 32 + f"{i:011d}"}
        return try_password(me, f"nobody-{i}", "tongban")[0]

    first, well = until_stopped(with_made_up_session)
    check(well, f"T44: also with a made-up session for each try: after {first}")

    # Behind the proxy each is himself, by the last address that the proxy wrote; what he wrote before it counts for nothing.
    i = [0]

    def forging(_):
        i[0] += 1
        return try_password(by_https(server, f"198.51.100.{i[0]}, 203.0.113.50"), f"nobody-{i[0]}", "tongban")[0]

    first, well = until_stopped(forging)
    check(well, f"T34: addresses that were made up before the proxy's word change nothing: stopped after {first}")
    check(try_password(by_https(server, "203.0.113.51"), "sign", PASSWORD)[0] == 303, "T34: another behind the same proxy is not touched")

    office = Visitor(server)
    good = 0
    for i in range(30):  # many people of one office
        office.cookies = {}
        good += try_password(office, "sign", PASSWORD)[0] == 303
    check(good == 30, f"T34: people of one office sign in one after the other: {good} of 30")


def told_apart(server):
    """A name that exists and one that does not: the same words, and about the same time."""
    strip = lambda page: re.sub(r'value="[^"]*"|[0-9a-f]{16,}|nobody-\d+|police', "", page)
    spent, pages = {"police": [], "nobody": [], "empty": []}, {}
    for i in range(4):
        for who in spent:
            me = Visitor(server)
            token = me.token()
            login = who if who == "police" else f"nobody-{i}"
            body = urllib.parse.urlencode({"_csrf": token, "login": login, "password": "" if who == "empty" else f"wrong-{i}"})
            began = time.monotonic()
            pages[who] = me.ask("POST", "/zh/sign-in", body)[2]
            spent[who].append(time.monotonic() - began)
    least = {k: min(v) for k, v in spent.items()}
    check(strip(pages["police"]) == strip(pages["nobody"]), "T44: a wrong name and a wrong password read alike")
    check(0.6 < least["nobody"] / least["police"] < 1.67, f"T44: and take alike: {least['police'] * 1000:.0f} and {least['nobody'] * 1000:.0f} ms")
    check(least["empty"] < 0.5 * least["police"], f"T44: control: a try without a hash shows: {least['empty'] * 1000:.1f} ms")


# ---- T48 ----

def sessions(server):
    me = Visitor(server)
    planted = "A" * 43
    me.cookies["session"] = planted
    token = me.token()
    me.ask("POST", "/zh/sign-in", urllib.parse.urlencode({"_csrf": token, "login": "sign", "password": PASSWORD}))
    mine = me.cookies.get("session", "")
    check(mine and mine != planted and len(mine) >= 43, "T48: signing in turns a session that was there before")
    check(me.ask("GET", "/zh/space")[0] == 200, "T48: it opens")
    thief = Visitor(server)
    thief.cookies["session"] = planted
    check(thief.ask("GET", "/zh/space")[0] == 303, "T48: what was planted opens nothing")
    me.ask("POST", "/zh/sign-out", urllib.parse.urlencode({"_csrf": me.token()}))
    thief.cookies["session"] = mine
    check(thief.ask("GET", "/zh/space")[0] == 303, "T48: signed out, the token opens nothing at once")
    a, b = Visitor(server), Visitor(server)
    check(a.sign_in("sign") and b.sign_in("sign") and a.cookies["session"] != b.cookies["session"], "T48: each signing in has a token of its own")
    admin = Visitor(server)
    admin.sign_in("system")
    lock = re.search(r'href="([^"]*/admin/users/)(\d+)[^"]*"(?:(?!</tr>|</li>).)*?\bsign\b', admin.ask("GET", "/zh/admin/users?q=sign")[2], re.S)
    lock = f"{lock[1]}{lock[2]}/lock" if lock else "/none"
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', admin.ask("GET", lock)[2]))
    admin.ask("POST", lock, urllib.parse.urlencode(fields))
    check([v.ask("GET", "/zh/space")[0] for v in (a, b)] == [303, 303], "T48: an account that is locked loses all its sessions at once")


server = Server(city(), "--proxy", PROXY)
server.start()
try:
    rows = routes()
    forms_from_elsewhere(server, rows)
    fields_of_every_answer(server, rows)
    guessing(server)
    told_apart(server)
    sessions(server)
finally:
    server.stop()
finish()
