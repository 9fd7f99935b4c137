/* mandate: giving, answering, ending; see mandate.h. What is shown of it is in mandate_view.c.
 * Invariant: each command is one act, and tells the other side in it.
 */
#include "engine/mandate/mandate.h"

#include "data/tz.h"
#include "engine/clock/clock.h"
#include "engine/code/code_check.h"
#include "engine/notify/notify_out.h"
#include "engine/record/record.h"

static const struct str try_kind = S_INIT("mandate");
static const int64_t terms[] = { 1, 3, 6, 12, 36 };

int64_t mandate_term(size_t i) {
    return i < sizeof terms / sizeof *terms ? terms[i] : 0;
}

bool mandate_may_give(const struct realm *r, const struct actor *who) {
    struct scope_token t;
    struct err none;
    return actor_owner(who) && access_may(r, who, S("mandate.give"), &t, &none) == 0;
}

/* ---- who is meant ---- */

struct named {
    int64_t person, account;
    struct str name; /* as the registry writes it */
};

/* The person of this name and number; person 0 if there is none, whatever is wrong. */
static int person_of(struct store_tx *tx, const struct realm *r, struct str name, struct str number,
                     struct named *ret, struct err *e) {
    const struct record_type *t = realm_find(r, SYSTEM_RECORD, S("person"), NULL);
    struct record rec;
    int64_t id = 0;
    size_t n = 0;
    *ret = (struct named){ 0 };
    if (!t) return err_set(e, ERR_STATE, "没有人口登记库");
    int rc = record_find(tx, r, t, S("citizen_id"), number, &id, 1, &n, e);
    if (rc || n == 0) return rc;
    rc = record_get(tx, r, t, id, &rec, e);
    if (rc || !str_eq(rec.state, S("active"))) return rc;
    if (!str_eq(val_get_str(rec.values, S("name")), name)) return 0;
    ret->person = id;
    ret->name = val_get_str(rec.values, S("name"));
    rc = identity_account_of_person(tx, r, id, &ret->account, e);
    if (rc == ERR_NOT_FOUND) ret->account = 0;
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* By what rows are found: of the number itself nothing is kept but how it is shown to the giver. */
static struct str phone_key(struct arena *a, const struct realm *r, struct str phone) {
    struct digest d;
    const struct str parts[] = { S("mandate phone\n"), phone };
    mac(r->keys.suite, r->keys.token, parts, 2, &d);
    return crypto_base64url(a, str_make((const char *)d.v, DIGEST_BYTES));
}

/* The key of the phone that the actor showed to be his own; empty where he showed none. */
static int own_phone(struct store_tx *tx, const struct realm *r, const struct actor *who,
                     struct str *ret, struct err *e) {
    struct notify_contact own = { .value = S("") };
    int rc = who->account && !who->only
                 ? notify_contact_get(tx, r, who->account, NOTIFY_SMS, &own, e)
                 : 0;
    *ret = own.value.len ? phone_key(store_arena(tx), r, own.value) : S("");
    return rc;
}

static bool meant(const struct actor *who, struct str phone, const struct identity_mandate *m) {
    return m->account == 0 && phone.len && str_eq(m->phone, phone) && str_eq(m->name, who->name) &&
           str_eq(m->state, S("offered"));
}

int mandate_named(struct store_tx *tx, const struct realm *r, const struct actor *who,
                  const struct identity_mandate *m, bool *ret, struct err *e) {
    struct str phone = S("");
    int rc = m->account || !m->phone.len ? 0 : own_phone(tx, r, who, &phone, e);
    *ret = !rc && meant(who, phone, m);
    return rc;
}

int mandate_offered(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t at,
                    struct identity_mandate *out, size_t max, size_t *n, struct err *e) {
    struct str phone;
    size_t all = 0;
    *n = 0;
    int rc = own_phone(tx, r, who, &phone, e);
    if (rc || !phone.len) return rc;
    rc = identity_mandates_by_phone(tx, r, phone, at, out, max, &all, e);
    for (size_t i = 0; !rc && i < all; i++)
        if (meant(who, phone, &out[i])) out[(*n)++] = out[i];
    return rc;
}

static int typed(struct arena *a, const char *name_field, struct str name, const char *id_field,
                 struct str number, struct str *ret_name, struct str *ret_number, struct err *e) {
    struct err wrong = { 0 };
    *ret_name = str_trim(name);
    *ret_number = code_clean(a, number);
    if (ret_name->len == 0) return err_field(e, ERR_REQUIRED, str_of(name_field), "姓名");
    if (ret_number->len == 0)
        return err_field(e, ERR_REQUIRED, str_of(id_field), "公民身份号码");
    if (code_check(S("citizen-id"), *ret_number, &wrong))
        return err_field(e, wrong.code, str_of(id_field), "%s", wrong.detail);
    return 0;
}

/* ---- what is given ---- */

/* What was asked for into `m`: standing, matters, term. */
static int read_terms(struct store_tx *tx, const struct realm *r, const struct mandate_offer *o,
                      struct identity_mandate *m, struct err *e) {
    const struct access_standing *s = access_standing(r, o->standing);
    struct buf items;
    bool term = false;
    buf_init(&items, store_arena(tx), 64, 4096);
    if (!o->standing.len) return err_field(e, ERR_REQUIRED, S("standing"), "身份");
    if (!s || s->by_registry || !(m->for_person ? s->of_person : s->of_company))
        return err_field(e, ERR_CODE, S("standing"), NULL);
    if (o->n_items > IDENTITY_ITEMS_MAX)
        return err_field(e, ERR_LIMIT, S("items"), "%d", IDENTITY_ITEMS_MAX);
    for (size_t i = 0; i < o->n_items; i++) {
        if (!realm_find(r, SYSTEM_ITEM, o->items[i], NULL)) return err_field(e, ERR_CODE, S("items"), NULL);
        if (i) buf_add_char(&items, ' ');
        buf_add(&items, o->items[i]);
    }
    for (size_t i = 0; mandate_term(i); i++) term |= mandate_term(i) == o->months;
    if (!term) return err_field(e, ERR_REQUIRED, S("months"), "期限");
    if (!o->agreed) return err_field(e, ERR_INPUT, S("agreed"), "请看过授权的内容后勾选");
    struct civil_date last =
        clock_add_months(tz_date(r->tz, store_now_ms(tx)), (int32_t)o->months);
    struct civil_time t = { .month = 1 };
    int32_t year;
    unsigned month, day;
    civil_split((struct civil_date){ last.day + 1 }, &year, &month, &day);
    t.year = year;
    t.month = (uint8_t)month;
    t.day = (uint8_t)day;
    m->standing = s->id;
    m->items = buf_str(&items);
    m->until_ms = tz_instant_ms(r->tz, &t);
    return 0;
}

/* ---- messages ---- */

static int tell(struct act *act, const char *notice, const struct identity_mandate *m,
                int64_t account, struct err *e) {
    struct arena *a = store_arena(act->tx);
    const struct system *sys;
    const struct access_standing *s = access_standing(act->realm, m->standing);
    struct val *v = val_map(a);
    if (account == 0 || account == act->who->account) return 0; /* who did it knows */
    if (!realm_find(act->realm, SYSTEM_NOTICE, str_of(notice), &sys)) return 0;
    val_put_str(a, v, S("principal"), m->principal_name);
    val_put_str(a, v, S("name"), m->name);
    val_put_str(a, v, S("standing"), s ? s->title : m->standing);
    val_put(a, v, S("until"), notify_day(a, m->until_ms ? m->until_ms - 1 : 0));
    return notify_send(act, sys, str_of(notice), account, 0, v, e);
}

/* Both sides, but for who does it. */
static int tell_both(struct act *act, const char *notice, const struct identity_mandate *m,
                     struct err *e) {
    int64_t account[IDENTITY_PRINCIPALS_MAX];
    size_t n;
    int rc = identity_principals(act->tx, act->realm, m->principal, m->for_person, account, &n, e);
    for (size_t i = 0; !rc && i < n; i++) rc = tell(act, notice, m, account[i], e);
    return rc ? rc : tell(act, notice, m, m->account, e);
}

/* ---- the commands ---- */

/* Who is meant by name and number: he must be there, and have an account. */
static int name_by_id(struct act *act, const struct mandate_offer *o, struct identity_mandate *m,
                      struct err *e) {
    struct store_tx *tx = act->tx;
    struct str name, number;
    struct named to;
    int rc = typed(store_arena(tx), "name", o->name, "citizen_id", o->citizen_id, &name, &number, e);
    if (!rc) rc = read_terms(tx, act->realm, o, m, e);
    if (!rc) rc = person_of(tx, act->realm, name, number, &to, e);
    if (rc) return rc;
    if (to.account == 0)
        return err_field(e, ERR_INPUT, S("citizen_id"),
                         "找不到这个人的账号：请核对姓名和号码；对方要先有通办的账号");
    if (to.account == act->who->account)
        return err_field(e, ERR_INPUT, S("citizen_id"), "这是您本人，不用授权");
    m->account = to.account;
    m->name = to.name;
    return 0;
}

/* By name and phone: whoever proves it. Nothing is looked up but what the giver himself offered. */
static int name_by_phone(struct act *act, const struct mandate_offer *o, struct identity_mandate *m,
                         struct err *e) {
    struct arena *a = store_arena(act->tx);
    struct err wrong = { 0 };
    struct str phone, own;
    if (str_trim(o->name).len == 0) return err_field(e, ERR_REQUIRED, S("name"), "姓名");
    if (notify_phone(a, o->phone, &phone, &wrong))
        return err_field(e, wrong.code, S("phone"), "%s", wrong.detail);
    int rc = read_terms(act->tx, act->realm, o, m, e);
    if (!rc) rc = own_phone(act->tx, act->realm, act->who, &own, e);
    if (rc) return rc;
    m->name = str_trim(o->name);
    m->phone = phone_key(a, act->realm, phone);
    m->phone_shown = code_mask(a, S("mobile"), phone);
    return str_eq(own, m->phone) ? err_field(e, ERR_INPUT, S("phone"), "这是您本人，不用授权") : 0;
}

int mandate_give(struct store_tx *tx, const struct realm *r, const struct actor *who,
                 const struct mandate_offer *o, int64_t *ret_id, struct err *e) {
    struct act act;
    struct str self = arena_i64(store_arena(tx), who->account);
    const bool by_phone = !code_clean(store_arena(tx), o->citizen_id).len && o->phone.len;
    struct identity_mandate m = {
        .principal = actor_owner(who),
        .for_person = !who->on_behalf || who->for_person,
        .principal_name = who->on_behalf ? who->on_behalf_name : who->name,
        .state = S("offered"),
        .phone = S(""),
        .phone_shown = S(""),
    };
    int rc = act_open(&act, tx, r, who, S("mandate.give"), e);
    if (rc) return rc;
    if (m.principal == 0) return err_set(e, ERR_STATE, "账号没有联系到登记库里的人，不能授权");
    rc = identity_try_open(tx, r, try_kind, self, e);
    if (!rc) rc = by_phone ? name_by_phone(&act, o, &m, e) : name_by_id(&act, o, &m, e);
    if (!rc) rc = identity_mandate_add(&act, &m, ret_id, e);
    if (rc == ERR_DUPLICATE)
        return err_field(e, ERR_INPUT, by_phone ? S("phone") : S("citizen_id"),
                         "已经授权给这个人，要改变请先终止原来的授权");
    if (!rc && !by_phone) rc = identity_try_over(tx, r, try_kind, self, e);
    if (!rc) rc = tell(&act, "mandate-offered", &m, m.account, e);
    act.subject = m.for_person ? m.principal : 0;
    return rc ? rc : act_close(&act, S("mandate"), *ret_id, 0, m.standing, e);
}

int mandate_failed(struct store_tx *tx, const struct realm *r, const struct actor *who,
                   struct err *e) {
    struct str self = arena_i64(store_arena(tx), who->account);
    return identity_try_failed(tx, r, try_kind, self, MANDATE_TRIES, e);
}

int mandate_register(struct store_tx *tx, const struct realm *r, const struct actor *who,
                     const struct mandate_offer *o, int64_t *ret_id, struct err *e) {
    struct arena *a = store_arena(tx);
    struct act act;
    struct named from, to;
    struct str name[2], number[2];
    struct identity_mandate m = {
        .for_person = true, .state = S("active"), .phone = S(""), .phone_shown = S("")
    };
    int rc = act_open(&act, tx, r, who, S("mandate.register"), e);
    if (!rc)
        rc = typed(a, "giver_name", o->giver_name, "giver_id", o->giver_id, &name[0], &number[0], e);
    if (!rc) rc = typed(a, "name", o->name, "citizen_id", o->citizen_id, &name[1], &number[1], e);
    if (!rc) rc = read_terms(tx, r, o, &m, e);
    if (!rc) rc = person_of(tx, r, name[0], number[0], &from, e);
    if (!rc) rc = person_of(tx, r, name[1], number[1], &to, e);
    if (rc) return rc;
    if (from.person == 0)
        return err_field(e, ERR_INPUT, S("giver_id"), "人口登记库里没有这个人，请核对证件");
    if (to.account == 0)
        return err_field(e, ERR_INPUT, S("citizen_id"),
                         "找不到这个人的账号：请核对证件；代办的人要先有通办的账号");
    if (from.person == to.person)
        return err_field(e, ERR_INPUT, S("citizen_id"), "授权人和代办人不能是同一个人");
    if (who->person && (who->person == from.person || who->person == to.person))
        return err_set(e, ERR_STATE, "与本人有关的授权，请同事登记");
    m.principal = from.person;
    m.principal_name = from.name;
    m.account = to.account;
    m.name = to.name;
    rc = identity_mandate_add(&act, &m, ret_id, e);
    if (rc == ERR_DUPLICATE)
        return err_field(e, ERR_INPUT, S("citizen_id"), "已经授权给这个人，要改变请先终止原来的授权");
    if (!rc) rc = tell_both(&act, "mandate-registered", &m, e);
    act.subject = from.person;
    act.purpose = S("当面登记代办授权");
    return rc ? rc : act_close(&act, S("mandate"), *ret_id, 0, m.standing, e);
}

/* The mandate is the actor's: he holds it, or may give such for its principal. */
static int his(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id,
               struct identity_mandate *m, bool *holder, struct err *e) {
    access_asked(tx, S("mandate"), id, 0);
    int rc = identity_mandate_get(tx, r, id, m, e);
    if (rc) return rc;
    rc = mandate_named(tx, r, who, m, holder, e);
    if (rc) return rc;
    *holder |= m->account == who->account;
    if (*holder || (m->principal == actor_owner(who) && mandate_may_give(r, who))) return 0;
    return err_set(e, ERR_NOT_FOUND, NULL);
}

int mandate_answer(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id,
                   bool accept, struct err *e) {
    struct act act;
    struct identity_mandate m;
    bool holder;
    access_asked(tx, S("mandate"), id, 0);
    int rc = act_open(&act, tx, r, who, S("mandate.answer"), e);
    if (!rc) rc = his(tx, r, who, id, &m, &holder, e);
    if (!rc && !holder) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc && m.until_ms && m.until_ms <= store_now_ms(tx))
        rc = err_set(e, ERR_CONFLICT, "授权的期限已经过了");
    if (!rc && m.account == 0 && who->person && who->person == m.principal)
        rc = err_set(e, ERR_STATE, "这是您自己的授权，请别人接受");
    if (!rc && m.account == 0) rc = identity_mandate_take(&act, &m, who->account, e);
    if (!rc) rc = identity_mandate_answer(&act, id, accept, e);
    if (!rc) rc = tell_both(&act, accept ? "mandate-accepted" : "mandate-declined", &m, e);
    if (rc) return rc;
    act.subject = m.for_person ? m.principal : 0;
    return act_close(&act, S("mandate"), id, 0, accept ? S("accepted") : S("declined"), e);
}

int mandate_end(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id,
                struct err *e) {
    struct act act;
    struct identity_mandate m;
    bool holder;
    access_asked(tx, S("mandate"), id, 0);
    int rc = act_open(&act, tx, r, who, S("mandate.end"), e);
    if (!rc) rc = his(tx, r, who, id, &m, &holder, e);
    if (rc) return rc;
    const struct access_standing *s = access_standing(r, m.standing);
    if (s && s->by_registry)
        return err_set(e, ERR_STATE, "法定代表人以登记库为准，请到登记机关办理变更");
    rc = identity_mandate_end(&act, id, e);
    if (!rc) rc = tell_both(&act, "mandate-ended", &m, e);
    act.subject = m.for_person ? m.principal : 0;
    return rc ? rc
              : act_close(&act, S("mandate"), id, 0, holder ? S("by holder") : S("by giver"), e);
}
