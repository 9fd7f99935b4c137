/* spawn_pass: of a program that picks the environment of the programs which it starts, a preloaded library has itself and its own variables
 * passed on: those that begin with SPAWN_PASS. */
#include <dlfcn.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                char *const argv[], char *const envp[]) {
    static int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const *, char *const *);
    char *more[128];
    size_t n = 0;
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "posix_spawn");
    for (size_t i = 0; envp[i] && n < 100; i++) more[n++] = envp[i];
    for (char **v = environ; *v && n < 120; v++)
        if (strncmp(*v, "LD_PRELOAD=", 11) == 0 || strncmp(*v, SPAWN_PASS, sizeof SPAWN_PASS - 1) == 0) more[n++] = *v;
    more[n] = NULL;
    return real(pid, path, actions, attributes, argv, more);
}
