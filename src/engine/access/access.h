/* access: who may. The only place where a right is decided.
 *
 * Systems declare roles and grants in access.yaml; what is not granted is refused. A decision has two steps, and no third:
 *   1. before loading: access_may(actor, act) -> a *scope token*, which every loader takes and joins with its scope rows;
 *      none -> the object does not exist for this person (404 for an object, 403 for a page of acts);
 *   2. after loading: access_check(token, object) evaluates the grants' conditions on what was loaded -> 403.
 *
 * Invariants
 *  1. No grant, no token; a token is made only here.
 *  2. A loader given a token returns only objects that have a scope row for one of its ids (or any, for scope `all`).
 *  3. Conditions are FEEL over {actor, object}; null or an error counts as false. They are judged wherever an object is loaded by a token
 *     and for each row of a list alike; an act whose objects are not judged takes no condition (access_compile refuses it).
 *  4. A grant of scope `unit` or `all` reaches objects of the system that gives it, and of systems that need that one, and no others:
 *     a role that one department's system declares opens nothing of another's at the same unit.
 *  5. Who proved a draft's number and its phone and nothing else (actor.only) does with that one case what fills it in, and nothing with
 *     any other object; for the rest he is asked to sign in.
 *  6. The three administrators (system, security, audit) are never the same account (identity enforces it when posts are given).
 *
 * access.yaml
 *   roles:
 *     reviewer: {title: 审查员}
 *   grants:
 *     - {role: reviewer, may: [task.read, task.complete], scope: unit, when: 'object.role = "reviewer"'}
 *   standings:
 *     agent: {title: 经办人, of: [company], may: [case.draft, case.read]}
 * A standing is as what one acts for another: what `person` may do with what is one's own, only narrower. While somebody acts for
 * another, grants of `person` of scope own give what his standing names as well, and nothing else; but what is of the account itself
 * (signing in and out, contacts, messages, turning back to oneself) stays. An unknown standing gives nothing.
 * scope: own (the person and whom they act for) | unit (the post's unit and all below it) | all (the realm).
 * Roles every signed-in account holds without a post: `person`. Everybody, signed in or not: `anyone`.
 */
#ifndef ENGINE_ACCESS_H
#define ENGINE_ACCESS_H
#include "engine/realm/realm.h"

struct actor_post {
    int64_t id;
    struct str role;
    int64_t unit;
    struct str unit_title;
    int64_t division; /* the unit's (realm_division); 0: none */
};

/* Who does it: made by identity from a session, or by the command line and workers for themselves. */
struct actor {
    int64_t account;    /* 0: nobody signed in */
    int64_t person;     /* record id in the population registry; 0 for none */
    int64_t on_behalf;  /* record id of the company or person acted for; 0: oneself */
    bool for_person;    /* it is a person's */
    struct str standing; /* as what one acts for it: of access.yaml */
    const struct str *items; /* the matters that it is for, by item; none: all */
    size_t n_items;
    int64_t only;       /* a draft's case: nothing but filling in that one is reached, and `account` may be 0 (item_resume.c); 0: all */
    int64_t session;
    bool renew;         /* signed in with a password that others know: nothing may be done before it is replaced */
    struct str name, on_behalf_name; /* clear text, for the person's own pages */
    const struct actor_post *posts;
    size_t n_posts;
    struct str request_id, peer;     /* into every audit entry */
    struct str lang;
};

/* Whose matters the actor sees and takes up now; the company acted for, or 0; who is the applicant of what he takes up. */
int64_t actor_owner(const struct actor *who);
int64_t actor_company(const struct actor *who);
int64_t actor_applicant(const struct actor *who);
/* Is a matter of this item among those that he acts for another in? */
bool actor_items(const struct actor *who, struct str item);

/* The system itself: what it does on its own account, by the grants of the role `worker`. */
struct actor access_worker(void);

/* What a transaction is about to do, and to what: kept beside the job (store_note), so that the entry of a refusal names its object
 * although nothing was loaded or all of it was undone. scope_reaches notes what it is asked for by itself. */
struct access_attempt {
    char act[40], kind[24];
    int64_t object, case_id;
};
const struct access_attempt *access_attempt(struct store_tx *tx);
/* `object` (0: none) of `kind` is asked for, within `case_id` where that is known (0: as noted before). What was asked for first stays:
 * its task and its case are looked at on its behalf; only a case gives way to what is asked for within it. */
void access_asked(struct store_tx *tx, struct str kind, int64_t object, int64_t case_id);
/* The act is done: the next one of this transaction asks for itself. */
void access_settled(struct store_tx *tx);
/* The act is tried; it settles the kind where no object is noted. */
void access_tried(struct store_tx *tx, struct str act);
/* The kind of object of an act; empty if it is none of ours. */
struct str access_act_kind(struct str act);

enum access_scope { ACCESS_OWN = 1, ACCESS_UNIT, ACCESS_ALL };
enum { ACCESS_SCOPE_IDS_MAX = 32 }; /* ids, and grants (bits of a word), of one act; access_may refuses what has more */

struct access_grant;
struct scope_token {
    struct home_id home;
    bool all;
    int64_t id[ACCESS_SCOPE_IDS_MAX]; /* person, company, units */
    size_t n;
    uint32_t by[ACCESS_SCOPE_IDS_MAX], by_all;              /* which of the grants gave each id: bits of grant[] */
    const struct access_grant *grant[ACCESS_SCOPE_IDS_MAX]; /* the grants that gave it */
    size_t n_grants;
    const struct actor *who; /* whose it is; NULL: made by an engine for itself, without grants to judge by */
    bool overflow;
    uint32_t *reached; /* where scope_reaches notes by which grants the object was reached; NULL: nowhere */
    struct str act;
};

/* Compiles access.yaml of the system with the id `system`. Unknown acts, keys, scopes and bad FEEL are errors with file:line. */
int access_compile(struct arena *a, struct str system, struct str file, const struct val *yaml, const struct access_rules **ret,
                   struct err *e);
struct access_role {
    struct str id, title;
};
size_t access_roles(const struct access_rules *r, const struct access_role **ret);
/* Does a grant of these rules give the act to a role that they declare? */
bool access_role_granted(const struct access_rules *r, struct str act);
/* Do they give it to this role, wherever that is declared? */
bool access_granted(const struct access_rules *r, struct str role, struct str act);
bool access_role_declared(const struct realm *r, struct str role); /* by one of the realm's active systems */
/* As what one may act for another. `by_registry`: it comes of what a registry says, and is not given by anybody. */
struct access_standing {
    struct str id, title, note; /* Chinese sources, of the words of `system` */
    struct str system;
    bool of_company, of_person, by_registry;
    struct str *act;
    size_t n_acts;
};
enum { ACCESS_STANDINGS_MAX = 32 };
size_t access_standings_of(const struct access_rules *r, const struct access_standing **ret);
/* Those of the realm's active systems, in their order; how many. */
size_t access_standings(const struct realm *r, const struct access_standing **ret, size_t max);
const struct access_standing *access_standing(const struct realm *r, struct str id); /* NULL: none such */

/* Step 1. ERR_LOGIN when nobody is signed in and `anyone` may not; ERR_FORBIDDEN otherwise. */
int access_may(const struct realm *r, const struct actor *who, struct str act, struct scope_token *ret, struct err *e);
/* The same, by the grants of one system alone: a registry is kept under the rules of the system that declares it. */
int access_may_of(const struct realm *r, const struct actor *who, struct str act, const struct system *owner, struct scope_token *ret,
                  struct err *e);
/* Does the token reach what lies in `division` and in no unit, such as a record of a registry? Scope `unit`: if the division is that of
 * the post's unit or below it; `all`: always; `own`: never. Notes the grants as scope_reaches does. 0 or ERR_NOT_FOUND. */
int access_covers(const struct scope_token *t, int64_t division, struct err *e);
/* The same right as a token over scopes that are divisions (scope_divisions): in place of the posts' units it has their divisions, each
 * with the grants that gave it; what is one's own is in none. ERR_LIMIT: more than ACCESS_SCOPE_IDS_MAX. */
int access_divisions(const struct scope_token *t, struct scope_token *ret, struct err *e);
/* Does the token reach what lies in a unit: `path` is that unit and those above it? Notes the grants as scope_reaches does. 0 or
 * ERR_NOT_FOUND. */
int access_under(const struct scope_token *t, const int64_t *path, size_t n, struct err *e);
/* Step 2: one of the grants by which the object was reached (scope_reaches) must hold; a wide grant's condition is not lifted by a
 * narrow grant without one. `object` as conditions see it; its `systems`, a list of ids, are those whose grants may reach it (invariant 4).
 * ERR_NOT_FOUND when none of the grants is of these systems, ERR_FORBIDDEN when no condition holds. */
int access_check(const struct scope_token *t, const struct actor *who, const struct val *object, struct arena *a, struct err *e);
bool access_holds(const struct actor *who, struct str role);
/* Is it a role by which the program itself acts (access_worker, supervise_actor)? Nobody is given a post of it. */
bool access_role_of_program(struct str role);
/* What of the token the posts of this role gave: an officer who is clerk here and chief there is not clerk there. `ret` notes nothing
 * where the token notes (reached); give it a place of its own where conditions count. */
void access_narrow(const struct scope_token *t, const struct actor *who, struct str role, struct scope_token *ret);
/* The role of the grant that gave the token; for the audit entry. */
struct str access_role_of(const struct scope_token *t);

/* Which acts a role may do, for the pages of access and for scenarios: one map per grant {system, role, may, scope, when}. */
struct val *access_table(const struct realm *r, struct arena *a);
/* Why may (or may not) `who` do `act`: a list of {role, system, system_id, line (of its access.yaml), scope, when, gives} in the order
 * looked at; and what the nth of them gives alone, to judge an object by as with the whole: ERR_FORBIDDEN where it gives nothing. */
int access_may_by(const struct realm *r, const struct actor *who, struct str act, size_t nth, struct scope_token *ret, struct err *e);
struct val *access_explain(const struct realm *r, const struct actor *who, struct str act, struct arena *a);

/* Does the act change something? False for one that only reads, and for none of ours. */
bool access_act_changes(struct str act);

/* Scope rows: one per ancestor unit, division and owner, in the object's own transaction. A list reads them in order, so a
 * narrow right costs what a wide one costs. A row has two keys, each growing with what should come first (newest), and two facets
 * by which a list is narrowed without reading what is left out: every order and facet is a range of an index of its own. */
struct scope_keys {
    int64_t first, second;
    struct str a, b;
};
int scope_place(struct store_tx *tx, struct home_id home, struct str list, int64_t scope_id, const struct scope_keys *keys,
                int64_t object, struct err *e);
/* All rows of the object: other facets, in the same places. */
int scope_facets(struct store_tx *tx, struct home_id home, struct str list, int64_t object, struct str a, struct str b,
                 struct err *e);
/* Where one order is all there is: both keys are `sort_key`. */
int scope_put(struct store_tx *tx, struct home_id home, struct str list, int64_t scope_id, int64_t sort_key, int64_t object,
              struct err *e);
int scope_drop(struct store_tx *tx, struct home_id home, struct str list, int64_t object, struct err *e);
/* The object leaves this scope's list alone; and the scopes in whose lists it stands, the smallest first, at most `max`. */
int scope_leave(struct store_tx *tx, struct home_id home, struct str list, int64_t scope_id, int64_t object, struct err *e);
int scope_of(struct store_tx *tx, struct home_id home, struct str list, int64_t object, int64_t *ids, size_t max, size_t *n,
             struct err *e);
/* Words by which the object is found in this scope, beside its row of the list there: keyed hashes, so they may be made of what is
 * sealed (access_word.c). They are added to; a case keeps what it was once found by. */
int scope_words_put(struct store_tx *tx, const struct realm *r, struct str list, int64_t scope, int64_t key, int64_t object,
                    const struct str *words, size_t n, struct err *e);
/* It is found by these no more; what was not there stays away. */
int scope_words_drop(struct store_tx *tx, const struct realm *r, struct str list, int64_t scope, int64_t key, int64_t object,
                     const struct str *words, size_t n, struct err *e);
/* The scopes of what lies in a division (realm_division; 0: in none) and in no unit: the division, those above it, the realm itself; how
 * many. Whom access_covers lets reach it, access_divisions gives one of them. */
enum { SCOPE_DIVISIONS_MAX = 6 };
size_t scope_divisions(struct home_id home, int64_t division, int64_t ret[SCOPE_DIVISIONS_MAX]);
/* Does the token reach this object? 0 or ERR_NOT_FOUND. Scope `all` reaches what has a row of the realm itself. */
int scope_reaches(struct store_tx *tx, const struct scope_token *t, struct str list, int64_t object, struct err *e);
/* A list as somebody may see it: rows in order, each with the grants that reach it, so that a list shows what opening would not refuse.
 * Where no grant has a condition, a page is read and nothing is judged; else more is read in place of what the conditions take away
 * (scope_walk_check), up to SCOPE_LOOKED_MAX rows: then `cut` is set, and who shows the list says so and goes on from (key, object).
 */
enum { SCOPE_PAGE_MAX = 128, SCOPE_LOOKED_MAX = 500, SCOPE_COUNT_MAX = 1000 };
enum scope_facet { SCOPE_ANY, SCOPE_A, SCOPE_B };
struct scope_order { /* zero: by the first key, greatest first, all */
    bool second, back; /* by the second key; the smallest first */
    enum scope_facet facet;
    struct str value;           /* of the facet */
    const struct str *or_value; /* or one of these, n_or of them, at most SCOPE_OR_MAX */
    size_t n_or;
    /* In place of all that: what has one of these words (scope_words_put), by their key; `second` and `facet` are nothing then. */
    const struct realm *words_of;
    const struct str *word;
    size_t n_words; /* at most SCOPE_OR_MAX */
};
enum { SCOPE_OR_MAX = 6 };
struct scope_walk {
    struct scope_token token;
    struct str list;
    int64_t key, object;  /* the row looked at last, or where the walk begins */
    bool conditional, filtered, cut;
    struct scope_order order; /* to be set after scope_walk_begin */
    /* private */
    uint32_t reached, by[SCOPE_PAGE_MAX];
    int64_t ids[SCOPE_PAGE_MAX], keys[SCOPE_PAGE_MAX];
    size_t page, n, at, looked;
};
/* `max` rows are wanted, behind (key, object); `filtered`: the caller drops rows for reasons of its own. The walk must not move. */
void scope_walk_begin(struct scope_walk *w, const struct scope_token *t, struct str list, int64_t key, int64_t object, size_t max,
                      bool filtered);
/* The next row's object; 0 at the end. */
int scope_walk_next(struct store_tx *tx, struct scope_walk *w, int64_t *ret, struct err *e);
/* The conditions of the grants that reach the present row; `object` as in access_check. True where none has one. */
bool scope_walk_check(const struct scope_walk *w, const struct val *object, struct arena *a);
/* Must each object be looked at (access_check), or does reaching it settle it? */
bool access_conditional(const struct scope_token *t);
/* Does reaching a task of this role settle it: no grant of the role has a condition, and the one system that declares it gives one?
 * Then every task of the role is of a system that this grant reaches (invariant 4), and the index alone counts them. */
bool access_settles(const struct realm *r, const struct scope_token *t, struct str role);
/* How many the token reaches, conditions aside; no more than SCOPE_COUNT_MAX are counted. SCOPE_UNCOUNTED: there are rows of before
 * there were facets, and only they themselves say whether they belong to it. */
#define SCOPE_UNCOUNTED SIZE_MAX
int scope_count(struct store_tx *tx, const struct scope_token *t, struct str list, const struct scope_order *order, size_t *ret,
                struct err *e);
/* Page of object ids in `list` in this order, strictly behind (before_key, before_object); 0, 0 starts. */
int scope_page(struct store_tx *tx, const struct scope_token *t, struct str list, const struct scope_order *o, int64_t before_key,
               int64_t before_object, int64_t *ids, int64_t *keys, size_t max, size_t *n, struct err *e);
#endif
