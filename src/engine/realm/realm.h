/* realm: what every engine is told once, at wiring: which administration this is, its keys, its zone, its calendar and its
 * systems. A system here is the compiled, immutable content of one release; the release layer makes it, engines only read it.
 *
 * Invariants
 *  1. A system never changes; a case keeps the release id it was opened under and always finds the same one.
 *  2. A name is looked up in the system itself, then in the systems it needs, in the order written there.
 *  3. `realm` itself holds no state: it is set before threads start. Only what a release brings is replaced while it serves: the
 *     active systems and the calendar, each by one pointer.
 */
#ifndef ENGINE_REALM_H
#define ENGINE_REALM_H
#include "base/map.h"
#include "crypto/crypto.h"
#include "data/po.h"
#include "store/store.h"

/* What a release is made of; each part is compiled by the engine that owns it. */
enum system_part {
    SYSTEM_CODE,   /* struct code_set */
    SYSTEM_RECORD, /* struct record_type */
    SYSTEM_ITEM,   /* struct item_type */
    SYSTEM_FORM,   /* struct form */
    SYSTEM_FLOW,   /* struct flow_model */
    SYSTEM_RULE,   /* struct model */
    SYSTEM_PAPER,  /* struct paper */
    SYSTEM_NOTICE, /* struct notice_type */
    SYSTEM_QUEUE,  /* struct queue_hall */
    SYSTEM_CARD,   /* struct supervise_rule, by its id */
    SYSTEM_PARTS
};

struct access_rules;
struct system {
    int64_t release;         /* id of the release */
    struct str id;           /* "domain/name", as its folder below systems/ */
    struct str version, title, owner;
    const struct val *about; /* system.yaml */
    struct map feel;         /* FEEL text of its processes -> struct feel, compiled with the release */
    struct map part[SYSTEM_PARTS]; /* file name without folder and suffix -> compiled */
    const struct access_rules *access;
    const struct po *en;     /* English of the system's texts */
    /* rows of its sample tables; NULL where it has none that can be read */
    const struct val *sample_units, *sample_accounts, *sample_mandates;
    const struct system **needs;
    size_t n_needs;
};

/* Where systems come from. Both are cheap (a lock-free look-up in memory, or one load on first use of an old release). What they give is
 * valid as long as who asked holds systems. */
struct systems {
    void *context;
    const struct system *(*by_release)(void *context, int64_t release); /* NULL if unknown */
    size_t (*active)(void *context, const struct system ***ret);        /* all active systems */
    uint64_t (*hold)(void *context);             /* NULL: nothing is ever freed */
    void (*let)(void *context, uint64_t held);
};

struct clock_calendar; /* engine/clock */
struct tz;
struct realm {
    struct home_id home;
    struct str title;        /* of the administration: 天津市（演示） */
    struct keyring keys;
    const struct tz *tz;
    _Atomic(const struct clock_calendar *) calendar; /* of the active systems; valid as they are */
    struct systems systems;
    struct blobs *blobs;
    const struct po *en;     /* English of the program's own texts */
    struct str base_url;     /* in QR codes and mail: "http://127.0.0.1:8080" */
    unsigned gateways;       /* by which messages leave this server: bits of enum notify_channel; 0: in-app only */
};

/* In a process that frees systems (releases_free) whoever finds one, or anything through it, holds systems from before until he is done
 * with it: a page from its handling to its answer, a worker for a turn, a control question while it is answered. Never 0; any thread may
 * let go. */
uint64_t realm_hold(const struct realm *r);
void realm_let(const struct realm *r, uint64_t held);

/* NULL when no system in sight has it. */
const void *system_find(const struct system *m, enum system_part part, struct str name);
/* Text of a system in the reader's language: the Chinese itself unless lang is "en" and a translation is there. */
struct str system_text(const struct system *m, struct str lang, struct str text);
/* Text of the program itself (Chinese source) in the reader's language. */
struct str realm_text(const struct realm *r, struct str lang, struct str text);
/* A word of whichever active system has it in the reader's language; the text itself if none has. */
struct str realm_words(const struct realm *r, struct str lang, struct str text);
/* A moment or a day as people read it: 2026年11月21日 15:40, 21 November 2026, 3:40 pm. Empty for 0. */
struct str realm_time(const struct realm *r, struct arena *a, struct str lang, int64_t ms);
/* Back: what either wrote, in either language, or a date as civil_parse takes it. *ret_minute: of the day; -1 where there is no time.
 * False: it is something else. */
struct civil_date;
bool realm_time_read(struct str shown, struct civil_date *ret, int *ret_minute);
struct str realm_day(const struct realm *r, struct arena *a, struct str lang, int64_t ms);
/* The month of a moment, for sums: the day (since 1970) of its first. */
int64_t realm_month(const struct realm *r, int64_t ms);
/* Division code (GB/T 2260 and GB/T 10114: 2 to 12 digits) as the number of its 12-digit form; 0 for anything else. */
int64_t realm_division(struct str code);
/* The active release of a system; NULL if there is none. */
const struct system *realm_system(const struct realm *r, struct str system);
/* First active system that has this part of its own (not through needs); NULL if none. `owner` may be NULL. */
const void *realm_find(const struct realm *r, enum system_part part, struct str name, const struct system **owner);

/* ---- epochs: what every node of a realm has to notice, as counters in the store ----
 * Raised in the transaction of the change, so whoever reads the new value sees the change. Nodes read them a few times a second
 * (app_work.c) and take up what is new. Sessions and posts are read from the store with each request anyway; their epochs tell
 * operators that all nodes look at one store, and whatever is kept in memory later when to look again. */
enum realm_epoch {
    REALM_EPOCH_RELEASE, /* a release was activated */
    REALM_EPOCH_POLICY,  /* posts or mandates were given or taken */
    REALM_EPOCH_SESSION, /* sessions were ended or turned to another person */
    REALM_EPOCHS
};
struct realm_epochs {
    int64_t value[REALM_EPOCHS];
};
int realm_epoch_raise(struct store_tx *tx, struct home_id home, enum realm_epoch kind, struct err *e);
int realm_epochs_read(struct store_tx *tx, struct home_id home, struct realm_epochs *ret, struct err *e);
#endif
