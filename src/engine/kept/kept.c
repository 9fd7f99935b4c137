/* kept: see kept.h. The row's key is a MAC of the token, so that the store alone opens nothing to anybody. */
#include "engine/kept/kept.h"

#include "engine/record/record.h"

STORE_STMT(kept_insert, STORE_WRITES,
           "INSERT INTO kept_form (home, token, account, person, until_ms, body) VALUES (?, ?, ?, ?, ?, ?)");
STORE_STMT(
    kept_by_token, STORE_READS,
    "SELECT person, until_ms, body FROM kept_form WHERE home = ? AND token = ? AND account = ? AND until_ms > ?");
STORE_STMT(kept_delete, STORE_WRITES, "DELETE FROM kept_form WHERE home = ? AND token = ?");
STORE_STMT(kept_purge, STORE_WRITES, "DELETE FROM kept_form WHERE home = ? AND until_ms <= ?");

static struct str name_of(struct arena *a, const struct realm *r, const uint8_t token[KEPT_TOKEN_BYTES]) {
    const struct str parts[] = { S("kept"), str_make((const char *)token, KEPT_TOKEN_BYTES) };
    struct digest d;
    mac(r->keys.suite, r->keys.token, parts, 2, &d);
    return arena_str(a, str_make((const char *)d.v, DIGEST_BYTES));
}

static struct str place(struct arena *a, const struct realm *r, struct str name, int64_t account,
                        int64_t until_ms) {
    struct buf hex;
    buf_init(&hex, a, 80, 80);
    buf_add_hex(&hex, (const uint8_t *)name.ptr, name.len);
    return arena_fmt(a, "kept_form/%lld/%.*s/%lld/%lld", (long long)r->home.v, STR_ARG(buf_str(&hex)),
                     (long long)account, (long long)until_ms);
}

/* Everything but passwords. */
static struct val *worth_keeping(struct arena *a, const struct val *fields) {
    struct val *out = val_map(a);
    for (size_t i = 0; i < val_pairs(fields); i++)
        if (str_find(fields->u.map.pair[i].key, S("password"), 0) == SIZE_MAX)
            val_put(a, out, fields->u.map.pair[i].key, fields->u.map.pair[i].value);
    return out;
}

static int64_t owner(const struct actor *who) {
    return who->person ? who->person : who->account;
}

int kept_put(struct store_tx *tx, const struct realm *r, const struct actor *nobody,
             const uint8_t session[IDENTITY_TOKEN_BYTES], const uint8_t token[KEPT_TOKEN_BYTES],
             const struct kept_form *form, struct err *e) {
    struct arena *a = store_arena(tx);
    struct act act;
    struct actor was;
    struct data_key key;
    struct val *body = val_map(a);
    struct str sealed;
    int64_t now = store_now_ms(tx), until = now + KEPT_MS;
    int rc = act_open(&act, tx, r, nobody, S("form.keep"), e);
    if (!rc) rc = identity_session_last(tx, r, session, &was, e);
    if (rc) return rc;
    val_put_str(a, body, S("path"), form->path);
    val_put(a, body, S("fields"), worth_keeping(a, form->fields));
    val_put_bool(a, body, S("files"), form->files);
    rc = store_exec(tx, &kept_purge, NULL, e, SV_I(r->home.v), SV_I(now));
    if (!rc) rc = record_key(tx, r, owner(&was), true, &key, e);
    struct str name = name_of(a, r, token), where = place(a, r, name, was.account, until);
    if (!rc) rc = seal_val(a, &r->keys, &key, where, body, KEPT_BYTES_MAX, &sealed, e);
    if (rc) return rc;
    rc = store_exec(tx, &kept_insert, NULL, e, SV_I(r->home.v), SV_B(name), SV_I(was.account),
                    SV_I(owner(&was)), SV_I(until),
                    SV_B(sealed));
    act.subject = was.person;
    act.purpose = S("登录过期，暂存已填写的内容");
    return rc ? rc : act_close(&act, S("form"), 0, 0, S(""), e);
}

int kept_find(struct store_tx *tx, const struct realm *r, const struct actor *who,
              const uint8_t token[KEPT_TOKEN_BYTES], struct str path, struct arena *a, struct kept_form *ret,
              struct err *e) {
    struct arena *own = store_arena(tx);
    struct store_rows *rows;
    struct data_key key;
    struct str name = name_of(own, r, token), body = S("");
    struct val *v;
    int64_t person = 0, until = 0;
    int rc = store_query(tx, &kept_by_token, &rows, e, SV_I(r->home.v), SV_B(name), SV_I(who->account),
                         SV_I(store_now_ms(tx)));
    if (rc) return rc;
    bool found = store_next(rows);
    if (found) person = store_i64(rows, 0), until = store_i64(rows, 1), body = store_bytes(rows, 2);
    rc = store_end(rows, e);
    if (!rc && (!found || who->account == 0)) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc) rc = record_key(tx, r, person, false, &key, e);
    if (!rc) rc = seal_val_open(own, &r->keys, &key, place(own, r, name, who->account, until), body, &v, e);
    if (rc) return rc;
    if (!str_eq(val_get_str(v, S("path")), path)) return err_set(e, ERR_NOT_FOUND, NULL);
    *ret = (struct kept_form){ .path = path,
                               .fields = val_copy(a, val_get(v, S("fields"))),
                               .files = val_get_bool(v, S("files"), false) };
    return ret->fields ? 0 : err_set(e, ERR_MEMORY, NULL);
}

int kept_drop(struct store_tx *tx, const struct realm *r, const uint8_t token[KEPT_TOKEN_BYTES],
              struct err *e) {
    return store_exec(tx, &kept_delete, NULL, e, SV_I(r->home.v), SV_B(name_of(store_arena(tx), r, token)));
}
