/* notify_contact: where messages may go, and what the person chose. See notify_out.h.
 * Invariants: 1. What a person's contact is stands in one sealed element, bound to account and
 * channel: its parts cannot be put together anew by who writes to the store. 2. A code is drawn
 * from the system's randomness, evenly, and compared in constant time.
 */
#include "engine/code/code_check.h"
#include "engine/code/code_set.h"
#include "engine/identity/identity.h"
#include "engine/notify/notify_impl.h"
#include "engine/record/record.h"
#include "http/smtp.h"
#include "os/os.h"

enum { SEALED_BYTES_MAX = 4096, CODE_DIGITS = 6, CODES = 1000000 };

STORE_STMT(notify_contact_read, STORE_READS,
           "SELECT body FROM notify_contact WHERE home = ? AND account = ? AND channel = ?");
STORE_STMT(notify_contact_write, STORE_WRITES,
           "INSERT INTO notify_contact (home, account, channel, body) VALUES (?, ?, ?, ?) "
           "ON CONFLICT (home, account, channel) DO UPDATE SET body = excluded.body");
STORE_STMT(notify_contact_forget, STORE_WRITES,
           "DELETE FROM notify_contact WHERE home = ? AND account = ? AND channel = ?");
STORE_STMT(notify_choice_read, STORE_READS,
           "SELECT body FROM notify_choice WHERE home = ? AND account = ?");
STORE_STMT(notify_choice_write, STORE_WRITES,
           "INSERT INTO notify_choice (home, account, body) VALUES (?, ?, ?) "
           "ON CONFLICT (home, account) DO UPDATE SET body = excluded.body");

/* What a code that is no contact's goes out for, by channel. */
static const struct str code_purposes[NOTIFY_CHANNELS] = { [NOTIFY_SMS] = S_INIT("draft") };

static struct str place_of(struct arena *a, const struct realm *r, int64_t account,
                           struct str what) {
    return ARENA_CAT(
        a, arena_fmt(a, "notify_contact/%lld/%lld/", (long long)r->home.v, (long long)account),
        what);
}

/* The sealed element of a row, or NULL where there is none. */
static int open_row(struct store_tx *tx, const struct realm *r, int64_t account, struct str what,
                    struct store_rows *rows, struct val **ret, struct err *e) {
    struct data_key key;
    struct str sealed = S("");
    *ret = NULL;
    if (store_next(rows)) sealed = store_bytes(rows, 0);
    int rc = store_end(rows, e);
    if (rc || !sealed.len) return rc;
    rc = record_key(tx, r, account, false, &key, e);
    struct arena *a = store_arena(tx);
    return rc ? rc
              : seal_val_open(a, &r->keys, &key, place_of(a, r, account, what), sealed, ret, e);
}

static int seal_row_of(struct store_tx *tx, const struct realm *r, int64_t account, struct str what,
                       const struct val *v, struct str *ret, struct err *e) {
    struct data_key key;
    struct arena *a = store_arena(tx);
    int rc = record_key(tx, r, account, true, &key, e);
    return rc ? rc
              : seal_val(a, &r->keys, &key, place_of(a, r, account, what), v, SEALED_BYTES_MAX, ret,
                         e);
}

/* `word`: a channel's, whose contact it is, or what a code is for (notify_code_send). */
static int read_word(struct store_tx *tx, const struct realm *r, int64_t owner, struct str word,
                     struct val **ret, struct err *e) {
    struct store_rows *rows;
    int rc =
        store_query(tx, &notify_contact_read, &rows, e, SV_I(r->home.v), SV_I(owner), SV_T(word));
    return rc ? rc : open_row(tx, r, owner, word, rows, ret, e);
}

static int read_contact(struct store_tx *tx, const struct realm *r, int64_t account,
                        enum notify_channel c, struct val **ret, struct err *e) {
    return read_word(tx, r, account, notify_channel_word(c)->word, ret, e);
}

static int write_word(struct act *act, int64_t owner, struct str word, const struct val *v,
                      struct err *e) {
    struct str sealed;
    int rc = seal_row_of(act->tx, act->realm, owner, word, v, &sealed, e);
    return rc ? rc
              : store_exec(act->tx, &notify_contact_write, NULL, e, SV_I(act->realm->home.v),
                           SV_I(owner), SV_T(word), SV_B(sealed));
}

static int write_contact(struct act *act, enum notify_channel c, const struct val *v,
                         struct err *e) {
    return write_word(act, act->who->account, notify_channel_word(c)->word, v, e);
}

/* ---- addresses ---- */

static struct str clean(struct arena *a, enum notify_channel c, struct str typed) {
    return c == NOTIFY_SMS ? code_clean(a, typed) : arena_str(a, str_trim(typed));
}

static int check(enum notify_channel c, struct str value, struct err *e) {
    if (c == NOTIFY_SMS) return code_mobile(value, e);
    return smtp_address_ok(value) ? 0 : err_set(e, ERR_FORMAT, "name@example.com");
}

/* 138****0000, z***@example.com */
static struct str mask(struct arena *a, enum notify_channel c, struct str value) {
    if (c == NOTIFY_SMS || !value.len) return value.len ? code_mask(a, S("mobile"), value) : value;
    size_t at = str_find_char(value, '@', 0);
    return ARENA_CAT(a, str_sub(value, 0, 1), S("***"), str_sub(value, at, value.len));
}

int notify_contact_get(struct store_tx *tx, const struct realm *r, int64_t account,
                       enum notify_channel c, struct notify_contact *ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *v;
    *ret = (struct notify_contact){ 0 };
    int rc = read_contact(tx, r, account, c, &v, e);
    if (rc || !v) return rc;
    ret->value = val_get_str(v, S("value"));
    ret->verified_ms = val_get_i64(v, S("verified_ms"), 0);
    ret->until_ms = val_get_i64(v, S("until_ms"), 0);
    if (ret->until_ms > store_now_ms(tx)) ret->pending = val_get_str(v, S("pending"));
    ret->shown = mask(a, c, ret->value);
    ret->pending_shown = mask(a, c, ret->pending);
    return 0;
}

int notify_contact_code(struct store_tx *tx, const struct realm *r, int64_t account,
                        enum notify_channel c, int64_t delivery, struct str *ret_to,
                        struct str *ret_code, struct err *e) {
    const struct str words[] = { notify_channel_word(c)->word, code_purposes[c] };
    int rc = 0;
    *ret_to = *ret_code = S("");
    for (size_t i = 0; !rc && !ret_to->len && i < 2 && words[i].len; i++) {
        struct val *v;
        rc = read_word(tx, r, account, words[i], &v, e);
        if (rc || !v || val_get_i64(v, S("until_ms"), 0) <= store_now_ms(tx)) continue;
        if (val_get_i64(v, S("delivery"), delivery) != delivery) continue;
        *ret_to = val_get_str(v, S("pending"));
        *ret_code = val_get_str(v, S("code"));
    }
    return rc;
}

/* ---- verifying ---- */

static struct str draw_code(struct arena *a) {
    uint32_t v;
    do os_random(&v, sizeof v);
    while (v >= UINT32_MAX - UINT32_MAX % CODES); /* evenly */
    return arena_fmt(a, "%0*u", CODE_DIGITS, v % CODES);
}

static struct str guessed(struct arena *a, const struct actor *who, enum notify_channel c) {
    return ARENA_CAT(a, arena_i64(a, who->account), S("/"), notify_channel_word(c)->word);
}

/* Codes go to strangers as well, as long as nobody has said that the address is his: a few, then
 * none for a while, whoever asks. */
static int may_send_code(struct act *act, struct str whose, struct str value, struct err *e) {
    const struct str name[] = { whose, value };
    int rc = 0;
    for (size_t i = 0; i < 2 && !rc; i++) {
        rc = identity_try_open(act->tx, act->realm, S("contact-send"), name[i], e);
        if (!rc)
            rc = identity_try_failed(act->tx, act->realm, S("contact-send"), name[i],
                                     NOTIFY_CODE_TRIES, e);
    }
    return rc;
}

/* Draws a code, has it delivered, and says so in the element that waits for it. */
static int send_code(struct act *act, int64_t owner, enum notify_channel c, struct str to,
                     struct val *into, struct err *e) {
    struct arena *a = store_arena(act->tx);
    int64_t delivery = 0;
    val_put_str(a, into, S("pending"), to);
    val_put_str(a, into, S("code"), draw_code(a));
    val_put_i64(a, into, S("until_ms"), store_now_ms(act->tx) + NOTIFY_CODE_MS);
    int rc = notify_out_code(act, owner, c, mask(a, c, to), &delivery, e);
    val_put_i64(a, into, S("delivery"), delivery);
    return rc;
}

int notify_contact_put(struct store_tx *tx, const struct realm *r, const struct actor *who,
                       enum notify_channel c, struct str typed, struct err *e) {
    struct arena *a = store_arena(tx);
    struct act act;
    struct val *v;
    struct str value = clean(a, c, typed);
    int rc = act_open(&act, tx, r, who, S("contact.put"), e);
    if (rc) return rc;
    if (!notify_gateway(r, c)) return err_set(e, ERR_STATE, "没有接通这个渠道");
    rc = check(c, value, e);
    if (!rc) rc = read_contact(tx, r, who->account, c, &v, e);
    if (!rc && v && str_eq(val_get_str(v, S("value")), value)) rc = err_set(e, ERR_DUPLICATE, NULL);
    if (!rc) rc = may_send_code(&act, guessed(a, who, c), value, e);
    if (rc) return rc;
    struct val *next = v ? v : val_map(a);
    rc = send_code(&act, who->account, c, value, next, e);
    if (!rc) rc = write_contact(&act, c, next, e);
    return rc ? rc
              : act_close(&act, S("contact"), who->account, 0,
                          arena_fmt(a, "%.*s asked", STR_ARG(notify_channel_word(c)->word)), e);
}

static bool same(struct str a, struct str b) {
    unsigned char differ = (unsigned char)(a.len != b.len);
    for (size_t i = 0; i < a.len && i < b.len; i++) differ |= (unsigned char)(a.ptr[i] ^ b.ptr[i]);
    return differ == 0;
}

int notify_contact_confirm(struct store_tx *tx, const struct realm *r, const struct actor *who,
                           enum notify_channel c, struct str code, struct err *e) {
    struct arena *a = store_arena(tx);
    struct act act;
    struct val *v;
    int rc = act_open(&act, tx, r, who, S("contact.put"), e);
    if (!rc) rc = identity_try_open(tx, r, S("contact-code"), guessed(a, who, c), e);
    if (!rc) rc = read_contact(tx, r, who->account, c, &v, e);
    if (rc) return rc;
    if (!v || !val_get_str(v, S("pending")).len)
        return err_set(e, ERR_STATE, "没有等待输入的验证码");
    bool in_time = val_get_i64(v, S("until_ms"), 0) > store_now_ms(tx);
    if (!in_time || !same(val_get_str(v, S("code")), code_clean(a, code)))
        return err_set(e, ERR_PASSWORD, NULL);
    struct val *next = val_map(a);
    val_put_str(a, next, S("value"), val_get_str(v, S("pending")));
    val_put_i64(a, next, S("verified_ms"), store_now_ms(tx));
    rc = write_contact(&act, c, next, e);
    if (!rc) rc = identity_try_over(tx, r, S("contact-code"), guessed(a, who, c), e);
    return rc ? rc
              : act_close(&act, S("contact"), who->account, 0,
                          arena_fmt(a, "%.*s verified", STR_ARG(notify_channel_word(c)->word)), e);
}

int notify_contact_failed(struct store_tx *tx, const struct realm *r, const struct actor *who,
                          enum notify_channel c, struct err *e) {
    return identity_try_failed(tx, r, S("contact-code"), guessed(store_arena(tx), who, c),
                               NOTIFY_CODE_TRIES, e);
}

int notify_contact_drop(struct store_tx *tx, const struct realm *r, const struct actor *who,
                        enum notify_channel c, struct err *e) {
    struct act act;
    struct str word = notify_channel_word(c)->word;
    int rc = act_open(&act, tx, r, who, S("contact.put"), e);
    if (!rc)
        rc = store_exec(tx, &notify_contact_forget, NULL, e, SV_I(r->home.v), SV_I(who->account),
                        SV_T(word));
    return rc ? rc
              : act_close(&act, S("contact"), who->account, 0,
                          arena_fmt(store_arena(tx), "%.*s dropped", STR_ARG(word)), e);
}

/* ---- codes for something else than a contact ---- */

int notify_phone(struct arena *a, struct str typed, struct str *ret, struct err *e) {
    *ret = clean(a, NOTIFY_SMS, typed);
    return check(NOTIFY_SMS, *ret, e);
}

int notify_code_send(struct act *act, int64_t owner, int64_t object, struct str phone,
                     struct err *e) {
    struct arena *a = store_arena(act->tx);
    struct val *v = val_map(a);
    int rc = may_send_code(act, arena_i64(a, owner), phone, e);
    if (rc) return rc;
    val_put_i64(a, v, S("object"), object);
    rc = send_code(act, owner, NOTIFY_SMS, phone, v, e);
    return rc ? rc : write_word(act, owner, code_purposes[NOTIFY_SMS], v, e);
}

int notify_code_use(struct store_tx *tx, const struct realm *r, int64_t owner, int64_t object,
                    struct str phone, struct str code, struct err *e) {
    struct str word = code_purposes[NOTIFY_SMS];
    struct val *v;
    int rc = read_word(tx, r, owner, word, &v, e);
    if (rc) return rc;
    bool awaited = v && val_get_i64(v, S("until_ms"), 0) > store_now_ms(tx) &&
                   val_get_i64(v, S("object"), 0) == object &&
                   str_eq(val_get_str(v, S("pending")), phone);
    if (!awaited || !same(val_get_str(v, S("code")), code_clean(store_arena(tx), code)))
        return err_set(e, ERR_PASSWORD, NULL);
    return store_exec(tx, &notify_contact_forget, NULL, e, SV_I(r->home.v), SV_I(owner),
                      SV_T(word));
}

/* ---- choices ---- */

static struct str switch_of(struct arena *a, int c, int l) {
    return ARENA_CAT(a, notify_channel_word((enum notify_channel)c)->word, S("."),
                     notify_lane_word((enum notify_lane)l)->word);
}

int notify_choice_get(struct store_tx *tx, const struct realm *r, int64_t account,
                      struct notify_choice *ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    struct val *v;
    int rc = store_query(tx, &notify_choice_read, &rows, e, SV_I(r->home.v), SV_I(account));
    if (!rc) rc = open_row(tx, r, account, S("choice"), rows, &v, e);
    if (rc) return rc;
    *ret = (struct notify_choice){
        .lang = str_eq(val_get_str(v, S("lang")), S("en")) ? S("en") : S("zh"),
        .quiet_from = (int)val_get_i64(v, S("quiet_from"), NOTIFY_QUIET_DEFAULT),
        .quiet_until = (int)val_get_i64(v, S("quiet_until"), 0)
    };
    for (int c = 0; c < NOTIFY_CHANNELS; c++)
        for (int l = 0; l < NOTIFY_LANES; l++)
            ret->on[c][l] =
                l == NOTIFY_URGENT || val_get_bool(v, switch_of(a, c, l), l != NOTIFY_BULK);
    return 0;
}

int notify_choice_put(struct store_tx *tx, const struct realm *r, const struct actor *who,
                      const struct notify_choice *c, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *v = val_map(a);
    struct act act;
    struct str sealed;
    int rc = act_open(&act, tx, r, who, S("contact.put"), e);
    if (rc) return rc;
    val_put_str(a, v, S("lang"), c->lang);
    val_put_i64(a, v, S("quiet_from"), c->quiet_from);
    val_put_i64(a, v, S("quiet_until"), c->quiet_until);
    for (int i = 0; i < NOTIFY_CHANNELS; i++)
        for (int l = NOTIFY_URGENT + 1; l < NOTIFY_LANES; l++)
            val_put_bool(a, v, switch_of(a, i, l), c->on[i][l]);
    rc = seal_row_of(tx, r, who->account, S("choice"), v, &sealed, e);
    if (!rc)
        rc = store_exec(tx, &notify_choice_write, NULL, e, SV_I(r->home.v), SV_I(who->account),
                        SV_B(sealed));
    return rc ? rc : act_close(&act, S("contact"), who->account, 0, S("choices"), e);
}

/* ---- quiet hours ---- */

/* "22:00" */
static bool minutes_of(struct str s, int *ret) {
    int64_t hour, minute;
    if (s.len != 5 || s.ptr[2] != ':' || !str_to_i64(str_sub(s, 0, 2), &hour) ||
        !str_to_i64(str_sub(s, 3, 2), &minute))
        return false;
    *ret = (int)(hour * 60 + minute);
    return hour >= 0 && hour < 24 && minute >= 0 && minute < 60;
}

bool notify_quiet_default(const struct realm *r, int *from, int *until) {
    const struct code_set *set = realm_find(r, SYSTEM_CODE, S("quiet_hours"), NULL);
    const struct code *c = set ? code_set_find(set, S("default")) : NULL;
    if (!c) return false;
    size_t begin = code_set_column(set, S("begin")), end = code_set_column(set, S("end"));
    return begin != SIZE_MAX && end != SIZE_MAX && minutes_of(c->column[begin], from) &&
           minutes_of(c->column[end], until);
}

int64_t notify_quiet_until(const struct realm *r, const struct notify_choice *c, int64_t ms) {
    struct civil_time t;
    int from = c->quiet_from, until = c->quiet_until;
    if (from == NOTIFY_QUIET_NEVER) return ms;
    if (from == NOTIFY_QUIET_DEFAULT && !notify_quiet_default(r, &from, &until)) return ms;
    tz_split(r->tz, ms, &t);
    int now = t.hour * 60 + t.minute;
    bool over_night = from > until;
    bool quiet = over_night ? now >= from || now < until : now >= from && now < until;
    if (!quiet) return ms;
    struct civil_date day = civil_of(t.year, t.month, t.day);
    if (over_night && now >= from) day.day++;
    unsigned month, d;
    civil_split(day, &t.year, &month, &d);
    t = (struct civil_time){ .year = t.year,
                             .month = (uint8_t)month,
                             .day = (uint8_t)d,
                             .hour = (uint8_t)(until / 60),
                             .minute = (uint8_t)(until % 60) };
    return tz_instant_ms(r->tz, &t);
}
