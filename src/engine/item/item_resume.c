/* item_resume: see item_resume.h. Invariant: a number that nobody has, a phone that is not the beginner's and a wrong code end in the
 * same places, with the same rows written.
 */
#include "engine/item/item_resume.h"

#include "engine/code/code_check.h"
#include "engine/item/item_rows.h"
#include "engine/notify/notify_out.h"
#include "engine/record/record.h"

/* ---- the number: the case's id, in 13 characters that are not mistaken for others, and one that checks them ---- */

enum { PLACES = 13, GROUP = 5, BASE = 31 };
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXY";

static int value_of(char c) {
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    for (int i = 0; i < BASE; i++)
        if (alphabet[i] == c) return i;
    return -1;
}

/* 31 is a prime: one wrong character, or two that changed places, change the sum. */
static int check_of(const int digit[PLACES]) {
    int sum = 0;
    for (int i = 0; i < PLACES; i++) sum += (i + 1) * digit[i];
    return sum % BASE;
}

struct str item_draft_number(struct arena *a, int64_t id) {
    int digit[PLACES];
    char text[PLACES + 3];
    size_t n = 0;
    uint64_t rest = (uint64_t)id;
    for (int i = PLACES - 1; i >= 0; i--, rest /= BASE) digit[i] = (int)(rest % BASE);
    for (int i = 0; i < PLACES; i++) {
        if (i && i % GROUP == 0) text[n++] = '-';
        text[n++] = alphabet[digit[i]];
    }
    return arena_fmt(a, "%.*s%c", (int)n, text, alphabet[check_of(digit)]);
}

bool item_draft_number_read(struct arena *a, struct str typed, int64_t *ret) {
    struct str s = code_clean(a, typed); /* without blanks and hyphens, in capitals */
    int digit[PLACES];
    uint64_t id = 0;
    if (s.len != PLACES + 1) return false;
    for (int i = 0; i < PLACES; i++) {
        digit[i] = value_of(s.ptr[i]);
        if (digit[i] < 0 || id > (uint64_t)INT64_MAX / BASE) return false;
        id = id * BASE + (uint64_t)digit[i];
    }
    *ret = (int64_t)id;
    return id > 0 && id <= (uint64_t)INT64_MAX && value_of(s.ptr[PLACES]) == check_of(digit);
}

/* ---- whose it is ---- */

static const struct str code_sent = S_INIT("draft-send"), code_tried = S_INIT("draft-code");

/* As whom it is gone on with, and where his codes go; ERR_NOT_FOUND where there is no such draft, nobody who may, or no phone. */
struct beginner {
    struct actor as;
    int64_t owner; /* whose key seals the code */
    struct str phone;
};

int item_phone_of(struct store_tx *tx, const struct realm *r, int64_t account, int64_t person, struct str *ret, struct err *e) {
    const struct record_type *t = realm_find(r, SYSTEM_RECORD, S("person"), NULL);
    struct notify_contact own = { .value = S("") };
    struct record rec;
    int rc = account ? notify_contact_get(tx, r, account, NOTIFY_SMS, &own, e) : 0;
    if (!rc && !own.value.len && t && person) {
        rc = record_get(tx, r, t, person, &rec, e);
        if (!rc) own.value = val_get_str(rec.values, S("phone"));
    }
    if (rc) return rc;
    if (notify_phone(store_arena(tx), own.value, ret, NULL)) *ret = S("");
    return 0;
}

int item_reached(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct item_reached *ret, struct err *e) {
    struct actor him;
    *ret = (struct item_reached){ .person = c->person };
    int rc = c->account ? identity_mandate_over(tx, r, c->account, item_owner(c), &ret->over, e) : 0;
    if (rc) return rc;
    if (c->company && ret->over) {
        ret->person = 0;
        return 0;
    }
    rc = c->account ? identity_actor_of(tx, r, c->account, &him, e) : ERR_NOT_FOUND;
    if (!rc && him.person == c->person) ret->account = c->account;
    else if (!rc || err_kind(rc) == ERR_KIND_CALLER) rc = identity_account_of_person(tx, r, c->person, &ret->account, e);
    if (rc == ERR_NOT_FOUND) rc = 0, err_clear(e); /* he has no account */
    return rc ? rc : item_phone_of(tx, r, ret->account, ret->person, &ret->phone, e);
}

static int phone_of(struct store_tx *tx, const struct realm *r, struct beginner *b, struct err *e) {
    int rc = item_phone_of(tx, r, b->as.account, b->as.person, &b->phone, e);
    return rc || b->phone.len ? rc : err_set(e, ERR_NOT_FOUND, NULL);
}

static int beginner_of(struct store_tx *tx, const struct realm *r, int64_t id, struct beginner *ret, struct err *e) {
    struct item_case c;
    int64_t account = 0;
    int rc = item_case_get(tx, r, NULL, id, &c, e);
    if (!rc && !str_eq(c.state, S("draft"))) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (rc) return rc;
    *ret = (struct beginner){ .as = { .person = c.person, .on_behalf = c.company, .on_behalf_name = S("") } };
    account = c.account;
    if (!account) rc = identity_account_of_person(tx, r, c.person, &account, e);
    if (rc == ERR_NOT_FOUND) {
        err_clear(e);
        rc = 0;
    }
    if (!rc && account) rc = identity_actor_of(tx, r, account, &ret->as, e);
    int64_t principal = c.company ? c.company : c.person != ret->as.person ? c.person : 0;
    if (!rc && account && principal) rc = identity_stand(tx, r, &ret->as, principal, e);
    if (rc) return rc == ERR_FORBIDDEN ? err_set(e, ERR_NOT_FOUND, NULL) : rc;
    ret->as.posts = NULL;
    ret->as.n_posts = 0;
    ret->as.only = id;
    ret->owner = account ? account : c.person;
    return phone_of(tx, r, ret, e);
}

/* The draft of that number, if the phone is its beginner's. */
static int meant(struct store_tx *tx, const struct realm *r, int64_t id, struct str phone, struct beginner *ret, bool *known,
                 struct err *e) {
    int rc = beginner_of(tx, r, id, ret, e);
    *known = rc == 0 && str_eq(ret->phone, phone);
    if (rc != ERR_NOT_FOUND) return rc;
    err_clear(e);
    return 0;
}

/* What this browser is given with the question, whether a code was sent or not: that it named this phone for this draft, until then. */
static struct str pass_of(struct arena *a, const struct realm *r, int64_t id, struct str phone, struct str until) {
    struct digest d;
    const struct str parts[] = { S("resume\n"), arena_i64(a, id), S("\n"), phone, S("\n"), until };
    mac(r->keys.suite, r->keys.token, parts, sizeof parts / sizeof *parts, &d);
    return ARENA_CAT(a, until, S("."), crypto_base64url(a, str_make((const char *)d.v, DIGEST_BYTES)));
}

static bool passes(struct store_tx *tx, const struct realm *r, const struct item_resume *x, struct str phone) {
    struct str until = str_sub(x->pass, 0, str_find_char(x->pass, '.', 0));
    int64_t ms;
    return str_to_i64(until, &ms) && ms > store_now_ms(tx) && str_eq_secret(x->pass, pass_of(store_arena(tx), r, x->id, phone, until));
}

/* ---- the code ---- */

int item_resume_ask(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct str typed, struct str *ret_pass,
                    struct err *e) {
    struct arena *a = store_arena(tx);
    struct str name = arena_i64(a, id), phone;
    struct beginner b;
    struct act act;
    bool known;
    int rc = act_open(&act, tx, r, who, S("case.resume"), e);
    if (!rc && !notify_gateway(r, NOTIFY_SMS)) rc = err_set(e, ERR_STATE, "没有接通短信");
    if (!rc) rc = notify_phone(a, typed, &phone, e);
    if (!rc) rc = identity_try_open(tx, r, code_sent, name, e);
    if (!rc) rc = identity_try_failed(tx, r, code_sent, name, NOTIFY_CODE_TRIES, e);
    if (!rc) rc = meant(tx, r, id, phone, &b, &known, e);
    if (!rc && known) {
        rc = notify_code_send(&act, b.owner, id, phone, e);
        if (rc == ERR_LOCKED) { /* by what was sent there for other reasons: that would tell that it is known */
            err_clear(e);
            rc = 0;
        }
    }
    if (rc) return rc;
    if (known) act.subject = b.as.person;
    *ret_pass = pass_of(a, r, id, phone, arena_i64(a, store_now_ms(tx) + NOTIFY_CODE_MS));
    return act_close(&act, S("case"), known ? id : 0, known ? id : 0, S("asked"), e);
}

int item_resume_open(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_resume *x, int64_t *ret_session,
                     struct err *e) {
    struct str name = arena_i64(store_arena(tx), x->id);
    struct beginner b;
    struct act act;
    int rc = act_open(&act, tx, r, who, S("case.resume"), e);
    if (!rc) rc = identity_try_open(tx, r, code_tried, name, e);
    if (!rc) rc = beginner_of(tx, r, x->id, &b, e);
    if (!rc && !passes(tx, r, x, b.phone)) rc = ERR_NOT_FOUND;
    if (rc == ERR_NOT_FOUND) return err_set(e, ERR_PASSWORD, NULL); /* as where the code is wrong */
    if (!rc) rc = notify_code_use(tx, r, b.owner, x->id, b.phone, x->code, e);
    if (!rc) rc = identity_try_over(tx, r, code_tried, name, e);
    if (!rc) rc = identity_try_over(tx, r, code_sent, name, e);
    if (!rc) rc = identity_session_only(tx, r, &b.as, x->token, x->device, ret_session, e);
    if (rc) return rc;
    act.subject = b.as.person;
    return act_close(&act, S("case"), x->id, x->id, arena_fmt(store_arena(tx), "session %lld", (long long)*ret_session), e);
}

int item_resume_failed(struct store_tx *tx, const struct realm *r, int64_t id, struct err *e) {
    return identity_try_failed(tx, r, code_tried, arena_i64(store_arena(tx), id), NOTIFY_CODE_TRIES, e);
}
