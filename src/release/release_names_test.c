/* release_names: slips of the pen in a system that passes, one of each kind of name: each is found
 * in its file, at its line, with the name that was meant, and nothing else is found but what
 * follows from it.
 */
#include "release/release_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct planted {
    const char *file, *from, *to; /* the first `from` becomes `to` */
    const char *found;            /* within the finding */
};
static const struct planted slips[] = {
    /* what rules come to */
    { "rules/materials.dmn", "\"gas-contract\"<", "\"gas-contrct\"<",
      "没有这个材料：gas-contrct（最接近的是 gas-contract）" },
    { "rules/licences.dmn", "\"sign\"<", "\"sgn\"<", "没有这个分项：sgn（最接近的是 sign）" },
    { "rules/materials.dmn", "(parts, \"fire\")", "(parts, \"fier\")",
      "没有这个取值：parts = fier（最接近的是 fire）" },
    /* questions */
    { "rules/licences.dmn", "name=\"area\"><variable name=\"area\"",
      "name=\"aera\"><variable name=\"aera\"", NULL },
    { "forms/apply.yaml", "'outdoor_sign = ", "'outdoor_sgn = ",
      "没有这个问题：outdoor_sgn（最接近的是 outdoor_sign）" },
    { "forms/apply.yaml", "'outdoor_sign = \"yes\"'", "'outdoor_sign = \"true\"'",
      "没有这个取值：outdoor_sign = true" },
    { "forms/apply.yaml", "'outdoor_sign = \"yes\"'",
      "'some h in handlers satisfies h.dutty = \"1\"'", "没有这个问题：dutty（最接近的是 duty）" },
    { "forms/apply.yaml", "company.uscc", "company.usc",
      "没有这个登记信息项：company.usc（最接近的是 company.uscc）" },
    { "forms/apply.yaml", "parts: [food]", "parts: [fod]", "没有这个分项：fod（最接近的是 food）" },
    { "items/restaurant.yaml", ", area, outdoor_sign]", ", area, outdoor_sgn]",
      "没有这个问题：outdoor_sgn（最接近的是 outdoor_sign）" },
    { "papers/food-licence.xml", "{{answers.", "{{answers.x", "没有这个问题：x" },
    /* processes */
    { "flows/approve.bpmn", ">food_result = ", ">food_reslt = ",
      "没有这个流程变量：food_reslt（最接近的是 food_result）" },
    { "flows/approve.bpmn", ">food_result = \"supplement\"", ">food_result = \"suplement\"",
      "没有这个取值：food_result = suplement（最接近的是 supplement）" },
    { "flows/approve.bpmn", "(parts, \"food\") or", "(parts, \"foood\") or",
      "没有这个取值：parts = foood（最接近的是 food）" },
    { "flows/approve.bpmn", "part=&quot;fire&quot;", "part=&quot;fir&quot;",
      "没有这个分项：fir（最接近的是 fire）" },
    { "flows/approve.bpmn", "part=&quot;fire&quot;", "prat=&quot;fire&quot;",
      "不认识的键：prat（最接近的是 part）" },
    { "flows/approve.bpmn", "part=&quot;fire&quot;; ", "", "paper.issue 缺少 part" },
    { "flows/approve.bpmn", "&quot;not-accepted&quot;", "&quot;not-acceptd&quot;",
      "没有这个结果：not-acceptd（最接近的是 not-accepted）" },
    { "flows/approve.bpmn", "notice=&quot;lapsed", "notice=&quot;lapsd",
      "没有这个通知：lapsd（最接近的是 lapsed）" },
    { "flows/approve.bpmn", "tb:unit=\"fire-rescue\"", "tb:unit=\"fire-rescu\"",
      "没有这个单位类别：fire-rescu（最接近的是 fire-rescue）" },
    { "flows/approve.bpmn", "tb:moves=\"pass fail\"", "tb:moves=\"pas fail\"",
      "页面不认识这个办理结果：pas（最接近的是 pass）" },
    { "flows/approve.bpmn", "tb:act=\"case.accept\"",
      "tb:act=\"notice.send\" tb:with=\"notice=&quot;acepted&quot;\"",
      "没有这个通知：acepted（最接近的是 accepted）" },
    { "notices.yaml", "accepted:", "acepted:", "没有谁发这个通知：acepted（最接近的是 accepted）" },
    { "rules/licences.dmn", "hitPolicy=\"COLLECT\"", "hitPolicy=\"COLECT\"", "决策表的 hitPolicy 只能是" },
    /* items */
    { "items/restaurant.yaml", "unit: fire-rescue", "unit: fire-resque",
      "没有这个单位类别：fire-resque（最接近的是 fire-rescue）" },
    { "items/restaurant.yaml", "role: fire-reviewer", "role: fire-reviwer",
      "没有这个角色：fire-reviwer（最接近的是 fire-reviewer）" },
    { "items/restaurant.yaml", "  survey: {pauses: survey", "  survey: {pauses: survy",
      "没有这个暂停理由：survy（最接近的是 survey）" },
    { "items/restaurant.yaml",
      "  sign_paper: ", "  sign_papr: ", "没有这个流程步骤：sign_papr（最接近的是 sign_paper）" },
    { "items/restaurant.yaml", "parts: [food, fire]", "parts: [food, fir]",
      "没有这个分项：fir（最接近的是 fire）" },
    { "items/restaurant.yaml", "blank: fire-statement", "blank: fire-statment",
      "没有这个文书：fire-statment（最接近的是 fire-statement）" },
    { "items/restaurant.yaml", "promise: 10 working days", "promise: 21 working days",
      "承诺期限（21 working days）比法定期限（20 working days）长" },
    { "items/restaurant.yaml", "promise: 10 working days", "promise: 29 days",
      "承诺期限（29 days）比法定期限（20 working days）长" },
    { "access.yaml", "role: fire-reviewer", "role: fire-reviwer",
      "没有这个角色：fire-reviwer（最接近的是 fire-reviewer）" },
    { "flows/approve.bpmn", "tb:role=\"fire-reviewer\"", "tb:role=\"item-editor\"",
      "角色 item-editor 不能办理任务（access.yaml 里没有授予 task.complete）：" },
    { "items/restaurant.yaml", "applicants: [company]", "applicants: [person]",
      "由个人申请的事项，表单却用企业的登记信息：company.name" },
    { "items/restaurant.yaml", "\nremedy:", "\nremdy:", "不认识的键：remdy（最接近的是 remedy）" },
    /* scenarios; also where a step is to be refused */
    { "cases/all-three.yaml", "who: fire-reviewer", "who: fire-reviwer",
      "没有这个角色或登录名：fire-reviwer（最接近的是 fire-reviewer）" },
    { "cases/all-three.yaml", "[window-clerk, fire-reviewer", "[window-clerk, fire-reviwer",
      "没有这个角色或登录名：fire-reviwer（最接近的是 fire-reviewer）" },
    { "cases/all-three.yaml", "refused: ERR_NOT_FOUND", "refused: ERR_NOTFOUND",
      "没有这个错误码：ERR_NOTFOUND（最接近的是 ERR_NOT_FOUND）" },
    { "cases/all-three.yaml", "move: approve}", "move: aprove}",
      "没有这个办理结果：aprove（最接近的是 approve）" },
    { "cases/all-three.yaml", "task: food_review, move: approve, refused",
      "task: food_revew, move: approve, refused",
      "没有这个办理环节：food_revew（最接近的是 food_review）" },
    { "cases/all-three.yaml", "area: \"abc\"", "aera: \"abc\"",
      "没有这个问题：aera（最接近的是 area）" },
    { "cases/all-three.yaml", "certificate: JK-0003", "certificat: JK-0003",
      "没有这个问题：certificat（最接近的是 certificate）" },
    { "cases/all-three.yaml", "page: premises", "page: premisses",
      "没有这个页面：premisses（最接近的是 premises）" },
    { "cases/all-three.yaml", "material: gas-contract", "material: gas-contact",
      "没有这个材料：gas-contact（最接近的是 gas-contract）" },
    { "cases/all-three.yaml", "item: restaurant", "item: restaurnt",
      "没有这个事项：restaurnt（最接近的是 restaurant）" },
    { "cases/all-three.yaml", "state: submitted", "state: submited",
      "没有这个状态：submited（最接近的是 submitted）" },
    { "cases/all-three.yaml", "do: apply", "do: aply", "没有这个动作：aply（最接近的是 apply）" },
    { "cases/hold.yaml", "reason: hearing,", "reason: haering,",
      "没有这个暂停理由：haering（最接近的是 hearing）" },
    /* people and units of the demo city */
    { "sample/accounts.csv", "food-reviewer", "food-revewer",
      "role：没有这个角色：food-revewer（最接近的是 food-reviewer）" },
    { "sample/accounts.csv", "fire-rescue.120101", "fire-rescu.120101",
      "unit：没有这个单位代码：fire-rescu.120101（最接近的是 fire-rescue.120101）" },
    { "sample/accounts.csv", "\nfood,", "\ncitizen,", "login：别的系统已有这个登录名：citizen" },
    { "sample/accounts.csv", "\nfire,", "\nfood,", "login：重复了：food" },
    { "sample/accounts.csv", "\nfood,", "\nFood,", "login：登录名是 3 到 32 个" },
    { "sample/accounts.csv", ",person,", ",persn,", "没有这一列：persn（最接近的是 person）" },
    { "sample/accounts.csv", ",,,食", ",two,,食", "person：应是从 1 数起的整数：two" },
    { "sample/accounts.csv", ",,,食", ",,食", "这一行有 6 列，列名有 7 列" },
    { "sample/accounts.csv", ",fire-rescue.120101", ",", "unit：角色和单位要一起写" },
    { "sample/accounts.csv", ",户外招牌审查员", ",招牌审查员", "没有英文翻译：招牌审查员" },
    { "sample/units.csv", "和平区消防救援支队（演示）", "和平区消防支队（演示）", "没有英文翻译：和平区消防支队（演示）" },
    { "papers/refusal.xml", "不予许可决定书", "不予许可通知书", "没有英文翻译：不予许可通知书" },
    { "sample/units.csv", "district.120103", "district.12013",
      "parent：没有这个单位代码：district.12013（最接近的是 district.120103）" },
    { "sample/units.csv", ",120101\n", ",12010x\n", "division：没有这个区划：12010x" },
};

/* The findings of the tree with one file changed. */
static void check(struct release_tree *t, struct arena *a, const struct planted *p,
                  struct release_findings *f) {
    struct release_files files = p ? release_fixture_changed(t, a, p->file, p->from, p->to)
                                   : t->files;
    const struct system *m = files.n
                                 ? release_compile(a, &files, 9, t->needs, RELEASE_FIXTURE_NEEDS, f)
                                 : NULL;
    if (!files.n) release_find(f, S("the test"), 0, "plants what cannot be planted");
    if (m) release_check(m, &files, f);
}

static void say(const struct release_findings *f) {
    for (size_t i = 0; i < f->n; i++)
        print_error("    %.*s:%u: %.*s\n", STR_ARG(f->list[i].file), f->list[i].line,
                    STR_ARG(f->list[i].text));
}

static void test_what_is_right_is_not_found(void **state) {
    struct arena a;
    arena_init(&a, "test", 64 * 1024 * 1024);
    struct release_findings f = { .arena = &a };
    check(*state, &a, NULL, &f);
    say(&f);
    assert_int_equal(f.n, 0);
    arena_done(&a);
}

static void test_each_slip_is_found(void **state) {
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        struct arena a;
        bool found = false;
        arena_init(&a, "test", 64 * 1024 * 1024);
        struct release_findings f = { .arena = &a };
        check(*state, &a, &slips[i], &f);
        for (size_t k = 0; k < f.n; k++) {
            bool here = str_eq(f.list[k].file, str_of(slips[i].file)) && f.list[k].line > 0;
            found |= here && (!slips[i].found ||
                              str_find(f.list[k].text, str_of(slips[i].found), 0) != SIZE_MAX);
        }
        if (!found) {
            print_error("%s: %s -> %s, wanted: %s\n", slips[i].file, slips[i].from, slips[i].to,
                        slips[i].found);
            say(&f);
        }
        assert_true(found);
        arena_done(&a);
    }
}

/* A name that the program refuses by that very error may be none: the scenario tries just that. */
static void test_a_step_may_be_refused_for_a_name(void **state) {
    static const struct planted fine = { "cases/hold.yaml", "reason: busy", "reason: bussy", NULL };
    struct arena a;
    arena_init(&a, "test", 64 * 1024 * 1024);
    struct release_findings f = { .arena = &a };
    check(*state, &a, &fine, &f);
    say(&f);
    assert_int_equal(f.n, 0);
    arena_done(&a);
}

/* A step that tried to have a task decided by those who may not, changed: who is tried no more is found, or all are still (NULL). */
static void test_each_task_is_refused_to_each_other(void **state) {
    static const char all[] = "cases/all-three.yaml";
#define WHO "who: [window-clerk, food-reviewer, sign-reviewer], "
#define MANY WHO "do: decide, task: fire_review, "
#define APPLICANT "who: company, do: decide, task: fire_review, move: approve, refused: ERR_FORBIDDEN}\n"
    static const char refused[] = MANY "move: approve, refused: ERR_NOT_FOUND}\n";
    static const char decided[] = "{who: fire-reviewer, do: decide, task: fire_review, move: supplement";
    static const struct planted tries[] = {
        { all, refused, MANY "move: approve, refused: ERR_REQUIRED}\n", " window-clerk food-reviewer sign-reviewer" },
        { all, refused, MANY "refused: ERR_NOT_FOUND}\n  - {do: wait, days: 1}\n", " applicant window-clerk food-reviewer sign-reviewer" },
        { all, refused, WHO "do: hold, task: fire_review, reason: hearing, refused: ERR_NOT_FOUND}\n",
          " window-clerk food-reviewer sign-reviewer" },
        { all, refused, WHO "do: decide, task: sign_review, move: approve, refused: ERR_NOT_FOUND}\n",
          " window-clerk food-reviewer sign-reviewer" },
        { all, refused, "who: food-reviewer, do: decide, task: fire_review, move: approve, refused: ERR_NOT_FOUND}\n",
          " window-clerk sign-reviewer" },
        { all, refused, "who: [window-clerk, food-reviewer], do: decide, task: fire_review, move: approve, refused: ERR_NOT_FOUND}\n"
          "  - {who: sign-reviewer, do: decide, task: fire_review, move: approve, refused: ERR_FORBIDDEN}\n", NULL },
        { all, APPLICANT, "who: citizen, do: decide, task: fire_review, move: approve, refused: ERR_FORBIDDEN}\n", " applicant" },
        { all, APPLICANT, "who: company, do: decide, task: fire_review, move: approve, refused: ERR_STATE}\n", " applicant" },
        { all, decided, "{who: fire-reviewer, do: decide, task: fire_review, move: supplement, refused: ERR_REQUIRED}\n"
          "  - {who: fire-reviewer, do: claim, task: fire_review}\n"
          "  - {who: fire-reviewer, do: decide, task: fire_review, move: supplement", NULL },
        /* Who may himself a moment later was not refused for who he is. */
        { all, decided, "{who: sign-reviewer, do: decide, task: fire_review, move: supplement", " sign-reviewer" },
    };
#undef WHO
#undef MANY
#undef APPLICANT
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        struct arena a;
        arena_init(&a, "test", 64 * 1024 * 1024);
        struct release_findings f = { .arena = &a };
        check(*state, &a, &tries[i], &f);
        say(&f);
        assert_int_equal(f.n, tries[i].found != NULL);
        if (f.n) {
            struct str want = ARENA_CAT(&a, S("没有场景试过由无权的人办理：task: fire_review, who:"), str_of(tries[i].found));
            assert_true(str_eq(f.list[0].file, S("flows/approve.bpmn")) && f.list[0].line > 0);
            assert_true(str_eq(f.list[0].text, want));
        }
        arena_done(&a);
    }
}

/* A message that is sent by itself is asked for where the process sends it: at its element. */
static void test_what_nobody_would_hear_of_is_found(void **state) {
    static const struct {
        struct planted p;
        const char *wanted;
    } gone[] = { { { "notices.yaml", "\nsupplement:", "\nsuplement:", NULL }, "没有这个通知：supplement" },
                 { { "notices.yaml", "\nwithdrawn:", "\nwithdrwn:", NULL }, "没有这个通知：withdrawn" },
                 { { "notices.yaml", "\nfinished:", "\nfinshed:", NULL }, "没有这个通知：finished" } };
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        struct arena a;
        bool found = false;
        arena_init(&a, "test", 64 * 1024 * 1024);
        struct release_findings f = { .arena = &a };
        check(*state, &a, &gone[i].p, &f);
        for (size_t k = 0; k < f.n; k++)
            found |= str_find(f.list[k].text, str_of(gone[i].wanted), 0) != SIZE_MAX && f.list[k].line > 0 &&
                     !str_eq(f.list[k].file, S("notices.yaml"));
        if (!found) say(&f);
        assert_true(found);
        arena_done(&a);
    }
}

/* What does not compile is told once: who names it is not told besides that there is none. */
static void test_what_does_not_compile_is_told_once(void **state) {
    static const struct planted table = { "rules/licences.dmn", "hitPolicy=\"COLLECT\"", "hitPolicy=\"COLECT\"", NULL };
    struct arena a;
    arena_init(&a, "test", 64 * 1024 * 1024);
    struct release_findings f = { .arena = &a };
    check(*state, &a, &table, &f);
    if (f.n != 1) say(&f);
    assert_int_equal(f.n, 1);
    assert_true(str_eq(f.list[0].file, S("rules/licences.dmn")));
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_task_is_refused_to_each_other),
        cmocka_unit_test(test_what_nobody_would_hear_of_is_found),
        cmocka_unit_test(test_what_does_not_compile_is_told_once),
        cmocka_unit_test(test_what_is_right_is_not_found),
        cmocka_unit_test(test_each_slip_is_found),
        cmocka_unit_test(test_a_step_may_be_refused_for_a_name),
    };
    return cmocka_run_group_tests(tests, release_fixture_begin, release_fixture_done);
}
