"""The crowd's people: each with cookies, one connection that is kept as a browser keeps it, a stream where the page has one, and a seeded
generator of his own, from which come his choices and how long he reads. They walk the pages by the pages' own links and forms; what they
post is sent again under the same key until it is answered, and what was answered goes into the book."""
import asyncio, html, re, time, urllib.parse
from collections import Counter, defaultdict

FORM = re.compile(r'<form[^>]* method="post"[^>]*>.*?</form>', re.S)
ACTION = re.compile(r' action="([^"]*)"')
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
STREAM = re.compile(r'data-events="([^"]*)" data-after="(\d+)"')
TASK = re.compile(r'href="(/zh/desk/task/\d+)"')
FILE = re.compile(r'href="(/zh/desk/task/\d+/material/\d+)')
ASKED = re.compile(r'<li[^>]*>(?:(?!</li>).)*?href="(/zh/case/\d+/(?:fill/[a-z_-]+|material/[a-z_-]+|check))"'
                   r'(?:(?!</li>).)*</li>', re.S)
NUMBER = re.compile(r"\d{8}-\d{6}-\d")
ID = re.compile(r"/\d+")
PDF = b"%PDF-1.4\n% " + b"floor plan of a small restaurant " * 1500 + b"\n%%EOF\n"  # 50 kB: a page as a telephone takes it
SHOP = {"shop_name": "津样小馆", "district": "120101", "address": "示例路 8 号", "kinds": "1", "manager_name": "样二",
        "manager_id": "99010119900307100X", "manager_phone": "13800000000", "sign_width": "300", "sign_height": "80"}
AGAIN_S, REST_S = 0.25, 25  # before what was not answered is sent again; how long a connection may have rested to be used


class Gone(Exception):
    """The connection ended before there was an answer."""


class Wire(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self):
        self.data, self.waiter, self.open, self.need, self.head = bytearray(), None, True, 0, None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.data += data
        if self.head is None:
            at = self.data.find(b"\r\n\r\n")
            if at < 0:
                return
            self.head = bytes(self.data[:at]).decode("latin-1")
            m = re.search(r"\r\ncontent-length: (\d+)", self.head, re.I)
            self.need = at + 4 + int(m.group(1)) if m else None
            self.start = at + 4
        whole = len(self.data) >= self.need if self.need is not None else self.data.endswith(b"\r\n0\r\n\r\n")
        if whole and self.waiter and not self.waiter.done():
            self.waiter.set_result(None)

    def connection_lost(self, error):
        self.open = False
        if self.waiter and not self.waiter.done():
            self.waiter.set_exception(Gone())

    async def ask(self, request):
        self.data.clear()
        self.head, self.waiter = None, asyncio.get_running_loop().create_future()
        self.transport.write(request)
        await asyncio.wait_for(self.waiter, 60)
        return self.head, bytes(self.data[self.start:])


class Stream(asyncio.Protocol):
    """A page's events while it stands open."""

    def __init__(self, book, request):
        self.book, self.request, self.begun, self.closing = book, request, False, False

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data):
        if not self.begun:
            self.begun = True
            if not data.startswith(b"HTTP/1.1 200"):
                self.book.wrong(f"stream: {data[:20]!r}")
        self.book.events += data.count(b"event: change")

    def connection_lost(self, error):
        if not self.closing and not self.book.down:
            self.book.cut += 1


class Book:
    """What everybody saw: times by page, what was wrong, and each post that was answered as done."""

    def __init__(self, port):
        self.port, self.times, self.errors, self.down = port, defaultdict(list), Counter(), False
        self.done, self.people_done, self.told = Counter(), Counter(), Counter()
        self.again = self.events = self.cut = self.streams = 0
        self.counting = False
        self.ending = asyncio.Event()

    def wrong(self, what):
        if not self.down:
            self.errors[what] += 1

    def did(self, act, thing):
        self.done[act, thing] += 1


class Person:
    def __init__(self, book, n, login, rng, think_s):
        self.book, self.login, self.rng, self.think_s = book, login, rng, think_s
        self.local = f"127.{10 + n // 250}.{n % 250 // 50}.{n % 50 + 1}"
        self.cookies, self.wire, self.stream, self.page, self.url, self.last = {}, None, None, "", "", 0

    async def think(self, times=1.0):
        """Reads; true while the day goes on."""
        if not self.book.ending.is_set():
            try:
                await asyncio.wait_for(self.book.ending.wait(), self.rng.expovariate(1) * self.think_s * times)
            except asyncio.TimeoutError:
                pass
        return not self.book.ending.is_set()

    def head(self, method, path, more=""):
        cookie = f"Cookie: {'; '.join(f'{k}={v}' for k, v in self.cookies.items())}\r\n" if self.cookies else ""
        return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.book.port}\r\n{cookie}{more}\r\n".encode()

    async def connect(self, make):
        return (await asyncio.get_running_loop().create_connection(make, "127.0.0.1", self.book.port, local_addr=(self.local, 0)))[1]

    async def once(self, request):
        if not self.wire or not self.wire.open or time.monotonic() - self.last > REST_S:
            if self.wire:
                self.wire.transport.close()
            self.wire = await self.connect(Wire)
        answer = await self.wire.ask(request)
        self.last = time.monotonic()
        return answer

    async def ask(self, method, path, body=b"", kind=""):
        """(status, where to, page), asked until it is answered."""
        more = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nSec-Fetch-Site: same-origin\r\n" if method == "POST" else ""
        request, name = self.head(method, path, more) + body, f"{method} {ID.sub('/{id}', path.split('?')[0])}"
        while True:
            began, down = time.monotonic(), self.book.down
            rested = self.wire is not None and self.wire.open
            try:
                head, page = await self.once(request)
            except (Gone, OSError, asyncio.TimeoutError) as e:
                self.wire = None
                if not (down or self.book.down) and not rested:  # one that rested may be closed at any time, and is opened again
                    self.book.wrong(f"{name}: {type(e).__name__}")
                self.book.again += 1
                await asyncio.sleep(AGAIN_S if self.book.down or not rested else 0)
                continue
            status = int(head[9:12])
            if self.book.counting and not down and not self.book.down:
                self.book.times[name].append(time.monotonic() - began)
            for k, v in re.findall(r"\r\nset-cookie: ([^=]+)=([^;\r]*)", head, re.I):
                self.cookies[k] = v
            if status == 503:  # told to come again
                self.book.told[name] += 1
                if not (down or self.book.down):
                    self.book.wrong(f"{name}: 503")
                await asyncio.sleep(AGAIN_S)
                continue
            to = re.search(r"\r\nlocation: ([^\r]*)", head, re.I)
            if "\r\ntransfer-encoding: chunked" in head.lower():
                page = b"".join(p for p in re.split(rb"(?:^|\r\n)[0-9a-fA-F]+\r\n", page))
            return status, to.group(1) if to else "", page.decode(errors="replace")

    def leave(self):
        if self.stream:
            self.stream.closing = True
            self.stream.transport.close()
            self.stream = None

    async def open_stream(self):
        m = STREAM.search(self.page)
        if not m:
            return
        path = html.unescape(m.group(1)) + f"&after={m.group(2)}"
        try:
            self.stream = await self.connect(lambda: Stream(self.book, self.head("GET", path)))
            self.book.streams += 1
        except OSError as e:
            self.book.wrong(f"stream: {type(e).__name__}")

    async def go_on(self, answer, expect=(200,)):
        self.leave()
        for _ in range(10):
            if answer[0] != 303:
                break
            self.url = urllib.parse.urljoin(self.url, html.unescape(answer[1]))
            answer = await self.ask("GET", self.url)
        self.page = answer[2]
        if answer[0] not in expect:
            self.book.wrong(f"{ID.sub('/{id}', self.url)}: {answer[0]} {title(self.page)}")
        elif answer[0] == 200:
            await self.open_stream()
        return answer[0]

    async def get(self, path, expect=(200,)):
        self.url = path
        return await self.go_on(await self.ask("GET", path), expect)

    async def send(self, act, thing, form, /, expect=(200,), file=None, **fields):
        """Posts a form of this page; whether it was done."""
        to = ACTION.search(form)
        self.url = html.unescape(to.group(1)) if to else self.url
        fields = {**dict(HIDDEN.findall(form)), **fields}
        if file:
            edge, parts = "edge-of-a-part", ""
            for k, v in fields.items():
                parts += f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
            parts += f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="plan.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
            body, kind = parts.encode() + file + f"\r\n--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"
            answer = await self.ask("POST", self.url, body, kind)
        else:
            answer = await self.ask("POST", self.url, urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded")
        done = answer[0] == 303
        if done and act:
            self.book.did(act, thing)
        await self.go_on(answer, expect)
        return done

    def form(self, word=""):
        """The first form of the page's own that holds a word."""
        return next((f for f in FORM.findall(self.page, self.page.find("<main")) if word in f), None)

    async def sign_in(self, password):
        await self.get("/zh/sign-in")
        form = self.form("password")
        if not form or not await self.send(None, 0, form, login=self.login, password=password) or "session" not in self.cookies:
            self.book.wrong(f"{self.login} cannot sign in: {title(self.page)}")

    def close(self):
        self.leave()
        if self.wire:
            self.wire.transport.close()


def title(page):
    m = re.search(r"<title>([^<]*)", page)
    return m.group(1) if m else page[:60]


def answers(form, known):
    """What of `known` this form asks."""
    return {k: v for k, v in known.items() if f'name="{k}"' in form}


class Applicant(Person):
    item, words = "residence-proof", "居住证明"

    def known(self):
        return {"purpose": str(self.rng.randint(1, 3)), "decision": "agree"}

    async def begin(self):
        pass

    async def live(self):
        await self.think()  # nobody comes at the stroke of the clock
        while not self.book.ending.is_set():
            if await self.apply():
                await self.look_back()
            await self.think(2)

    async def apply(self):
        """From the search to the receipt; whether it came so far."""
        for path in ("/zh/", f"/zh/search?q={urllib.parse.quote(self.words)}", f"/zh/guide/{self.item}", f"/zh/apply/{self.item}"):
            await self.get(path)
            if not await self.think():
                return False
        form = self.form("button")
        if not form or not await self.send(None, 0, form):
            self.book.wrong(f"no draft: {title(self.page)}")
            return False
        known, case = self.known(), int(re.search(r"/case/(\d+)", self.url).group(1))
        for _ in range(40):
            if not await self.think():
                return False
            if self.url.endswith("/done"):
                self.book.people_done["submitted"] += 1
                return case
            if not await self.step(case, known):
                return False
        self.book.wrong("no end after 40 pages")
        return False

    async def step(self, case, known):
        form, what = self.form("button"), self.url.split("?")[0].rsplit("/", 2)
        if not form and not self.url.split("?")[0].endswith("/fill") and not ASKED.search(self.page):
            self.book.wrong(f"no form: {title(self.page)}")
            return False
        if what[2] == "consent":
            return await self.send("case.consent", case, form, **answers(form, known), act="go")
        if what[2] == "check":
            return await self.send("case.submit", case, form, declared="yes")
        if what[1] == "fill":
            return await self.send("case.draft", case, form, **answers(form, known), act="go")
        if what[1] == "material" and 'type="file"' in (form or ""):
            return await self.send("file", case, form, file=PDF)
        left = [a for m in ASKED.finditer(self.page) for a in [m.group(1)] if not re.search("已完成|已上传", m.group(0))]
        if not left:
            self.book.wrong(f"no way on: {title(self.page)}")
            return False
        await self.get(left[0])
        return True

    async def look_back(self):
        case = re.search(r"/case/(\d+)", self.url).group(1)
        for path in (f"/zh/case/{case}", "/zh/space/cases", "/zh/space/messages", "/zh/space"):
            await self.get(path)
            if not await self.think(3 if path.startswith("/zh/case") else 1):
                return


class Company(Applicant):
    item, words = "restaurant", "餐馆"

    def known(self):
        yes = lambda: "yes" if self.rng.random() < 0.5 else "no"
        return {**SHOP, "area": str(self.rng.choice((60, 120, 260))), "uses_gas": yes(), "outdoor_sign": yes(), "decision": "agree"}

    async def begin(self):
        await self.get("/zh/identity")
        form = self.form("for-")
        other = [v for v in re.findall(r'name="for" value="(\d+)"', form or "") if v != "0"]
        if not other or not await self.send(None, 0, form, **{"for": other[0], "act": "go"}):
            self.book.wrong(f"{self.login} stands for nobody")


class Officer(Person):
    moves = ("approve", "accept", "pass")

    async def begin(self):
        pass

    async def live(self):
        await self.think()
        while not self.book.ending.is_set():
            await self.get(self.rng.choice(("/zh/desk", "/zh/desk", "/zh/desk?sort=received&order=desc", "/zh/desk/mine")))
            if not await self.think():
                return
            tasks = list(dict.fromkeys(TASK.findall(self.page)))
            if tasks:
                await self.work(self.rng.choice(tasks))
            elif self.rng.random() < 0.2:
                await self.get("/zh/desk/done")
                await self.think()

    async def work(self, task):
        gone = (200, 404, 409)  # a colleague was quicker
        if await self.get(task, gone) != 200 or not await self.think():
            return
        for path in FILE.findall(self.page)[:1]:
            status, _, body = await self.ask("GET", path)
            if status != 200:
                self.book.wrong(f"a material: {status}")
        form, number = self.form("/claim"), int(task.rsplit("/", 1)[1])
        if form:
            await self.send("task.claim", number, form, gone)
            if await self.get(task, gone) != 200 or not await self.think():
                return
        form = self.form('name="move"')
        move = next((m for m in self.moves if form and f'value="{m}"' in form), None)
        if not move:
            self.book.people_done["a colleague had it"] += 1
            return
        if await self.send("task.complete", number, form, gone, move=move, **answers(form, {"opinion": "", "basis": ""})):
            self.book.people_done["decided"] += 1
        await self.think()
