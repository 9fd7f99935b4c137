"""T04 over HTTP: the disk is full, the quota is used up, the documents' disk gives errors, and, where we may mount, a file system of
a few megabytes is full indeed. Writers get 507 or 503 with a sentence, readers go on, nothing is half done: no document in part, no act
without its entry; when there is room again the same form goes through within 5 seconds, without a restart."""
import errno, hashlib, sys
import storefault
from server import *

TRIES, BACK_S, FILE_BYTES, ROOM_BYTES = 6, 5, 60000, 16 << 20  # fewer tries than one session may hand in at once


def document(n):
    return b"%PDF-1.4\n" + hashlib.sha256(str(n).encode()).digest() * (FILE_BYTES // 32) + b"\n%%EOF\n"


class Company(Client):
    """Its draft and the page where its floor plan is handed in."""

    def begin(self):
        self.sign_in("company")
        self.get("/zh/identity")
        self.post("/zh/identity", **{"for": [x for x in re.findall(r'name="for" value="(\d+)"', self.page) if x != "0"][0]})
        self.get("/zh/apply/restaurant")
        self.path = self.post("/zh/apply/restaurant")[1].replace("/fill", "/material/floor-plan")

    def files(self):
        status, _, page = self.get(self.path)
        return len(set(re.findall(r"/file/(\d+)", page))) if status == 200 else -1


def broken_files(data):
    """(blobs whose bytes do not give their name, uploads left behind)."""
    bad = 0
    for folder, _, names in os.walk(os.path.join(data, "blobs")):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                bad += hashlib.sha256(f.read()).hexdigest() != os.path.basename(folder) + name
    return bad, len(os.listdir(os.path.join(data, "uploads")))


def again(what, seconds=BACK_S):
    """Milliseconds until it is answered with 303; None if it is not in time."""
    began = time.monotonic()
    return (time.monotonic() - began) * 1000 if until(lambda: what()[0] == 303, seconds) else None


def play(name, data, server, fill, free, want, saves=True):
    server.start()
    company, person = Company(server), Poster(server, "window", None)
    company.begin()
    reader = Client(server)
    n = had = company.files()
    n_saved = entries = 0

    def save(i):
        return person.client.post(person.path, _key=f"{person.case:016x}{i:016x}", _seen="", purpose=str(i % 2 + 1), act="go",
                                  residence_division="120101", residence="示例路 8 号")

    def hand_in(i):
        company.get(company.path)
        return company.upload(company.path, f"{i}.pdf", document(i))

    check(save(0)[0] == 303 and hand_in(0)[0] == 303, f"{name}: both go while there is room")
    n_saved, had = 1, company.files()
    for round in range(2):
        company.get(company.path)
        fill()
        handed = [hand_in(100 * round + k + 1) for k in range(TRIES)]
        filled_in = [save(n_saved) for _ in range(TRIES)] if saves else []
        # A form may still fit where the log of the store is written over, as after a checkpoint. It is one act, since all bear one key;
        # that it was kept, and nothing that was refused, the number of acts shows at the end. A document needs room of its own.
        fitted = any(a[0] == 303 for a in filled_in)
        refused = handed + [a for a in filled_in if a[0] != 303]
        said = {a[0] for a in refused}
        check(said <= want, f"{name}: {len(refused)} of {len(handed + filled_in)} writers are told {sorted(said)}")
        check(all(SENTENCE.search(a[2]) for a in refused), f"{name}: with a sentence")
        n_saved += fitted
        reads = [reader.get(p)[0] for p in ("/zh/", "/zh/guide/restaurant", "/zh/search?q=1")] + [company.get("/zh/space/cases")[0]]
        check(reads == [200] * 4, f"{name}: readers go on {reads}")
        free()
        saved_after, handed_after = again(lambda: save(n_saved)), again(lambda: hand_in(1000 + round))
        check(saved_after is not None and handed_after is not None,
              f"{name}: with room again a form goes through after {saved_after or -1:.0f} ms, a document after {handed_after or -1:.0f} ms")
        n_saved += 1
        check(company.files() == had + round + 1, f"{name}: {company.files() - had - round - 1} documents of those refused")
    check(server.process.poll() is None and server.said().count('"role ended"') == 0, f"{name}: nothing was restarted")
    check(server.stop() == 0, f"{name}: it ends in order")
    bad, left = broken_files(data)
    check(bad == 0 and left == 0, f"{name}: {bad} documents in part, {left} uploads left behind")
    acts, (count, least, most) = saved(data, None)
    check(acts.count(person.case) == n_saved, f"{name}: {acts.count(person.case)} entries of {n_saved} acts")
    code, said, _ = tongban("audit", "verify", "--data", data)
    check(code == 0 and "sound: 0 faults" in said and (least, most) == (1, count), f"{name}: the log verifies, without a gap")


def by_shim(name, number, below, want, saves=True):
    data = city()
    full = os.path.join(data, "full")
    server = Server(data, env=shim_env(data, DISK_FULL=full))
    server.env["DISK_DIR"] = os.path.join(data, below)

    def fill():
        with open(full + ".new", "w") as f:
            f.write(str(number))
        os.rename(full + ".new", full)

    play(name, data, server, fill, lambda: os.unlink(full), want, saves)


def by_mount():
    """A file system of its own, filled to the last byte by a file beside the city."""
    data = city()
    place = data + "-full"
    os.mkdir(place)
    size = sum(os.stat(os.path.join(folder, name)).st_blocks * 512 for folder, _, names in os.walk(data) for name in names) + ROOM_BYTES
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", place], capture_output=True).returncode:
        print("SKIPPED a full file system: not allowed to mount")
        return
    try:
        shutil.copytree(data, os.path.join(place, "city"), ignore=shutil.ignore_patterns("control"))
        filler = os.path.join(place, "filler")

        def fill():
            with open(filler, "wb", buffering=0) as f:
                for size in (1 << 20, 1 << 12, 1):
                    try:
                        while f.write(b"x" * size):
                            pass
                    except OSError as e:
                        if e.errno != errno.ENOSPC:
                            raise

        play("a full file system", os.path.join(place, "city"), Server(os.path.join(place, "city")), fill, lambda: os.unlink(filler), {507})
    finally:
        subprocess.run(["umount", "-l", place], check=True)


by_shim("disk full", errno.ENOSPC, "", {507})
by_shim("quota used up", errno.EDQUOT, "", {507})
by_shim("documents' disk fails", errno.EIO, "blobs", {503}, saves=False)
by_mount()
storefault.finish()
