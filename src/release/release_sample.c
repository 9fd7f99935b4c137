/* release_sample: sample/units.csv, sample/accounts.csv and sample/mandates.csv, judged row by row before anything is
 * made of them; see release.h. Invariant: what passes here can be put into a demo city whole: no
 * cell is left out in silence.
 */
#include "release/release_names.h"

#include "data/csv.h"
#include "engine/code/code_set.h"
#include "engine/identity/identity.h"

static const char *const unit_columns[] = { "code", "title", "parent", "division", NULL };
static const char *const account_columns[] = { "login",  "name",    "role",  "unit",
                                               "person", "company", "title", NULL };

static const char *const mandate_columns[] = { "giver", "holder", "standing", "accepted", "kin", NULL };

static void wrong(struct naming *n, const struct val *row, const char *column, const char *what) {
    struct str value = val_get_str(row, str_of(column));
    release_find(n->f, n->file, row->line, value.len ? "%s：%s：%.*s" : "%s：%s", column, what,
                 STR_ARG(value));
}

static void check_name(struct naming *n, enum name_kind kind, const struct val *row,
                       const char *column) {
    n->column = str_of(column);
    name_must(n, kind, NULL, row->line, val_get_str(row, n->column));
    n->column = S("");
}

/* The same text in the same column of an earlier row. */
static bool is_again(const struct val *rows, size_t i, const char *column) {
    for (size_t k = 0; k < i; k++)
        if (str_eq(val_get_str(val_item(rows, k), str_of(column)),
                   val_get_str(val_item(rows, i), str_of(column))))
            return true;
    return false;
}

static void check_unit(struct naming *n, const struct val *rows, size_t i) {
    const struct val *row = val_item(rows, i);
    const struct code_set *divisions = system_find(n->m, SYSTEM_CODE, S("division"));
    struct str division = val_get_str(row, S("division"));
    if (!val_get_str(row, S("code")).len) wrong(n, row, "code", "没有写");
    if (!val_get_str(row, S("title")).len) wrong(n, row, "title", "没有写");
    if (is_again(rows, i, "code")) wrong(n, row, "code", "重复了");
    if (!realm_division(division) || (divisions && !code_set_find(divisions, division)))
        wrong(n, row, "division", "没有这个区划");
    check_name(n, NAME_UNIT, row, "parent");
}

/* N; of people also N@AGE, the N-th who is at least so old. */
static bool is_place(const struct val *row, const char *column) {
    struct str rest = val_get_str(row, str_of(column)), place = S("");
    int64_t n, age = 0;
    bool people = str_eq(str_of(column), S("person"));
    if (!rest.len) return true;
    (void)str_cut(&rest, '@', &place);
    if (rest.len && (!people || !str_to_i64(rest, &age) || age < 1)) return false;
    return str_to_i64(place, &n) && n > 0;
}

/* A login that another system brings is somebody else's account: this one would be left out. */
static bool is_taken(const struct system *m, struct str login) {
    for (size_t i = 0; i < m->n_needs; i++)
        for (size_t k = 0; k < val_count(m->needs[i]->sample_accounts); k++)
            if (str_eq(val_get_str(val_item(m->needs[i]->sample_accounts, k), S("login")), login))
                return true;
    return false;
}

static void check_account(struct naming *n, const struct val *rows, size_t i) {
    const struct val *row = val_item(rows, i);
    struct str login = val_get_str(row, S("login")), role = val_get_str(row, S("role"));
    bool post = role.len > 0,
         owns = val_get_str(row, S("person")).len || val_get_str(row, S("company")).len;
    if (!identity_login_ok(login))
        wrong(n, row, "login", "登录名是 3 到 32 个小写字母、数字、点、连字符和下划线");
    if (is_again(rows, i, "login")) wrong(n, row, "login", "重复了");
    if (is_taken(n->m, login)) wrong(n, row, "login", "别的系统已有这个登录名");
    if (!owns && !val_get_str(row, S("name")).len) wrong(n, row, "name", "没有写");
    if (!owns && !post) wrong(n, row, "role", "没有写");
    if (post != (val_get_str(row, S("unit")).len > 0))
        wrong(n, row, post ? "unit" : "role", "角色和单位要一起写");
    if (!is_place(row, "person")) wrong(n, row, "person", "应是从 1 数起的整数");
    if (!is_place(row, "company")) wrong(n, row, "company", "应是从 1 数起的整数");
    check_name(n, NAME_ROLE, row, "role");
    check_name(n, NAME_UNIT, row, "unit");
}

static bool is_login(const struct system *m, struct str login) {
    for (size_t k = 0; k < val_count(m->sample_accounts); k++)
        if (str_eq(val_get_str(val_item(m->sample_accounts, k), S("login")), login)) return true;
    return is_taken(m, login);
}

static bool is_given(const struct access_rules *rules, struct str standing) {
    const struct access_standing *all;
    for (size_t i = 0, n = access_standings_of(rules, &all); i < n; i++)
        if (str_eq(all[i].id, standing)) return !all[i].by_registry;
    return false;
}

static void check_mandate(struct naming *n, const struct val *rows, size_t i) {
    const struct val *row = val_item(rows, i);
    struct str accepted = val_get_str(row, S("accepted")), kin = val_get_str(row, S("kin")),
               standing = val_get_str(row, S("standing"));
    bool known = is_given(n->m->access, standing);
    for (size_t k = 0; k < n->m->n_needs; k++) known |= is_given(n->m->needs[k]->access, standing);
    if (!is_login(n->m, val_get_str(row, S("giver")))) wrong(n, row, "giver", "没有这个登录名");
    if (!is_login(n->m, val_get_str(row, S("holder")))) wrong(n, row, "holder", "没有这个登录名");
    if (!known) wrong(n, row, "standing", "没有这个可以授予的身份");
    if (!str_eq(accepted, S("yes")) && !str_eq(accepted, S("no")))
        wrong(n, row, "accepted", "应写 yes 或 no");
    if (kin.len && !str_eq(kin, S("child"))) wrong(n, row, "kin", "只能写 child 或者不写");
}

/* The heading, as the rows repeat it; a table without rows has nothing that could be left out. */
static bool check_columns(struct naming *n, const struct val *rows, const char *const *columns) {
    const struct val *row = val_item(rows, 0);
    size_t before = n->f->n;
    for (size_t i = 0; i < val_pairs(row); i++)
        name_known(n, "没有这一列", columns, 1, row->u.map.pair[i].key);
    for (const char *const *k = columns; row && *k; k++)
        if (!val_get(row, str_of(*k))) release_find(n->f, n->file, 1, "缺少这一列：%s", *k);
    return n->f->n == before;
}

static void check_table(struct naming *n, struct str bytes) {
    static const char *const tables[] = { "sample/units.csv", "sample/accounts.csv", "sample/mandates.csv", NULL };
    bool units = str_eq(n->file, RELEASE_UNITS), mandates = str_eq(n->file, RELEASE_MANDATES);
    struct err e = { 0 };
    struct val *rows;
    name_known(n, "没有这个样例表", tables, 0, n->file);
    if (!name_in(n->file, tables)) return;
    if (csv_table(n->a, bytes, &rows, &e)) {
        release_find(n->f, n->file, e.line, "%s", e.detail);
        return;
    }
    if (!check_columns(n, rows, units ? unit_columns : mandates ? mandate_columns : account_columns)) return;
    for (size_t i = 0; i < val_count(rows); i++) {
        if (units) check_unit(n, rows, i);
        else if (mandates) check_mandate(n, rows, i);
        else check_account(n, rows, i);
    }
}

void release_check_sample(const struct system *m, const struct release_files *files,
                          struct release_findings *f) {
    struct arena a;
    arena_init(&a, "sample", 64 * 1024 * 1024);
    for (size_t i = 0; i < files->n; i++) {
        struct naming n = { .m = m, .files = files, .f = f, .file = files->file[i].path, .a = &a };
        if (str_starts(n.file, S("sample/"))) check_table(&n, files->file[i].bytes);
    }
    arena_done(&a);
}
