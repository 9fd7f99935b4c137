/* sample: the demo city from a seed; see sample.h. Families first, then companies of their adults.
 *
 * Invariants: chance comes from one generator (splitmix64) in a fixed order of calls; a person's surname, sex
 * and birth are settled before the identifier is made from them.
 */
#include "app/sample.h"

#include <string.h>

#include "app/sample_data.h"
#include "base/buf.h"
#include "base/map.h"
#include "data/write.h"
#include "engine/code/code_check.h"

struct person {
    char id[18];
    const char *surname;
    struct str name;
    struct civil_date birth;
    unsigned household;
    const struct sample_place *place;
    struct str address;
    uint8_t sex, ethnic, relation, marital;
    uint8_t age;
    int education;
};

struct maker {
    struct arena *arena;
    uint64_t state;
    struct civil_date today;
    struct person *person;
    size_t n, wanted;
    unsigned household;
    struct map ids, names;
    bool no_memory;
};

static uint64_t chance(struct maker *m) {
    uint64_t z = m->state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static unsigned below(struct maker *m, unsigned n) {
    return (unsigned)(chance(m) % n);
}

static int between(struct maker *m, int low, int high) {
    return high <= low ? low : low + (int)below(m, (unsigned)(high - low + 1));
}

/* The first of a list by frequency are the likelier ones. */
static const char *surname(struct maker *m) {
    unsigned a = below(m, SAMPLE_SURNAMES), b = below(m, SAMPLE_SURNAMES), c = below(m, SAMPLE_SURNAMES);
    a = a < b ? a : b;
    return sample_surname[a < c ? a : c];
}

static struct str given(struct maker *m, const char *family, uint8_t sex) {
    const char *const *list = sex == CODE_SEX_MALE ? sample_male : sample_female;
    const char *first = list[below(m, SAMPLE_GIVEN)], *second = list[below(m, SAMPLE_GIVEN)];
    bool two = below(m, 100) < 78 && first != second;
    return ARENA_CAT(m->arena, str_of(family), str_of(first), two ? str_of(second) : S(""));
}

/* A day in the year in which one becomes `age`, such that the age is reached today. */
static struct civil_date born(struct maker *m, int age) {
    int32_t year;
    unsigned month, day;
    civil_split(m->today, &year, &month, &day);
    struct civil_date last = civil_of(year - age, month, day > 28 ? 28 : day);
    return (struct civil_date){ last.day - (int32_t)below(m, 364) };
}

static void put_digits(char *to, unsigned v, int places) {
    for (int i = places; i-- > 0; v /= 10) to[i] = (char)('0' + v % 10);
}

/* Division 9901dd (not assigned; dd is the district's), birth, a running number of the right parity, check
 * character. */
static void identify(struct maker *m, struct person *p) {
    int32_t year;
    unsigned month, day;
    civil_split(p->birth, &year, &month, &day);
    memcpy(p->id, "9901", 4);
    memcpy(p->id + 4, p->place->division + 4, 2);
    put_digits(p->id + 6, (unsigned)year, 4);
    put_digits(p->id + 10, month, 2);
    put_digits(p->id + 12, day, 2);
    unsigned serial = below(m, 400) * 2 + (p->sex == CODE_SEX_MALE ? 1 : 2);
    for (unsigned tries = 0; tries < 500; tries++, serial = (serial + 2) % 1000) {
        put_digits(p->id + 14, serial, 3);
        p->id[17] = code_citizen_id_char(str_make(p->id, 17));
        if (!map_find(&m->ids, str_make(p->id, 18))) break;
    }
    m->no_memory |= !map_put(&m->ids, str_make(p->id, 18), p);
}

static int education(struct maker *m, int age) {
    static const uint8_t young[] = { 21, 21, 21, 31, 31, 31, 61, 41, 44, 14 },
                         middle[] = { 21, 31, 31, 61, 61, 41, 71, 71, 44, 14 },
                         old[] = { 81, 81, 71, 71, 71, 61, 61, 41, 31, 21 };
    if (age < 7) return 0;
    if (age < 13) return 80;
    if (age < 16) return 70;
    if (age < 19) return 60;
    if (age < 22) return below(m, 2) ? 20 : 30;
    const uint8_t *list = age < 40 ? young : age < 60 ? middle : old;
    return list[below(m, 10)];
}

static uint8_t ethnic(struct maker *m) {
    static const uint8_t others[] = { 3, 3, 3, 11, 11, 2, 10, 6, 15, 8 };
    return below(m, 100) < 95 ? 1 : others[below(m, sizeof others)];
}

/* The next of the household; NULL when there are enough people. */
static struct person *add(struct maker *m, const char *family, uint8_t sex, int age, uint8_t relation,
                          uint8_t marital) {
    if (m->n == m->wanted || m->no_memory) return NULL;
    const struct person *head = relation == 2 ? NULL : &m->person[m->n - 1];
    struct person *p = &m->person[m->n++];
    *p = (struct person){ .surname = family,
                          .sex = sex,
                          .age = (uint8_t)age,
                          .relation = relation,
                          .marital = marital,
                          .household = m->household,
                          .ethnic = ethnic(m) };
    p->name = given(m, family, sex);
    p->birth = born(m, age);
    if (head) {
        p->place = head->place;
        p->address = head->address;
    } else {
        p->place = &sample_place[below(m, SAMPLE_PLACES)];
        p->address =
            arena_fmt(m->arena, "%s%s%u号%u门%u%02u室", p->place->prefix, p->place->road[below(m, 2)],
                      9000 + below(m, 900), 1 + below(m, 6), 1 + below(m, 18), 1 + below(m, 4));
    }
    p->education = education(m, age);
    identify(m, p);
    return p;
}

static uint8_t other_sex(uint8_t sex) {
    return sex == CODE_SEX_MALE ? CODE_SEX_FEMALE : CODE_SEX_MALE;
}

static struct person *spouse(struct maker *m, const struct person *head) {
    bool wife = head->sex == CODE_SEX_MALE;
    int age = head->age + (wife ? -between(m, -2, 5) : between(m, -2, 5));
    if (age < (wife ? 20 : 22)) age = wife ? 20 : 22;
    return add(m, surname(m), other_sex(head->sex), age, wife ? 12 : 11, 20);
}

/* Children of the head; `mother_age` bounds theirs. Ethnic group is a parent's, surname the father's. */
static void children(struct maker *m, const struct person *head, int mother_age, const char *family,
                     int count) {
    struct person *child[2] = { NULL, NULL };
    int oldest = mother_age - 22, age = between(m, oldest > 26 ? oldest - 12 : 0, oldest > 26 ? 26 : oldest);
    for (int i = 0; i < count && age >= 0; i++, age -= between(m, 2, 6)) {
        uint8_t sex = below(m, 21) < 11 ? CODE_SEX_MALE : CODE_SEX_FEMALE;
        child[i] = add(m, family, sex, age, sex == CODE_SEX_MALE ? 21 : 31, 10);
        if (!child[i]) break;
        child[i]->ethnic = head->ethnic;
    }
    if (!child[1]) return;
    bool same = child[0]->sex == child[1]->sex; /* 长子 次子, 长女 二女, or an only one of each */
    if (!same) return;
    child[0]->relation = child[0]->sex == CODE_SEX_MALE ? 22 : 32;
    child[1]->relation = child[1]->sex == CODE_SEX_MALE ? 23 : 33;
}

static void parents(struct maker *m, const struct person *head) {
    int age = head->age + between(m, 22, 30);
    if (age > 95) return;
    unsigned which = below(m, 3); /* both, mother, father */
    uint8_t marital = which == 0 ? 20 : 30;
    if (which != 1) {
        struct person *p = add(m, head->surname, CODE_SEX_MALE, age + between(m, 0, 3), 51, marital);
        if (p) p->ethnic = head->ethnic;
    }
    if (which != 2) (void)add(m, surname(m), CODE_SEX_FEMALE, age, 52, marital);
}

static void family(struct maker *m) {
    enum { SINGLE, COUPLE, CHILD, CHILDREN, PARENTS, ONE_PARENT } kind;
    static const uint8_t share[] = { 18, 20, 32, 8, 14, 8 };
    unsigned draw = below(m, 100), k = 0;
    while (draw >= share[k]) draw -= share[k++];
    kind = k;
    m->household++;
    uint8_t sex = below(m, 100) < 66 ? CODE_SEX_MALE : CODE_SEX_FEMALE;
    int age = kind == SINGLE ? between(m, 19, 84) : kind == COUPLE ? between(m, 24, 82) : between(m, 26, 56);
    uint8_t marital = kind == SINGLE       ? (age > 64                  ? 30
                                              : age > 34 && below(m, 2) ? 40
                                                                        : 10)
                      : kind == ONE_PARENT ? 40
                                           : 20;
    struct person *head = add(m, surname(m), sex, age, 2, marital), *partner = NULL;
    if (!head || kind == SINGLE) return;
    if (kind != ONE_PARENT) {
        partner = spouse(m, head);
        if (!partner) { /* the list is full: a head without spouse is not married */
            head->marital = 10;
            return;
        }
    }
    if (kind == COUPLE) return;
    const struct person *father = head->sex == CODE_SEX_MALE ? head : partner,
                        *mother = head->sex == CODE_SEX_MALE ? partner : head;
    int youngest = mother && (!father || mother->age < father->age) ? mother->age
                   : father                                         ? father->age
                                                                    : age;
    children(m, head, youngest, father ? father->surname : head->surname, kind == CHILDREN ? 2 : 1);
    if (kind == PARENTS) parents(m, head);
}

static void put_person(struct maker *m, struct buf *b, const struct person *p) {
    buf_add(b, str_make(p->id, 18));
    buf_add_char(b, ',');
    write_csv_field(b, p->name);
    buf_add_fmt(b, ",%u,%02u,", p->sex, p->ethnic);
    civil_write(b, p->birth);
    buf_add_fmt(b, ",%s,", p->place->division);
    write_csv_field(b, p->address);
    buf_add_fmt(b, ",99%07u,%02u,", p->household, p->relation);
    if (p->age >= 12) buf_add_fmt(b, "10000%06u", below(m, 1000000));
    buf_add_char(b, ',');
    if (p->education) buf_add_fmt(b, "%02d", p->education);
    buf_add_fmt(b, ",%u,1\n", p->marital);
}

/* 9 (registered by the market supervision), 1 company or 2 individual business, 9901dd, an organisation code,
 * check. */
static void company_code(struct maker *m, const struct sample_place *place, bool shop, char ret[18]) {
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    for (int tries = 0; tries < 100; tries++) {
        memcpy(ret, shop ? "92" : "91", 2);
        memcpy(ret + 2, "9901", 4);
        memcpy(ret + 6, place->division + 4, 2);
        memcpy(ret + 8, "MA", 2);
        for (int i = 10; i < 16; i++) ret[i] = alphabet[below(m, sizeof alphabet - 1)];
        ret[16] = code_org_char(str_make(ret + 8, 8));
        ret[17] = code_uscc_char(str_make(ret, 17));
        if (!map_find(&m->ids, str_make(ret, 18))) return;
    }
}

static const struct sample_trade *trade(struct maker *m) {
    unsigned all = 0;
    for (size_t i = 0; i < SAMPLE_TRADES; i++) all += sample_trade[i].weight;
    unsigned draw = below(m, all), k = 0;
    while (draw >= sample_trade[k].weight) draw -= sample_trade[k++].weight;
    return &sample_trade[k];
}

static struct str company_name(struct maker *m, const struct sample_trade *t, bool shop) {
    for (unsigned i = 0;; i++) {
        const char *brand = sample_brand[below(m, SAMPLE_BRANDS)],
                   *more = i < 20 ? "" : sample_brand[below(m, SAMPLE_BRANDS)];
        struct str name = arena_fmt(m->arena, "%s津样%s%s%s%s", shop ? "" : "天津市", brand, more, t->word,
                                    shop ? "店" : "有限公司");
        if (!name.len) m->no_memory = true;
        if (name.len && map_find(&m->names, name) && i < 200) continue;
        m->no_memory |= !map_put(&m->names, name, m);
        return name;
    }
}

static const struct person *adult(struct maker *m) {
    for (int tries = 0; tries < 10000; tries++) {
        const struct person *p = &m->person[below(m, (unsigned)m->n)];
        if (p->age >= 19 && p->age <= 72) return p;
    }
    return &m->person[0]; /* the first is a head, and heads are at least 19 */
}

static void put_shares(struct maker *m, struct buf *b, const char *code, const struct person *owner,
                       bool alone, struct civil_date day) {
    const struct person *holder[3] = { owner };
    unsigned n = 1, wanted = alone ? 1 : 1 + below(m, 3), left = 10000;
    for (unsigned i = 0; i < 40 && n < wanted; i++) {
        const struct person *p =
            i == 0 ? owner + 1 : adult(m); /* often the spouse, who stands next in the list */
        bool known = p >= m->person + m->n || p->age < 19 || p->birth.day + 18 * 366 > day.day;
        for (unsigned k = 0; k < n; k++) known |= holder[k] == p;
        if (!known) holder[n++] = p;
    }
    for (unsigned i = 0; i < n; i++) {
        unsigned share = i + 1 == n ? left : left * (unsigned)between(m, 45, 80) / 100 / 100 * 100;
        left -= share;
        buf_add_fmt(b, "%.18s,%.18s,%u\n", code, holder[i]->id, share);
    }
}

static void put_company(struct maker *m, struct buf *b, struct buf *shares) {
    static const uint16_t capital[] = {
        10, 30, 50, 50, 100, 100, 200, 300, 500, 1000
    }; /* ten thousand yuan */
    const struct person *owner = adult(m);
    const struct sample_place *place = below(m, 3) ? owner->place : &sample_place[below(m, SAMPLE_PLACES)];
    const struct sample_trade *t = trade(m);
    bool shop = t->shop && below(m, 100) < 45;
    char *code = arena_alloc(m->arena, 18);
    if (!code) {
        m->no_memory = true;
        return;
    }
    company_code(m, place, shop, code);
    m->no_memory |= !map_put(&m->ids, str_make(code, 18), m);
    int32_t first = owner->birth.day + 18 * 366, start = civil_of(2003, 1, 1).day;
    struct civil_date day = { between(m, first > start ? first : start, m->today.day - 1) };
    buf_add_fmt(b, "%.18s,", code);
    write_csv_field(b, company_name(m, t, shop));
    buf_add_fmt(b, ",%s,%.18s,%s,%s%s%u号,%s,",
                shop          ? "175"
                : below(m, 4) ? "173"
                              : "159",
                owner->id, place->division, place->prefix, place->road[below(m, 2)], 9000 + below(m, 900),
                t->industry);
    civil_write(b, day);
    uint64_t fen = (uint64_t)(shop ? between(m, 1, 10) : capital[below(m, 10)]) * 1000000;
    buf_add_fmt(b, ",%llu,", (unsigned long long)fen);
    write_csv_field(b, str_of(t->scope));
    buf_add(b, below(m, 100) < 96 ? S(",1\n") : S(",2\n"));
    put_shares(m, shares, code, owner, shop, day);
}

int sample_make(struct arena *a, uint64_t seed, size_t n_people, size_t n_companies, struct civil_date today,
                struct sample_city *ret, struct err *e) {
    if (n_people < 1 || n_people > SAMPLE_PEOPLE_MAX || n_companies > SAMPLE_COMPANIES_MAX ||
        n_companies > n_people)
        return err_set(e, ERR_RANGE, "1..%d, 0..%d", SAMPLE_PEOPLE_MAX, SAMPLE_COMPANIES_MAX);
    struct maker m = { .arena = a, .state = seed, .today = today, .wanted = n_people };
    m.person = arena_array(a, n_people, sizeof *m.person);
    if (!m.person) return err_set(e, ERR_MEMORY, "sample");
    map_init(&m.ids, a);
    map_init(&m.names, a);
    while (m.n < n_people && !m.no_memory) family(&m);
    struct buf people, companies, shares;
    buf_init(&people, a, n_people * 200 + 256, n_people * 400 + 4096);
    buf_init(&companies, a, n_companies * 240 + 256, n_companies * 600 + 4096);
    buf_init(&shares, a, n_companies * 90 + 256, n_companies * 200 + 4096);
    buf_add(&people, S("citizen_id,name,sex,ethnic,birth_date,division,address,household,relation,phone,"
                       "education,marital,status\n"));
    for (size_t i = 0; i < m.n; i++) put_person(&m, &people, &m.person[i]);
    buf_add(
        &companies,
        S("uscc,name,type,legal_person,division,address,industry,established,capital_fen,scope,status\n"));
    buf_add(&shares, S("company,person,ratio\n"));
    for (size_t i = 0; i < n_companies && !m.no_memory; i++) put_company(&m, &companies, &shares);
    if (m.no_memory || arena_overflowed(a) || !buf_ok(&people) || !buf_ok(&companies) || !buf_ok(&shares))
        return err_set(e, ERR_MEMORY, "sample");
    *ret = (struct sample_city){ buf_str(&people), buf_str(&companies), buf_str(&shares) };
    return 0;
}
