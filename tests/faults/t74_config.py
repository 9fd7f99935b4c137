"""T74: 200 configurations with a seeded slip each: a letter lost, doubled, swapped or altered, a field emptied, a value that is of another kind.
The options of `serve`, the file of secrets at the gateways, the files that `init` makes an installation of. Each is refused with a clear
line that names what it is about, before anything is made or started; what is taken is just what was said. Nothing falls back to less."""
import random
from server import *
from storefault import finish, scratch

SERVE, SECRETS, INIT = 70, 70, 60
GOOD = {"--listen": "127.0.0.1:18168", "--base-url": "https://city.example", "--node": "7", "--mail": "smtp://mail.example:587",
        "--mail-from": "city@example.gov", "--mail-bounces": "bounces@example.gov", "--sms": "smpp://127.0.0.1:2775", "--sms-from": "10690000"}
# of each option, what a hurried hand writes
SLIPS = {"--listen": ("127.0.0.1", "localhost:80:80", "127.0.0.1:99999", "127.0.0.1:", ":8080x", "300.0.0.1:80", "all:8080", ""),
         "--base-url": ("city.example", "htps://city.example", "javascript:alert(1)", "https://", "https:// city", "ftp://city.example", "//city", ""),
         "--node": ("-1", "1024", "1x", "seven", "0x7", "7.5", " ", ""),
         "--mail": ("mail.example:587", "smpt://mail.example", "smtp://", "smtp://mail.example:port", "smtp://mail example", "http://mail.example:25",
                    "smtp://mail.example:0", ""),
         "--mail-from": ("city", "city@", "@example.gov", "city@exa mple", "<city@example.gov>", "city@a@b", "city\n@b", ""),
         "--mail-bounces": ("city", "city@", "@example.gov", "city@exa mple", "<a@b>", "a@b@c", "a\r@b", ""),
         "--sms": ("127.0.0.1:2775", "smtp://127.0.0.1:2775", "smpp://", "smpp://:2775", "smpp://host:70000", "smpp//host", "SMPP://host", ""),
         "--sms-from": ("the city of Tianjin", "1" * 21, " ", "a b", "ABCDEFGHIJKL", "", "abc def", "x" * 40)}
STORES = ("rubbish", "postgers://x/y", "postgres:/x", "sqlite:///x", "/var/lib/db", "")
KEYS = ("mail.user", "mail.password", "sms.system_id", "sms.password", "sms.system_type")
ADMINS = [("li.ming", "李明", "system-admin"), ("wang.fang", "王芳", "security-admin"), ("zhao.lei", "赵磊", "audit-admin")]


def slip(rng, word):
    """The word as it is mistyped: never the same."""
    at = rng.randrange(len(word))
    out = rng.choice((word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:], word[:at] + "x" + word[at + 1 :], word + "s",
                      word[:at] + word[at : at + 2][::-1] + word[at + 2 :], word.replace(".", "_"), word.replace("-", "_")))
    return out if out != word else word + "x"


def clear(code, why, names):
    """Refused in one line that names what it is about, without a trace of a fall."""
    first = why.split("\n", 1)[0]
    return code in (1, 64) and first.startswith("tongban ") and len(first) < 400 and any(n in first for n in names) and "info parent" not in why


def serve(data, options, *more):
    return tongban("serve", "--data", data, *[w for pair in options.items() for w in pair], *more)


def options_of_serve(rng, data):
    bad, n = [], 0
    cases = [(o, v) for o, values in SLIPS.items() for v in values] + [("--store", v) for v in STORES]
    for option, value in rng.sample(cases, SERVE):
        code, said, why = serve(data, {**GOOD, option: value})
        n += 1
        if not clear(code, why, (option, value or option, value.split("\n")[0] or option)):
            bad.append((option, value, code, why[-200:]))
    check(not bad, f"T74: {n} options with a slip are refused in a line that names them {bad[:3] or ''}")


def secrets(rng, data, work):
    at, bad = os.path.join(work, "secrets"), []
    for _ in range(SECRETS):
        lines = [f"{k}=value-of-{k}" for k in rng.sample(KEYS, rng.randint(1, 5))]
        i = rng.randrange(len(lines))
        key = lines[i].split("=")[0]
        how = rng.randrange(4)
        if how == 0:
            lines[i] = slip(rng, key) + "=secret"
        elif how == 1:
            lines[i] = rng.choice((key, key + ":secret", key + " secret", key + "="))
        elif how == 2:
            lines.append(lines[i])
        else:
            lines[i] = rng.choice(("secret", "{" + key + "}", "= secret", "[mail]"))
        write(at, "\n".join(lines) + "\n", 0o600)
        code, said, why = serve(data, GOOD, "--gateway-secrets", at)
        if not clear(code, why, (at,)) or "secret\n" in why or "value-of" in why:
            bad.append((lines, code, why[-200:]))
    write(at, "mail.user=city\nmail.password=x\n", 0o644)
    code, said, why = serve(data, GOOD, "--gateway-secrets", at)
    if not clear(code, why, (at,)):
        bad.append(("open to all", code, why[-200:]))
    check(not bad, f"T74: {SECRETS + 1} files of secrets with a slip are refused, and nothing of them is told {bad[:3] or ''}")


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)


def administrators(rng, work, systems):
    """Refused, and nothing is there; or taken with just the three of three powers that were written."""
    at, bad, taken = os.path.join(work, "administrators.csv"), [], 0
    for n in range(INIT):
        rows = [list(r) for r in ADMINS]
        head, i, k = ["login", "name", "role"], rng.randrange(3), rng.randrange(3)
        how = rng.randrange(7)
        if how == 0:
            rows[i][2] = slip(rng, rows[i][2])
        elif how == 1:
            rows[i][2] = rows[(i + 1) % 3][2]  # two of one power, none of another
        elif how == 2:
            rows[i][0] = rows[(i + 1) % 3][0]
        elif how == 3:
            del rows[i]
        elif how == 4:
            rows[i][k] = ""
        elif how == 5:
            head[k] = slip(rng, head[k])
        else:
            rows.append([f"more{n}", "多余", rng.choice(("police-officer", "system-admin", "worker", "person", ""))])
        write(at, "\n".join(",".join(r) for r in [head, *rows]) + "\n")
        data = os.path.join(work, f"city{n}")
        code, said, why = tongban("init", "--data", data, "--systems", systems, "--administrators", at)
        left = os.path.exists(data)
        if code == 0:
            taken += 1
            powers = sorted(line.split()[1] for line in said.splitlines() if line.startswith("  "))
            if powers != sorted(r[2] for r in rows) or set(powers) < {r[2] for r in ADMINS}:
                bad.append((how, rows, "taken", said[-200:]))
        elif not clear(code, why, (data, at, "administrators")) or left:
            bad.append((how, head, rows, code, left, why[-200:]))
        shutil.rmtree(data, ignore_errors=True)
    check(not bad, f"T74: of {INIT} lists of administrators with a slip {INIT - taken} are refused and leave nothing, {taken} mean what they say "
          f"{bad[:3] or ''}")


rng, work = random.Random(74), scratch()
systems, data = os.path.join(work, "systems"), os.path.join(work, "city")
shutil.copytree(os.path.join(ROOT, "systems", "common"), os.path.join(systems, "common"))
write(os.path.join(work, "good.csv"), "login,name,role\n" + "".join(",".join(r) + "\n" for r in ADMINS))
code, said, why = tongban("init", "--data", data, "--systems", systems, "--administrators", os.path.join(work, "good.csv"))
check(code == 0, f"T74: control: without a slip it is taken {why}")
options_of_serve(rng, data)
secrets(rng, data, work)
administrators(rng, work, systems)
write(os.path.join(work, "good"), "# of the gateways\n\nmail.user=city\nmail.password = a=b \nsms.system_type=c\n", 0o600)
more = [w for o in GOOD for w in (o, GOOD[o]) if o != "--listen"]
server = Server(data, *more, "--gateway-secrets", os.path.join(work, "good"))
check(server.start(must=False) is not None, f"T74: control: without a slip it serves {server.said()[-200:]}")
server.stop()
finish()
