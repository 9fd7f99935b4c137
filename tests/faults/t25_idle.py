"""T25: 10,000 connections that ask nothing, more than there are places for, held open by strangers who come again when they are closed.
Others are answered all the while, and a resting connection costs little memory."""
import http.client, re, resource, select, socket, threading, time
from server import *
from storefault import finish

MANY, PLACES, KIB_MAX, ASKS, TRIES = 10000, 4000, 8, 100, 5  # PLACES: src/http/limits.h, `connections`


def anon_kib(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("RssAnon:"))


class Holder(threading.Thread):
    """Opens connections one after the other and keeps them; from many addresses, and comes again for each that is closed."""

    def __init__(self, server, many, first=b""):
        super().__init__(daemon=True)
        self.server, self.many, self.first, self.ending, self.opened, self.closed = server, many, first, False, 0, 0
        self.poll, self.by = select.epoll(), {}

    def open(self):
        s = socket.socket()
        s.setblocking(False)
        s.bind((f"127.8.{self.opened // 200 % 250}.{self.opened % 200 + 1}", 0))
        s.connect_ex(("127.0.0.1", self.server.port))
        self.by[s.fileno()] = s
        self.poll.register(s.fileno(), select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR)
        self.opened += 1

    def run(self):
        while not self.ending:
            for _ in range(min(200, self.many - len(self.by))):
                self.open()
            for fd, _ in self.poll.poll(0.005):
                self.poll.unregister(fd)
                self.by.pop(fd).close()
                self.closed += 1
        for s in self.by.values():
            s.close()


def ask(server, i):
    c = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60, source_address=(f"127.9.0.{i % 200 + 1}", 0))
    try:
        c.request("GET", "/zh/settings")
        return c.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        c.close()


def asks(server, n):
    """How long each of n requests took, each on a connection of its own, opened again as browsers do if it was closed before it
    asked; None where there was no answer."""
    out = []
    for i in range(n):
        began = time.monotonic()
        out.append(time.monotonic() - began if any(ask(server, i) for _ in range(TRIES)) else None)
    return out


def held(server, many):
    """Memory of `app` for each of so many connections that rest."""
    app, holder = server.role("app"), Holder(server, many)
    before = anon_kib(app)
    holder.start()
    until(lambda: holder.opened >= many and open_now(server) >= many, 60, 0.05)
    more, there = anon_kib(app) - before, open_now(server)
    holder.ending = True
    holder.join(20)
    return more / many, there


def open_now(server):
    code, said, _ = tongban("metrics", "--data", server.data)
    return int(re.search(r"tongban_http_open (\d+)", said).group(1)) if code == 0 else 0


resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
server = Server(city())
server.start()
try:
    kib, there = held(server, 3000)
    check(there >= 3000 and kib <= KIB_MAX, f"T25: {there} connections rest, {kib:.1f} KiB each")
    until(lambda: open_now(server) < 100, 60, 0.1)
    holder = Holder(server, MANY)
    holder.start()
    until(lambda: holder.opened >= MANY, 60, 0.05)
    times = asks(server, ASKS)
    good = sorted(t for t in times if t is not None)
    check(len(good) == ASKS, f"T25: {MANY} connections where {PLACES} have room: {len(good)} of {ASKS} others are answered, p50 "
          f"{good[len(good) // 2] * 1000:.0f} ms, the slowest {good[-1] * 1000:.0f} ms" if good else "T25: nobody is answered")
    check(holder.closed > 0, f"T25: {holder.closed} were closed to make room, {holder.opened} opened")
    holder.ending = True
    holder.join(20)
    check(server.process.poll() is None and server.role("app"), "T25: no process ended")
finally:
    server.stop()
finish()
