/* cmd_serve: the parent with its roles, and the role `app`, which serves the pages and the control socket.
 * Order in the role: take the folder and listen while that is still allowed, reach keys and press, close the sandbox, open the
 * store, start threads, serve. Invariant: the first answer is given only when store, releases and templates are whole.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/control.h"
#include "app/roles.h"
#include "app/http.h"
#include "base/log.h"
#include "http/smtp.h"
#include "os/os.h"
#include "os/proc.h"
#include "proc/courier/role.h"
#include "proc/parent/parent.h"
#include "proc/press/role.h"
#include "proc/supervise/role.h"
#include "web/live/live.h"

/* Looked at before any process starts: what most often goes wrong is said in one sentence, and not in a log. */
static bool free_to_listen(const char *address) {
    struct err e = { 0 };
    int fd = -1, rc = proc_listen(str_of(address), &fd, &e);
    proc_close(&fd);
    if (rc == ERR_BUSY)
        fprintf(stderr,
                "tongban serve: another program listens on %s (an earlier ./run?). Stop it, or serve elsewhere: "
                "--listen ADDRESS:PORT, with ./run: LISTEN=127.0.0.1:9000 ./run\n",
                address);
    else if (rc) (void)cmd_fail(address, &e);
    return !rc;
}

/* What the options say of one gateway; what is wrong is said. */
static int gateway_wrong(const char *option, const char *form) {
    struct err e = { 0 };
    (void)err_set(&e, ERR_FORMAT, "%s", form);
    return cmd_fail(option, &e);
}

static bool sender_ok(const char *sender) {
    size_t n = strlen(sender), digits = strspn(sender, "0123456789");
    return n > 0 && (digits == n ? n <= 20 : n <= 11 && str_find_char(str_of(sender), ' ', 0) == SIZE_MAX);
}

/* Looked at before the courier does, whose words only the log would have. */
static int secrets_wrong(const char *path) {
    struct arena a;
    struct err e = { 0 };
    struct str text;
    arena_init(&a, "secrets", 65536);
    int rc = os_read_file(&a, path, COURIER_SECRETS_BYTES_MAX, &text, &e);
    if (!rc) rc = courier_secrets_check(text, &e);
    if (!rc && os_open_to_all(path)) rc = err_set(&e, ERR_FORMAT, "chmod o-rwx %s", path);
    arena_done(&a);
    return rc ? cmd_fail(path, &e) : 0;
}

/* "https://city.example", "http://127.0.0.1:8080": what stands before every address that leaves. */
static bool base_ok(struct str base) {
    static const struct str schemes[] = { S_INIT("https://"), S_INIT("http://") };
    struct str host, port;
    for (size_t i = 0; i < 2; i++)
        if (str_starts(base, schemes[i]))
            return smtp_host(str_sub(base, schemes[i].len, base.len), i ? S("80") : S("443"), &host, &port);
    return false;
}

/* Arguments of the roles for what leaves; 0 and `*n` grown, or said what is wrong. */
static int gateway_args(int argc, char **argv, struct arena *a, const char **args, size_t *n) {
    const char *mail = cmd_option(argc, argv, "--mail"), *from = cmd_option(argc, argv, "--mail-from");
    const char *bounces = cmd_option(argc, argv, "--mail-bounces"), *secrets = cmd_option(argc, argv, "--gateway-secrets");
    const char *sms = cmd_option(argc, argv, "--sms"), *sender = cmd_option(argc, argv, "--sms-from");
    struct str host = S(""), port = S(""), allow = S("");
    if (secrets && secrets_wrong(secrets)) return CMD_FAILED;
    if (mail || from || bounces) {
        if (!mail || !smtp_server(str_of(mail), &host, &port)) return gateway_wrong("--mail", "smtp://HOST:PORT");
        if (!from || !smtp_address_ok(str_of(from))) return gateway_wrong("--mail-from", "name@domain");
        if (bounces && !smtp_address_ok(str_of(bounces))) return gateway_wrong("--mail-bounces", "name@domain");
        allow = ARENA_CAT(a, host, S(":"), port);
        args[(*n)++] = arena_fmt(a, "mail=%s", mail).ptr;
        args[(*n)++] = arena_fmt(a, "mail_from=%s", from).ptr;
        args[(*n)++] = arena_fmt(a, "mail_bounces=%s", bounces ? bounces : "").ptr;
    }
    if (sms || sender) {
        bool smpp = sms && strncmp(sms, "smpp://", 7) == 0;
        if (!smpp || !courier_server(str_of(sms), &host, &port)) return gateway_wrong("--sms", "smpp://HOST:PORT");
        if (!sender || !sender_ok(sender)) return gateway_wrong("--sms-from", "10690000");
        allow = ARENA_CAT(a, allow, allow.len ? S(",") : S(""), host, S(":"), port);
        args[(*n)++] = arena_fmt(a, "sms=%s", sms).ptr;
        args[(*n)++] = arena_fmt(a, "sms_from=%s", sender).ptr;
    }
    args[(*n)++] = arena_fmt(a, "courier_allow=%.*s", STR_ARG(allow)).ptr;
    args[(*n)++] = arena_fmt(a, "courier_secrets=%s", secrets ? secrets : "").ptr;
    return 0;
}

/* An address as the sockets of its connections tell it; empty if it is none. */
static struct str proxy_of(struct arena *a, const char *typed) {
    unsigned char bytes[16];
    char text[INET6_ADDRSTRLEN];
    for (size_t i = 0; i < 2; i++) {
        int kind = i ? AF_INET6 : AF_INET;
        if (inet_pton(kind, typed, bytes) == 1 && inet_ntop(kind, bytes, text, sizeof text)) return arena_str(a, str_of(text));
    }
    return S("");
}

int cmd_serve(int argc, char **argv) {
    const char *data = cmd_data(argc, argv), *listen = cmd_option(argc, argv, "--listen");
    const char *store = cmd_option(argc, argv, "--store");
    const char *base = cmd_option(argc, argv, "--base-url"), *libpq = cmd_option(argc, argv, "--libpq");
    struct arena a;
    const char *args[ROLE_ARGS_MAX];
    size_t n = 0;
    if (!listen) listen = "127.0.0.1:8080";
    arena_init(&a, "serve", 65536);
    struct str mark;
    const char *installed = arena_fmt(&a, "%s/installed", data).ptr;
    if (!cmd_installed(data) || !installed || os_read_file(&a, installed, 64, &mark, NULL)) {
        arena_done(&a);
        return 1;
    }
    if (base && !base_ok(str_of(base))) {
        arena_done(&a);
        return gateway_wrong("--base-url", "https://HOST");
    }
    if (!free_to_listen(listen)) {
        arena_done(&a);
        return CMD_FAILED;
    }
    const char *memory = arena_fmt(&a, "%s/supervise", data).ptr; /* supervision's own; installations of before have none */
    struct err io = { 0 };
    if (!memory || os_mkdir(memory, &io)) {
        arena_done(&a);
        return cmd_fail(data, &io);
    }
    args[n++] = arena_fmt(&a, "data=%s", data).ptr;
    args[n++] = arena_fmt(&a, "dir=%s/keys", data).ptr;
    args[n++] = "suite=intl";
    args[n++] = arena_fmt(&a, "listen=%s", listen).ptr;
    args[n++] = arena_fmt(&a, "base=%s%s", base ? "" : "http://", base ? base : listen).ptr;
    const char *proxy = cmd_option(argc, argv, "--proxy");
    struct str peer = proxy ? proxy_of(&a, proxy) : S("");
    if (proxy && !peer.len) {
        arena_done(&a);
        return gateway_wrong("--proxy", "127.0.0.1");
    }
    if (proxy) args[n++] = arena_fmt(&a, "proxy=%.*s", STR_ARG(peer)).ptr;
    struct err e = { 0 };
    uint32_t node;
    if (cmd_node(argc, argv, &node, &e)) {
        arena_done(&a);
        return cmd_fail("--node", &e);
    }
    args[n++] = arena_fmt(&a, "node=%u", node).ptr;
    if (cmd_flag(argc, argv, "--clock-is-right")) args[n++] = "clock=right";
    if (store) args[n++] = arena_fmt(&a, "store=%s", store).ptr;
    if (libpq) args[n++] = arena_fmt(&a, "libpq=%s", libpq).ptr;
    if (gateway_args(argc, argv, &a, args, &n)) {
        arena_done(&a);
        return CMD_FAILED;
    }
    /* Demo accounts exist only where `init --demo` made them, and sign in only on the loopback interface. */
    if (str_eq(str_trim(mark), S("demo")) && (strncmp(listen, "127.", 4) == 0 || strncmp(listen, "[::1]", 5) == 0)) args[n++] = "demo=yes";
    struct parent_config c = { .roles = app_roles, .n = app_n_roles, .arg = args, .n_arg = n, .single = cmd_flag(argc, argv, "--single") };
    int code = parent_run(&c);
    arena_done(&a);
    return code;
}

static int serve(struct role_context *c, struct ipc_hub *hub, int fd, const struct control_socket *socket, struct err *e) {
    struct arena a;
    struct app *app = NULL;
    struct web *web = NULL;
    struct http_server *http = NULL;
    struct control *control = NULL;
    struct str data = role_config(c, S("data")), base = role_config(c, S("base"));
    arena_init(&a, "serve", (size_t)256 * 1024 * 1024);
    struct app_config config = { .data_dir = arena_cstr(&a, data), .store_url = role_config(c, S("store")), .base_url = base, .hub = hub,
                                 .proxy = role_config(c, S("proxy")),
                                 .libpq = role_config(c, S("libpq")),
                                 .demo = role_config(c, S("demo")).len > 0, .clock_is_right = role_config(c, S("clock")).len > 0,
                                 .gateways = { .mail = role_config(c, S("mail")), .mail_from = role_config(c, S("mail_from")),
                                               .mail_bounces = role_config(c, S("mail_bounces")), .sms = role_config(c, S("sms")),
                                               .sms_from = role_config(c, S("sms_from")) } };
    uint64_t node = 0;
    (void)str_to_u64(role_config(c, S("node")), &node);
    config.node = (uint32_t)node;
    const char *uploads = arena_fmt(&a, "%.*s/uploads", STR_ARG(data)).ptr;
    int rc = config.data_dir && uploads ? os_mkdir(uploads, e) : err_set(e, ERR_MEMORY, NULL);
    if (!rc) rc = app_open(&config, &app, e);
    if (!rc) rc = app_work(app, e);
    if (!rc) rc = app_http_start(app, &a, role_config(c, S("listen")), fd, uploads, &web, &http, e);
    if (!rc) rc = control_start(app, socket, &a, &control, e);
    if (!rc) {
        role_ready(c);
        ipc_hub_wait_stop(hub);
        live_stop(app->live); /* their readers come back with the last number they saw */
    }
    control_stop(control); /* before the server: it reads the server's figures */
    if (http) http_stop(http, 10000);
    if (web) web_stop(web);
    app_close(app);
    arena_done(&a);
    return rc;
}

int app_main(struct role_context *c) {
    static const struct ipc_table *const tables[] = { &keys_table, &press_ipc, &courier_table, &courier_urgent_table,
                                                     &supervise_table };
    struct arena a;
    struct ipc_hub hub;
    struct err e = { 0 };
    int fd = -1;
    arena_init(&a, "hub", 1024 * 1024);
    struct str data = role_config(c, S("data"));
    const char *dir = arena_cstr(&a, data);
    /* what only a way to PostgreSQL needs comes last: without one this process connects nowhere */
    struct sandbox_path paths[] = {
        { dir, true }, { "/usr/share/zoneinfo", false }, { "/usr/lib", false }, { "/lib", false }, { "/etc/ssl", false },
        { "/dev/urandom", false }, { "/proc/self", false },
        { "/etc", false }, { "/run/postgresql", true }, { "/var/run/postgresql", true }, { "/tmp", true },
    };
    size_t n_paths = sizeof paths / sizeof *paths;
    struct str store = role_config(c, S("store"));
    if (!store.len || str_starts(store, S("sqlite:"))) n_paths -= 4, c->without = SANDBOX_CONNECT;
    struct control_socket socket = { -1, -1 };
    int rc = dir ? control_listen(dir, &socket, &e) : err_set(&e, ERR_MEMORY, NULL);
    if (!rc) rc = proc_listen(role_config(c, S("listen")), &fd, &e);
    if (!rc) rc = role_lock(c, paths, n_paths, &e);
    if (!rc) rc = ipc_hub_start(&hub, &a, c->control_fd, tables, sizeof tables / sizeof *tables, &e);
    if (!rc) {
        rc = serve(c, &hub, fd, &socket, &e);
        ipc_hub_done(&hub);
    }
    if (rc) LOG(LOG_ERROR, "app", S(""), "cannot serve", LOG_ERR(&e));
    control_unlisten(&socket);
    arena_done(&a);
    return rc ? 1 : 0;
}
