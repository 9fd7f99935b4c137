"""T24: clients that are slow on purpose, a thousand at a time: headers that drip, bodies that drip, answers that nobody reads. Others are
answered all the while; each slow one is closed in its time (headers within ten seconds, a body or an answer that moves less than 500 bytes a
second likewise), and gets at most one answer."""
import http.client, os, select, socket, sys, threading, time
from server import *
from storefault import finish

MANY, DEAF, HEADER_S, BYTES_S, SLACK_S = 1000, 50, 10, 500, 3


class Other(threading.Thread):
    """Somebody with ordinary business, all the while."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.ending, self.times, self.wrong = server, False, [], []

    def run(self):
        n = 0
        while not self.ending:
            began, n = time.monotonic(), n + 1
            c = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=5, source_address=(f"127.9.{n // 200 % 250}.{n % 200 + 1}", 0))
            try:
                c.request("GET", "/zh/settings")
                status = c.getresponse().status
                if status != 200:
                    self.wrong.append(status)
            except OSError as e:
                self.wrong.append(str(e))
            finally:
                c.close()
            self.times.append(time.monotonic() - began)
            select.select([], [], [], 0.02)


def opened(server, first, many=MANY, net=8):
    """So many connections that have sent `first`; who is deaf has little room for what comes."""
    out = []
    for i in range(many):
        s = socket.socket()
        if many == DEAF:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        s.bind((f"127.{net}.{i // 200}.{i % 200 + 1}", 0))
        s.connect(("127.0.0.1", server.port))
        s.sendall(first)
        s.setblocking(False)
        out.append((s, time.monotonic()))
    return out


def closed(conns, drip, limit_s):
    """When each was closed, in seconds after it began, and what it was told; dripping a byte each second meanwhile."""
    poll, by, when, told = select.epoll(), {}, {}, {}
    for s, began in conns:
        poll.register(s.fileno(), select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR)
        by[s.fileno()] = (s, began)
    end, next_drip = time.monotonic() + limit_s, time.monotonic() + 1
    while by and time.monotonic() < end:
        for fd, _ in poll.poll(0.2):
            s, began = by[fd]
            try:
                data = s.recv(65536)
            except OSError:
                data = b""
            if data:
                told[fd] = told.get(fd, b"") + data
            else:
                poll.unregister(fd)
                when[fd] = time.monotonic() - began
                del by[fd]
        if drip and time.monotonic() >= next_drip:
            next_drip += 1
            for s, _ in by.values():
                try:
                    s.send(drip)
                except OSError:
                    pass
    return when, told


def ordeal(server, what, first, drip, limit_s):
    other = Other(server)
    other.start()
    conns = opened(server, first)
    when, told = closed(conns, drip, limit_s + SLACK_S + 5)
    other.ending = True
    other.join(10)
    last = max(when.values(), default=0)
    check(len(when) == MANY and last <= limit_s + SLACK_S, f"{what}: {len(when)} of {MANY} are closed, the last after {last:.1f} s")
    check(all(t.count(b"HTTP/1.1 ") <= 1 for t in told.values()), f"{what}: none is answered twice")
    times = sorted(other.times)
    check(not other.wrong and times and times[-1] < 3, f"{what}: others are answered all the while: {len(times)} times, {other.wrong[:3]} the slowest "
          f"{times[-1] * 1000:.0f} ms")
    for s, _ in conns:
        s.close()


class Deaf(threading.Thread):
    """Those who ask for much and read nothing: they are closed as soon as an answer has not moved for its time."""

    def __init__(self, server, path):
        super().__init__(daemon=True)
        page = Browser(server).ask("GET", path)[2]
        self.limit_s = HEADER_S + len(page.encode()) / BYTES_S
        self.conns = opened(server, b"".join(b"GET " + path.encode() + b" HTTP/1.1\r\n" + host + b"\r\n" for _ in range(400)), DEAF, 7)
        self.open, self.last = DEAF, 0

    def run(self):
        poll, by = select.epoll(), {}
        for s, began in self.conns:
            poll.register(s.fileno(), select.EPOLLERR | select.EPOLLHUP)  # a reset; nothing is read
            by[s.fileno()] = (s, began)
        end = time.monotonic() + self.limit_s + SLACK_S + 5
        while by and time.monotonic() < end:
            for fd, _ in poll.poll(0.5):
                self.last = max(self.last, time.monotonic() - by.pop(fd)[1])
                poll.unregister(fd)
        self.open = len(by)


server = Server(city())
server.start()
host = f"Host: 127.0.0.1:{server.port}\r\n".encode()
try:
    deaf = Deaf(server, re.search(r'href="(/assets/[^"]+\.css)"', Browser(server).ask("GET", "/zh/")[2]).group(1))
    deaf.start()
    ordeal(server, "T24: dripping headers", b"GET /zh/ HTTP/1.1\r\n" + host + b"X-A: ", b"a", HEADER_S)
    body = 2000  # 500 bytes a second: four seconds besides the header's ten
    ordeal(server, "T24: dripping bodies", b"POST /zh/sign-in HTTP/1.1\r\n" + host + b"Content-Type: application/x-www-form-urlencoded\r\n"
           b"Content-Length: %d\r\n\r\n_csrf=" % body, b"a", HEADER_S + body / BYTES_S)
    quick = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    quick.request("GET", "/zh/settings")
    quick.getresponse().read()
    select.select([], [], [], 12)
    try:
        quick.request("GET", "/zh/settings")
        kept = quick.getresponse().status
    except OSError:
        kept = None
    check(kept == 200, f"T24: control: a connection that only rests twelve seconds between two requests stays: {kept}")
    deaf.join(120)
    check(deaf.open == 0, f"T24: {DEAF - deaf.open} of {DEAF} who read nothing are closed, the last after {deaf.last:.0f} s of {deaf.limit_s:.0f}")
    check(server.process.poll() is None and all(server.role(r) for r in ("app", "keys", "press", "courier")), "T24: no process ended")
finally:
    server.stop()
finish()
