/* courier: see role.h. Invariants
 *  1. A server is compared with the allow-list before any name is looked up.
 *  2. One message at a time; a slow server delays the next message, never `app`.
 */
#include "base/buf.h"
#include "base/log.h"
#include "http/smtp.h"
#include "os/os.h"
#include "proc/courier/role.h"
#include "proc/courier/sms.h"

#include <string.h>

enum { MAIL_BYTES_MAX = 1 << 20, SAID_BYTES_MAX = 240, TIMEOUT_MS = 20000, FIELDS = 8,
       SMS_BYTES_MAX = 8192, RECEIPTS_BYTES_MAX = 32768 };
_Static_assert((int)SMS_RECEIPTS_MAX == (int)COURIER_RECEIPTS_MAX, "an answer holds all");

/* ---- the message: each field as a length of 4 bytes (little end first) and its bytes ---- */

static void pack(struct buf *b, struct str s) {
    unsigned char n[4] = { (unsigned char)s.len, (unsigned char)(s.len >> 8), (unsigned char)(s.len >> 16),
                           (unsigned char)(s.len >> 24) };
    buf_add(b, str_make((const char *)n, 4));
    buf_add(b, s);
}

static bool unpack(struct str *from, struct str *ret) {
    const unsigned char *p = (const unsigned char *)from->ptr;
    if (from->len < 4) return false;
    size_t n = (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
    if (n > from->len - 4) return false;
    *ret = str_sub(*from, 4, n);
    *from = str_sub(*from, 4 + n, from->len);
    return true;
}

static struct str pack_all(struct arena *a, const struct str *field, size_t n) {
    struct buf b;
    buf_init(&b, a, 1024, MAIL_BYTES_MAX);
    for (size_t i = 0; i < n; i++) pack(&b, field[i]);
    return buf_ok(&b) ? buf_str(&b) : S("");
}

static int unpack_all(struct str body, struct str *const *field, size_t n, const char *what, struct err *e) {
    for (size_t i = 0; i < n; i++)
        if (!unpack(&body, field[i])) return err_set(e, ERR_SYNTAX, "%s: field %zu", what, i);
    return body.len ? err_set(e, ERR_SYNTAX, "%s: its end", what) : 0;
}

struct str courier_mail_pack(struct arena *a, const struct courier_mail *m) {
    const struct str field[FIELDS] = { m->server, m->from, m->to, m->subject, m->body, m->id, m->bounces,
                                       arena_i64(a, m->date_ms) };
    return pack_all(a, field, FIELDS);
}

int courier_mail_unpack(struct str body, struct courier_mail *ret, struct err *e) {
    struct str date = { NULL, 0 };
    struct str *const field[FIELDS] = { &ret->server, &ret->from, &ret->to, &ret->subject, &ret->body, &ret->id, &ret->bounces,
                                  &date };
    int r = unpack_all(body, field, FIELDS, "mail", e);
    if (!r && !str_to_i64(date, &ret->date_ms)) r = err_set(e, ERR_SYNTAX, "mail: its date");
    return r;
}

struct str courier_sms_pack(struct arena *a, const struct courier_sms *m) {
    const struct str field[] = { m->server, m->from, m->to, m->text };
    return pack_all(a, field, sizeof field / sizeof *field);
}

int courier_sms_unpack(struct str body, struct courier_sms *ret, struct err *e) {
    struct str *const field[] = { &ret->server, &ret->from, &ret->to, &ret->text };
    return unpack_all(body, field, sizeof field / sizeof *field, "text", e);
}

struct str courier_asking_pack(struct arena *a, const struct courier_asking *q) {
    const struct str field[] = { q->server, arena_i64(a, q->generation), arena_i64(a, q->done) };
    return pack_all(a, field, sizeof field / sizeof *field);
}

int courier_asking_unpack(struct str body, struct courier_asking *ret, struct err *e) {
    struct str generation = S(""), done = S("");
    struct str *const field[] = { &ret->server, &generation, &done };
    int r = unpack_all(body, field, sizeof field / sizeof *field, "asking", e);
    if (!r && (!str_to_i64(generation, &ret->generation) || !str_to_i64(done, &ret->done))) r = err_set(e, ERR_SYNTAX, "asking");
    return r;
}

int courier_receipts_unpack(struct str reply, struct courier_receipts *ret, struct err *e) {
    struct str generation, fate;
    *ret = (struct courier_receipts){ 0 };
    if (!unpack(&reply, &generation) || !str_to_i64(generation, &ret->generation)) return err_set(e, ERR_SYNTAX, "receipts");
    while (reply.len && ret->n < COURIER_RECEIPTS_MAX) {
        struct courier_receipt *one = &ret->one[ret->n++];
        if (!unpack(&reply, &one->id) || !unpack(&reply, &one->why) || !unpack(&reply, &fate) || !str_to_i64(fate, &one->fate))
            return err_set(e, ERR_SYNTAX, "receipt %zu", ret->n);
    }
    return reply.len ? err_set(e, ERR_SYNTAX, "receipts: their end") : 0;
}

int courier_answer_unpack(struct str reply, struct courier_answer *ret, struct err *e) {
    if (reply.len < 1 || reply.ptr[0] < COURIER_DELIVERED || reply.ptr[0] > COURIER_REFUSED)
        return err_set(e, ERR_SYNTAX, "answer of the courier");
    ret->outcome = (enum courier_outcome)reply.ptr[0];
    ret->said = str_sub(reply, 1, reply.len);
    return 0;
}

/* ---- the work ---- */

bool courier_server(struct str server, struct str *host, struct str *port) {
    static const struct str smpp = S_INIT("smpp://");
    return str_starts(server, smpp) ? smtp_host(str_sub(server, smpp.len, server.len), S("2775"), host, port)
                                    : smtp_server(server, host, port);
}

bool courier_allowed(struct str list, struct str server) {
    struct str host, port, entry;
    if (!courier_server(server, &host, &port)) return false;
    while (str_cut(&list, ',', &entry)) {
        size_t colon = entry.len;
        while (colon && entry.ptr[colon - 1] != ':') colon--;
        if (colon > 1 && str_eq(str_sub(entry, 0, colon - 1), host) && str_eq(str_sub(entry, colon, entry.len), port)) return true;
    }
    return false;
}

static int answer(struct ipc_call *c, enum courier_outcome outcome, struct str said) {
    char first = (char)outcome;
    c->reply = ARENA_CAT(c->arena, str_make(&first, 1), str_sub(said, 0, SAID_BYTES_MAX));
    return 0;
}

/* What handlers get: the role, and what it knows of itself at the servers. */
struct courier {
    const struct role_context *role;
    struct arena arena;
    struct str secrets;
    struct sms *sms;
};

struct str courier_secret(struct str text, struct str key) {
    struct str line, name;
    while (str_cut(&text, '\n', &line))
        if (str_cut(&line, '=', &name) && str_eq(str_trim(name), key)) return str_trim(line);
    return S("");
}

int courier_secrets_check(struct str text, struct err *e) {
    static const struct str known[] = { S_INIT("mail.user"), S_INIT("mail.password"), S_INIT("sms.system_id"), S_INIT("sms.password"),
                                        S_INIT("sms.system_type") };
    enum { KNOWN = sizeof known / sizeof *known };
    bool seen[KNOWN] = { false };
    struct str line, name;
    for (unsigned n = 1; str_cut(&text, '\n', &line); n++) {
        line = str_trim(line);
        size_t k = 0;
        if (!line.len || line.ptr[0] == '#') continue;
        bool text_whole = str_utf8_valid(line) && str_find_char(line, '\0', 0) == SIZE_MAX; /* it becomes a C string */
        bool whole = str_cut(&line, '=', &name) && text_whole;
        while (k < KNOWN && !str_eq(str_trim(name), known[k])) k++;
        if (!whole || k == KNOWN || seen[k] || !str_trim(line).len)
            return err_line(e, ERR_FORMAT, S(""), n, "mail.user=, mail.password=, sms.system_id=, sms.password=, sms.system_type=");
        seen[k] = true;
    }
    return 0;
}

static int allow(const struct ipc_call *c, struct str server, struct err *e) {
    const struct courier *co = c->context;
    if (courier_allowed(role_config(co->role, S("courier_allow")), server)) return 0;
    LOG(LOG_WARN, "courier", c->request_id, "server is not on the allow-list", LOG_TEXT("server", server));
    return err_field(e, ERR_FORBIDDEN, S("server"), "%.*s", STR_ARG(server));
}

static int do_mail(struct ipc_call *c, struct err *e) {
    const struct courier *co = c->context;
    struct courier_mail m = { 0 };
    struct str said = S("");
    enum smtp_outcome outcome = SMTP_RETRY;
    int r = courier_mail_unpack(c->body, &m, e);
    if (r) return r;
    if ((r = allow(c, m.server, e))) return r;
    const struct smtp_mail mail = { .server = m.server, .from = m.from, .to = m.to, .subject = m.subject, .body = m.body, .id = m.id,
                                    .bounces = m.bounces, .user = courier_secret(co->secrets, S("mail.user")),
                                    .password = courier_secret(co->secrets, S("mail.password")),
                                    .date_ms = m.date_ms, .timeout_ms = TIMEOUT_MS };
    r = smtp_send(c->arena, &mail, &outcome, &said, e);
    if (r == ERR_FORMAT) return answer(c, COURIER_REFUSED, str_of(e->field)); /* it will never be well formed */
    if (r) return r;
    LOG(outcome == SMTP_DELIVERED ? LOG_INFO : LOG_WARN, "courier", c->request_id, "mail", LOG_TEXT("id", m.id),
        LOG_INT("outcome", outcome)); /* neither address nor answer: both name people */
    static const enum courier_outcome told[] = { [SMTP_DELIVERED] = COURIER_DELIVERED, [SMTP_RETRY] = COURIER_RETRY,
                                                 [SMTP_REFUSED] = COURIER_REFUSED };
    return answer(c, told[outcome], said);
}

/* Host and port as C strings; brackets of an IPv6 address off. */
static int place(struct ipc_call *c, struct str server, const char **host, const char **port, struct err *e) {
    struct str h, p;
    int r = allow(c, server, e);
    if (r) return r;
    (void)courier_server(server, &h, &p); /* it was on the list */
    if (h.ptr[0] == '[') h = str_sub(h, 1, h.len - 2);
    *host = arena_cstr(c->arena, h);
    *port = arena_cstr(c->arena, p);
    return *host && *port ? 0 : err_set(e, ERR_MEMORY, NULL);
}

static int do_sms(struct ipc_call *c, struct err *e) {
    static const enum courier_outcome told[] = { [SMS_TAKEN] = COURIER_DELIVERED, [SMS_LATER] = COURIER_RETRY,
                                                 [SMS_NEVER] = COURIER_REFUSED };
    struct courier *co = c->context;
    struct courier_sms m = { 0 };
    struct sms_text t = { 0 };
    char said[SMS_SAID_BYTES_MAX + 1] = "";
    int r = courier_sms_unpack(c->body, &m, e);
    if (!r) r = place(c, m.server, &t.host, &t.port, e);
    if (r) return r;
    if (!str_utf8_valid(m.text) || !m.to.len || !m.from.len) return answer(c, COURIER_REFUSED, S("not well formed"));
    t.message = (struct smpp_message){ .from = m.from, .to = m.to, .text = m.text };
    enum sms_outcome outcome = sms_send(co->sms, &t, said);
    LOG(outcome == SMS_TAKEN ? LOG_INFO : LOG_WARN, "courier", c->request_id, "sms", LOG_INT("outcome", outcome));
    return answer(c, told[outcome], str_of(said));
}

static int do_receipts(struct ipc_call *c, struct err *e) {
    struct courier *co = c->context;
    struct courier_asking q = { 0 };
    struct sms *s = co->sms;
    struct buf b;
    const char *host, *port;
    int r = courier_asking_unpack(c->body, &q, e);
    if (!r) r = place(c, q.server, &host, &port, e);
    if (r) return r;
    if (q.done > 0) sms_acknowledge(s, (uint32_t)q.generation, (size_t)q.done);
    sms_turn(s, host, port);
    buf_init(&b, c->arena, 4096, RECEIPTS_BYTES_MAX);
    pack(&b, arena_i64(c->arena, s->generation));
    for (size_t i = 0; i < s->n_receipts; i++) {
        pack(&b, str_of(s->receipt[i].id));
        pack(&b, str_of(s->receipt[i].why));
        pack(&b, arena_i64(c->arena, (int64_t)s->receipt[i].fate));
    }
    c->reply = buf_str(&b);
    return buf_ok(&b) ? 0 : err_set(e, ERR_LIMIT, "%d", RECEIPTS_BYTES_MAX);
}

static const struct ipc_op ops[] = {
    { COURIER_MAIL, "mail", FIELDS * 4, MAIL_BYTES_MAX, 1 + SAID_BYTES_MAX, do_mail, 0 },
    { COURIER_SMS, "sms", 4 * 4, SMS_BYTES_MAX, 1 + SAID_BYTES_MAX, do_sms, 0 },
    { COURIER_RECEIPTS, "receipts", 3 * 4, 1024, RECEIPTS_BYTES_MAX, do_receipts, 0 },
};
const struct ipc_table courier_table = { "courier", ops, sizeof ops / sizeof *ops, 8 << 20 };
const struct ipc_table courier_urgent_table = { "courier-urgent", ops, sizeof ops / sizeof *ops, 8 << 20 };

const struct sandbox courier_sandbox = { .may = SANDBOX_FILES | SANDBOX_CONNECT | SANDBOX_SECRET, .memory_bytes = (size_t)1 << 30,
                                         .files = 64 };

/* None is no error: a server of one's own network may ask for no password. */
static int read_secrets(struct courier *co, struct err *e) {
    char *path = arena_cstr(&co->arena, role_config(co->role, S("courier_secrets")));
    if (!path) return err_set(e, ERR_MEMORY, NULL);
    int rc = *path ? os_read_file(&co->arena, path, COURIER_SECRETS_BYTES_MAX, &co->secrets, e) : 0;
    return rc ? rc : courier_secrets_check(co->secrets, e);
}

int courier_main(struct role_context *c) {
    /* names, services and certificates; the C library loads its resolver's parts when it first needs them */
    static const struct sandbox_path paths[] = {
        { "/etc/resolv.conf", false }, { "/etc/hosts", false }, { "/etc/host.conf", false }, { "/etc/nsswitch.conf", false },
        { "/etc/gai.conf", false }, { "/etc/services", false }, { "/etc/protocols", false }, { "/etc/ssl", false },
        { "/etc/ld.so.cache", false }, { "/usr/lib", false }, { "/usr/share/ca-certificates", false },
        { "/usr/local/share/ca-certificates", false }, { "/dev/urandom", false }, { "/dev/null", true },
    };
    struct err e = { 0 };
    struct courier co = { .role = c };
    arena_init(&co.arena, "courier", 262144);
    co.sms = arena_new(&co.arena, struct sms);
    if (!co.sms) return 1;
    sms_init(co.sms);
    int r = smtp_init(&e);
    if (r == 0) r = read_secrets(&co, &e);
    co.sms->system_id = courier_secret(co.secrets, S("sms.system_id"));
    co.sms->password = courier_secret(co.secrets, S("sms.password"));
    co.sms->system_type = courier_secret(co.secrets, S("sms.system_type"));
    if (r == 0) r = role_lock(c, paths, sizeof paths / sizeof *paths, &e);
    if (r) {
        LOG(LOG_ERROR, c->role->name, S(""), "cannot begin", LOG_ERR(&e));
        arena_done(&co.arena);
        return 1;
    }
    bool urgent = strcmp(c->role->name, courier_urgent_table.peer) == 0;
    int code = role_serve(c, urgent ? &courier_urgent_table : &courier_table, &co);
    sms_done(co.sms);
    arena_done(&co.arena); /* wipes */
    return code;
}
