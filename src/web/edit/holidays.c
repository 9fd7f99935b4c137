/* holidays: I6, holidays and make-up days of a draft: what was announced is added or taken out, row by
 * row of its code set. Invariants: a day stands once; other rows, and their order, stay as they are; who
 * sends it has seen the draft as it stands.
 */
#include "web/calendar.h"

#include "web/edit/edit_pages.h"
#include "web/question.h"

enum { NAME_MAX = 30, BREAK_DAYS_MAX = 31, LINES_MAX = 20000, FILE_BYTES_MAX = 4 * 1024 * 1024 };

struct str edit_holidays_path(struct arena *a) {
    return ARENA_CAT(a, S("codes/"), CLOCK_HOLIDAYS, S(".csv"));
}

int edit_calendar_of(struct arena *a, const struct release_files *f, struct clock_calendar **ret,
                     struct err *e) {
    struct str path = edit_holidays_path(a), csv = edit_file(f, path);
    struct code_set *set;
    *ret = NULL;
    if (!csv.len) return 0;
    int rc = code_compile(a, path, csv, &set, e);
    return rc ? rc : clock_calendar_of_codes(a, set, ret, e);
}

bool edit_has_holidays(const struct system *sys) {
    return sys && map_find(&sys->part[SYSTEM_CODE], CLOCK_HOLIDAYS);
}

/* ---- what is shown ---- */

static int32_t asked_year(struct page *p) {
    int64_t n;
    int32_t year;
    unsigned month, day;
    civil_split(tz_date(page_realm(p)->tz, p->now_ms), &year, &month, &day);
    const bool given = str_to_i64(page_in(p, S("year")), &n);
    return given && n >= CALENDAR_FIRST_YEAR && n <= CALENDAR_LAST_YEAR ? (int32_t)n : year;
}

static void put_year_link(struct page *p, const char *key, int32_t year) {
    struct val *v = val_map(p->a);
    if (year < CALENDAR_FIRST_YEAR || year > CALENDAR_LAST_YEAR) return;
    val_put_str(p->a, v, S("title"), staff_fill(p, S("{year} 年"), "year", year));
    val_put_str(p->a, v, S("href"),
                page_href(p, arena_fmt(p->a, "/admin/draft/%.*s/calendar?year=%d",
                                       STR_ARG(http_param(p->req, S("id"))), year)));
    val_put(p->a, p->view, str_of(key), v);
}

static void put_fields(struct page *p) {
    struct val *name = question_plain(p, S("name"), S("节日"), S("通知里的中文名称，如：国庆节"));
    struct val *from = question_plain(p, S("from"), S("放假第一天"), S(""));
    struct val *to = question_plain(p, S("to"), S("放假最后一天"), S("只放一天就不填"));
    struct val *work = question_plain(p, S("work"), S("调休上班的日子"), S("每行一天，如 2026-10-10；没有就不填"));
    struct val *const dates[] = { from, to };
    static const char *const boxes[] = { "year", "month", "day" };
    val_put_str(p->a, name, S("width"), S("20"));
    val_put_str(p->a, work, S("rows"), S("3"));
    val_put_bool(p->a, to, S("optional"), true);
    val_put_bool(p->a, work, S("optional"), true);
    for (size_t d = 0; d < 2; d++)
        for (size_t i = 0; i < 3; i++) {
            struct str key = ARENA_CAT(p->a, val_get_str(dates[d], S("name")), S("-"), str_of(boxes[i]));
            val_put_str(p->a, dates[d], str_of(boxes[i]), question_again(p) ? page_in(p, key) : S(""));
        }
    val_put(p->a, p->view, S("name_field"), name);
    val_put(p->a, p->view, S("from_field"), from);
    val_put(p->a, p->view, S("to_field"), to);
    val_put(p->a, p->view, S("work_field"), work);
}

int edit_holidays_act(struct store_tx *tx, struct page *p, struct err *e) {
    const int32_t year = asked_year(p);
    struct scope_token ignored;
    struct release_draft d;
    struct release_files files;
    struct clock_calendar *days;
    int rc = edit_find(tx, p, &d, e);
    if (!rc) rc = release_draft_files(tx, page_realm(p), &d, &files, e);
    if (!rc) rc = edit_calendar_of(p->a, &files, &days, e);
    if (rc) return rc;
    const bool may = access_may(page_realm(p), p->who, S("release.draft"), &ignored, NULL) == 0;
    val_put_bool(p->a, p->view, S("known"), days != NULL);
    val_put_bool(p->a, p->view, S("may_edit"), days && may && str_eq(d.state, S("open")));
    val_put_str(p->a, p->view, S("version"), arena_i64(p->a, d.version));
    val_put_i64(p->a, p->view, S("draft"), d.id);
    val_put_str(p->a, p->view, S("draft_system"), d.system);
    val_put_i64(p->a, p->view, S("year"), year);
    if (!days) return 0;
    struct val *breaks = calendar_breaks_view(p, days, realm_system(page_realm(p), d.system), year);
    val_put(p->a, p->view, S("breaks"), breaks);
    val_put_bool(p->a, p->view, S("announced"), clock_is_announced(days, civil_of(year, 1, 1)));
    val_put_str(p->a, p->view, S("moves_href"), page_href(p, edit_path(p, d.id, "/moves")));
    put_year_link(p, "earlier", year - 1);
    put_year_link(p, "later", year + 1);
    put_fields(p);
    return 0;
}

int edit_holidays_say(struct page *p, struct err *e) {
    struct release_draft d = { .id = val_get_i64(p->view, S("draft"), 0),
                               .system = val_get_str(p->view, S("draft_system")) };
    (void)e;
    if (p->location.len) return 0;
    edit_title(p, S("放假和调休"), &d);
    staff_crumb(p, S("放假和调休"), S(""));
    page_form(p, edit_path(p, d.id, "/calendar"));
    p->template = S("edit/holidays");
    return 0;
}

/* ---- what is sent ---- */

struct announced {
    struct str name;
    struct civil_date day[2 * BREAK_DAYS_MAX];
    bool work[2 * BREAK_DAYS_MAX];
    size_t n;
};

static struct str iso(struct arena *a, struct civil_date d) {
    struct buf b;
    buf_init(&b, a, 16, 16);
    civil_write(&b, d);
    return buf_str(&b);
}

static bool within(struct civil_date d) {
    return d.day >= civil_of(CALENDAR_FIRST_YEAR, 1, 1).day && d.day <= civil_of(CALENDAR_LAST_YEAR, 12, 31).day;
}

/* Adds a day, unless the calendar has it or it was said twice: a fault of `field`. */
static void add_day(struct page *p, const struct clock_calendar *c, struct announced *x, const char *field,
                    struct civil_date d, bool work) {
    const enum clock_day_kind kind = clock_day_kind(c, d);
    bool known = kind == CLOCK_HOLIDAY || kind == CLOCK_MAKEUP;
    for (size_t i = 0; i < x->n; i++) known |= x->day[i].day == d.day;
    if (known) {
        struct arena *a = p->req->arena; /* what is wrong is told after the job */
        struct val *args = val_map(a);
        val_put_str(a, args, S("day"), iso(a, d));
        (void)page_fault(p, str_of(field), ERR_INPUT, po_fill(a, page_text(p, S("{day} 已经在安排里，请先删除原来的一条")), args));
    } else if (x->n < 2 * BREAK_DAYS_MAX) {
        x->work[x->n] = work;
        x->day[x->n++] = d;
    }
}

static void read_off(struct page *p, const struct clock_calendar *c, struct announced *x) {
    const struct str from = page_in(p, S("from")), to = page_in(p, S("to"));
    struct civil_date first, last;
    const bool begins = civil_parse(from, &first) && within(first);
    const bool ends = !to.len ? (last = first, true) : civil_parse(to, &last) && within(last);
    if (!from.len) (void)page_fault(p, S("from"), ERR_REQUIRED, page_text(p, S("放假第一天")));
    else if (!begins) (void)page_fault(p, S("from"), ERR_FORMAT, page_text(p, S("年、月、日")));
    if (!ends) (void)page_fault(p, S("to"), ERR_FORMAT, page_text(p, S("年、月、日")));
    if (!begins || !ends) return;
    if (last.day < first.day || last.day - first.day >= BREAK_DAYS_MAX) {
        struct arena *a = p->req->arena;
        struct str most = iso(a, (struct civil_date){ first.day + BREAK_DAYS_MAX - 1 });
        (void)page_fault(p, S("to"), ERR_RANGE, ARENA_CAT(a, iso(a, first), S(" — "), most));
        return;
    }
    for (; first.day <= last.day; first.day++) add_day(p, c, x, "from", first, false);
}

static void read_work(struct page *p, const struct clock_calendar *c, struct announced *x) {
    struct str rest = page_in(p, S("work")), line;
    for (size_t n = 0; rest.len && n <= BREAK_DAYS_MAX; n++) {
        struct civil_date d;
        (void)str_cut(&rest, '\n', &line);
        line = str_trim(line);
        if (!line.len) continue;
        if (n == BREAK_DAYS_MAX || !civil_parse(line, &d) || !within(d)) {
            (void)page_fault(p, S("work"), ERR_FORMAT, S("2026-10-10"));
            return;
        }
        add_day(p, c, x, "work", d, true);
    }
}

static void read_name(struct page *p, struct announced *x) {
    x->name = str_trim(page_in(p, S("name")));
    if (!x->name.len) (void)page_fault(p, S("name"), ERR_REQUIRED, page_text(p, S("节日")));
    else if (str_utf8_count(x->name) > NAME_MAX)
        (void)page_fault(p, S("name"), ERR_TOO_LONG, arena_i64(p->req->arena, NAME_MAX));
    for (size_t i = 0; i < x->name.len; i++)
        if (x->name.ptr[i] == ',' || x->name.ptr[i] == '"' || (unsigned char)x->name.ptr[i] < ' ') {
            (void)page_fault(p, S("name"), ERR_INPUT, page_text(p, S("节日的名称里不能有逗号和引号")));
            return;
        }
}

/* The break that begins on this day under this name. */
static bool read_break(struct page *p, const struct clock_calendar *c, struct announced *x) {
    struct calendar_break *all = arena_array(p->a, CALENDAR_BREAKS_MAX, sizeof *all);
    struct civil_date first;
    int32_t year;
    unsigned month, day;
    if (!all || !civil_parse(page_in(p, S("first")), &first) || !within(first)) return false;
    civil_split(first, &year, &month, &day);
    const size_t n = calendar_breaks(c, year, all);
    for (size_t i = 0; i < n; i++) {
        if (all[i].day[0].day != first.day) continue;
        for (x->n = 0; x->n < all[i].n; x->n++) x->day[x->n] = all[i].day[x->n];
        x->name = all[i].name;
        return true;
    }
    return false;
}

/* ---- the file ---- */

/* One row under the file's own columns. */
static void add_row(struct buf *b, struct str header, struct str day, struct str name, bool work) {
    struct str column;
    for (bool first = true; header.len; first = false) {
        (void)str_cut(&header, ',', &column);
        column = str_trim(column);
        if (!first) buf_add_char(b, ',');
        if (str_eq(column, S("code"))) buf_add(b, day);
        else if (str_eq(column, S("title"))) buf_add(b, name);
        else if (str_eq(column, S("kind"))) buf_add(b, work ? S("work") : S("off"));
    }
    buf_add_char(b, '\n');
}

/* The rows of `x` added in their places (days in order stay in order), or taken out. */
static struct str rewritten(struct arena *a, struct str csv, const struct announced *x, bool add) {
    struct str rest = csv, header = S(""), line;
    bool done[2 * BREAK_DAYS_MAX] = { false };
    struct buf b;
    buf_init(&b, a, csv.len + 4096, FILE_BYTES_MAX);
    (void)str_cut(&rest, '\n', &header);
    buf_add(&b, header), buf_add_char(&b, '\n');
    for (size_t n = 0; n < LINES_MAX; n++) {
        const bool some = rest.len > 0;
        struct str code = S(""), tail;
        struct civil_date day = { INT32_MAX };
        if (some) (void)str_cut(&rest, '\n', &line), tail = line, (void)str_cut(&tail, ',', &code);
        const bool dated = some && civil_parse(code, &day);
        bool drop = false;
        for (size_t i = 0; i < x->n; i++) {
            drop |= !add && dated && x->day[i].day == day.day;
            if (!add || done[i] || (some && (!dated || x->day[i].day > day.day))) continue;
            done[i] = true;
            add_row(&b, str_trim(header), iso(a, x->day[i]), x->name, x->work[i]);
        }
        if (!some) break;
        if (!drop) buf_add(&b, line), buf_add_char(&b, '\n');
    }
    return buf_ok(&b) ? buf_str(&b) : S("");
}

static void in_order(struct announced *x) {
    for (size_t i = 1; i < x->n; i++)
        for (size_t k = i; k > 0 && x->day[k - 1].day > x->day[k].day; k--) {
            const struct civil_date d = x->day[k];
            const bool work = x->work[k];
            x->day[k] = x->day[k - 1], x->work[k] = x->work[k - 1];
            x->day[k - 1] = d, x->work[k - 1] = work;
        }
}

int edit_holidays_ask(struct page *p, struct err *e) {
    (void)e;
    question_join_dates(p);
    return 0;
}

int edit_holidays_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const bool add = !str_eq(page_in(p, S("do")), S("remove"));
    struct announced *x = arena_new(p->a, struct announced);
    struct release_draft d;
    struct release_files files;
    struct clock_calendar *days;
    int64_t version = 0;
    int rc = x ? edit_find(tx, p, &d, e) : err_set(e, ERR_MEMORY, NULL);
    if (!rc) rc = release_draft_files(tx, page_realm(p), &d, &files, e);
    if (!rc) rc = edit_calendar_of(p->a, &files, &days, e);
    if (rc) return rc;
    if (!days || !str_eq(d.state, S("open"))) return err_set(e, ERR_STATE, "%.*s", STR_ARG(edit_state(p, d.state)));
    if (add) {
        read_name(p, x);
        read_off(p, days, x);
        read_work(p, days, x);
        if (p->n_faults) return p->fault[0].code;
    } else if (!read_break(p, days, x)) return err_set(e, ERR_CONFLICT, NULL);
    if (!str_to_i64(page_in(p, S("version")), &version)) return err_set(e, ERR_SYNTAX, "version");
    in_order(x);
    struct str path = edit_holidays_path(p->a), text = rewritten(p->a, edit_file(&files, path), x, add);
    if (!text.len) return err_set(e, ERR_LIMIT, "%d", LINES_MAX);
    const struct release_files changed = { &(struct release_file){ path, text }, 1 };
    rc = release_draft_write(tx, page_realm(p), p->who, d.id, version, &changed, ARENA_CAT(p->a, path, S(" "), x->name), e);
    int32_t year;
    unsigned month, day;
    civil_split(x->day[0], &year, &month, &day);
    if (!rc) p->location = edit_path(p, d.id, arena_fmt(p->a, "/calendar?year=%d", year).ptr);
    return rc;
}
