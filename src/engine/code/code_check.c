/* code_check: see code_check.h. Invariants: no function allocates but code_clean and code_mask; weights and
 * alphabets are the standards' own tables, and every vector of the tests was computed by another program.
 */
#include "engine/code/code_check.h"

#include <string.h>

#include "base/buf.h"

static const char shape_citizen[] = "18 位公民身份号码，如 11010519491231002X";
static const char shape_uscc[] = "18 位统一社会信用代码，由数字和大写字母组成，不含 I、O、S、V、Z";
static const char shape_org[] = "9 位组织机构代码";
static const char shape_gs15[] = "15 位工商注册号";
static const char shape_division[] = "12 位区划代码";
static const char shape_mobile[] = "11 位手机号码，以 1 开头";
static const char shape_post[] = "6 位邮政编码";
static const char shape_name[] = "2 至 50 个字的姓名，不含数字和符号";
static const char shape_date[] = "年-月-日，如 2026-11-21";

static bool all_digits(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
    return s.len > 0;
}

static int digit(struct str s, size_t i) {
    return s.ptr[i] - '0';
}

/* The value of a character in an alphabet, or -1. */
static int value_in(const char *alphabet, char c) {
    const char *p = c ? strchr(alphabet, c) : NULL;
    return p ? (int)(p - alphabet) : -1;
}

struct str code_clean(struct arena *a, struct str typed) {
    struct buf b;
    buf_init(&b, a, typed.len + 1, typed.len + 1);
    for (size_t at = 0; at < typed.len;) {
        int32_t c = str_utf8_next(typed, &at);
        if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
        if (c == ' ' || c == '-' || c == '\t' || c == 0x3000 || c == 0xA0) continue;
        if (c >= 'a' && c <= 'z') c -= 'a' - 'A';
        buf_add_utf8(&b, c < 0 ? 0xFFFD : (uint32_t)c);
    }
    return buf_str(&b);
}

/* GB 11643 section 5.4: weights are 2^(i-1) mod 11 from the right. */
char code_citizen_id_char(struct str s) {
    static const int weight[17] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
    if (s.len != 17 || !all_digits(s)) return 0;
    int sum = 0;
    for (size_t i = 0; i < 17; i++) sum += weight[i] * digit(s, i);
    return "10X98765432"[sum % 11];
}

/* GB 32100 section 5: weights are 3^(i-1) mod 31. The formula's 31 for a remainder of 0 is written "0". */
char code_uscc_char(struct str s) {
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    if (s.len != 17) return 0;
    int sum = 0, weight = 1;
    for (size_t i = 0; i < 17; i++) {
        int v = value_in(alphabet, s.ptr[i]);
        if (v < 0) return 0;
        sum += v * weight;
        weight = weight * 3 % 31;
    }
    return alphabet[(31 - sum % 31) % 31];
}

char code_org_char(struct str s) {
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const int weight[8] = { 3, 7, 9, 10, 5, 8, 4, 2 };
    if (s.len != 8) return 0;
    int sum = 0;
    for (size_t i = 0; i < 8; i++) {
        int v = value_in(alphabet, s.ptr[i]);
        if (v < 0) return 0;
        sum += v * weight[i];
    }
    return "0X987654321"[sum % 11]; /* 11 - remainder: 11 is 0, 10 is X */
}

char code_business_registration_char(struct str s) {
    if (s.len != 14 || !all_digits(s)) return 0;
    int p = 10;
    for (size_t i = 0; i < 14; i++) {
        p = (p + digit(s, i)) % 10;
        p = (p ? p : 10) * 2 % 11;
    }
    return (char)('0' + (11 - p) % 10);
}

static int checked(char want, char got, const char *shape, struct err *e) {
    if (!want) return err_set(e, ERR_FORMAT, "%s", shape);
    return want == got ? 0 : err_set(e, ERR_CHECK_DIGIT, "%c", got);
}

int code_citizen_id(struct str s, struct code_citizen *ret, struct err *e) {
    if (s.len != 18 || s.ptr[0] == '0') return err_set(e, ERR_FORMAT, "%s", shape_citizen);
    char want = code_citizen_id_char(str_sub(s, 0, 17));
    bool last = (s.ptr[17] >= '0' && s.ptr[17] <= '9') || s.ptr[17] == 'X';
    if (!want || !last) return err_set(e, ERR_FORMAT, "%s", shape_citizen);
    uint64_t year, month, day;
    (void)str_to_u64(str_sub(s, 6, 4), &year);
    (void)str_to_u64(str_sub(s, 10, 2), &month);
    (void)str_to_u64(str_sub(s, 12, 2), &day);
    if (year < 1800 || !civil_valid((int32_t)year, (unsigned)month, (unsigned)day))
        return err_set(e, ERR_RANGE, "第 7 至 14 位是真实的出生日期");
    if (want != s.ptr[17]) return err_set(e, ERR_CHECK_DIGIT, "%c", s.ptr[17]);
    if (!ret) return 0;
    memcpy(ret->division, s.ptr, 6);
    ret->birth = civil_of((int32_t)year, (unsigned)month, (unsigned)day);
    ret->sex = digit(s, 16) % 2 ? CODE_SEX_MALE : CODE_SEX_FEMALE;
    return 0;
}

int code_citizen_id_18(struct str s15, char ret[18], struct err *e) {
    if (s15.len != 15 || !all_digits(s15)) return err_set(e, ERR_FORMAT, "%s", shape_citizen);
    char out[18];
    memcpy(out, s15.ptr, 6);
    memcpy(out + 6, "19", 2);
    memcpy(out + 8, s15.ptr + 6, 9);
    out[17] = code_citizen_id_char(str_make(out, 17));
    int r = code_citizen_id(str_make(out, 18), NULL, e);
    if (!r) memcpy(ret, out, 18);
    return r;
}

int code_uscc(struct str s, struct err *e) {
    if (s.len != 18 || !all_digits(str_sub(s, 2, 6))) return err_set(e, ERR_FORMAT, "%s", shape_uscc);
    return checked(code_uscc_char(str_sub(s, 0, 17)), s.ptr[17], shape_uscc, e);
}

int code_org(struct str s, struct err *e) {
    if (s.len != 9) return err_set(e, ERR_FORMAT, "%s", shape_org);
    return checked(code_org_char(str_sub(s, 0, 8)), s.ptr[8], shape_org, e);
}

int code_business_registration(struct str s, struct err *e) {
    if (s.len != 15) return err_set(e, ERR_FORMAT, "%s", shape_gs15);
    return checked(code_business_registration_char(str_sub(s, 0, 14)), s.ptr[14], shape_gs15, e);
}

int code_division(struct str s, struct err *e) {
    bool length = s.len == 6 || s.len == 9 || s.len == 12;
    return length && all_digits(s) && s.ptr[0] != '0' ? 0 : err_set(e, ERR_FORMAT, "%s", shape_division);
}

int code_mobile(struct str s, struct err *e) {
    return s.len == 11 && all_digits(s) && s.ptr[0] == '1' && s.ptr[1] >= '3'
               ? 0
               : err_set(e, ERR_FORMAT, "%s", shape_mobile);
}

int code_post_code(struct str s, struct err *e) {
    return s.len == 6 && all_digits(s) ? 0 : err_set(e, ERR_FORMAT, "%s", shape_post);
}

static bool name_character(int32_t c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == 0xB7 /* middle dot */ || c == 0x2022 ||
           c == '\'' || c == '-' || (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7) || c == 0x3007 ||
           (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF);
}

int code_person_name(struct str s, struct err *e) {
    size_t n = 0;
    bool fine = true, blank = true;
    for (size_t at = 0; at < s.len && n <= 50; n++) {
        int32_t c = str_utf8_next(s, &at);
        fine &= name_character(c) || (c == ' ' && !blank);
        blank = c == ' ';
    }
    return fine && !blank && n >= 2 && n <= 50 ? 0 : err_set(e, ERR_FORMAT, "%s", shape_name);
}

static int citizen_only(struct str s, struct err *e) {
    return code_citizen_id(s, NULL, e);
}

static int date_only(struct str s, struct err *e) {
    struct civil_date d;
    return civil_parse(s, &d) ? 0 : err_set(e, ERR_FORMAT, "%s", shape_date);
}

/* TO ADD A WORD: 1. a function with vectors from elsewhere in the test, 2. a row here, 3. the list in
 * code_check.h. */
static const struct {
    const char *word;
    int (*check)(struct str, struct err *);
} words[] = {
    { "citizen-id", citizen_only },
    { "uscc", code_uscc },
    { "org-code", code_org },
    { "business-registration", code_business_registration },
    { "division", code_division },
    { "mobile", code_mobile },
    { "post-code", code_post_code },
    { "date", date_only },
    { "person-name", code_person_name },
};

bool code_check_known(struct str word) {
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(str_of(words[i].word), word)) return true;
    return false;
}

int code_check(struct str word, struct str value, struct err *e) {
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(str_of(words[i].word), word)) return words[i].check(value, e);
    return err_set(e, ERR_DEFECT, "check: %.*s", STR_ARG(word));
}

struct str code_mask(struct arena *a, struct str word, struct str value) {
    size_t n = str_utf8_count(value), keep_first = 1, keep_last = 1, i = 0;
    bool address = str_eq(word, S("address"));
    if (str_eq(word, S("person-name")))
        keep_last = 0;
    else if (str_eq(word, S("mobile")) && n == 11)
        keep_first = 3, keep_last = 4;
    else if (n <= 2)
        keep_last = 0; /* of two places one must be hidden */
    struct buf b;
    buf_init(&b, a, value.len + 1, value.len + 1);
    for (size_t at = 0; at < value.len; i++) {
        size_t from = at;
        (void)str_utf8_next(value, &at);
        bool number = value.ptr[from] >= '0' && value.ptr[from] <= '9';
        bool hide = address ? number : n == 1 || (i >= keep_first && i + keep_last < n);
        if (hide)
            buf_add_char(&b, '*');
        else
            buf_add(&b, str_sub(value, from, at - from));
    }
    return buf_str(&b);
}
