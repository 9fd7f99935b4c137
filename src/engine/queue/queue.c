/* queue: halls as a system declares them; see queue.h. Rows are queue_rows.c's, moves queue_act.c's, the wait queue_wait.c's.
 * Invariant: a compiled hall has a line at least, and each line has a prefix of its own, so that a number that is called is one ticket.
 */
#include "engine/queue/queue_book.h"
#include "engine/queue/queue_rows.h"

enum { MINUTE_MS = 60000, DAY_MIN = 24 * 60, VISIT_MIN_MAX = 480, AHEAD_MIN_MAX = 240, PLACES_MAX = 50 };

static int only_keys(struct str file, const struct val *map, const char *const *known,
                     struct err *e) {
    if (!map || map->kind != VAL_MAP)
        return err_line(e, ERR_SYSTEM, file, map ? map->line : 1, "这里应写成 键: 值");
    for (size_t i = 0; i < val_pairs(map); i++) {
        bool found = false;
        for (const char *const *k = known; *k; k++)
            found |= str_eq(map->u.map.pair[i].key, str_of(*k));
        if (!found)
            return err_line(e, ERR_SYSTEM, file, map->u.map.pair[i].line, "不认识的键：%.*s",
                            STR_ARG(map->u.map.pair[i].key));
    }
    return 0;
}

/* A text of the map; ERR_SYSTEM where it is required and absent. */
static int text_of(struct str file, const struct val *map, const char *key, bool required,
                   struct str *ret, struct err *e) {
    *ret = val_get_str(map, str_of(key));
    return required && ret->len == 0 ? err_line(e, ERR_SYSTEM, file, map->line, "缺少 %s", key) : 0;
}

static int number_of(struct str file, const struct val *map, const char *key, int64_t least,
                     int64_t most, int64_t *ret, struct err *e) {
    const struct val *v = val_get(map, str_of(key));
    if (!v) return 0;
    bool ok = val_to_i64(v, ret) && *ret >= least && *ret <= most;
    return ok ? 0
              : err_line(e, ERR_SYSTEM, file, v->line, "%s 应是 %lld 到 %lld 的整数", key,
                         (long long)least, (long long)most);
}

/* Ids stand in addresses and in the log. */
static int id_of(struct str file, const struct val *map, struct str *ret, struct err *e) {
    int rc = text_of(file, map, "id", true, ret, e);
    bool ok = ret->len <= 24;
    for (size_t i = 0; ok && i < ret->len; i++) {
        char c = ret->ptr[i];
        ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && i);
    }
    return rc || ok
               ? rc
               : err_line(e, ERR_SYSTEM, file, map->line, "id 只用 a-z、0-9 和连字符，最多 24 个");
}

static bool read_minute(struct str s, int32_t *ret) {
    uint64_t h, m;
    bool ok = s.len == 5 && s.ptr[2] == ':' && str_to_u64(str_sub(s, 0, 2), &h) &&
              str_to_u64(str_sub(s, 3, 2), &m) && m < 60;
    if (ok) *ret = (int32_t)(h * 60 + m);
    return ok && *ret <= DAY_MIN;
}

static int read_hours(struct str file, const struct val *v, bool every_day, struct queue_hours *ret,
                      struct err *e) {
    *ret = (struct queue_hours){ .every_day = every_day };
    if (val_count(v) == 0 || val_count(v) > QUEUE_HOURS_MAX || v->kind != VAL_LIST)
        return err_line(e, ERR_SYSTEM, file, v ? v->line : 1,
                        "hours 应是一到四段时间，如 [\"09:00-12:00\"]");
    for (size_t i = 0; i < val_count(v); i++) {
        struct str s = val_text(val_item(v, i)), from;
        int32_t before = i ? ret->span[i - 1].to_min : -1;
        bool ok = str_cut(&s, '-', &from) && read_minute(from, &ret->span[i].from_min) &&
                  read_minute(s, &ret->span[i].to_min);
        if (!ok || ret->span[i].from_min <= before || ret->span[i].to_min <= ret->span[i].from_min)
            return err_line(e, ERR_SYSTEM, file, v->line, "hours 应按先后写成 09:00-12:00");
    }
    ret->n = val_count(v);
    return 0;
}

static int read_line(struct str file, const struct val *yaml, const struct val *v,
                     struct queue_line *ret, struct err *e) {
    static const char *const known[] = { "id",      "title", "note",  "prefix", "items",
                                         "minutes", "most",  "hours", "days",   "places", NULL };
    int64_t minutes = 10;
    struct str days = val_get_str(v, S("days"));
    *ret = (struct queue_line){ .most = QUEUE_NUMBER_MAX, .items = val_get(v, S("items")) };
    int rc = only_keys(file, v, known, e);
    if (!rc) rc = id_of(file, v, &ret->id, e);
    if (!rc) rc = text_of(file, v, "title", true, &ret->title, e);
    if (!rc) rc = text_of(file, v, "note", false, &ret->note, e);
    if (!rc) rc = text_of(file, v, "prefix", true, &ret->prefix, e);
    if (!rc && (ret->prefix.len != 1 || ret->prefix.ptr[0] < 'A' || ret->prefix.ptr[0] > 'Z'))
        rc = err_line(e, ERR_SYSTEM, file, v->line, "prefix 应是一个大写字母");
    if (!rc) rc = number_of(file, v, "minutes", 1, VISIT_MIN_MAX, &minutes, e);
    if (!rc) rc = number_of(file, v, "most", 1, QUEUE_NUMBER_MAX, &ret->most, e);
    if (!rc) rc = number_of(file, v, "places", 0, PLACES_MAX, &ret->places, e);
    if (!rc && days.len && !str_eq(days, S("every")) && !str_eq(days, S("working")))
        rc = err_line(e, ERR_SYSTEM, file, v->line, "days 应是 working 或 every");
    const struct val *own = val_get(v, S("hours"));
    if (!rc)
        rc = read_hours(file, own ? own : val_get(yaml, S("hours")), str_eq(days, S("every")),
                        &ret->hours, e);
    ret->visit_ms = minutes * MINUTE_MS;
    return rc;
}

static int read_lines(struct str file, const struct val *yaml, struct queue_hall *h,
                      struct err *e) {
    const struct val *list = val_get(yaml, S("lines"));
    int rc = 0;
    if (val_count(list) == 0 || val_count(list) > QUEUE_LINES_MAX)
        return err_line(e, ERR_SYSTEM, file, yaml->line, "lines 应有一到 %d 项", QUEUE_LINES_MAX);
    for (size_t i = 0; !rc && i < val_count(list); i++) {
        rc = read_line(file, yaml, val_item(list, i), &h->line[i], e);
        for (size_t k = 0; !rc && k < i; k++)
            if (str_eq(h->line[k].id, h->line[i].id) ||
                str_eq(h->line[k].prefix, h->line[i].prefix))
                rc = err_line(e, ERR_SYSTEM, file, val_item(list, i)->line, "id 或 prefix 重复");
        h->n_lines = i + 1;
    }
    return rc;
}

static int read_classes(struct str file, const struct val *yaml, struct queue_hall *h,
                        struct err *e) {
    static const char *const known[] = { "id", "title", "ahead", NULL };
    const struct val *list = val_get(yaml, S("classes"));
    int rc = val_count(list) > QUEUE_CLASSES_MAX ? err_line(e, ERR_SYSTEM, file, list->line,
                                                            "classes 最多 %d 项", QUEUE_CLASSES_MAX)
                                                 : 0;
    for (size_t i = 0; !rc && i < val_count(list); i++) {
        const struct val *v = val_item(list, i);
        int64_t ahead = 0;
        rc = only_keys(file, v, known, e);
        if (!rc) rc = id_of(file, v, &h->class[i].id, e);
        if (!rc) rc = text_of(file, v, "title", true, &h->class[i].title, e);
        if (!rc) rc = number_of(file, v, "ahead", 0, AHEAD_MIN_MAX, &ahead, e);
        h->class[i].ahead_ms = ahead * MINUTE_MS;
        h->n_classes = i + 1;
    }
    return rc;
}

static int read_counters(struct str file, const struct val *yaml, struct queue_hall *h,
                         struct err *e) {
    static const char *const known[] = { "id", "title", "lines", NULL };
    const struct val *list = val_get(yaml, S("counters"));
    int rc = 0;
    if (val_count(list) == 0 || val_count(list) > QUEUE_COUNTERS_MAX)
        return err_line(e, ERR_SYSTEM, file, yaml->line, "counters 应有一到 %d 项",
                        QUEUE_COUNTERS_MAX);
    for (size_t i = 0; !rc && i < val_count(list); i++) {
        const struct val *v = val_item(list, i), *lines = val_get(v, S("lines"));
        struct queue_counter *c = &h->counter[i];
        rc = only_keys(file, v, known, e);
        if (!rc) rc = id_of(file, v, &c->id, e);
        if (!rc) rc = text_of(file, v, "title", true, &c->title, e);
        for (size_t k = 0; !rc && k < i; k++)
            if (str_eq(h->counter[k].id, c->id))
                rc = err_line(e, ERR_SYSTEM, file, v->line, "id 重复：%.*s", STR_ARG(c->id));
        for (size_t k = 0; !rc && k < val_count(lines); k++) {
            const struct queue_line *line = queue_line_find(h, val_text(val_item(lines, k)));
            if (line)
                c->lines |= UINT32_C(1) << (line - h->line);
            else
                rc = err_line(e, ERR_SYSTEM, file, v->line, "没有这条队列：%.*s",
                              STR_ARG(val_text(val_item(lines, k))));
        }
        if (!rc && c->lines == 0) rc = err_line(e, ERR_SYSTEM, file, v->line, "缺少 lines");
        h->n_counters = i + 1;
    }
    return rc;
}

/* How many slots of a line there are at most, from today to the last day that may be booked. */
static size_t slots_of(const struct queue_hall *h, const struct queue_line *l) {
    int64_t n = 0;
    for (size_t i = 0; i < l->hours.n; i++)
        n += (l->hours.span[i].to_min - l->hours.span[i].from_min) / h->booked.minutes;
    return (size_t)(n * (h->booked.days + 1));
}

/* Who looks for a free place is shown all slots of a line, without signing in: so there are no more than can be read at once. */
static int judge_slots(struct str file, const struct val *yaml, const struct queue_hall *h,
                       struct err *e) {
    bool any = false;
    for (size_t i = 0; i < h->n_lines; i++) {
        const struct queue_line *l = &h->line[i];
        any |= l->places > 0;
        if (l->places && slots_of(h, l) == 0)
            return err_line(e, ERR_SYSTEM, file, yaml->line, "取号时间里放不下一个预约时段：%.*s",
                            STR_ARG(l->id));
        if (l->places && (slots_of(h, l) > QUEUE_SLOTS_MAX ||
                          slots_of(h, l) * (size_t)l->places > QUEUE_PLACES_MAX))
            return err_line(e, ERR_SYSTEM, file, yaml->line,
                            "预约时段太多：%.*s，请把时段放长、天数或人数减少", STR_ARG(l->id));
    }
    return any ? 0 : err_line(e, ERR_SYSTEM, file, yaml->line, "没有可以预约的队列，请写 places");
}

static int read_booked(struct str file, const struct val *yaml, struct queue_hall *h,
                       struct err *e) {
    static const char *const known[] = { "minutes", "days", "change", "early", "late",
                                         "most",    "missed", "class", NULL };
    static const char *const missed_keys[] = { "times", "days", NULL };
    const struct val *v = val_get(yaml, S("booked")), *missed = val_get(v, S("missed"));
    struct queue_booked *b = &h->booked;
    int64_t change = 120, early = 15, late = 15;
    for (size_t i = 0; !v && i < h->n_lines; i++)
        if (h->line[i].places)
            return err_line(e, ERR_SYSTEM, file, yaml->line, "places 要有 booked 才有用");
    if (!v) return 0;
    *b = (struct queue_booked){ .minutes = 30, .days = 14, .most = 2, .missed_times = 3, .missed_days = 90 };
    int rc = only_keys(file, v, known, e);
    if (!rc && missed) rc = only_keys(file, missed, missed_keys, e);
    if (!rc) rc = number_of(file, v, "minutes", 5, 240, &b->minutes, e);
    if (!rc) rc = number_of(file, v, "days", 1, 60, &b->days, e);
    if (!rc) rc = number_of(file, v, "change", 0, 7 * DAY_MIN, &change, e);
    if (!rc) rc = number_of(file, v, "early", 0, 120, &early, e);
    if (!rc) rc = number_of(file, v, "late", 1, 120, &late, e);
    if (!rc) rc = number_of(file, v, "most", 1, 20, &b->most, e);
    if (!rc) rc = number_of(file, missed, "times", 1, 50, &b->missed_times, e);
    if (!rc) rc = number_of(file, missed, "days", 1, 366, &b->missed_days, e);
    if (!rc) rc = text_of(file, v, "class", true, &b->class, e);
    b->change_ms = change * MINUTE_MS, b->early_ms = early * MINUTE_MS, b->late_ms = late * MINUTE_MS;
    bool declared = false;
    for (size_t i = 0; i < h->n_classes; i++) declared |= str_eq(h->class[i].id, b->class);
    if (!rc && !declared)
        rc = err_line(e, ERR_SYSTEM, file, v->line, "classes 里没有：%.*s", STR_ARG(b->class));
    return rc ? rc : judge_slots(file, v, h, e);
}

/* A line that no counter serves keeps people waiting for nobody. */
static int all_served(struct str file, const struct val *yaml, const struct queue_hall *h,
                      struct err *e) {
    uint32_t served = 0;
    for (size_t i = 0; i < h->n_counters; i++) served |= h->counter[i].lines;
    for (size_t i = 0; i < h->n_lines; i++)
        if (!(served & (UINT32_C(1) << i)))
            return err_line(e, ERR_SYSTEM, file, yaml->line, "没有窗口办理这条队列：%.*s",
                            STR_ARG(h->line[i].id));
    return 0;
}

int queue_compile(struct arena *a, struct str file, struct str id, const struct val *yaml,
                  const struct system *m, const struct queue_hall **ret, struct err *e) {
    static const char *const known[] = { "title",   "unit",   "address", "phone",    "hours",
                                         "classes", "missed", "lines",   "counters", "booked", NULL };
    static const char *const missed[] = { "calls", "behind", "times", NULL };
    struct queue_hall *h = arena_new(a, struct queue_hall);
    if (!h) return err_set(e, ERR_MEMORY, NULL);
    *h = (struct queue_hall){ .id = arena_str(a, id),
                              .system = m,
                              .missed_calls = 3,
                              .missed_behind = 3,
                              .missed_times = 2 };
    const struct val *m_rule = val_get(yaml, S("missed"));
    int rc = only_keys(file, yaml, known, e);
    if (!rc) rc = text_of(file, yaml, "title", true, &h->title, e);
    if (!rc) rc = text_of(file, yaml, "unit", true, &h->unit, e);
    if (!rc) rc = text_of(file, yaml, "address", true, &h->address, e);
    if (!rc) rc = text_of(file, yaml, "phone", true, &h->phone, e);
    if (!rc && m_rule) rc = only_keys(file, m_rule, missed, e);
    if (!rc) rc = number_of(file, m_rule, "calls", 1, 9, &h->missed_calls, e);
    if (!rc) rc = number_of(file, m_rule, "behind", 0, 50, &h->missed_behind, e);
    if (!rc) rc = number_of(file, m_rule, "times", 0, 9, &h->missed_times, e);
    if (!rc) rc = read_lines(file, yaml, h, e);
    if (!rc) rc = read_classes(file, yaml, h, e);
    if (!rc) rc = read_counters(file, yaml, h, e);
    if (!rc) rc = all_served(file, yaml, h, e);
    if (!rc) rc = read_booked(file, yaml, h, e);
    *ret = h;
    return rc;
}

/* ---- finding ---- */

const struct queue_hall *queue_hall_find(const struct realm *r, struct str id) {
    return realm_find(r, SYSTEM_QUEUE, id, NULL);
}

size_t queue_halls(const struct realm *r, const struct queue_hall **ret, size_t max) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all), found = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < all[i]->part[SYSTEM_QUEUE].n && found < max; k++)
            ret[found++] = all[i]->part[SYSTEM_QUEUE].entry[k].value;
    return found;
}

const struct queue_line *queue_line_find(const struct queue_hall *h, struct str id) {
    for (size_t i = 0; i < h->n_lines; i++)
        if (str_eq(h->line[i].id, id)) return &h->line[i];
    return NULL;
}

const struct queue_counter *queue_counter_find(const struct queue_hall *h, struct str id) {
    for (size_t i = 0; i < h->n_counters; i++)
        if (str_eq(h->counter[i].id, id)) return &h->counter[i];
    return NULL;
}

int64_t queue_day(const struct realm *r, int64_t now_ms) {
    return tz_date(r->tz, now_ms).day;
}

struct str queue_ticket_label(struct arena *a, const struct queue_hall *h,
                              const struct queue_ticket *t) {
    const struct queue_line *line = queue_line_find(h, t->drawn);
    struct str prefix = line ? line->prefix : S("");
    return arena_fmt(a, "%.*s%03lld", STR_ARG(prefix), (long long)t->number);
}

/* ---- hours ---- */

bool queue_hours_open(const struct realm *r, const struct queue_hours *h, int64_t now_ms) {
    struct civil_time t;
    tz_split(r->tz, now_ms, &t);
    int32_t minute = t.hour * 60 + t.minute;
    const struct clock_calendar *calendar = r->calendar;
    if (!h->every_day && !(calendar && clock_is_workday(calendar, tz_date(r->tz, now_ms))))
        return false;
    for (size_t i = 0; i < h->n; i++)
        if (minute >= h->span[i].from_min && minute < h->span[i].to_min) return true;
    return false;
}

struct str queue_hours_text(const struct realm *r, const struct queue_hours *h, struct str lang,
                            struct arena *a) {
    struct str said = realm_text(r, lang, h->every_day ? S("每天") : S("每个工作日"));
    for (size_t i = 0; i < h->n; i++)
        said = ARENA_CAT(a, said, i ? realm_text(r, lang, S("、")) : S(" "),
                         arena_fmt(a, "%02d:%02d—%02d:%02d", h->span[i].from_min / 60,
                                   h->span[i].from_min % 60, h->span[i].to_min / 60,
                                   h->span[i].to_min % 60));
    return said;
}

static const struct str states[][2] = {
    { S_INIT("waiting"), S_INIT("等候") },    { S_INIT("called"), S_INIT("已叫号") },
    { S_INIT("serving"), S_INIT("办理中") },  { S_INIT("missed"), S_INIT("过号") },
    { S_INIT("finished"), S_INIT("已办完") }, { S_INIT("lapsed"), S_INIT("已过期") },
};

struct str queue_state(size_t i) {
    return i < sizeof states / sizeof *states ? states[i][0] : S("");
}

static const struct str booking_states[][2] = {
    { S_INIT("booked"), S_INIT("已预约") },
    { S_INIT("arrived"), S_INIT("已到场") },
    { S_INIT("cancelled"), S_INIT("已取消") },
    { S_INIT("missed"), S_INIT("没有来") },
};

struct str queue_booking_state(size_t i) {
    return i < sizeof booking_states / sizeof *booking_states ? booking_states[i][0] : S("");
}

struct str queue_booking_state_text(const struct realm *r, struct str lang, struct str state) {
    for (size_t i = 0; i < sizeof booking_states / sizeof *booking_states; i++)
        if (str_eq(booking_states[i][0], state)) return realm_text(r, lang, booking_states[i][1]);
    return state;
}

struct str queue_state_text(const struct realm *r, struct str lang, struct str state) {
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (str_eq(states[i][0], state)) return realm_text(r, lang, states[i][1]);
    return state;
}
