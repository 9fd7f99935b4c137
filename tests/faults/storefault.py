"""What the fault tests of the store share: the program under test, its rows, and the count of what passed."""
import atexit, hashlib, os, shutil, sqlite3, struct, subprocess, sys, tempfile

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
WRITER = os.path.join(BUILD, "fault-store_writer")
SHIM = os.path.join(BUILD, "disk_shim.so")
PAYLOAD_BYTES, DOC_BYTES = 240, 1500
passed = failed = 0


def check(good, what):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
    print(("ok      " if good else "FAILED  ") + what, flush=True)


def finish():
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


def scratch():
    """A directory in memory where there is room: these tests are about order, not about a disk's speed."""
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    path = tempfile.mkdtemp(prefix="tongban-fault-", dir=base)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def payload(client, n, size=PAYLOAD_BYTES):
    x, out, mask = client * 1000003 + n, [], (1 << 64) - 1
    for _ in range(size):
        x = (x * 6364136223846793005 + 1442695040888963407) & mask
        out.append(97 + (x >> 33) % 26)
    return bytes(out).decode()


def shim_env(directory, **more):
    env = dict(os.environ, LD_PRELOAD=SHIM, DISK_DIR=directory)
    env.update({k: str(v) for k, v in more.items()})
    return env


def start(args, **kw):
    return subprocess.Popen([WRITER] + [str(a) for a in args], stdout=subprocess.PIPE, **kw)


class Ledger:
    """What the program said, and what it therefore must and must not hold."""

    def __init__(self):
        self.acked, self.refused, self.errors = set(), set(), []

    def read(self, text):
        for line in text.decode().splitlines():
            part = line.split()
            if part[0] == "A":
                self.acked.add((int(part[1]), int(part[2])))
            elif part[0] == "N":
                self.refused.add((int(part[1]), int(part[2])))
            elif part[0] == "E":
                self.errors.append(line)

    def next_of(self, client):
        return max([n for c, n in self.acked | self.refused if c == client], default=0) + 1


_good = {}


def row_good(c, name, text):
    if (c, name) not in _good:
        _good[c, name] = payload(c, int(name))
    return _good[c, name] == text


def judge(path, acked, clients, refuses=True):
    """(lost, phantom, corrupt) of a database file against what was acknowledged. A client has one row under way at a time, so at
    most the one behind its last acknowledged row may be there unacknowledged."""
    try:
        db = sqlite3.connect(path)
        if db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            return 0, 0, 1
        have = db.execute("SELECT home, name, holder FROM store_lease").fetchall()
        db.close()
    except sqlite3.OperationalError as e:
        if "no such table" in str(e) and not acked:
            return 0, 0, 0
        return (len(acked), 0, 0) if "no such table" in str(e) else (0, 0, 1)
    except sqlite3.DatabaseError:
        return 0, 0, 1
    wrong = sum(not row_good(c, n, t) for c, n, t in have)
    rows = {(c, int(n)) for c, n, t in have}
    last = {c: max([n for k, n in acked if k == c], default=0) for c in range(clients)}
    # between acknowledged rows lies at most one that is refused
    phantom = sum((refuses and n % 7 == 3) or n > last.get(c, 0) + (2 if refuses else 1) for c, n in rows)
    return len(acked - rows), phantom, wrong


def documents_bad(files, acked):
    """(documents of acknowledged rows that are not there, documents whose bytes do not give their name) of {path: bytes}, below docs/."""
    have = {path[5:].replace("/", ""): data for path, data in files.items() if path.startswith("docs/") and ".new-" not in path}
    wrong = sum(hashlib.sha256(data).hexdigest() != name for name, data in have.items())
    return sum(document_name(c, n) not in have for c, n in acked), wrong


_names = {}


def document_name(c, n):
    if (c, n) not in _names:
        _names[c, n] = hashlib.sha256(payload(c, n, DOC_BYTES).encode()).hexdigest()
    return _names[c, n]


# ---- a disk rebuilt from a trace of disk_shim.c ----

SECTOR = 512


def records(path):
    data, at = open(path, "rb").read(), 0
    while at < len(data):  # what ended in the middle of a record did not tell it: the last one may be cut
        n = struct.unpack_from("<I", data, at + 1)[0] if at + 5 <= len(data) else len(data)
        if at + 17 + n > len(data) or at + 17 + n + struct.unpack_from("<QI", data, at + 5 + n)[1] > len(data):
            return
        kind, name = data[at : at + 1], data[at + 5 : at + 5 + n].decode()
        offset, size = struct.unpack_from("<QI", data, at + 5 + n)
        at += 17 + n
        yield kind.decode(), name, offset, data[at : at + size]
        at += size


class File:
    """Durable bytes, and since the last sync a list of changes."""

    def __init__(self):
        self.durable, self.pending = bytearray(), []

    def sync(self):
        for kind, offset, data in self.pending:
            apply(self.durable, kind, offset, data)
        self.pending = []

    def after_cut(self, rng):
        out = bytearray(self.durable)
        keep = rng.choice([0.0, 0.3, 0.7, 0.95])
        for kind, offset, data in self.pending:
            if kind == "T":
                if rng.random() < keep:
                    apply(out, kind, offset, data)
                continue
            at = 0
            while at < len(data):  # to the next sector's edge
                n = min(SECTOR - (offset + at) % SECTOR, len(data) - at)
                if rng.random() < keep:
                    apply(out, "W", offset + at, data[at : at + n])
                at += n
        return out


class Folder:
    """Durable names, and since the last sync a list of changes of names: (name, what it is from now on or None)."""

    def __init__(self):
        self.durable, self.pending = {}, []

    def sync(self):
        self.durable = self.names(self.pending)
        self.pending = []

    def names(self, changes):
        out = dict(self.durable)
        for change in changes:
            for name, what in change:
                out.pop(name, None)
                if what is not None:
                    out[name] = what
        return out

    def after_cut(self, rng):
        """As a journal keeps them (those before some moment), or any of them."""
        if rng.random() < 0.5:
            return self.names(self.pending[: rng.randint(0, len(self.pending))])
        keep = rng.random()
        return self.names([change for change in self.pending if rng.random() < keep])


class Disk:
    """What the records of a trace do to the disk whose top folder is `top`, which is durable."""

    def __init__(self, top):
        self.top, self.folders, self.files = top, {top: Folder()}, {}

    def link(self, path, what):
        """A change of names in one folder: what `path` is from now on, or None."""
        return os.path.basename(path), what

    def change(self, path, *links):
        self.folders[os.path.dirname(path)].pending.append(links)

    def step(self, kind, name, offset, data):
        if kind == "C":
            self.files[name] = File()
            self.change(name, self.link(name, self.files[name]))
        elif kind == "M":
            self.folders[name] = Folder()
            self.change(name, self.link(name, self.folders[name]))
        elif kind in "WT":
            self.files[name].pending.append((kind, offset, data))
        elif kind == "S":
            self.files[name].sync()
        elif kind == "D":
            if name in self.folders:
                self.folders[name].sync()
        elif kind == "R":
            new = data.decode()
            self.files[new] = self.files.pop(name)
            self.change(name, self.link(name, None), self.link(new, self.files[new]))
        elif kind == "U" and name in self.files:
            del self.files[name]
            self.change(name, self.link(name, None))

    def walk(self, names_of, bytes_of, folder=None, path=""):
        """{path below the top: bytes} of what the disk holds."""
        out = {}
        for name, what in names_of(folder or self.folders[self.top]).items():
            if isinstance(what, Folder):
                out.update(self.walk(names_of, bytes_of, what, path + name + "/"))
            else:
                out[path + name] = bytes_of(what)
        return out

    def after_cut(self, rng):
        return self.walk(lambda d: d.after_cut(rng), lambda f: f.after_cut(rng))

    def worst(self):
        """All that was not synced is gone."""
        return self.walk(lambda d: d.durable, lambda f: f.durable)


def apply(out, kind, offset, data):
    if kind == "T":
        del out[offset:]
        out.extend(bytes(offset - len(out)))
        return
    if len(out) < offset + len(data):
        out.extend(bytes(offset + len(data) - len(out)))
    out[offset : offset + len(data)] = data


def worst_disk(trace, top, target, lost=None):
    """The disk after a power cut at the end of the trace that took all that was not synced; what was acknowledged till then, and its files. `lost`
    (files, acknowledged) counts what such a cut would have taken at each acknowledgement; the third is the most of it."""
    disk, ledger, most = Disk(top), Ledger(), 0
    for kind, name, offset, data in records(trace):
        if kind == "A":
            ledger.read(data)
            most = max(most, lost(disk.worst(), ledger.acked) if lost else 0)
        else:
            disk.step(kind, name, offset, data)
    files = disk.worst()
    lay_out(files, target, all=True)
    return ledger, files, most


def lay_out(files, target, all=False):
    """The files of the top folder as files, for the database to be opened; or all of them."""
    os.makedirs(target)
    for path, data in files.items():
        if "/" not in path or all:
            os.makedirs(os.path.dirname(os.path.join(target, path)), exist_ok=True)
            with open(os.path.join(target, path), "wb") as out:
                out.write(data)
