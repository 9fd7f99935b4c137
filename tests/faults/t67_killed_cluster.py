"""The tests' own PostgreSQL, killed between two runs: the next run makes it anew at once. A number in its pid file that is somebody else's by now
is not taken for a server; control: a cluster that runs is kept, with what is in it."""
import signal
from server import *
from storefault import finish, scratch


def run(place, *command):
    p = subprocess.run([os.path.join(BUILD, "fault-pg_cluster"), "run", *command], capture_output=True, text=True, timeout=300,
                       env=dict(os.environ, TONGBAN_TEST_PG=place))
    return p.returncode, (p.stdout + p.stderr).strip()


def server(place):
    with open(os.path.join(place, "data", "postmaster.pid")) as f:
        return int(f.readline())


def born(place):
    """Which cluster it is: initdb gives each a number of its own, in its control file."""
    with open(os.path.join(place, "data", "global", "pg_control"), "rb") as f:
        return f.read(8)


def main():
    base = scratch()
    os.chmod(base, 0o711)  # the server runs as a user of its own where we are root
    place = os.path.join(base, "pg")
    query = ("psql", "-qAt", "-d", "@", "-c", "SELECT 6 * 7")
    try:
        check(run(place, *query) == (0, "42"), "the cluster is made and answers")
        first, pid = born(place), server(place)
        check(run(place, *query) == (0, "42") and born(place) == first and server(place) == pid, "control: one that runs is kept")
        os.kill(pid, signal.SIGKILL)
        check(run(place, *query) == (0, "42") and born(place) != first, "killed, it is made anew")
        second, pid = born(place), server(place)
        os.kill(pid, signal.SIGKILL)
        with open(os.path.join(place, "data", "postmaster.pid"), "w") as f:
            f.write(f"{os.getpid()}\n")
        check(run(place, *query) == (0, "42") and born(place) != second, "also where its number is another process's by now")
    finally:
        subprocess.run([os.path.join(os.path.dirname(__file__), "..", "pg_stop")], env=dict(os.environ, TONGBAN_TEST_PG=place), capture_output=True)
    finish()


main()
