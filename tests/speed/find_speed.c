/* find_speed: a search over 5,000 items: words that many have, pinyin initials, and a typing error,
 * which asks for the nearest of all words. Prints milliseconds of the processor (UX-15 asks for 200
 * on the server), passes and fails nothing.
 */
#include "data/yaml.h"
#include "engine/item/item.h"

#include <stdio.h>
#include <time.h>

enum { ITEMS = 5000, ROUNDS = 20 };

static const struct system *only;

static size_t active(void *context, const struct system ***ret) {
    (void)context;
    *ret = &only;
    return 1;
}

static struct item_type *make(struct arena *a, unsigned i) {
    static const char *const verb[] = { "开办", "变更", "注销", "换发",
                                        "补办", "延续", "查询", "转让" },
                             *const what[] = { "餐饮服务许可", "道路运输证", "居住登记",
                                               "施工许可证",   "医师执业证", "公司登记",
                                               "不动产登记",   "残疾人补贴", "出版物经营",
                                               "特种设备使用" };
    struct item_type *t = arena_new(a, struct item_type);
    struct val *yaml = NULL;
    struct str name = arena_fmt(a, "%s%s（第%u类）", verb[i % 8], what[i / 8 % 10], i / 80);
    struct str text = arena_fmt(
        a,
        "name: %.*s\nsynonyms: [%s的手续, 怎么%s%s, licence number %u]\nsummary: 向主管部门申请%s，领取证书。\n"
        "organ: 第%u号主管部门\nresult_name: %s证书\n",
        STR_ARG(name), what[i / 8 % 10], verb[i % 8], what[i / 8 % 10], i, what[i / 8 % 10], i % 40,
        what[i / 8 % 10]);
    if (!t || yaml_parse(a, S("item"), text, &yaml, NULL)) return NULL;
    *t = (struct item_type){ .id = arena_fmt(a, "item-%u", i), .name = name, .about = yaml };
    return item_find_prepare(a, only, t, NULL) ? NULL : t;
}

int main(void) {
    static const char *const queries[] = { "",           "登记",        "怎么换发道路运输证",
                                           "ylwsxk",     "daoluyunshu", "licence 4711",
                                           "道路运书证", "licnce" };
    struct arena a;
    struct system m = { .id = S("speed") };
    struct realm r = { .systems = { .active = active } };
    arena_init(&a, "speed", (size_t)512 * 1024 * 1024);
    map_init(&m.part[SYSTEM_ITEM], &a);
    only = &m;
    for (unsigned i = 0; i < ITEMS; i++) {
        struct item_type *t = make(&a, i);
        if (!t || !map_put(&m.part[SYSTEM_ITEM], t->id, t)) return 1;
    }
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++) {
        size_t n = 0;
        struct str meant = S("");
        char word[200] = "";
        clock_t start = clock();
        for (int i = 0; i < ROUNDS; i++) {
            struct arena scratch;
            struct item_hit *hit;
            arena_init(&scratch, "query", 64 * 1024 * 1024);
            n = item_find(&r, str_of(queries[q]), &scratch, &hit, &meant);
            (void)snprintf(word, sizeof word, "%.*s", STR_ARG(meant));
            arena_done(&scratch);
        }
        printf("\"%s\": %zu of %d found, meant \"%s\", %.1f ms\n", queries[q], n, ITEMS, word,
               (double)(clock() - start) * 1e3 / CLOCKS_PER_SEC / ROUNDS);
    }
    arena_done(&a);
    return 0;
}
