/* identity: accounts, organisations (units), posts, mandates and sessions.
 *
 * Invariants
 *  1. A session's token is 32 random bytes known to the browser alone; the store keeps its hash. A new token at every sign-in and
 *     at every change of standing (fixation).
 *  2. Five failures in 15 minutes lock a login name on every path for 15 minutes, whether an account has it or not; nothing in the
 *     answers, nor the time they take, tells an unknown name from one that exists (a dummy hash is verified for unknown names). Only
 *     who knows the password learns that an account was put out of use.
 *  3. Idle 15 minutes (staff) or 30 (people), 8 hours at most, then the session is gone; drafts are not.
 *  4. No account holds two of the roles system-admin, security-admin, audit-admin (三员分立), whoever grants them.
 *  5. Whoever acts for a company or a person holds a mandate in force, looked up with each request: as legal representative by the
 *     registry, or in a standing (access.h) that he was given and accepted, for a time and for matters.
 */
#ifndef ENGINE_IDENTITY_H
#define ENGINE_IDENTITY_H
#include "engine/act/act.h"

enum { IDENTITY_TOKEN_BYTES = 32, IDENTITY_IDLE_MS = 30 * 60 * 1000, IDENTITY_STAFF_IDLE_MS = 15 * 60 * 1000,
       IDENTITY_LONGEST_MS = 8 * 60 * 60 * 1000, IDENTITY_TRIES = 5, IDENTITY_LOCK_MS = 15 * 60 * 1000 };

/* ---- sign-in: three steps, since hashing must not run in a transaction ---- */
struct identity_login {
    struct str name; /* as typed: borrowed */
    int64_t account; /* 0: no such name */
    struct str hash; /* encoded Argon2id; a dummy for unknown names */
    bool locked, demo;
    struct str device; /* from where, in a word of the caller's; kept with the session, may be empty */
    bool verified;   /* set by the caller after password_verify(hash, password) on the pool */
};
/* READ job. */
int identity_login_find(struct store_tx *tx, const struct realm *r, struct str login, struct identity_login *ret, struct err *e);
/* Write job: ERR_PASSWORD, ERR_LOCKED, ERR_STATE (put out of use), or opens a session. `token` was drawn by the caller before the job. */
int identity_login_finish(struct store_tx *tx, const struct realm *r, const struct actor *nobody, const struct identity_login *login,
                          const uint8_t token[IDENTITY_TOKEN_BYTES], int64_t *ret_session, struct err *e);
/* Counts a failure: for `refused` bodies. */
int identity_login_failed(struct store_tx *tx, const struct realm *r, const struct identity_login *login, struct err *e);

/* ---- tries at anything that can be guessed (identity_try.c): `kind` is a word ("login"), `name` what was guessed at ---- */
/* ERR_LOCKED: locked. */
int identity_try_open(struct store_tx *tx, const struct realm *r, struct str kind, struct str name, struct err *e);
/* One wrong try, of `most` after which it is locked: in the transaction of its refusal. With 1: what may be used once. */
int identity_try_failed(struct store_tx *tx, const struct realm *r, struct str kind, struct str name, int64_t most, struct err *e);
/* A right one: the wrong ones before no longer count. */
int identity_try_over(struct store_tx *tx, const struct realm *r, struct str kind, struct str name, struct err *e);

/* Who holds this token. ERR_LOGIN if nobody (any more). Fills `ret` from the job's arena; does not write. `*touch` is true when
 * the session's last-seen time is over a minute old and identity_session_touch should be queued. */
int identity_session_find(struct store_tx *tx, const struct realm *r, const uint8_t token[IDENTITY_TOKEN_BYTES], struct actor *ret,
                          bool *touch, struct err *e);
/* Who held this token, though the session has ended by time; not if it was closed. ERR_LOGIN. */
int identity_session_last(struct store_tx *tx, const struct realm *r, const uint8_t token[IDENTITY_TOKEN_BYTES], struct actor *ret,
                          struct err *e);
/* The session `who` just opened takes up the standing of the one before in this browser, if it was the same account's and the mandate
 * holds; else it stays for oneself. */
int identity_session_resume(struct store_tx *tx, const struct realm *r, const struct actor *who, const uint8_t before[IDENTITY_TOKEN_BYTES],
                            const uint8_t token[IDENTITY_TOKEN_BYTES], struct err *e);
/* Within an open act: a session as `as`, an account or (0) somebody who has none, that reaches the case as->only alone (access.h). */
int identity_session_only(struct store_tx *tx, const struct realm *r, const struct actor *as, const uint8_t token[IDENTITY_TOKEN_BYTES],
                          struct str device, int64_t *ret_session, struct err *e);
int identity_session_touch(struct store_tx *tx, const struct realm *r, int64_t session, struct err *e);
int identity_session_close(struct store_tx *tx, const struct realm *r, const struct actor *who, struct err *e);
/* Acts for `principal` (a record id) from now on, 0 for oneself; under a new token. ERR_FORBIDDEN without a mandate. */
int identity_session_switch(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t principal,
                            const uint8_t new_token[IDENTITY_TOKEN_BYTES], struct err *e);
/* ---- from where one is signed in (identity_devices.c) ---- */
enum { IDENTITY_SESSIONS_MAX = 50 };
/* The account's sessions, newest first: those that are open, or those of the last IDENTITY_SESSIONS_MAX that have ended: list of {id,
 * device, opened_ms, seen_ms, ended_ms, own (the present one), alone (it reaches one draft, and nothing else)}. */
int identity_sessions(struct store_tx *tx, const struct realm *r, const struct actor *who, bool open, struct val **ret,
                      struct err *e);
/* Ends one of one's own sessions, or (0) all others; how many. At once in every process: sessions are read with each request.
 * ERR_NOT_FOUND: it is not the account's, or over. */
int identity_session_end(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t session,
                         int64_t *ret_ended, struct err *e);
/* Was the account signed in before, and never (among its last sessions) from such a device? */
int identity_device_new(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t session, struct str device,
                        bool *ret, struct err *e);

/* ---- for whom one acts (identity_mandate.c) ---- */
enum { IDENTITY_MANDATES_MAX = 50, IDENTITY_ITEMS_MAX = 30 };
/* Whom the account may act for now: a list of {id, name, kind (standing), for_person, until_ms (0: no end)}. */
int identity_mandates(struct store_tx *tx, const struct realm *r, const struct actor *who, struct val **ret, struct err *e);
/* `who` as he stands for `principal` (0: for himself). ERR_FORBIDDEN without a mandate in force; then he stands for himself. */
int identity_stand(struct store_tx *tx, const struct realm *r, struct actor *who, int64_t principal, struct err *e);
struct identity_mandate {
    int64_t id, principal, account;        /* record; who acts for it */
    bool for_person;                       /* the principal is a person */
    struct str principal_name, name;       /* of the principal, of who acts */
    struct str standing, items;            /* of access.h; ids of items with a blank between, empty: all */
    struct str state;                      /* "offered" "active" "declined" "ended" */
    int64_t from_ms, until_ms;             /* until 0: no end */
    int64_t made_ms, made_by, accepted_ms, ended_ms, ended_by; /* by: accounts */
    struct str phone, phone_shown;         /* account 0: offered to whoever proves it (its keyed hash, engine/mandate); masked */
};
/* Who is told of what is done in a principal's name: the person's account, or those who may give standings for the company. */
enum { IDENTITY_PRINCIPALS_MAX = 4 };
int identity_principals(struct store_tx *tx, const struct realm *r, int64_t principal, bool for_person,
                        int64_t account[IDENTITY_PRINCIPALS_MAX], size_t *n, struct err *e);
/* Did the account act for the principal, and may no longer? */
int identity_mandate_over(struct store_tx *tx, const struct realm *r, int64_t account, int64_t principal, bool *ret,
                          struct err *e);
bool identity_mandate_holds(const struct identity_mandate *m, int64_t now_ms);
/* Those that change something, within an open act. ERR_DUPLICATE: there is one that is offered or in force; ERR_CONFLICT: it is no longer
 * so. */
int identity_mandate_add(struct act *act, const struct identity_mandate *m, int64_t *ret_id, struct err *e);
int identity_mandate_answer(struct act *act, int64_t id, bool accept, struct err *e);
int identity_mandate_end(struct act *act, int64_t id, struct err *e);
/* One that was offered to a phone is this account's from now on. */
int identity_mandate_take(struct act *act, const struct identity_mandate *m, int64_t account, struct err *e);
/* What is offered to a phone and not over, the newest first, behind id `at` (0: from the start). */
int identity_mandates_by_phone(struct store_tx *tx, const struct realm *r, struct str phone, int64_t at, struct identity_mandate *out,
                               size_t max, size_t *n, struct err *e);
/* ERR_NOT_FOUND. Whose it is, is the caller's to judge. */
int identity_mandate_get(struct store_tx *tx, const struct realm *r, int64_t id, struct identity_mandate *ret, struct err *e);
/* Those that a principal gave, or that an account holds; the newest first, behind id `at` (0: from the start). */
int identity_mandates_page(struct store_tx *tx, const struct realm *r, bool given, int64_t whose, int64_t at, bool back,
                           struct identity_mandate *out, size_t max, size_t *n, struct err *e);

/* ---- passwords (identity_password.c): who gives one to another knows it, so it serves once: `renew` of the actor, until its holder has
 * replaced it. Accounts of the demonstration keep theirs. ---- */
/* The encoded hash, to verify what is typed as the present password; ERR_LOCKED after too many wrong ones. READ job. */
int identity_password_find(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str *ret_hash, struct err *e);
/* Counts a wrong one: for `refused` bodies. */
int identity_password_failed(struct store_tx *tx, const struct realm *r, const struct actor *who, struct err *e);
/* One's own: an act. Every other session of the account ends. */
int identity_password_set(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str hash, struct err *e);
/* One for another, to be replaced at the next sign-in: an act. Every session of the account ends. ERR_NOT_FOUND. */
int identity_password_reset(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t account, struct str hash,
                            struct err *e);

/* ---- units ---- */
int identity_unit_put(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str code, struct str title,
                      struct str parent_code, int64_t division, int64_t *ret_id, struct err *e); /* an act */
/* Unit of a kind in a division: the nearest up the divisions (street, district, city). `kind` is the code's part before the
 * first "." ("market-regulation.120101"). Its id and its title, each where it is asked for (not NULL). ERR_NOT_FOUND. */
int identity_unit_find(struct store_tx *tx, const struct realm *r, struct str kind, int64_t division, int64_t *ret_id,
                       struct str *ret_title, struct err *e);
/* ERR_NOT_FOUND. */
int identity_unit_by_code_find(struct store_tx *tx, const struct realm *r, struct str code, int64_t *ret_id, struct err *e);
/* The unit and its ancestors, nearest first. */
int identity_unit_path(struct store_tx *tx, const struct realm *r, int64_t unit, int64_t *ids, size_t max, size_t *n, struct err *e);
/* A token narrowed to one unit and those below it, as far as it reaches it. */
int identity_narrow(struct store_tx *tx, const struct realm *r, int64_t unit, struct scope_token *t, struct err *e);
/* In the reader's language, as far as a system has words for it (realm_words); so do the lists below. */
int identity_unit_title(struct store_tx *tx, const struct realm *r, int64_t unit, struct str lang, struct str *ret, struct err *e);
/* Units below one, the nearest first: list of {id, title}, what a choice can hold of them. */
enum { IDENTITY_UNITS_BELOW_MAX = 100 };
int identity_units_below(struct store_tx *tx, const struct realm *r, int64_t unit, struct str lang, struct val **ret, struct err *e);
/* List of {id, code, title, parent}. */
int identity_units(struct store_tx *tx, const struct realm *r, struct str lang, struct val **ret, struct err *e);

/* 3 to 32 of a-z, 0-9, dot, hyphen and underscore. */
bool identity_login_ok(struct str login);
/* By login name: for the command line and scenarios. ERR_NOT_FOUND. */
int identity_account_by_login(struct store_tx *tx, const struct realm *r, struct str login, int64_t *ret_id, struct err *e);
/* ---- accounts and posts, for administrators; each an act ---- */
/* The password is to be replaced at the first sign-in, unless `demo`. */
int identity_account_create(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str login, struct str name,
                            struct str password_hash, int64_t person, bool demo, int64_t *ret_id, struct err *e);
int identity_account_lock(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t account, bool locked,
                          struct err *e);
enum { IDENTITY_POSTS_MAX = 16 }; /* of one account: granting another is refused */
int identity_post_grant(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t account, struct str role,
                        int64_t unit, struct err *e);
int identity_post_end(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t post, struct err *e);
/* What a registry says: in force at once, without end. */
int identity_mandate_put(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t account, int64_t company,
                         struct str company_name, struct str kind, struct err *e);
/* Accounts by login: list of {id, login, name, state, posts}. What has no index (state, has) is left out row by row, up to
 * IDENTITY_LOOKED_MAX of them: then `cut` is set, and the search goes on from `at`. */
enum { IDENTITY_LOOKED_MAX = 500 };
struct identity_query {
    struct str prefix, has; /* the login begins so; the login or the name has this in it */
    struct str state;       /* "active" "off" */
    struct str role;        /* who holds this post now */
    int64_t unit;           /* who holds a post in this unit now */
    bool back;              /* from the last login to the first */
    struct str at;          /* behind this login; afterwards the one looked at last */
    size_t max;
    bool cut;
    bool counted;           /* asks for `total`: how many there are, up to SCOPE_COUNT_MAX; SCOPE_UNCOUNTED where what has no
                               index left so much out that they cannot be told */
    size_t total;
};
int identity_accounts(struct store_tx *tx, const struct realm *r, const struct actor *who, struct identity_query *q, struct val **ret,
                      struct err *e);
/* Posts in force, newest first: list of {id, login, name, role, unit_title, from_ms}, of what the actor may list. */
struct identity_post_query {
    int64_t account;  /* of this one; 0: of all */
    struct str role;
    int64_t unit;
    bool back;        /* oldest first */
    int64_t at;       /* behind this post; 0: from the start */
    size_t max;
    bool counted;     /* as above */
    size_t total;
};
int identity_posts(struct store_tx *tx, const struct realm *r, const struct actor *who, struct identity_post_query *q,
                   struct val **ret, struct err *e);
/* One of them. ERR_NOT_FOUND. */
int identity_account_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t account, struct val **ret, struct err *e);
/* Whose account it is, for lists of officers; empty if there is none. */
int identity_account_name(struct store_tx *tx, const struct realm *r, int64_t account, struct str *ret, struct err *e);
/* Accounts made for a demonstration, oldest first: list of {login, title}; title: the sample's, else the role, else for whom. */
int identity_demo_accounts(struct store_tx *tx, const struct realm *r, struct str lang, struct val **ret, struct err *e);
/* The actor that an account would be (for explanations), without a session. ERR_NOT_FOUND. */
int identity_actor_of(struct store_tx *tx, const struct realm *r, int64_t account, struct actor *ret, struct err *e);
/* Accounts that hold a role at a unit (or above it when none there): for notices. */
int identity_holders(struct store_tx *tx, const struct realm *r, struct str role, int64_t unit, int64_t *accounts, size_t max,
                     size_t *n, struct err *e);
/* Who holds the role at the unit or above it now, with an account in use: list of {id, name, unit (title)}, the nearest first. */
enum { IDENTITY_COLLEAGUES_MAX = 50 };
int identity_colleagues(struct store_tx *tx, const struct realm *r, struct str role, int64_t unit, struct val **ret, struct err *e);
/* Who has a post in the unit itself, with an account in use: list of {id, name}. ERR_LIMIT: more than a choice can hold. */
enum { IDENTITY_STAFF_MAX = 300 };
int identity_staff_of(struct store_tx *tx, const struct realm *r, int64_t unit, struct val **ret, struct err *e);
/* Account of a person record; ERR_NOT_FOUND. */
int identity_account_of_person(struct store_tx *tx, const struct realm *r, int64_t person, int64_t *ret, struct err *e);
#endif
