/* roles: keys, press, courier and supervise answer; app asks. Each with its own user and its own fence. */
#include "app/roles.h"

#include "proc/courier/role.h"
#include "proc/keys/keys.h"
#include "proc/press/role.h"
#include "proc/supervise/role.h"

const struct role app_roles[] = {
    { "keys", keys_main, false, true, 61001, "keys", { .may = SANDBOX_FILES | SANDBOX_WRITE | SANDBOX_SECRET, .files = 64 } },
    { "press", press_main, false, false, 61002, NULL, { .may = SANDBOX_FILES, .memory_bytes = (size_t)2048 * 1024 * 1024, .files = 256 } },
    /* as courier_sandbox, which the courier's tests probe */
    { "courier", courier_main, false, false, 61003, NULL,
      { .may = SANDBOX_FILES | SANDBOX_CONNECT | SANDBOX_SECRET, .memory_bytes = (size_t)1 << 30, .files = 64 } },
    { "courier-urgent", courier_main, false, false, 61005, NULL,
      { .may = SANDBOX_FILES | SANDBOX_CONNECT | SANDBOX_SECRET, .memory_bytes = (size_t)1 << 30, .files = 64 } },
    { "supervise", supervise_main, false, false, 61006, "supervise",
      { .may = SANDBOX_FILES | SANDBOX_WRITE | SANDBOX_SECRET, .memory_bytes = (size_t)2048 * 1024 * 1024, .files = 64 } },
    { "app", app_main, true, false, 61004, "", { .may = SANDBOX_FILES | SANDBOX_WRITE | SANDBOX_LISTEN | SANDBOX_CONNECT, .files = 8192 } },
};
const size_t app_n_roles = sizeof app_roles / sizeof *app_roles;
