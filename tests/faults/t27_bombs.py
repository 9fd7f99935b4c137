"""T27: little that would become much. Systems whose files hold nesting without end, entities and aliases that double, references to files
and hosts; forms and uploads of countless parts. Each is refused for little time and memory, and nothing outside is read.
What an archive would be, we take nothing of: uploads are kept as they are and unpacked nowhere."""
import tempfile
from server import *
from storefault import finish, scratch

CPU_S, RSS_MIB, GROWTH_MIB = 5, 400, 64  # far below what any of them would become
DEEP, LAUGHS = 300000, 30
SYSTEM = "approval/residence-proof"


def laughs():
    lines = "".join(f"<!ENTITY l{i} '&l{i - 1};&l{i - 1};&l{i - 1};&l{i - 1};'>" for i in range(1, LAUGHS))
    return f"<?xml version='1.0'?><!DOCTYPE d [<!ENTITY l0 'ha'>{lines}]><d>&l{LAUGHS - 1};</d>"


def aliases():
    return "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]\n" for i in range(1, LAUGHS))


def outside(secret):
    return {"a file by an entity": f"<!DOCTYPE d [<!ENTITY f SYSTEM 'file://{secret}'>]><d>&f;</d>",
            "a file by a parameter": f"<!DOCTYPE d [<!ENTITY % f SYSTEM 'file://{secret}'> %f;]><d/>",
            "a host": "<!DOCTYPE d SYSTEM 'http://127.0.0.1:9/x.dtd'><d/>"}


def bombs(secret):
    """(what it is, the file that it stands in, its text)."""
    flow, item, rule = "flows/issue.bpmn", "items/residence-proof.yaml", "rules/bomb.dmn"
    out = [("entities that double", at, laughs()) for at in (flow, rule, "papers/proof.xml")]
    out += [(what, at, text) for what, text in outside(secret).items() for at in (flow, "papers/proof.xml")]
    out += [("elements without end", flow, "<a>" * DEEP), ("attributes without end", flow, "<a " + " ".join(f"b{i}=''" for i in range(DEEP)) + "/>"),
            ("one long name", flow, "<" + "a" * DEEP + "/>"), ("lists without end", item, "a: " + "[" * DEEP), ("maps without end", item, "{a: " * DEEP),
            ("aliases that double", item, aliases()), ("indentation without end", item, "".join(" " * i + "a:\n" for i in range(2000))),
            ("a long text", item, "name: " + "x" * (32 << 20)), ("many columns", "codes/proof_purpose.csv", "code,title" + ",x" * DEEP + "\n1,a\n"),
            ("a quote without end", "codes/proof_purpose.csv", 'code,title\n1,"' + "x\n" * DEEP),
            ("many messages", "texts/en.po", 'msgid "a"\nmsgstr "b"\n\n' * DEEP)]
    return out


def checked(path):
    """(exit code, what was said, CPU in seconds, most memory in MiB) of `system check`."""
    with tempfile.TemporaryFile() as said:
        p = subprocess.Popen([TONGBAN, "system", "check", path], cwd=ROOT, stdout=said, stderr=said)
        _, status, used = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return p.returncode, said.read().decode(errors="replace"), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def systems(work):
    secret, bad, most = os.path.join(work, "secret"), [], [0, 0]
    with open(secret, "w") as f:
        f.write("told-to-nobody")
    copy = os.path.join(work, SYSTEM)
    shutil.copytree(os.path.join(ROOT, "systems"), work, dirs_exist_ok=True)
    good = checked(copy)
    for what, at, text in bombs(secret):
        path, old = os.path.join(copy, at), None
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                old = f.read()
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        code, said, cpu, mib = checked(copy)
        most = [max(most[0], cpu), max(most[1], mib)]
        if code != 1 or cpu > CPU_S or mib > RSS_MIB or "told-to-nobody" in said or os.path.dirname(at) not in said:
            bad.append((what, at, code, f"{cpu:.1f} s", f"{mib:.0f} MiB", said[-200:]))
        os.remove(path) if old is None else write(path, old)
    check(good[0] == 0, f"T27: control: the system as it is passes {good[1][-200:]}")
    check(not bad, f"T27: {len(bombs(secret))} systems that would become much are refused; the most was {most[0]:.1f} s of CPU and {most[1]:.0f} MiB {bad[:4] or ''}")


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def figure(pid):
    with open(f"/proc/{pid}/status") as f:
        kib = next(int(line.split()[1]) for line in f if line.startswith("RssAnon:"))
    with open(f"/proc/{pid}/stat") as f:
        part = f.read().rsplit(")", 1)[1].split()
    return kib / 1024, (int(part[11]) + int(part[12])) / os.sysconf("SC_CLK_TCK")


def part(name, file=None, value="x"):
    more = f'; filename="{file}"\r\nContent-Type: application/pdf' if file else ""
    return f'--edge\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'


def requests(server):
    form, many = "application/x-www-form-urlencoded", "multipart/form-data; boundary=edge"
    me = Client(server)
    me.sign_in("citizen")
    me.get("/zh/apply/residence-proof")
    to = me.post("/zh/apply/residence-proof")[1]
    case = re.search(r"/case/(\d+)", to).group(1)
    fill, drop = f"/zh/case/{case}/fill/registered", f"/zh/case/{case}/material/none"
    app, bad = server.role("app"), []
    before, all_cpu = figure(app), 0
    asked = [("fields without end", fill, form, "a=1&" * 60000), ("empty fields", fill, form, "&" * 200000), ("one name again and again", fill, form, "purpose=1&" * 20000),
             ("a long name", fill, form, "a" * 200000 + "=1"), ("signs", fill, form, "a=" + "%41" * 60000),
             ("half signs", fill, form, "a=" + "%4" * 60000), ("parts without end", fill, many, part("a") * 3000 + "--edge--\r\n"),
             ("files without end", drop, many, part("file", "a.pdf") * 3000 + "--edge--\r\n"),
             ("a header without end", drop, many, "--edge\r\nContent-Disposition: form-data; name=\"" + "a" * 200000), ("edges alone", drop, many, "--edge\r\n" * 20000),
             ("parts within parts", drop, many, part("file", "a.pdf", part("a", None, part("b"))) * 200 + "--edge--\r\n")]
    for what, path, kind, body in asked:
        cpu = figure(app)[1]
        status = me.ask("POST", path, body.encode(), kind)[0]
        used = figure(app)[1] - cpu
        all_cpu += used
        if not (400 <= status < 500) or used > CPU_S:
            bad.append((what, status, f"{used:.2f} s"))
    grown = figure(app)[0] - before[0]
    check(not bad and me.get("/zh/space")[0] == 200, f"T27: {len(asked)} requests that would become much are refused, for {all_cpu:.2f} s of CPU {bad or ''}")
    check(grown < GROWTH_MIB, f"T27: app has grown by {grown:.1f} MiB")


systems(scratch())
server = Server(city())
server.start()
try:
    requests(server)
finally:
    server.stop()
finish()
