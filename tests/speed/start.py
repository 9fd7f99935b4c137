#!/usr/bin/env python3
"""What a new server costs: time from the start to the first answered request with the demo city, anonymous memory of its processes
while idle, and the bytes of the public pages as gzip sends them. Prints figures; passes and fails nothing.
"""
import gzip, http.client, os, shutil, socket, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(ROOT, "build/tongban")
PAGES = ["/zh/", "/en/", "/zh/search?q=%E9%A4%90%E9%A6%86", "/zh/guide/restaurant", "/zh/guide/residence-proof", "/zh/progress", "/zh/sign-in",
         "/zh/settings", "/zh/nothing-here"]
STARTS = 7


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(port, path):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    c.request("GET", path)
    r = c.getresponse()
    body = r.read()
    c.close()
    return r.status, body


def start(data):
    """The server and the milliseconds until it answered its first request."""
    port = free_port()
    began = time.monotonic()
    server = subprocess.Popen([PROGRAM, "serve", "--data", data, "--listen", f"127.0.0.1:{port}"], cwd=ROOT, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    while True:
        try:
            if get(port, "/zh/")[0] == 200:
                return server, port, (time.monotonic() - began) * 1000
        except (ConnectionError, http.client.HTTPException):
            if server.poll() is not None or time.monotonic() - began > 30:
                sys.exit("the server did not start")
            time.sleep(0.001)


def family(pid):
    """The process and its children, and theirs."""
    out = [pid]
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children") as f:
            for child in f.read().split():
                out += family(int(child))
    return out


def status(pid, field):
    with open(f"/proc/{pid}/status") as f:
        for line in f:
            if line.startswith(field + ":"):
                return line.split()[1]
    return "0"


def main():
    work = tempfile.mkdtemp(prefix="tongban-start-")
    data = os.path.join(work, "var")
    try:
        subprocess.run([PROGRAM, "init", "--data", data, "--systems", os.path.join(ROOT, "systems"), "--demo"], cwd=ROOT, check=True,
                       stdout=subprocess.DEVNULL)
        times = []
        for i in range(STARTS):
            server, port, ms = start(data)
            times.append(ms)
            if i + 1 < STARTS:
                server.terminate()
                server.wait()
        times.sort()
        print(f"start to first answered page: {times[0]:.0f} to {times[-1]:.0f} ms, median {times[STARTS // 2]:.0f} ms (asked: under 300)")
        sizes = {p: get(port, p)[1] for p in PAGES}
        for p, body in sizes.items():
            print(f"  {p}: {len(body)} bytes, {len(gzip.compress(body, 6))} gzipped (asked: under 14336)")
        time.sleep(2)
        kib = {p: int(status(p, "RssAnon")) for p in family(server.pid)}
        print(f"anonymous memory idle, all {len(kib)} processes: {sum(kib.values()) / 1024:.1f} MiB (asked: under 64); "
              + ", ".join(f"{v / 1024:.1f}" for v in kib.values()))
        server.terminate()
        server.wait()
    finally:
        shutil.rmtree(work, ignore_errors=True)


main()
