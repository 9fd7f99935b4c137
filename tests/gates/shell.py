"""The program as its machine sees it: T72 (sockets, rights, system calls and open files of each process), T76 (how the binary is hardened), T77
(functions that it must not call). Usage: shell.py [BUILD]. Ends with `N passed, N failed`."""
import os, re, stat, subprocess, sys

sys.dont_write_bytecode = True
if len(sys.argv) > 1:
    os.environ["BUILD"] = sys.argv[1]
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "faults")]
from server import city
from storefault import check, finish, scratch
from served import ROLES, TONGBAN, Server

# Of names without fortified or bounded forms of their own. __sprintf_chk and the like are the compiler's checked ones.
BANNED = ("strcpy stpcpy strcat sprintf vsprintf gets strtok atoi atol atof scanf sscanf fscanf system popen rand srand random tmpnam mktemp "
          "setlocale asctime ctime gmtime localtime getenv_unsafe").split()


# ---- T72 ----

def status(pid):
    with open(f"/proc/{pid}/status") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def files(pid):
    """{descriptor: where it leads}"""
    at, out = f"/proc/{pid}/fd", {}
    for fd in os.listdir(at):
        try:
            out[fd] = os.readlink(f"{at}/{fd}")
        except OSError:
            pass
    return out


def listening(pids):
    """[(address, port, pid)] of TCP and UDP sockets, of the processes' own network namespace."""
    rows = []
    for kind, states in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        with open(f"/proc/{pids[0]}/net/{kind}") as f:
            for line in list(f)[1:]:
                p = line.split()
                if p[3] == states:
                    address, port = p[1].split(":")
                    rows.append((f"socket:[{p[9]}]", kind, address, int(port, 16)))
    held = {where: pid for pid in pids for where in files(pid).values()}
    return [(kind, address, port, held[s]) for s, kind, address, port in rows if s in held]


def beyond(fds, data, more=()):
    """Open files outside the data folder that are none of the few that any process has."""
    fine = re.compile("|".join((r"(socket|pipe|anon_inode):.*", r"/dev/(null|urandom|random)", r"/memfd:.*", re.escape(data) + r"(/.*)?",
                                re.escape(data) + r"\.log", r"/usr/(share|lib)/.*", r"/etc/.*", *more)))
    return sorted(where for where in fds.values() if not fine.fullmatch(where.removesuffix(" (deleted)")))


def mapped(pid):
    """Of the libraries that one role alone needs, those that a process has loaded."""
    with open(f"/proc/{pid}/maps") as f:
        return set(re.findall(r"/(libcurl|libcairo|libpango|libpq)[-.]", f.read()))


def processes(server, users):
    parent, pid = server.process.pid, {}
    for role in ROLES:
        pid[role] = server.role(role)
    check(all(pid.values()) and sorted(pid.values()) == sorted(server.children()), f"T72: the parent has these children and no others: {pid}")
    mine = listening([parent, *pid.values()])
    check([(k, a, p) for k, a, p, _ in mine] == [("tcp", "0100007F", server.port)], f"T72: one listening socket: {mine}")
    check({who for *_, who in mine} <= {pid["app"], parent}, "T72: app answers on it")
    for role, p in pid.items():
        s = status(p)
        none = all(int(s[k], 16) == 0 for k in ("CapInh", "CapPrm", "CapEff", "CapAmb"))
        check(none, f"T72: {role} has no capability {[s[k] for k in ('CapPrm', 'CapEff')] if not none else ''}")
        check(s["NoNewPrivs"] == "1" and s["Seccomp"] == "2", f"T72: {role} gains no right and is held to its system calls")
        if users and os.geteuid() == 0:
            check(s["Uid"].split()[1] != "0" and not [g for g in s["Groups"].split() if g == "0"], f"T72: {role} is not root: {s['Uid'].split()[1]}")
        extra = {"press": {"libcairo", "libpango"}, "courier": {"libcurl"}, "courier-urgent": {"libcurl"}}.get(role, set())
        check(mapped(p) == extra, f"T72: {role} holds the code that it needs alone: {mapped(p)}")
        more = beyond(files(p), server.data)
        check(not more, f"T72: {role} holds no file outside the data folder {more or ''}")
    if users and os.geteuid() == 0:
        uids = [status(p)["Uid"].split()[1] for p in pid.values()]
        check(len(set(uids)) == len(uids), f"T72: each has a user of its own: {uids}")
    s = status(parent)
    check(s["NoNewPrivs"] == "1" and s["Seccomp"] == "2", "T72: the parent gains no right and is held to its system calls")
    check(beyond({"3": "/root/secret"}, server.data) == ["/root/secret"], "T72: control: an open file elsewhere is found")
    for folder, _, names in os.walk(server.data):
        for name in names + [""]:
            at = os.path.join(folder, name)
            mode = os.lstat(at).st_mode
            if mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWOTH) or (mode & stat.S_IROTH and not stat.S_ISDIR(mode)):
                check(False, f"T72: {at} is open to others: {oct(mode)}")
                return
    check(True, "T72: nothing in the data folder is open to others")


# ---- T76, T77 ----

def said(*args):
    return subprocess.run(args, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout


def hardened(path):
    """What the file lacks."""
    head, dynamic, segments = said("readelf", "-hW", path), said("readelf", "-dW", path), said("readelf", "-lW", path)
    symbols = said("nm", "-D", "-u", path)
    stack = re.search(r"GNU_STACK.*", segments)
    producers = set(re.findall(r"DW_AT_producer.*: (.*)", said("readelf", "--debug-dump=info", "--dwarf-depth=1", path)))
    ours = [p for p in producers if "-std=gnu17" in p]
    wants = {
        "PIE": "DYN" in head and "PIE" in dynamic, "full RELRO": "GNU_RELRO" in segments, "BIND_NOW": "NOW" in dynamic,
        "a stack that is not code": bool(stack) and "E" not in stack.group().split()[-2], "no RPATH": not re.search("R(UN)?PATH", dynamic),
        "no text relocation": "TEXTREL" not in dynamic, "canaries": "__stack_chk_fail" in symbols, "fortified calls": "_chk@" in symbols,
        "no segment to write and run": not re.search(r"LOAD.*RWE", segments),
    }
    if producers:
        wants["units of ours"] = bool(ours)
        for flag in ("-fstack-protector-strong", "-fstack-clash-protection", "-fcf-protection=full", "-ftrivial-auto-var-init=zero"):
            wants[f"{flag} in every unit"] = all(flag in p for p in ours)
    return [w for w, ok in wants.items() if not ok]


def binary():
    lacks = hardened(TONGBAN)
    check(not lacks, f"T76: the program is hardened {lacks or ''}")
    work = scratch()
    source, plain = os.path.join(work, "soft.c"), os.path.join(work, "soft")
    with open(source, "w") as f:
        f.write('#include <stdio.h>\n#include <string.h>\nint main(int n, char **v) { char b[99]; (void)n; strcpy(b, v[0]); return puts(b); }\n')
    subprocess.run(["cc", "-no-pie", "-fno-stack-protector", "-U_FORTIFY_SOURCE", "-O0", "-Wl,-z,norelro,-z,execstack,-z,lazy", "-Wl,-rpath,/tmp", source,
                    "-o", plain], check=True, capture_output=True)
    soft = hardened(plain)
    check({"PIE", "full RELRO", "BIND_NOW", "a stack that is not code", "no RPATH", "canaries", "fortified calls"} <= set(soft),
          f"T76: control: a program that is not is found: {soft}")
    calls = lambda path: sorted(set(re.findall(r" U (\w+)", said("nm", "-D", "-u", path))) & set(BANNED))
    check(not calls(TONGBAN), f"T77: it calls none of the banned functions {calls(TONGBAN) or ''}")
    check(calls(plain) == ["strcpy"], "T77: control: one that does is found")


data = city()
work = os.path.dirname(data)
os.chmod(work, 0o711)  # the roles' users may pass
server = Server(data)
server.start()
try:
    processes(server, True)
finally:
    server.stop()
if os.geteuid() == 0:  # others cannot pass: all are root, and may no more than root's files let them
    os.chmod(work, 0o700)
    server.start()
    try:
        processes(server, False)
    finally:
        server.stop()
binary()
finish()
