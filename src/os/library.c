/* library: see library.h. RTLD_NODELETE keeps the invariant whoever closes what. */
#include "os/library.h"

#include <dlfcn.h>
#include <string.h>

int library_load(const char *file, const char *package, const struct library_entry *entry, size_t n, void *table, struct err *e) {
    void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle) return err_set(e, ERR_IO, "%s cannot be loaded: install %s", file, package);
    for (size_t i = 0; i < n; i++) {
        void *found = dlsym(handle, entry[i].name);
        if (!found && !entry[i].wished) return err_set(e, ERR_IO, "%s is not a usable %s: it has no %s", file, package, entry[i].name);
        memcpy((char *)table + entry[i].at, &found, sizeof found); /* POSIX: a function's pointer has the shape of void * */
    }
    return 0;
}
