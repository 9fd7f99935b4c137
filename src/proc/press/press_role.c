/* press_role: the process around press_set. Memory and crashes of the typesetting libraries stay here; the parent starts it again.
 * Invariant: nothing is kept from one paper to the next but what the libraries cache of fonts.
 */
#include "proc/press/role.h"

#include "base/log.h"
#include "os/os.h"
#include "engine/paper/paper_layout.h"
#include "proc/press/press.h"
#include "proc/press/press_lib.h"

static int set(struct ipc_call *c, struct err *e) {
    return press_set(c->arena, c->body, &c->reply, e);
}

static const struct ipc_op ops[] = {
    { PRESS_SET, "set", 5, PAPER_MESSAGE_BYTES_MAX, PRESS_PDF_BYTES_MAX, set, 0 },
};
const struct ipc_table press_ipc = { "press", ops, 1, (size_t)128 * 1024 * 1024 };

int press_main(struct role_context *c) {
    static const struct sandbox_path paths[] = {
        { "/usr/share/fonts", false }, { "/usr/share/fontconfig", false }, { "/etc/fonts", false }, { "/usr/lib", false },
        { "/usr/share/zoneinfo", false }, { "/var/cache/fontconfig", false }, { "/dev/urandom", false },
    };
    struct err e = { 0 };
    struct press_lib lib;
    if (press_lib_load(&lib, &e) || role_lock(c, paths, sizeof paths / sizeof *paths, &e)) {
        LOG(LOG_ERROR, "press", S(""), "cannot begin", LOG_ERR(&e));
        return 1;
    }
    return role_serve(c, &press_ipc, NULL);
}
