/* realm: look-ups over systems; see realm.h (epochs: realm_epoch.c). Invariant: nothing here allocates or writes. */
#include "engine/realm/realm.h"

#include "data/tz.h"

const void *system_find(const struct system *m, enum system_part part, struct str name) {
    if (!m) return NULL;
    const void *p = map_find(&m->part[part], name);
    for (size_t i = 0; !p && i < m->n_needs; i++) p = map_find(&m->needs[i]->part[part], name);
    return p;
}

struct str system_text(const struct system *m, struct str lang, struct str text) {
    if (!m || !str_eq(lang, S("en"))) return text;
    if (m->en && po_has(m->en, S(""), text)) return po_get(m->en, S(""), text);
    for (size_t i = 0; i < m->n_needs; i++)
        if (m->needs[i]->en && po_has(m->needs[i]->en, S(""), text)) return po_get(m->needs[i]->en, S(""), text);
    return text;
}

uint64_t realm_hold(const struct realm *r) {
    return r->systems.hold ? r->systems.hold(r->systems.context) : 1;
}

void realm_let(const struct realm *r, uint64_t held) {
    if (r->systems.let) r->systems.let(r->systems.context, held);
}

const struct system *realm_system(const struct realm *r, struct str system) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i]->id, system)) return all[i];
    return NULL;
}

const void *realm_find(const struct realm *r, enum system_part part, struct str name, const struct system **owner) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    for (size_t i = 0; i < n; i++) {
        const void *p = map_find(&all[i]->part[part], name);
        if (!p) continue;
        if (owner) *owner = all[i];
        return p;
    }
    return NULL;
}

struct str realm_text(const struct realm *r, struct str lang, struct str text) {
    return str_eq(lang, S("en")) ? po_get(r->en, S(""), text) : text;
}

struct str realm_words(const struct realm *r, struct str lang, struct str text) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    struct str shown = text;
    for (size_t i = 0; i < n && str_eq(shown, text); i++) shown = system_text(all[i], lang, text);
    return shown;
}

static struct str day_text(struct arena *a, bool en, const struct civil_time *t) {
    static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July", "August", "September",
                                          "October", "November", "December" };
    if (en) return arena_fmt(a, "%u %s %d", t->day, months[t->month - 1], t->year);
    return arena_fmt(a, "%d年%u月%u日", t->year, t->month, t->day);
}

struct str realm_day(const struct realm *r, struct arena *a, struct str lang, int64_t ms) {
    struct civil_time t;
    if (ms == 0) return S("");
    tz_split(r->tz, ms, &t);
    return day_text(a, str_eq(lang, S("en")), &t);
}

struct str realm_time(const struct realm *r, struct arena *a, struct str lang, int64_t ms) {
    struct civil_time t;
    bool en = str_eq(lang, S("en"));
    if (ms == 0) return S("");
    tz_split(r->tz, ms, &t);
    struct str day = day_text(a, en, &t);
    if (!en) return arena_fmt(a, "%.*s %02u:%02u", STR_ARG(day), t.hour, t.minute);
    return arena_fmt(a, "%.*s, %u:%02u %s", STR_ARG(day), t.hour % 12 ? t.hour % 12 : 12, t.minute, t.hour < 12 ? "am" : "pm");
}

int64_t realm_division(struct str code) {
    uint64_t n;
    if (code.len < 2 || code.len > 12 || !str_to_u64(code, &n)) return 0; /* digits only: a sign is none */
    for (size_t i = code.len; i < 12; i++) n *= 10;
    return (int64_t)n;
}
