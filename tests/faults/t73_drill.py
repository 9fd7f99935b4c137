"""T73: in each running role somebody runs code of his own. drill_shim.c makes the role try, at a signal, what he would: files, sockets,
programs, processes, other processes' memory and ends, code. All of it is refused; the role ends, the parent brings it back, and nothing
that was acknowledged meanwhile is lost. The control: the same without the fence succeeds in every role.
Roles share one user here (the folder is one that others cannot pass), so that what refuses is the fence and not the user's number.
"""
import signal
import storefault
from server import *

SHIM = os.path.join(BUILD, "drill_shim.so")
ALL = {"open", "create", "socket", "ptrace", "memory", "exec", "fork", "kill", "tgkill", "owner", "code"}
# What a role is there for: the courier connects. (To addresses of its list alone: courier_test.)
MAY = {"courier": {"socket"}, "courier-urgent": {"socket"}}


def drill(server, out, role):
    """What the role could; None: it did not say."""
    before, seen = server.role(role), os.path.getsize(out)
    os.kill(before, signal.SIGUSR2)
    if not until(lambda: os.path.getsize(out) > seen and gone(before), 20):
        return None
    with open(out) as f:
        f.seek(seen)
        who, pid, _, *could = f.read().split()
    return set(could) if who == role and int(pid) == before else None


def play(data, out, more):
    return Server(data, env=dict(os.environ, LD_PRELOAD=SHIM, DRILL_OUT=out, **more))


data = city()
out = os.path.join(os.path.dirname(data), "drill")
open(out, "w").close()
server, up = play(data, out, {}), threading.Event()
server.start()
posters = [Poster(server, who, up) for who in PEOPLE[:4]]
up.set()
for p in posters:
    p.start()
for role in ROLES:
    before, ready = server.role(role), server.said().count(f'"role ready" role={role} ')
    could = drill(server, out, role)
    check(could == MAY.get(role, set()), f"{role}: could {sorted(could) if could is not None else 'not be asked'}")
    back = until(lambda: server.said().count(f'"role ready" role={role} ') > ready and server.role(role) not in (None, before), 30)
    acked = [p.acked for p in posters]
    on = until(lambda: all(p.acked > n for p, n in zip(posters, acked)), 30)
    check(back and on, f"{role}: comes back, and everybody goes on")
for p in posters:
    p.finish()
log = server.said()
check(server.process.poll() is None and server.stop() == 0, "the parent was there throughout, and ends in order")
check(all(f"role={role} code=73" in log for role in ROLES), "each ended by its drill")
acts, (count, least, most) = saved(data, None)
lost, doubled = judge(acts, posters)
wrong = [w for p in posters for w in p.wrong]
check(sum(p.acked for p in posters) > 20 and not wrong, f"{sum(p.acked for p in posters)} acknowledged, no other answer {wrong[:5]}")
check(lost == 0 and doubled == 0 and (least, most) == (1, count), f"{lost} lost, {doubled} done twice, entries 1 to {most}, {count} of them")

server = play(data, out, {"DRILL_OPEN": "1"})
server.start()
for role in ROLES:
    could = drill(server, out, role)
    check(could is not None and could >= ALL, f"control: {role} without its fence could all, lacks {sorted(ALL - (could or set()))}")
server.kill()
storefault.finish()
