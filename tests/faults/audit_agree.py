#!/usr/bin/env python3
"""The two verifiers of the audit log must agree on sound and on tampered stores.

  audit_agree.py [TEST_PROGRAM]     default: build/test-engine-audit-audit_tamper_test

The test program writes one store per way of tampering, with the program's own verdict; verify_audit.py then judges the
same store. Prints one line per store; exit 1 if any verdict differs.
"""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def ours(path):
    with open(path, encoding="utf-8") as f:
        first, *rest = f.read().splitlines()
    words = first.split()
    kinds = {line.split()[0] for line in rest}
    return {"alone": int(words[1]) > 0, "sealed": int(words[3]), "unsealed": int(words[5]), "kinds": kinds}


def second(folder, kept):
    command = [sys.executable, os.path.join(HERE, "verify_audit.py"), os.path.join(folder, "store.db"), "--home", "1",
               "--key", os.path.join(folder, "key.der")]
    if kept:
        command += ["--kept", os.path.join(folder, "kept.json")]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        raise SystemExit("verify_audit failed: " + run.stderr)
    return json.loads(run.stdout)


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else "build/test-engine-audit-audit_tamper_test"
    differ = 0
    with tempfile.TemporaryDirectory() as root:
        subprocess.run([program], check=True, env={**os.environ, "TONGBAN_AUDIT_CASES": root})
        names = sorted(os.listdir(root))
        for name in names:
            folder = os.path.join(root, name)
            a, b, alone = ours(os.path.join(folder, "verdict.txt")), second(folder, True), second(folder, False)
            same = (a["alone"] == bool(alone["faults"]) and a["kinds"] == {f["kind"] for f in b["faults"]}
                    and a["sealed"] == b["sealed"] and a["unsealed"] == b["unsealed"])
            sound = not b["faults"]
            same = same and sound == (name == "good")
            differ += not same
            print("%-20s %-7s %s" % (name, "agree" if same else "DIFFER", "sound" if sound else sorted(a["kinds"])))
            if not same:
                print("   program:", a, "\n   second: ", b)
    if len(names) < 12:
        raise SystemExit("only %d stores were written" % len(names))
    print("%d stores, %d verdicts differ" % (len(names), differ))
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
