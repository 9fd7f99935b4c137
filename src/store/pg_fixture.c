/* pg_fixture: starts and talks to PostgreSQL clusters that belong to the tests alone.
 *
 * Invariants
 *  1. A cluster lies in a directory of its own, listens on a unix socket in it and on nothing else, and is owned
 *     by the caller, or by user postgres when the caller is root (the server refuses root).
 *  2. The shared cluster is started under the lock file `start`, and used under a shared lock of `use`;
 *     `tests/pg_stop` stops it when nobody holds `use`. One whose server was killed is made anew.
 *  3. Any other cluster ends with the program that started it, however that ends: a child of ours removes what is
 *     left when our end of a pipe closes.
 */
#include "store/pg_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/pg_impl.h"

static const struct pg_lib *pq;
static char bin[256], shared[256];
static int start_lock = -1, use_lock = -1, keeper = -1;

enum { OWN_MAX = 16, OWN_BYTES = 200 };

static _Noreturn void die(const char *what, const char *detail) {
    (void)fprintf(stderr, "pg_fixture: error: %s: %s\n", what, detail ? detail : "");
    exit(1);
}

static bool find_bin(void) {
    static const char *const places[] = { "/usr/lib/postgresql/*/bin/initdb", "/usr/local/pgsql/bin/initdb" };
    for (size_t i = 0; i < 2 && !bin[0]; i++) {
        glob_t g = { 0 };
        if (glob(places[i], 0, NULL, &g) == 0 && g.gl_pathc > 0) {
            const char *last = g.gl_pathv[g.gl_pathc - 1];
            (void)snprintf(bin, sizeof bin, "%.*s", (int)(strlen(last) - strlen("/initdb")), last);
        }
        globfree(&g);
    }
    return bin[0] != 0;
}

/* Runs a tool of the server as its user, quietly into `log`; its exit code. */
static int tool(const char *log, const char *const *argv) {
    pid_t pid = fork();
    if (pid < 0) die("fork", argv[0]);
    if (pid == 0) {
        char path[512];
        int null = open("/dev/null", O_RDWR);
        if (geteuid() == 0) {
            struct passwd *pw = getpwnam("postgres");
            if (!pw || setgid(pw->pw_gid) < 0 || setuid(pw->pw_uid) < 0) _exit(126);
        }
        int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        (void)dup2(null, 0);
        (void)dup2(out < 0 ? null : out, 1);
        (void)dup2(out < 0 ? null : out, 2);
        for (int fd = 3; fd < 256; fd++) (void)close(fd); /* the server outlives us and must hold nothing of ours */
        (void)setsid();
        if (chdir("/") < 0) _exit(126);
        (void)snprintf(path, sizeof path, "%s/%s", bin, argv[0]);
        (void)execv(path, (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    int status = 0;
    if (waitpid(pid, &status, 0) != pid) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void own(const char *dir) {
    if (mkdir(dir, 0700) < 0) die("mkdir", dir);
    struct passwd *pw = geteuid() == 0 ? getpwnam("postgres") : NULL;
    if (geteuid() == 0 && (!pw || chown(dir, pw->pw_uid, pw->pw_gid) < 0)) die("user postgres", dir);
}

/* Removes at our end, also at a killed one, what is then still there of `dir`. */
static void remove_at_end(const char *dir) {
    int ends[2];
    char line[OWN_BYTES] = "";
    if (keeper < 0) {
        if (pipe2(ends, O_CLOEXEC) < 0) die("pipe", dir);
        pid_t pid = fork();
        if (pid < 0) die("fork", dir);
        if (pid == 0) {
            static char own_dir[OWN_MAX][OWN_BYTES];
            size_t n = 0;
            (void)close(ends[1]);
            (void)setsid(); /* what ends the test from the terminal does not end us */
            while (n < OWN_MAX && read(ends[0], own_dir[n], OWN_BYTES) == OWN_BYTES) n++;
            while (n-- > 0)
                if (access(own_dir[n], F_OK) == 0) pg_fixture_remove(own_dir[n]);
            _exit(0);
        }
        (void)close(ends[0]);
        keeper = ends[1];
    }
    if (snprintf(line, sizeof line, "%s", dir) >= OWN_BYTES || write(keeper, line, sizeof line) != OWN_BYTES)
        die("a cluster of one's own", dir);
}

/* The number at the head of a file; or, of a /proc/PID/stat, the parent (0 when the process has ended). */
static pid_t number_in(const char *path, bool parent) {
    char line[512] = "";
    FILE *f = fopen(path, "r");
    if (!f) return 0;
    if (!fgets(line, sizeof line, f)) line[0] = 0;
    (void)fclose(f);
    const char *at = parent ? strrchr(line, ')') : line; /* "PID (NAME) STATE PARENT ..." */
    if (!at || (parent && (strlen(at) < 4 || at[2] == 'Z'))) return 0;
    return (pid_t)strtol(parent ? at + 4 : at, NULL, 10);
}

/* The process that serves `dir`, 0 when none does. A pid file outlives a killed server, and its number may be another's by now: a server
 * stands in its own directory. */
static pid_t server_of(const char *dir) {
    char path[300];
    struct stat cwd, data;
    (void)snprintf(path, sizeof path, "%s/data/postmaster.pid", dir);
    pid_t server = number_in(path, false);
    (void)snprintf(path, sizeof path, "/proc/%d/cwd", (int)server);
    if (server <= 0 || stat(path, &cwd) < 0) return 0;
    (void)snprintf(path, sizeof path, "%s/data", dir);
    return stat(path, &data) == 0 && cwd.st_dev == data.st_dev && cwd.st_ino == data.st_ino ? server : 0;
}

bool pg_fixture_start(const char *dir, const char *settings, const char *from) {
    char data[300], log[300], conf[340];
    struct stat st;
    (void)snprintf(data, sizeof data, "%s/data", dir);
    (void)snprintf(log, sizeof log, "%s/log", dir);
    (void)snprintf(conf, sizeof conf, "%s/postgresql.conf", data);
    if (stat(dir, &st) < 0) own(dir);
    if (chmod(dir, 0711) < 0) die("chmod", dir); /* the socket's way in: a server's roles have users of their own */
    if (strcmp(dir, shared) != 0 && stat(conf, &st) < 0) remove_at_end(dir);
    if (server_of(dir)) return true;
    if (stat(conf, &st) < 0) {
        int rc = from ? tool(log, (const char *const[]){ "pg_basebackup", "-D", data, "-R", "-X", "stream", "-c",
                                                         "fast", "-d", from, NULL })
                      : tool(log, (const char *const[]){ "initdb", "-D", data, "-U", "tongban", "-A", "trust", "-E",
                                                         "UTF8", "--locale=C", "--no-sync", NULL });
        if (rc != 0) die("initdb", log);
        FILE *f = fopen(conf, "a");
        if (!f) die("postgresql.conf", conf);
        (void)fprintf(
            f,
            "\nlisten_addresses = ''\nunix_socket_directories = '%s'\nmax_connections = 300\nshared_buffers = 64MB\n"
            "logging_collector = off\ndynamic_shared_memory_type = mmap\n%s\n",
            dir, settings);
        if (fclose(f) != 0) die("postgresql.conf", conf);
    }
    return tool(log, (const char *const[]){ "pg_ctl", "start", "-w", "-t", "120", "-D", data, "-l", log, NULL }) == 0;
}

void pg_fixture_stop(const char *dir) {
    char data[300];
    (void)snprintf(data, sizeof data, "%s/data", dir);
    (void)tool("/dev/null", (const char *const[]){ "pg_ctl", "stop", "-m", "immediate", "-D", data, NULL });
}

/* The segment that guards a data directory would outlive a killed server: line 7 of its pid file is "key id". */
static void drop_segment(const char *pid_file) {
    char line[300];
    long key = 0;
    int id = -1;
    FILE *f = fopen(pid_file, "r");
    if (!f) return;
    for (int i = 0; i < 7 && fgets(line, sizeof line, f); i++)
        if (i == 6 && sscanf(line, "%ld %d", &key, &id) == 2) (void)shmctl(id, IPC_RMID, NULL);
    (void)fclose(f);
}

void pg_fixture_kill(const char *dir) {
    char path[300], pid_file[300];
    (void)snprintf(pid_file, sizeof pid_file, "%s/data/postmaster.pid", dir);
    pid_t child[512], server = server_of(dir);
    size_t n = 0;
    if (!server) return;
    DIR *all = opendir("/proc");
    if (!all) die("/proc", dir);
    for (const struct dirent *d; n < sizeof child / sizeof *child && (d = readdir(all));) {
        pid_t pid = (pid_t)strtol(d->d_name, NULL, 10);
        (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
        if (pid > 0 && number_in(path, true) == server) child[n++] = pid;
    }
    (void)closedir(all);
    (void)kill(server, SIGKILL); /* first, or it would start its children again */
    for (size_t i = 0; i < n; i++) (void)kill(child[i], SIGKILL);
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)server);
    for (int i = 0; number_in(path, true) > 0; i++) { /* until it has ended, its socket is open */
        if (i == 5000) die("kill -9 has no effect", dir);
        (void)usleep(1000);
    }
    drop_segment(pid_file);
}

bool pg_fixture_promote(const char *dir) {
    char data[300], log[300];
    (void)snprintf(data, sizeof data, "%s/data", dir);
    (void)snprintf(log, sizeof log, "%s/log", dir);
    return tool(log, (const char *const[]){ "pg_ctl", "promote", "-w", "-t", "30", "-D", data, NULL }) == 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at) {
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

void pg_fixture_remove(const char *dir) {
    pg_fixture_kill(dir);
    (void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void pg_fixture_url_in(const char *dir, const char *name, char *url, size_t cap) {
    (void)snprintf(url, cap, "host=%s user=tongban dbname=%s", dir, name);
}

void pg_fixture_url(const char *name, char *url, size_t cap) {
    pg_fixture_url_in(shared, name, url, cap);
}

static int lock_file(const char *name, int how) {
    char path[300];
    (void)snprintf(path, sizeof path, "%s.%s", shared, name);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, how) < 0) die("lock", path);
    return fd;
}

void pg_fixture_lock(void) {
    start_lock = lock_file("start", LOCK_EX);
}

void pg_fixture_unlock(void) {
    (void)close(start_lock);
    start_lock = -1;
}

bool pg_fixture_up(const char **why) {
    static struct arena a;
    struct err e;
    char pid_file[300];
    const char *only = getenv("TONGBAN_TEST_STORES"), *tmp = getenv("TMPDIR"), *place = getenv("TONGBAN_TEST_PG");
    if (only && strcmp(only, "sqlite") == 0) {
        *why = "TONGBAN_TEST_STORES=sqlite";
        return false;
    }
    if (pq) return true;
    arena_init(&a, "pg fixture", 1024 * 1024);
    if (!find_bin()) {
        *why = "no initdb below /usr/lib/postgresql: install postgresql";
        return false;
    }
    if (store_pg_load("", &a, &pq, &e) < 0) {
        *why = "libpq.so.5 cannot be loaded: install libpq5";
        return false;
    }
    if (place && *place) (void)snprintf(shared, sizeof shared, "%s", place);
    else (void)snprintf(shared, sizeof shared, "%s/tongban-pg-%u", tmp && *tmp ? tmp : "/tmp", (unsigned)getuid());
    use_lock = lock_file("use", LOCK_SH);
    pg_fixture_lock();
    /* A pid file without its server: it was killed. What is in it is nobody's, and to recover it takes longer than to make it anew: the
     * next start of a killed server looks through every file of every database first. */
    (void)snprintf(pid_file, sizeof pid_file, "%s/data/postmaster.pid", shared);
    if (access(pid_file, F_OK) == 0 && !server_of(shared)) pg_fixture_remove(shared);
    bool up = pg_fixture_start(shared, "max_wal_size = 256MB\ncheckpoint_timeout = 1h", NULL);
    pg_fixture_unlock();
    if (!up) die("the server does not start; see the log in", shared);
    return true;
}

static void no_notice(void *context, const PGresult *res) {
    (void)context;
    (void)res;
}

const char *pg_fixture_sql(const char *name, bool may_fail, const char *sql) {
    return pg_fixture_sql_in(shared, name, may_fail, sql);
}

const char *pg_fixture_sql_in(const char *dir, const char *name, bool may_fail, const char *sql) {
    static char value[256];
    char url[512];
    pg_fixture_url_in(dir, name, url, sizeof url);
    static const char *const keys[] = { "dbname", NULL };
    const char *const values[] = { url, NULL };
    PGconn *link = pq->connectdbParams(keys, values, 1);
    if (!link || pq->status(link) != CONNECTION_OK) die("connect", link ? pq->errorMessage(link) : "");
    (void)pq->setNoticeReceiver(link, no_notice, NULL);
    bool some = false, bad = !pq->sendQuery(link, sql);
    for (PGresult *res; (res = pq->getResult(link)); pq->clear(res)) {
        ExecStatusType s = pq->resultStatus(res);
        if (s != PGRES_COMMAND_OK && s != PGRES_TUPLES_OK) bad = true;
        else if (s == PGRES_TUPLES_OK && !some && pq->ntuples(res) > 0) {
            (void)snprintf(value, sizeof value, "%s", pq->getvalue(res, 0, 0));
            some = true;
        }
    }
    if (bad && !may_fail) die(sql, pq->errorMessage(link));
    pq->finish(link);
    return some && !bad ? value : NULL;
}
