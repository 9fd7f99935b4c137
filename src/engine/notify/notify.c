/* notify: see notify.h. The body of a message is a map {"zh": [title, text, sms], "en": ...}, sealed under the account's key; `sms` only
 * where the notice has one. */
#include "engine/notify/notify_impl.h"

#include "data/tpl.h"
#include "engine/record/record.h"

enum { BODY_BYTES_MAX = 32 * 1024 };

/* urgency, must, channels: how it may leave. */
static int compile_ways(struct notice_type *t, const struct val *yaml, struct err *e) {
    const struct val *by = val_get(yaml, S("channels"));
    struct str urgency = val_get_str(yaml, S("urgency"));
    size_t lane = 0;
    while (urgency.len && lane < NOTIFY_LANES && !str_eq(urgency, notify_lane_word((enum notify_lane)lane)->word)) lane++;
    if (lane == NOTIFY_LANES)
        return err_line(e, ERR_SYSTEM, t->file, yaml->line,
                        "通知 %.*s 的 urgency 只能是 urgent、normal、bulk", STR_ARG(t->id));
    t->lane = urgency.len ? (enum notify_lane)lane : NOTIFY_NORMAL;
    t->must = val_get_bool(yaml, S("must"), false);
    t->channels = by ? 0 : (1u << NOTIFY_CHANNELS) - 1;
    for (size_t i = 0; i < val_count(by); i++) {
        enum notify_channel c;
        if (!notify_channel_of(val_text(val_item(by, i)), &c))
            return err_line(e, ERR_SYSTEM, t->file, yaml->line,
                            "通知 %.*s 的 channels 只能是 mail、sms", STR_ARG(t->id));
        t->channels |= 1u << c;
    }
    return 0;
}

/* What nobody reads is a slip of the pen. */
static int check_keys(struct str file, struct str id, const struct val *yaml, struct err *e) {
    static const struct str known[] = { S_INIT("title"),   S_INIT("text"), S_INIT("sms"),
                                        S_INIT("urgency"), S_INIT("must"), S_INIT("channels") };
    for (size_t i = 0; i < val_pairs(yaml); i++) {
        bool found = false;
        for (size_t k = 0; k < sizeof known / sizeof *known; k++) found |= str_eq(known[k], yaml->u.map.pair[i].key);
        if (!found)
            return err_line(e, ERR_SYSTEM, file, yaml->line, "通知 %.*s 里没有 %.*s 这一项",
                            STR_ARG(id), STR_ARG(yaml->u.map.pair[i].key));
    }
    return 0;
}

int notice_compile(struct arena *a, struct str file, struct str id, const struct val *yaml, const struct notice_type **ret, struct err *e) {
    struct notice_type *t = arena_new(a, struct notice_type);
    struct tpl *checked;
    if (!t) return err_set(e, ERR_MEMORY, NULL);
    *t = (struct notice_type){ .id = id, .title = val_get_str(yaml, S("title")), .text = val_get_str(yaml, S("text")),
                               .sms = val_get_str(yaml, S("sms")), .file = file };
    if (t->title.len == 0 || t->text.len == 0)
        return err_line(e, ERR_SYSTEM, file, yaml ? yaml->line : 1, "通知 %.*s 缺少 title 或 text", STR_ARG(id));
    int rc = tpl_compile(a, id, t->text, TPL_PLAIN, NULL, &checked, e);
    if (!rc) rc = tpl_compile(a, id, t->sms, TPL_PLAIN, NULL, &checked, e);
    *ret = t;
    if (!rc && (rc = check_keys(file, id, yaml, e))) return rc;
    if (!rc && (rc = compile_ways(t, yaml, e))) return rc;
    return rc ? err_line(e, ERR_SYSTEM, file, yaml->line, "通知 %.*s 的模板写错了", STR_ARG(id)) : 0;
}

static int render(struct arena *a, struct str text, const struct val *view, struct str *ret, struct err *e) {
    struct tpl *t;
    struct buf b;
    int rc = tpl_compile(a, S("notice"), text, TPL_PLAIN, NULL, &t, e);
    if (rc) return rc;
    buf_init(&b, a, 256, 8192);
    tpl_render(t, view, NULL, NULL, &b);
    *ret = buf_str(&b);
    return buf_ok(&b) ? 0 : err_set(e, ERR_LIMIT, "8 KiB");
}

static const struct str langs[] = { S_INIT("zh"), S_INIT("en") };
enum { LANGS = sizeof langs / sizeof *langs };

struct val *notify_words(struct arena *a, const struct realm *r, struct str zh) {
    struct val *v = val_map(a);
    for (size_t i = 0; i < LANGS; i++) val_put_str(a, v, langs[i], realm_text(r, langs[i], zh));
    return v;
}

struct val *notify_day(struct arena *a, int64_t ms) {
    struct val *v = val_map(a);
    val_put_i64(a, v, S("day_ms"), ms);
    return v;
}

/* The view in one language: days as it writes them, and what the system has a translation for (an item's name) in it. */
static struct val *view_in(struct arena *a, const struct realm *r, const struct system *m, struct str lang, const struct val *view) {
    struct val *out = val_copy(a, view);
    for (size_t i = 0; i < val_count(out); i++) {
        struct val_pair *pair = &out->u.map.pair[i];
        const bool map = pair->value->kind == VAL_MAP;
        const struct val *day = map ? val_get(pair->value, S("day_ms")) : NULL, *said = map ? val_get(pair->value, lang) : NULL;
        if (day) pair->value = val_str(a, realm_day(r, a, lang, val_get_i64(pair->value, S("day_ms"), 0)));
        else if (said) pair->value = val_str(a, val_text(said));
        else if (pair->value->kind == VAL_STR) pair->value->u.s = system_text(m, lang, pair->value->u.s);
    }
    return out;
}

int notify_body(struct arena *a, const struct realm *r, const struct system *m, const struct notice_type *t,
                const struct val *view, struct val **ret, struct err *e) {
    struct val *body = *ret = val_map(a);
    for (size_t i = 0; i < LANGS; i++) {
        struct str text;
        struct val *pair = val_list(a);
        int rc = render(a, system_text(m, langs[i], t->text), view_in(a, r, m, langs[i], view), &text, e);
        if (rc) return rc;
        val_push(a, pair, val_str(a, system_text(m, langs[i], t->title)));
        val_push(a, pair, val_str(a, text));
        if (t->sms.len) rc = render(a, system_text(m, langs[i], t->sms), view_in(a, r, m, langs[i], view), &text, e);
        if (rc) return rc;
        if (t->sms.len) val_push(a, pair, val_str(a, text));
        val_put(a, body, langs[i], pair);
    }
    return 0;
}

STORE_STMT(notify_insert, STORE_WRITES,
           "INSERT INTO notify_message (home, account, id, case_id, notice, body, at_ms, read_ms) VALUES (?, ?, ?, ?, ?, ?, ?, 0)");
#define INBOX(name, which, sign, way) \
    STORE_STMT(name, STORE_READS, \
               "SELECT id, case_id, body, at_ms, read_ms, notice FROM notify_message WHERE home = ? AND account = ?" which " AND id " sign \
               " ? ORDER BY id " way " LIMIT ?")
#define INBOX_COUNT(name, which) \
    STORE_STMT(name, STORE_READS, "SELECT id FROM notify_message WHERE home = ? AND account = ?" which " ORDER BY id LIMIT ?")
INBOX(notify_page, "", "<", "DESC");
INBOX(notify_page_back, "", ">", "ASC");
INBOX(notify_page_unread, " AND read_ms = 0", "<", "DESC");
INBOX(notify_page_unread_back, " AND read_ms = 0", ">", "ASC");
INBOX(notify_page_read, " AND read_ms > 0", "<", "DESC");
INBOX(notify_page_read_back, " AND read_ms > 0", ">", "ASC");
INBOX(notify_page_case, " AND case_id = ?", "<", "DESC");
INBOX_COUNT(notify_inbox_count, "");
INBOX_COUNT(notify_inbox_count_unread, " AND read_ms = 0");
INBOX_COUNT(notify_inbox_count_read, " AND read_ms > 0");
static const struct store_stmt *const counted[] = { [NOTIFY_ALL] = &notify_inbox_count,
                                                    [NOTIFY_UNREAD] = &notify_inbox_count_unread,
                                                    [NOTIFY_READ] = &notify_inbox_count_read };
static const struct store_stmt *const inbox[][2] = { [NOTIFY_ALL] = { &notify_page, &notify_page_back },
                                                     [NOTIFY_UNREAD] = { &notify_page_unread, &notify_page_unread_back },
                                                     [NOTIFY_READ] = { &notify_page_read, &notify_page_read_back } };
STORE_STMT(notify_one, STORE_READS,
           "SELECT case_id, body, at_ms, notice FROM notify_message WHERE home = ? AND account = ? AND id = ?");
STORE_STMT(notify_case_list, STORE_READS,
           "SELECT notice FROM notify_message WHERE home = ? AND account = ? AND case_id = ? ORDER BY id LIMIT ?");
STORE_STMT(notify_unread_count, STORE_READS, "SELECT COUNT(*) FROM notify_message WHERE home = ? AND account = ? AND read_ms = 0");
STORE_STMT(notify_read_one, STORE_WRITES,
           "UPDATE notify_message SET read_ms = ? WHERE home = ? AND account = ? AND id = ? AND read_ms = 0");
STORE_STMT(notify_read_all, STORE_WRITES, "UPDATE notify_message SET read_ms = ? WHERE home = ? AND account = ? AND read_ms = 0");

struct place {
    int64_t account, id, case_id, at_ms;
    struct str notice;
};

/* What a body is bound to: all that stands beside it, but when it was read, which the reader changes. Messages written before it held case,
 * notice and time open by what it held then (`all` false). */
static struct str place_text(struct arena *a, const struct realm *r, const struct place *p, bool all) {
    struct str most = arena_fmt(a, "notify_message/%lld/%lld/%lld", (long long)r->home.v, (long long)p->account, (long long)p->id);
    if (!all) return most;
    return ARENA_CAT(a, most, arena_fmt(a, "/%lld/%lld/", (long long)p->case_id, (long long)p->at_ms), p->notice);
}

int notify_send(struct act *act, const struct system *m, struct str notice, int64_t account, int64_t case_id, const struct val *view,
                struct err *e) {
    struct arena *a = store_arena(act->tx);
    const struct notice_type *t = system_find(m, SYSTEM_NOTICE, notice);
    struct data_key key;
    struct val *body;
    struct str sealed;
    const struct place p = { .account = account, .id = store_new_id(act->tx), .case_id = case_id, .at_ms = store_now_ms(act->tx),
                             .notice = notice };
    if (account == 0) return 0;
    if (!t) return err_set(e, ERR_SYSTEM, "没有这个通知：%.*s", STR_ARG(notice));
    int rc = notify_body(a, act->realm, m, t, view, &body, e);
    if (!rc) rc = record_key(act->tx, act->realm, account, true, &key, e);
    if (!rc) rc = seal_val(a, &act->realm->keys, &key, place_text(a, act->realm, &p, true), body, BODY_BYTES_MAX, &sealed, e);
    if (rc) return rc;
    rc = store_exec(act->tx, &notify_insert, NULL, e, SV_I(act->realm->home.v), SV_I(account), SV_I(p.id), SV_I(case_id), SV_T(notice),
                    SV_B(sealed), SV_I(p.at_ms));
    return rc ? rc : notify_out(act, t, account, p.id, e);
}

static int open_message(struct arena *a, const struct realm *r, const struct data_key *key, const struct place *p, struct str sealed,
                        struct str lang, struct val *into, struct err *e) {
    struct val *body;
    int rc = seal_val_open(a, &r->keys, key, place_text(a, r, p, true), sealed, &body, e);
    if (rc == ERR_DAMAGED) rc = seal_val_open(a, &r->keys, key, place_text(a, r, p, false), sealed, &body, e);
    if (rc) return rc;
    notify_body_in(a, body, lang, into);
    return 0;
}

int notify_open(struct store_tx *tx, const struct realm *r, int64_t account, int64_t id, struct str lang, struct val **ret,
                struct err *e) {
    struct store_rows *rows;
    struct data_key key;
    struct place p = { .account = account, .id = id };
    struct str sealed = S("");
    int rc = store_query(tx, &notify_one, &rows, e, SV_I(r->home.v), SV_I(account), SV_I(id));
    if (rc) return rc;
    if (store_next(rows)) {
        p.case_id = store_i64(rows, 0);
        sealed = store_bytes(rows, 1);
        p.at_ms = store_i64(rows, 2);
        p.notice = store_text(rows, 3);
    }
    rc = store_end(rows, e);
    if (!rc && !sealed.len) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc) rc = record_key(tx, r, account, false, &key, e);
    if (rc) return rc;
    *ret = val_map(store_arena(tx));
    return open_message(store_arena(tx), r, &key, &p, sealed, lang, *ret, e);
}

int notify_inbox(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str lang, struct notify_query *q,
                 struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct scope_token scope;
    struct store_rows *rows;
    struct data_key key;
    const struct store_val whose[] = { SV_I(r->home.v), SV_I(who->account), SV_I(SCOPE_COUNT_MAX) };
    struct store_val v[5] = { SV_I(r->home.v), SV_I(who->account) };
    size_t n = 2;
    *ret = val_list(a);
    q->total = SCOPE_UNCOUNTED;
    int rc = access_may(r, who, S("message.read"), &scope, e);
    if (!rc && q->counted) rc = store_count(tx, counted[q->which], whose, 3, &q->total, e);
    if (rc) return rc;
    rc = record_key(tx, r, who->account, false, &key, e);
    if (rc) return rc == ERR_NOT_FOUND ? 0 : rc; /* no key: never got a message */
    if (q->case_id) v[n++] = SV_I(q->case_id);
    v[n++] = SV_I(q->at || q->back ? q->at : INT64_MAX);
    v[n++] = SV_I(q->max);
    rc = store_query_n(tx, q->case_id ? &notify_page_case : inbox[q->which][q->back], v, n, &rows, e);
    if (rc) return rc;
    while (!rc && store_next(rows)) {
        struct val *m = val_map(a);
        const struct place p = { .account = who->account, .id = store_i64(rows, 0), .case_id = store_i64(rows, 1),
                                 .at_ms = store_i64(rows, 3), .notice = store_text(rows, 5) };
        val_put_i64(a, m, S("id"), p.id);
        if (p.case_id) val_put_i64(a, m, S("case_id"), p.case_id);
        val_put_i64(a, m, S("at_ms"), p.at_ms);
        val_put_bool(a, m, S("unread"), store_i64(rows, 4) == 0);
        rc = open_message(a, r, &key, &p, store_bytes(rows, 2), lang, m, e);
        val_push(a, *ret, m);
    }
    int end = store_end(rows, rc ? NULL : e);
    return rc ? rc : end;
}

int notify_of_case(struct store_tx *tx, const struct realm *r, int64_t account, int64_t case_id, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    *ret = val_list(a);
    int rc = store_query(tx, &notify_case_list, &rows, e, SV_I(r->home.v), SV_I(account), SV_I(case_id), SV_I(NOTIFY_CASE_MAX + 1));
    if (rc) return rc;
    while (store_next(rows)) val_push(a, *ret, val_str(a, arena_str(a, store_text(rows, 0))));
    rc = store_end(rows, e);
    return rc || val_count(*ret) <= NOTIFY_CASE_MAX ? rc : err_set(e, ERR_LIMIT, "%d", NOTIFY_CASE_MAX);
}

int notify_unread(struct store_tx *tx, const struct realm *r, int64_t account, int64_t *ret, struct err *e) {
    struct store_val v[] = { SV_I(r->home.v), SV_I(account) };
    return store_one_i64(tx, &notify_unread_count, v, 2, ret, e);
}

int notify_mark_read(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct err *e) {
    struct act act;
    access_asked(tx, S("message"), id, 0);
    int rc = act_open(&act, tx, r, who, S("message.mark"), e);
    if (rc) return rc;
    int64_t now = store_now_ms(tx);
    rc = id ? store_exec(tx, &notify_read_one, NULL, e, SV_I(now), SV_I(r->home.v), SV_I(who->account), SV_I(id))
            : store_exec(tx, &notify_read_all, NULL, e, SV_I(now), SV_I(r->home.v), SV_I(who->account));
    return rc ? rc : act_close(&act, S("message"), id, 0, S(""), e);
}
