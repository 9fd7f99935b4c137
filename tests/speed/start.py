#!/usr/bin/env python3
"""What a new server costs: time from the start to the first answered request with the demo city, anonymous memory of its processes
while idle, and the bytes of the public pages as gzip sends them. Prints figures; passes and fails nothing.
"""
import gzip, os, shutil, sys, tempfile, time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from served import ROOT, Browser, Server, tongban

PAGES = ["/zh/", "/en/", "/zh/search?q=%E9%A4%90%E9%A6%86", "/zh/guide/restaurant", "/zh/guide/residence-proof", "/zh/progress", "/zh/sign-in",
         "/zh/settings", "/zh/nothing-here"]
STARTS = 7


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
        code, _, why = tongban("init", "--data", data, "--systems", os.path.join(ROOT, "systems"), "--demo")
        if code:
            sys.exit(why)
        server, times = Server(data), []
        for i in range(STARTS):
            times.append(server.start())
            if i + 1 < STARTS:
                server.stop()
        times.sort()
        print(f"start to first answered page: {times[0]:.0f} to {times[-1]:.0f} ms, median {times[STARTS // 2]:.0f} ms (asked: under 300)")
        sizes = {p: Browser(server).ask("GET", p)[2].encode() for p in PAGES}
        for p, body in sizes.items():
            print(f"  {p}: {len(body)} bytes, {len(gzip.compress(body, 6))} gzipped (asked: under 14336)")
        time.sleep(2)
        kib = {p: int(status(p, "RssAnon")) for p in family(server.process.pid)}
        print(f"anonymous memory idle, all {len(kib)} processes: {sum(kib.values()) / 1024:.1f} MiB (asked: under 64); "
              + ", ".join(f"{v / 1024:.1f}" for v in kib.values()))
        server.stop()
    finally:
        shutil.rmtree(work, ignore_errors=True)


main()
