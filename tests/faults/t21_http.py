"""T21: what our server understands of a connection's bytes, and what others do: http.server and urllib of Python, node's llhttp, URL and formData. Inputs are
made from a seed: well formed, then often with something wrong; behind each stands a request that a smuggler would like to have answered.
Three things are asked. What we understand, each of the others that understands it at all understands the same. What we refuse or take is what a fourth
reader, written here from RFC 9110 and 9112, refuses or takes: nothing ambiguous is taken, nothing that is well formed is refused. And what we take and others refuse is named
in a list, with its reason. Forms (multipart and urlencoded) are compared alike; where they are refused only that is asked.
Usage: t21_http.py [INPUTS]: how many of each (default 6000)."""
import email.message, email.parser, email.policy, http.cookies, http.server, io, json, os, random, re, socket, struct, subprocess, sys, urllib.parse
from storefault import BUILD, check, finish
from inputs import harm

INPUTS = int(sys.argv[1]) if len(sys.argv) > 1 else 6000
HERE = os.path.dirname(os.path.abspath(__file__))
METHODS = {"1": "GET", "2": "HEAD", "4": "POST", "8": "PUT", "16": "DELETE"}
BODY, HEAD, FIELDS, URL = 65536, 8192, 100, 4096  # limits of http_say.c and http/limits.h
NEXT = b"GET /next HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"


# ---- ours ----

class Ours:
    def __init__(self):
        self.process = subprocess.Popen([os.path.join(BUILD, "fault-http_say")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        return self.process.wait(20)

    def talk(self, data, waits, replies):
        """All that comes back. The server waits for the rest of what is not whole: our side is closed once `replies` came."""
        out = b""
        with socket.create_connection(("127.0.0.1", self.port), 20) as s:
            try:
                s.sendall(data)
                while waits and out.count(b"HTTP/1.1 200") < replies:
                    if not (got := s.recv(65536)):
                        return out
                    out += got
                if waits:
                    s.shutdown(socket.SHUT_WR)
                while got := s.recv(65536):
                    out += got
            except ConnectionError:
                pass
            except TimeoutError:
                return out + b"(waits)"
        return out


def said(out):
    """[{what was understood}], the status of a refusal behind it (None: there is none, 0: cut without a word)."""
    found, refused = [], None
    while out:
        if out.startswith(b"HTTP/1.1 100 "):  # go on: an answer without fields
            out = out[out.index(b"\r\n\r\n") + 4:]
            continue
        m = re.match(rb"HTTP/1\.1 (\d{3}) [^\r]*\r\n(.*?)\r\n\r\n", out, re.S)
        if not m:
            return found, refused if refused is not None else out
        length = re.search(rb"content-length: (\d+)", m.group(2), re.I)
        length = int(length.group(1)) if length else 0
        if m.group(1) != b"200":
            return found, int(m.group(1))
        r = {"headers": [], "query": [], "form": [], "cookies": [], "uploads": []}
        for line in out[m.end():m.end() + length].decode().splitlines():
            k, *v = line.split(" ")
            v = [bytes.fromhex(x) for x in v] if k != "m" else v
            if k == "m":
                r["method"] = METHODS[v[0]]
            elif k in "pb":
                r["path" if k == "p" else "body"] = v[0]
            else:
                r[{"h": "headers", "q": "query", "f": "form", "c": "cookies", "u": "uploads"}[k]].append(tuple(v))
        found.append(r)
        out = out[m.end() + length:]
        if r["method"] == "HEAD":
            raise SystemExit("HEAD is not asked here: its answer has no body")
    return found, refused


# ---- the fourth reader ----

TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
LINE = re.compile(rb"(" + TOKEN + rb") ([^\x00-\x20\x7f]+) (HTTP/[0-9]\.[0-9])\r\n")
FIELD = re.compile(rb"(" + TOKEN + rb"):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*\r\n")
HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::[0-9]{1,5})?")


def clean(b):
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", b):
        return None
    try:
        b.decode()
    except UnicodeDecodeError:
        return None
    return b


def undone(b, plus):
    if re.search(rb"%(?![0-9A-Fa-f]{2})", b):
        return None
    return urllib.parse.unquote_to_bytes(b.replace(b"+", b" ") if plus else b)


def pairs(b):
    out = []
    for piece in b.split(b"&"):
        if piece:
            name, _, value = piece.partition(b"=")
            name, value = undone(name, True), undone(value, True)
            if name is None or value is None:
                return None
            out.append((name, value))
    return out


def target(t, host):
    """(path, query) or None."""
    if re.search(rb"[^\x21-\x7e]|#", t):
        return None
    if not t.startswith(b"/"):
        m = re.fullmatch(rb"(?i:https?)://([^/?]*)(/.*)", t)
        if not m or m.group(1).lower() != host.lower():
            return None
        t = m.group(2)
    raw, mark, query = t.partition(b"?")
    path = undone(raw, False)
    if path is None or b"\\" in raw or re.search(rb"%(?:2f|5c|[01].|7f)", raw, re.I) or clean(path) is None or b"//" in path:
        return None
    parts = path[1:].split(b"/")
    if {b".", b".."} & set(parts) or len(parts) > 64:
        return None
    query = pairs(query)
    if query is None or not all(clean(n) is not None and clean(v) is not None for n, v in query):
        return None
    return path, query


def strict(data):
    """([request], how it ends: "closed", "refused", "waits" for more)."""
    found = []
    while True:
        data = re.sub(rb"^(?:\r?\n)+", b"", data)  # empty lines before a request are nobody's (RFC 9112 section 2.2); node skips these alike
        if not data:
            return found, "waits"
        whole = re.match(rb".*?\r\n\r\n", data, re.S)
        m = LINE.match(data)
        if not m:
            return found, "refused" if whole or b"\n" in data else "waits"
        method, t, version, at, fields = *m.groups(), m.end(), []
        while (f := FIELD.match(data, at)) and not data.startswith(b"\r\n", at):
            fields.append((f.group(1), f.group(2)))
            at = f.end()
        if not data.startswith(b"\r\n", at):
            return found, "refused" if b"\n" in data[at:] else "waits"
        at += 2
        of = lambda name: [v for n, v in fields if n.lower() == name]
        hosts, lengths = of(b"host"), of(b"content-length")
        fine = len(t) <= URL and at <= HEAD and len(fields) <= FIELDS and version in (b"HTTP/1.0", b"HTTP/1.1") and method.decode() in METHODS.values()
        fine = fine and len(hosts) <= 1 and (hosts or version == b"HTTP/1.0") and all(HOST.fullmatch(h) and len(h) <= 255 for h in hosts)
        fine = fine and not re.search(rb"\ncontent-length:[ \t]*\d+[ \t]+\r", data[:at], re.I)  # libmicrohttpd takes no blank there, which a client may send and none does
        fine = fine and len(lengths) <= 1 and all(re.fullmatch(rb"[0-9]+", n) and int(n) <= BODY for n in lengths) and not of(b"transfer-encoding")
        fine = fine and all(e.lower() == b"100-continue" for e in of(b"expect")) and not of(b"content-encoding")
        fine = fine and (not of(b"expect") or any(int(n) for n in lengths))
        where = target(t, hosts[0] if hosts else b"") if fine else None
        if not where:
            return found, "refused"
        n = int(lengths[0]) if lengths else 0
        body, data = data[at:at + n], data[at + n:]
        if len(body) < n:
            return found, "waits"
        r = {"method": method.decode(), "path": where[0], "query": where[1], "headers": fields, "body": body, "form": []}
        kind = (of(b"content-type") or [b""])[0].split(b";")[0].strip(b" \t").lower()
        if n and kind == b"application/x-www-form-urlencoded":
            r["form"], r["body"] = pairs(body), b""
            if r["form"] is None or any(clean(name) is None for name, _ in r["form"]):
                return found, "refused"
            r["form"] = [(name, v if clean(v) is not None else None) for name, v in r["form"]]  # what is marked is told at its field
        found.append(r)
        tokens = {x.strip(b" \t").lower() for c in of(b"connection") for x in c.split(b",")}
        if b"close" in tokens or (version == b"HTTP/1.0" and b"keep-alive" not in tokens):
            return found, "closed"


def same(ours, other):
    marked = [(n, v if w is not None else None) for (n, v), (_, w) in zip(ours["form"], other["form"])]
    return all(ours[k] == other[k] for k in ("method", "path", "query", "body")) and ours["headers"] == other["headers"] and \
        len(ours["form"]) == len(other["form"]) and marked == other["form"]


# ---- others ----

class Python(http.server.BaseHTTPRequestHandler):
    """http.server's reader over bytes."""

    def __init__(self, data):
        self.rfile, self.wfile, self.found, self.wrong = io.BytesIO(data), io.BytesIO(), [], None
        self.client_address, self.requestline, self.request_version, self.command = ("", 0), "", "", ""
        self.close_connection = False
        while not self.close_connection and self.wrong is None:
            self.close_connection = True
            self.raw_requestline = self.rfile.readline(65537)
            if self.raw_requestline in (b"\r\n", b"\n"):
                self.close_connection = False
                continue
            if not self.raw_requestline or not self.parse_request():
                break
            try:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            except ValueError:
                break
            url = urllib.parse.urlsplit(self.path)
            headers = [(k.encode("latin1"), v.encode("latin1").strip(b" \t")) for k, v in self.headers.raw_items()]
            self.found.append({"method": self.command, "path": urllib.parse.unquote_to_bytes(url.path), "headers": headers, "body": body,
                               "query": [(n.encode(), v.encode()) for n, v in urllib.parse.parse_qsl(url.query, keep_blank_values=True)]})

    def send_error(self, code, message=None, explain=None):
        self.wrong = code

    def log_message(self, *args):
        pass

    protocol_version = "HTTP/1.1"
    handle_expect_100 = lambda self: True


def node(kind, inputs):
    asked = b"".join(kind + struct.pack("<I", len(i)) + i for i in inputs)
    out = subprocess.run(["node", "--no-warnings", os.path.join(HERE, "http_peer.mjs")], input=asked, capture_output=True)
    if out.returncode:
        raise SystemExit(out.stderr.decode()[-2000:])
    return [json.loads(line) for line in out.stdout.splitlines()]


def bare(text):
    return text.encode("latin1")


def as_ours(r):
    return {"method": r["method"], "path": None if r["path"] is None else bare(r["path"]), "query": [(bare(a), bare(b)) for a, b in r.get("query", [])],
            "headers": [(bare(a), bare(b).strip(b" \t")) for a, b in zip(r["headers"][::2], r["headers"][1::2])], "body": bare(r["body"])}


# What we take and another refuses or reads otherwise, with the reason.
def explained(r, version_0):
    """The reasons that hold for a request that we took."""
    out = []
    upgrade = [v for n, v in r["headers"] if n.lower() == b"upgrade"]
    if upgrade:
        out.append("an upgrade ends node's reading; we never upgrade")
    if version_0:
        out.append("HTTP/1.0 with keep-alive: others close")
    return out


# ---- inputs ----

WORDS = [b"\r\n", b"\n", b"\r", b"\0", b":", b" ", b"\t", b"%", b"%00", b"%2e", b"%2f", b"%5c", b"..", b"/", b"//", b"?", b"#", b"&", b"=", b"+", b";", b"@", b"\xff",
         b"\xe4\xb8\xad", b"%E4%B8%AD", b"%c0%af", b"Host: b.example\r\n", b"Content-Length: 0\r\n", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n",
         b"\r\n ", b" :", b",", b"0", b"1", b"-", b"GET", b"HTTP/1.0", b"HTTP/1.1", b"\x0b", b"\x85", b"\"", b"<", b"|", b"http://a.example", b"[::1]", b":80", b"Expect: 100-continue\r\n",
         b"Connection: keep-alive\r\n", b"\r\n\r\n", b"5\r\nhello\r\n0\r\n\r\n"]
PATHS = [b"/", b"/a", b"/a/b.c", b"/%E4%B8%AD/x", b"/a%20b", b"/~u/-._!$&'()*+,;=:@", b"/zh/case/17", b"http://a.example/a", b"/a;b=c", b"/%2521"]
QUERIES = [b"", b"", b"?", b"?a=1", b"?a=1&b=%E4%B8%AD+x&a=2", b"?x", b"?a=&=b&&c", b"?q=%2F%3F%26", b"?a=b=c", b"?a=b;c=d"]
MORE = [b"Accept: */*", b"Cookie: a=b; c=d", b"X-A:  padded \t", b"X-Empty:", b"Accept-Language: zh, en;q=0.5", b"x-!#$%&'*+.^_`|~: 1", b"X-High: \xe4\xb8\xad", b"Content-Type: text/plain",
        b"Connection: keep-alive", b"Expect: 100-continue"]
BODIES = [(b"application/x-www-form-urlencoded", b"a=1&b=%E4%B8%AD&a=+%2B"), (b"application/x-www-form-urlencoded; charset=utf-8", b"x=%ff&y"), (b"application/octet-stream", b"GET / HTTP/1.1\r\n\r\n"),
          (b"text/plain", b"hello")]


def request(rng):
    method, more = rng.choice([b"GET", b"GET", b"POST", b"PUT", b"DELETE"]), rng.sample(MORE, rng.randrange(4))
    body = b""
    if method in (b"POST", b"PUT"):
        kind, body = rng.choice(BODIES)
        more = [m for m in more if not m.startswith(b"Content-Type")] + [b"Content-Type: " + kind, b"Content-Length: %d" % len(body)]
    else:
        more = [m for m in more if not m.startswith(b"Expect")]
    rng.shuffle(more)
    fields = [b"Host: a.example", *more] if rng.random() < 0.8 else [*more, rng.choice([b"HOST: a.example", b"host:a.example:8080", b"Host: [::1]:80"])]
    line = method + b" " + rng.choice(PATHS) + rng.choice(QUERIES) + b" HTTP/1." + (b"1" if rng.random() < 0.95 else b"0")
    return b"\r\n".join([line, *fields, b"", b""]) + body


def differences(data, ours, theirs, python):
    """What is wrong with our reading of the data."""
    (found, refused), (want, end) = ours, strict(data)
    if len(found) != len(want) or not all(map(same, found, want)):
        return f"the strict reader understands {len(want)} requests, we {len(found)}" if len(found) != len(want) else "the strict reader understands otherwise"
    if refused is not None and end != "refused":  # what is refused may also be cut without a word
        return f"the strict reader: {end}; we: {refused}"
    out = []
    for name, they, wrong in (("node", [as_ours(r) for r in theirs["found"]], theirs["wrong"]), ("python", python.found, python.wrong)):
        for i, r in enumerate(found):
            why = [w for k in range(i + 1) for w in explained(found[k], b"HTTP/1.0" in data)]
            if why:
                break
            if i >= len(they):
                out.append(f"{name} does not understand request {i}: {wrong}")
                break
            if any(r[k] != they[i][k] for k in ("method", "path", "query", "headers")) or (r["body"] or b"") != (they[i]["body"] if not r["form"] else b""):
                out.append(f"{name} understands request {i} otherwise: {they[i]}"[:300])
                break
    return "; ".join(out)


def connections(server):
    rng, inputs = random.Random(2101), []
    for i in range(INPUTS):
        data = request(rng) + NEXT
        inputs.append(harm(rng, data, WORDS) if i % 4 else data)
    theirs = node(b"R", inputs)
    bad, good, refused, statuses, lenient = [], 0, 0, {}, 0
    for i, (data, they) in enumerate(zip(inputs, theirs)):
        want, end = strict(data)
        ours, python = said(server.talk(data, end != "closed", len(want))), Python(data)
        good += bool(ours[0])
        refused += ours[1] is not None
        statuses[ours[1]] = statuses.get(ours[1], 0) + 1
        why = differences(data, ours, they, python)
        if why:
            bad.append((data, why))
        if i < 2000:  # the control: a reader that takes what is ambiguous
            as_said = [{**r, "form": []} for r in python.found]
            lenient += bool(differences(data, (as_said, None if python.wrong is None else 400), they, python)) and len(as_said) > len(want)
    print(f"connections: {INPUTS} inputs, in {good} something was understood, {refused} refused {dict(sorted(statuses.items(), key=str))}")
    for data, why in bad[:8]:
        print("   ", data[:160], "->", why[:300])
    check(good > INPUTS * 0.4 and refused > INPUTS * 0.3, "T21: HTTP: both kinds of answers")
    check(not bad, f"T21: HTTP: {len(bad)} unexplained differences")
    check(lenient > 50, f"T21: HTTP: control: a reader that takes bare line feeds and folded fields differs {lenient} times")


# ---- forms ----

def multipart(rng):
    out, parts = b"", []
    for _ in range(rng.randrange(1, 5)):
        name = rng.choice([b"a", b"b", "名".encode(), b"x y"])
        value = rng.choice([b"", b"1", b"a\r\nb", "中文".encode(), b"x--edge", b"\r\n--edg", b"--", b"\r\r\n"])
        head, file = b'form-data; name="' + name + b'"', None
        if rng.random() < 0.4:
            file = rng.choice([b"a.pdf", "材料.pdf".encode(), b"a b;c.pdf"])
            head += b'; filename="' + file + b'"\r\nContent-Type: application/pdf'
        out += b"--edge\r\nContent-Disposition: " + head + b"\r\n\r\n" + value + b"\r\n"
        parts.append((name, value) if file is None else (name, file, value))
    return out + b"--edge--\r\n", parts


def of_python(body):
    """The parts as Python's reader of mail understands them, or None."""
    m = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(b"Content-Type: multipart/form-data; boundary=edge\r\n\r\n" + body)
    if not m.is_multipart() or m.defects:
        return None
    return [p.get_payload(decode=True) for p in m.get_payload()]


PART_WORDS = [b"\r\n", b"\n", b"\r", b"--edge", b"\r\n--edge\r\n", b"--", b'"', b";", b"name=", b'filename="x"', b"\\", b"\0", b"\xff", b": ", b"Content-Disposition: form-data", b"\r\n\r\n", b"Content-Transfer-Encoding: base64\r\n"]


def ambiguous(body):
    """What others may take for a boundary and we do not: its text, or most of it, elsewhere than behind a line end of ours (RFC 2046 section 5.1.1)."""
    return len(re.findall(rb"edg", body)) != len(re.findall(rb"(?:^|\r\n)--edge(?:\r\n|--)", body))


def forms(server):
    rng, inputs, wants = random.Random(2102), [], []
    for i in range(INPUTS // 3):
        body, parts = multipart(rng)
        wants.append(None if i % 3 else parts)
        inputs.append(harm(rng, body, PART_WORDS) if i % 3 else body)
    theirs = node(b"F", [b"multipart/form-data; boundary=edge\n" + i for i in inputs])
    bad, taken, refused = [], 0, 0
    for body, want, they in zip(inputs, wants, theirs):
        data = b"POST /f HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=edge\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        found, no = said(server.talk(data, False, 0))
        if not found:
            refused += 1
            if want is not None or no != 400:
                bad.append((body, f"refused with {no}"))
            continue
        taken += 1
        ours = sorted(found[0]["form"] + found[0]["uploads"])
        marked = any("\ufffd".encode() in v for _, v in found[0]["form"])
        if want is not None and ours != sorted(p for p in want if p[1:] != (b"", b"")):
            bad.append((body, f"well formed, but read as {ours}"))
        node_parts = None if they["parts"] is None else sorted(tuple(map(bare, p)) for p in they["parts"])
        if node_parts is not None and node_parts != ours and not marked:
            bad.append((body, f"node reads {node_parts}, we {ours}"))
        elif node_parts is None and not ambiguous(body):
            bad.append((body, f"node refuses, we read {ours}"))
        values = of_python(body)
        if values is not None and sorted(values) != sorted(p[-1] for p in ours) and not marked and not ambiguous(body):
            bad.append((body, f"python reads {values}, we {ours}"))
    print(f"forms: {len(inputs)} bodies, {taken} taken, {refused} refused")
    for body, why in bad[:8]:
        print("   ", body[:300], "->", why[:300])
    check(taken > len(inputs) * 0.3 and refused > len(inputs) * 0.15, "T21: multipart: both kinds of answers")
    check(not bad, f"T21: multipart: {len(bad)} unexplained differences")


def cookies(server):
    rng, bad, n = random.Random(2103), [], INPUTS // 10
    values = ["", "x", "a-b_c.d", "0" * 43, "eyJ~!#$%&'()*+-./:<=>?@[]^_`{|}"]
    for _ in range(n):
        have = [(rng.choice(["a", "b", "session", "__Host-s", "x.y"]), rng.choice(values)) for _ in range(rng.randrange(1, 5))]
        line = "; ".join(f"{k}={v}" for k, v in have)
        found, _ = said(server.talk(b"GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nCookie: " + line.encode() + b"\r\n\r\n", False, 0))
        ours = [(k.decode(), v.decode()) for k, v in found[0]["cookies"]]
        theirs = {k: m.value for k, m in http.cookies.SimpleCookie(line).items()}
        if ours != have or {k: v for k, v in ours} != theirs:  # of two of one name Python has the last; we read the first (http/cookie.h)
            bad.append((line, ours, theirs))
    check(not bad, f"T21: {n} lines of cookies are read as Python reads them {bad[:2] or ''}")


server = Ours()
try:
    connections(server)
    forms(server)
    cookies(server)
finally:
    ended = server.stop()
check(ended == 0, "T21: the server ended as it should")
finish()
