/* t41_systems: cases of the systems that t41_objects.c leaves out, so far on that every role of theirs has a task; a draft that was
 * thrown away. Invariant: as there, by the steps of scenarios; tasks are named by the system and the step, as in rights.tsv.
 */
#include "t41.h"

#include "engine/item/item.h"

#include <stdio.h>

#define BIRTH \
    "  - {who: citizen, do: apply, item: birth}\n" \
    "  - {who: citizen, do: answer, page: me, with: {i_am: '51'}}\n" \
    "  - {who: citizen, do: answer, page: child, with: {child_name: 样小禾}}\n" \
    "  - {who: citizen, do: answer, page: child_more, with: {child_sex: '1', birth_date: '2026-11-10', hospital: 和平区妇产医院}}\n" \
    "  - {who: citizen, do: answer, page: other, with: {has_other: 'no'}}\n" \
    "  - {who: citizen, do: answer, page: insurance, with: {insured: 'yes'}}\n" \
    "  - {who: citizen, do: answer, page: contact, with: {contact_phone: '13800000031'}}\n" \
    "  - {who: citizen, do: submit}\n" \
    "  - {who: birth-certifier, do: decide, task: certificate, move: approve, with: {certificate_number: Z120000011}}\n" \
    "  - {do: set-papers}\n" \
    "  - {who: household-officer, do: decide, task: household, move: approve, with: {child_number: '990101202611010010'}}\n" \
    "  - {do: set-papers}\n"
#define START \
    "  - {who: citizen, do: apply, item: business-start}\n" \
    "  - {who: citizen, do: answer, page: name, with: {company_name: 天津市津样启航软件有限公司}}\n" \
    "  - {who: citizen, do: answer, page: kind, with: {company_kind: '173'}}\n" \
    "  - {who: citizen, do: answer, page: place, with: {district: '120101', address: 示例路 18 号 3 层}}\n" \
    "  - {who: citizen, do: answer, page: trade, with: {section: I}}\n" \
    "  - {who: citizen, do: answer, page: trade_more, with: {industry: '65'}}\n" \
    "  - {who: citizen, do: answer, page: scope, with: {business_scope: 软件开发。}}\n" \
    "  - {who: citizen, do: answer, page: capital, with: {capital_wan: '50'}}\n" \
    "  - {who: citizen, do: add, page: holders, with: {holder_name: 样一, holder_id: {of: citizen}, holder_percent: '60'}}\n" \
    "  - {who: citizen, do: add, page: holders, with: {holder_name: 样二, holder_id: {of: company}, holder_percent: '40'}}\n" \
    "  - {who: citizen, do: answer, page: contact, with: {contact_phone: '13800000021'}}\n" \
    "  - {who: citizen, do: answer, page: staff, with: {hires: 'yes'}}\n" \
    "  - {who: citizen, do: answer, page: staff_number, with: {staff_count: '6'}}\n" \
    "  - {who: citizen, do: answer, page: account, with: {wants_bank: 'yes'}}\n" \
    "  - {who: citizen, do: answer, page: bank_choice, with: {bank_name: '1'}}\n" \
    "  - {who: citizen, do: upload, material: premises-proof}\n" \
    "  - {who: citizen, do: upload, material: articles}\n" \
    "  - {who: citizen, do: submit}\n" \
    "  - {who: start-registrar, do: decide, task: intake, move: accept}\n" \
    "  - {who: start-registrar, do: decide, task: registration, move: approve, with: {new_uscc: 91120101MA0000015R}}\n" \
    "  - {do: set-papers}\n" \
    "  - {who: seal-officer, do: decide, task: seal, move: complete, with: {seal_number: '1201010000011'}}\n" \
    "  - {do: set-papers}\n"
#define ELDER \
    "  - {who: granny, do: apply, item: elder-allowance}\n" \
    "  - {who: granny, do: answer, page: pay, with: {channel: '1', account_number: '6200000000000000001'}}\n" \
    "  - {who: granny, do: answer, page: contact, with: {contact_phone: '13800000011'}}\n" \
    "  - {who: granny, do: submit}\n"
#define EVENT \
    "  - {who: company, do: apply, item: outdoor-event}\n" \
    "  - {who: company, do: answer, page: event, with: {event_name: 津样跨年音乐会, event_kind: '2'}}\n" \
    "  - {who: company, do: answer, page: when, with: {starts: '2026-12-24', event_days: '2', event_hours: 18:00—22:00}}\n" \
    "  - {who: company, do: answer, page: where, with: {district: '120101', address: 海河广场, ground: '1'}}\n" \
    "  - {who: company, do: answer, page: size, with: {crowd: '5000'}}\n" \
    "  - {who: company, do: answer, page: stage, with: {builds: 'yes'}}\n" \
    "  - {who: company, do: answer, page: food, with: {serves_food: 'yes'}}\n" \
    "  - {who: company, do: answer, page: safety, with: {safety_name: 样安保, safety_phone: '13800000041', guards: '60'}}\n" \
    "  - {who: company, do: upload, material: plan}\n" \
    "  - {who: company, do: upload, material: site-plan}\n" \
    "  - {who: company, do: upload, material: ground-consent}\n" \
    "  - {who: company, do: upload, material: stage-drawing}\n" \
    "  - {who: company, do: upload, material: food-list}\n" \
    "  - {who: company, do: submit}\n" \
    "  - {who: window-clerk, do: decide, task: intake, move: accept}\n" \
    "  - {who: event-police, do: decide, task: survey, move: pass, opinion: 符合要求, " \
    "with: {approved_crowd: '4500', survey_notes: 通道畅通}}\n"
#define CORRECTION \
    "  - {who: citizen, do: apply, item: person-correction}\n" \
    "  - {who: citizen, do: answer, page: what, with: {element: phone}}\n" \
    "  - {who: citizen, do: answer, page: right_phone, with: {phone: '13800009999'}}\n" \
    "  - {who: citizen, do: answer, page: why, with: {why: 换了号码}}\n" \
    "  - {who: citizen, do: upload, material: proof}\n" \
    "  - {who: citizen, do: submit}\n"

static const struct part {
    const char *name, *page, *steps;
    struct {
        const char *element, *name;
    } task[8];
} parts[] = {
    { "birth", "me", BIRTH,
      { { "certificate", "birth-certificate" }, { "household", "birth-household" }, { "card", "birth-card" },
        { "insurance", "birth-insurance" }, { "vaccination", "birth-vaccination" } } },
    { "start", "name", START,
      { { "registration", "start-registration" }, { "seal", "start-seal" }, { "tax", "start-tax" }, { "social", "start-social" },
        { "fund", "start-fund" }, { "bank", "start-bank" } } },
    { "elder", "pay", ELDER, { { "confirm", "elder-confirm" } } },
    { "event", "event", EVENT,
      { { "survey", "event-survey" }, { "police_review", "event-police" }, { "fire_review", "event-fire" },
        { "urban_review", "event-urban" }, { "health_review", "event-health" } } },
    { "correction", "what", CORRECTION, { { "review", "correction-review" } } },
};
static const char *const roles[] = { "birth-certifier", "household-officer", "card-officer", "medical-officer", "vaccine-officer",
                                     "start-registrar", "seal-officer", "tax-officer", "social-officer", "fund-officer", "bank-clerk",
                                     "elder-officer", "event-police", "event-fire", "event-urban", "event-health" };

struct dropping {
    const struct realm *r;
    struct actor who;
    int64_t case_id;
};

static int drop_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct dropping *d = job->arg;
    return item_draft_drop(tx, d->r, &d->who, d->case_id, e);
}

/* One that was, and was thrown away: nobody's any more. */
static void add_dropped(struct t41_city *t) {
    struct dropping d = { .r = &t->city->app->realm };
    struct err e = { 0 };
    city_fixture_actor(t->city, "company", &d.who);
    d.case_id = t41_play(t, "  - {who: company, do: apply, item: outdoor-event}\n").case_id;
    if (city_fixture_run(t->city, drop_body, &d, &e)) t41_stop("drop", &e);
    t41_add_case(t, "dropped", d.case_id, "event");
}

void t41_systems_make(struct t41_city *t) {
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct t41_made m = t41_play(t, parts[i].steps);
        t41_add_case(t, parts[i].name, m.case_id, parts[i].page);
        for (size_t k = 0; parts[i].task[k].element; k++)
            t41_add(t, (struct t41_object){ .kind = "task", .name = parts[i].task[k].name,
                                            .id = t41_task(&m, parts[i].task[k].element) });
    }
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) t41_add_text(t, "queue", roles[i], roles[i], 0);
    add_dropped(t);
    t41_add_text(t, "registry", "allowance", "elder_allowance", 0);
}
