"""T09, how a message leaves: the model t09_outbox.pml, every interleaving of it by spin: no error, no step that is never taken; and the
model mutated once for each property, which must be found. Prints `N passed, N failed`."""
import os, re, shutil, subprocess, sys, tempfile

MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "t09_outbox.pml")
# what goes wrong, and what of the violated assertion spin prints
PROPERTIES = {"M1": ("lost", r"happened\[\d\]\)\|\|\(handed"), "M2": ("left without its act", r"violated happened\[|violated \(happened\[\d\]\|\|"),
              "M3": ("left twice without a crash", r"crashes>0"), "M4": ("handed before it was", r"!\(handed\[\d\]\)\|\|"),
              "M5": ("bulk before urgent", r"m==0")}
passed = failed = 0


def check(ok, what, more=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(("ok      " if ok else "FAILED  ") + what + ("" if ok else f": {more[-1500:]}"), flush=True)


def explore(mutation=None):
    """(errors, states, what pan said)."""
    folder = tempfile.mkdtemp(prefix="tongban-spin-")
    try:
        def run(*command):
            return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)

        made = run("spin", *([f"-D{mutation}"] if mutation else []), "-a", MODEL)
        built = run("gcc", "-O2", "-DSAFETY", "-DVECTORSZ=2048", "-w", "-o", "pan", "pan.c")
        if built.returncode:
            return -1, 0, made.stdout + made.stderr + built.stderr
        said = run("./pan", "-m200000").stdout
        return int(re.search(r"errors: (\d+)", said).group(1)), int(float(re.search(r"([\d.e+]+) states, stored", said).group(1))), said
    finally:
        shutil.rmtree(folder, ignore_errors=True)


errors, states, said = explore()
check(errors == 0 and states > 1000 and "max search depth too small" not in said, f"the model: {states} states, {errors} errors", said)
never = [line.strip() for line in said.split("unreached in")[1:] for line in line.splitlines()[1:] if re.search(r"\.pml:\d+", line)]
check(not never, "every step of it is taken", "\n".join(never))
for mutation, (what, assertion) in PROPERTIES.items():
    errors, states, said = explore(mutation)
    violated = re.search(r"assertion violated (.*)", said.replace(" ", "").replace("assertionviolated", "assertion violated "))
    found = violated and re.search(assertion, "violated " + violated.group(1))
    check(errors > 0 and found, f"control, {what}: found after {states} states", said)
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)
