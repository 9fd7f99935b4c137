/* pg_cluster: the private PostgreSQL clusters of the tests (src/store/pg_fixture.h), for scripts.
 *
 *   pg_cluster run COMMAND...  with the address of an empty database in the shared cluster for each word "@"; the
 *                              database goes when the command ends, the cluster by tests/pg_stop
 *   pg_cluster trio            a primary with two synchronous standbys; prints the address of all three, then reads
 *                          commands, one a line, and answers each with "ok": hang, go (both walreceivers),
 *                          kill (-9, the whole primary), promote, async (no standby is waited for), down (the
 *                          standbys' machines stand still), up. Everything ends at the end of its input.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/pg_fixture.h"
#include "store/pg_trio_fixture.h"

static int run(int argc, char **argv) {
    const char *why = NULL;
    char name[40], sql[200], url[600];
    int status = 0;
    if (!pg_fixture_up(&why)) return fprintf(stderr, "pg_cluster: %s\n", why), 1;
    (void)snprintf(name, sizeof name, "d_%d_run", (int)getpid()); /* left behind by a kill, store_fixture.c drops it */
    (void)snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE template0", name);
    (void)pg_fixture_sql("postgres", false, sql);
    pg_fixture_url(name, url, sizeof url);
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], "@") == 0) argv[i] = url;
    pid_t pid = fork();
    if (pid == 0) {
        (void)execvp(argv[0], argv);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid) status = -1;
    (void)snprintf(sql, sizeof sql, "DROP DATABASE %s WITH (FORCE)", name);
    (void)pg_fixture_sql("postgres", false, sql);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static bool obey(struct pg_trio *t, const char *word) {
    const char *primary = pg_trio_primary(t);
    if (strcmp(word, "hang") == 0) pg_trio_hang(t, true);
    else if (strcmp(word, "go") == 0) pg_trio_hang(t, false);
    else if (strcmp(word, "kill") == 0) pg_trio_kill(t);
    else if (strcmp(word, "promote") == 0) pg_trio_promote(t);
    else if (strcmp(word, "async") == 0) {
        (void)pg_fixture_sql_in(primary, "postgres", false, "ALTER SYSTEM SET synchronous_standby_names = ''");
        (void)pg_fixture_sql_in(primary, "postgres", false, "SELECT pg_reload_conf()");
    } else if (strcmp(word, "down") == 0 || strcmp(word, "up") == 0) {
        for (int i = 0; i < PG_TRIO; i++) {
            if (i == t->primary || !t->up[i]) continue;
            if (word[0] == 'd') pg_fixture_stop(t->dir[i]);
            else if (!pg_fixture_start(t->dir[i], "", NULL)) return false;
        }
    } else return false;
    return true;
}

static int trio(void) {
    struct pg_trio t;
    const char *why = NULL;
    char line[100];
    if (!pg_trio_start(&t, &why)) return fprintf(stderr, "pg_cluster: %s\n", why), 1;
    (void)printf("%s\n", t.url);
    (void)fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        (void)printf("%s\n", obey(&t, line) ? "ok" : "no");
        (void)fflush(stdout);
    }
    pg_trio_remove(&t);
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 2 && strcmp(argv[1], "run") == 0) return run(argc - 2, argv + 2);
    if (argc == 2 && strcmp(argv[1], "trio") == 0) return trio();
    (void)fprintf(stderr, "usage: see the head of pg_cluster.c\n");
    return 2;
}
