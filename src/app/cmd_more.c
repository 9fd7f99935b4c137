/* cmd_more: audit, metrics, status, password, sample. */
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/control.h"
#include "app/sample.h"
#include "engine/audit/audit_kept.h"
#include "os/os.h"

/* A question whose answer is text. */
static int ask_text(int argc, char **argv, enum control_op op, struct str body) {
    struct err e = { 0 };
    int code = 0, rc = control_ask(argc, argv, op, body, control_print, NULL, &code, &e);
    return rc ? cmd_fail(cmd_data(argc, argv), &e) : code;
}

/* The heads are read here: a server need not be able to. */
int cmd_audit_verify(int argc, char **argv) {
    const char *file = cmd_option(argc, argv, "--head");
    struct arena a;
    struct str heads = S("");
    struct audit_kept *kept;
    struct err e = { 0 };
    arena_init(&a, "heads", (size_t)8 * AUDIT_KEPT_BYTES_MAX);
    int rc = file ? os_read_file(&a, file, AUDIT_KEPT_BYTES_MAX, &heads, &e) : 0;
    if (!rc && file && !str_trim(heads).len) rc = err_field(&e, ERR_REQUIRED, str_of(file), "a signed head");
    if (!rc && !(kept = arena_new(&a, struct audit_kept))) rc = err_set(&e, ERR_MEMORY, "heads");
    if (!rc) rc = audit_kept_read(&a, heads, kept, &e);
    int code = rc ? (cmd_fail(file ? file : "--head", &e), CMD_DATA) : ask_text(argc, argv, CONTROL_VERIFY, heads);
    arena_done(&a);
    return code;
}

int cmd_audit_head(int argc, char **argv) {
    return ask_text(argc, argv, CONTROL_HEAD, S(""));
}

int cmd_metrics(int argc, char **argv) {
    return ask_text(argc, argv, CONTROL_METRICS, S(""));
}

int cmd_status(int argc, char **argv) {
    return ask_text(argc, argv, CONTROL_STATUS, S(""));
}

int cmd_password(int argc, char **argv) {
    const char *login = cmd_operand(argc, argv, 0);
    struct err e = { 0 };
    int code = 0, rc = control_ask(argc, argv, CONTROL_PASSWORD, str_of(login), control_print, NULL, &code, &e);
    return rc ? cmd_fail(login, &e) : code;
}

int cmd_sample(int argc, char **argv) {
    const char *out = cmd_option(argc, argv, "--out");
    const char *texts[] = { cmd_option(argc, argv, "--people"), cmd_option(argc, argv, "--companies"), cmd_option(argc, argv, "--seed") };
    int64_t n[] = { 1000, 200, 1 };
    struct arena a;
    struct sample_city city;
    struct err e = { 0 };
    for (size_t i = 0; i < 3; i++)
        if (texts[i] && (!str_to_i64(str_of(texts[i]), &n[i]) || n[i] < 0))
            return fprintf(stderr, "not a number: %s\n", texts[i]), CMD_USAGE;
    if (!out) out = ".";
    arena_init(&a, "sample", (size_t)4 * 1024 * 1024 * 1024);
    struct civil_date today = { (int32_t)(os_now_ms() / 86400000) };
    int rc = sample_make(&a, (uint64_t)n[2], (size_t)n[0], (size_t)n[1], today, &city, &e);
    const struct str tables[] = { city.people, city.companies, city.shareholders };
    static const char *const names[] = { "person.csv", "company.csv", "shareholder.csv" };
    if (!rc) rc = os_mkdir(out, &e);
    for (size_t i = 0; !rc && i < 3; i++) {
        const char *path = arena_fmt(&a, "%s/%s", out, names[i]).ptr;
        rc = path ? os_write_file(path, tables[i], &e) : err_set(&e, ERR_MEMORY, NULL);
        if (!rc) printf("%s\n", path);
    }
    arena_done(&a);
    return rc ? cmd_fail(out, &e) : 0;
}
