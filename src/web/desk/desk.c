/* desk: the officers' table. What each row's functions do stands in the chapters: queue, task, decide, hand, hold, batch, board, find,
 * kept, deputy. */
#include "web/desk/desk_pages.h"

#include "web/desk/desk.h"
#include "web/list/list_saved.h"

enum { FORM_BYTES_MAX = 65536 };

#define ROW_SHOWN(id, path, act, say, power, audit) \
    { id, HTTP_GET, path, page_ask_none, act, say, power, 0, ROUTE_PAGE, ROUTE_RATE_PAGE, audit, ROUTE_DATA_CASE }
#define SHOWN(id, path, act, say, power) ROW_SHOWN(id, path, act, say, power, ROUTE_AUDIT_NONE)
#define LOOKED(id, path, act, say, power) ROW_SHOWN(id, path, act, say, power, ROUTE_AUDIT_READ)
#define CHANGE(id, path, ask, act, power) \
    { \
        id, HTTP_POST, path, ask, act, desk_moved_say, power, FORM_BYTES_MAX, ROUTE_ACTION, ROUTE_RATE_FORM, ROUTE_AUDIT_ACT, \
            ROUTE_DATA_CASE \
    }
#define LIST_FILE_OF(id, path) \
    { \
        id, HTTP_GET, path, page_ask_none, desk_file_act, list_file_say, "task.list", 0, ROUTE_FILE, ROUTE_RATE_FORM, ROUTE_AUDIT_READ, \
            ROUTE_DATA_CASE \
    }
#define KEPT_FILE(id, path, power) \
    { \
        id, HTTP_GET, path, page_ask_none, desk_kept_file_act, list_file_say, power, 0, ROUTE_FILE, ROUTE_RATE_FORM, ROUTE_AUDIT_READ, \
            ROUTE_DATA_CASE \
    }
#define OWN(method, id, path, ask, act, say) \
    { \
        id, method, path, ask, act, say, "list.save", method == HTTP_POST ? FORM_BYTES_MAX : 0, \
            method == HTTP_POST ? ROUTE_ACTION : ROUTE_PAGE, method == HTTP_POST ? ROUTE_RATE_FORM : ROUTE_RATE_PAGE, \
            method == HTTP_POST ? ROUTE_AUDIT_ACT : ROUTE_AUDIT_NONE, ROUTE_DATA_OWN \
    }
#define DEPUTY_SHOWN(id, path, act, say, power) \
    { id, HTTP_GET, path, page_ask_none, act, say, power, 0, ROUTE_PAGE, ROUTE_RATE_PAGE, ROUTE_AUDIT_NONE, ROUTE_DATA_OWN }
#define DEPUTY_CHANGE(id, path, ask, act, say, power) \
    { id, HTTP_POST, path, ask, act, say, power, FORM_BYTES_MAX, ROUTE_ACTION, ROUTE_RATE_FORM, ROUTE_AUDIT_ACT, ROUTE_DATA_OWN }
#define DEPUTY_FILE(id, path, power, audit) \
    { \
        id, HTTP_GET, path, page_ask_none, desk_deputies_file_act, list_file_say, power, 0, ROUTE_FILE, ROUTE_RATE_FORM, audit, \
            ROUTE_DATA_OWN \
    }
#define FILE_LOOKED(id, path, act, say, power) \
    { id, HTTP_GET, path, page_ask_none, act, say, power, 0, ROUTE_FILE, ROUTE_RATE_PAGE, ROUTE_AUDIT_READ, ROUTE_DATA_CASE }

/* clang-format off */
const struct route desk_routes[] = {
    SHOWN("E1", "/desk", desk_queue_act, desk_queue_say, "task.list"),
    SHOWN("E1-mine", "/desk/mine", desk_queue_act, desk_queue_say, "task.list"),
    SHOWN("E1-done", "/desk/done", desk_queue_act, desk_queue_say, "task.list"),
    SHOWN("E1-copied", "/desk/copied", desk_queue_act, desk_queue_say, "task.list"),
    SHOWN("E1-for", "/desk/for", desk_queue_act, desk_queue_say, "task.list"),
    SHOWN("E1-begun", "/desk/begun", desk_kept_act, desk_kept_say, "case.intake"),
    SHOWN("E1-followed", "/desk/followed", desk_kept_act, desk_kept_say, "case.follow"),
    SHOWN("E2", "/desk/queue/{role}", desk_queue_act, desk_queue_say, "task.list"),
    LIST_FILE_OF("E1-csv", "/desk/export"),
    LIST_FILE_OF("E1-mine-csv", "/desk/mine/export"),
    LIST_FILE_OF("E1-done-csv", "/desk/done/export"),
    LIST_FILE_OF("E1-copied-csv", "/desk/copied/export"),
    LIST_FILE_OF("E1-for-csv", "/desk/for/export"),
    KEPT_FILE("E1-begun-csv", "/desk/begun/export", "case.intake"),
    KEPT_FILE("E1-followed-csv", "/desk/followed/export", "case.follow"),
    LIST_FILE_OF("E2-csv", "/desk/queue/{role}/export"),
    OWN(HTTP_GET, "E2-saved", "/lists", page_ask_none, list_saved_act, list_saved_say),
    OWN(HTTP_GET, "E2-save", "/lists/new", page_ask_none, list_save_act, list_save_say),
    OWN(HTTP_POST, "E2-save", "/lists/new", list_save_ask, list_save_post_act, list_save_say),
    OWN(HTTP_GET, "E2-change", "/lists/{saved}", page_ask_none, list_change_act, list_change_say),
    OWN(HTTP_POST, "E2-change", "/lists/{saved}", list_change_ask, list_change_post_act, list_change_say),
    LOOKED("E3", "/desk/task/{id}", desk_task_act, desk_task_say, "task.read"),
    CHANGE("E4", "/desk/task/{id}", desk_decide_ask, desk_decide_act, "task.complete"),
    CHANGE("E4-claim", "/desk/task/{id}/claim", page_ask_none, desk_claim_act, "task.claim"),
    CHANGE("E4-release", "/desk/task/{id}/release", page_ask_none, desk_release_act, "task.release"),
    LOOKED("E5", "/desk/task/{id}/hand", desk_hand_act, desk_hand_say, "task.read"),
    CHANGE("E5-do", "/desk/task/{id}/hand", desk_hand_ask, desk_hand_post_act, "task.hand"),
    CHANGE("E10-take", "/desk/task/{id}/take", desk_take_ask, desk_take_act, "task.take"),
    DEPUTY_SHOWN("E10", "/desk/deputies", desk_deputies_act, desk_deputies_say, "deputy.read"),
    DEPUTY_SHOWN("E10-held", "/desk/deputies/held", desk_deputies_act, desk_deputies_say, "deputy.read"),
    DEPUTY_SHOWN("E10-unit", "/desk/deputies/unit", desk_deputies_act, desk_deputies_say, "deputy.list"),
    DEPUTY_FILE("E10-csv", "/desk/deputies/export", "deputy.read", ROUTE_AUDIT_NONE),
    DEPUTY_FILE("E10-held-csv", "/desk/deputies/held/export", "deputy.read", ROUTE_AUDIT_NONE),
    DEPUTY_FILE("E10-unit-csv", "/desk/deputies/unit/export", "deputy.list", ROUTE_AUDIT_READ),
    DEPUTY_SHOWN("E10-new", "/desk/deputies/new", desk_deputy_new_act, desk_deputy_new_say, "deputy.name"),
    DEPUTY_CHANGE("E10-new", "/desk/deputies/new", desk_deputy_new_ask, desk_deputy_new_post_act, desk_deputy_new_say, "deputy.name"),
    DEPUTY_SHOWN("E10-appoint", "/desk/deputies/unit/new", desk_deputy_new_act, desk_deputy_new_say, "deputy.appoint"),
    DEPUTY_CHANGE("E10-appoint", "/desk/deputies/unit/new", desk_deputy_new_ask, desk_deputy_new_post_act, desk_deputy_new_say,
                  "deputy.appoint"),
    DEPUTY_SHOWN("E10-one", "/desk/deputy/{deputy}", desk_deputy_act, desk_deputy_say, "deputy.read"),
    DEPUTY_CHANGE("E10-one", "/desk/deputy/{deputy}", page_ask_none, desk_deputy_post_act, desk_deputy_say, "deputy.answer"),
    DEPUTY_SHOWN("E10-end", "/desk/deputy/{deputy}/end", desk_deputy_end_act, desk_deputy_end_say, "deputy.end"),
    DEPUTY_CHANGE("E10-end", "/desk/deputy/{deputy}/end", page_ask_none, desk_deputy_end_post_act, desk_deputy_end_say, "deputy.end"),
    SHOWN("E5-urge", "/desk/task/{id}/urge", desk_urge_act, desk_urge_say, "task.urge"),
    CHANGE("E5-urged", "/desk/task/{id}/urge", desk_urge_ask, desk_urge_post_act, "task.urge"),
    FILE_LOOKED("E3-material", "/desk/task/{id}/material/{file}", desk_material_act, desk_material_say, "task.read"),
    LOOKED("E8", "/desk/batch", desk_batch_act, desk_batch_say, "task.list"),
    CHANGE("E8-decide", "/desk/batch", desk_batch_ask, desk_batch_post_act, "task.complete"),
    LOOKED("E8-done", "/desk/batch/done", desk_batch_done_act, desk_batch_done_say, "task.list"),
    SHOWN("E6", "/desk/case/{case}/board", desk_board_act, desk_board_say, "task.list"),
    SHOWN("E9", "/desk/case/{case}/diagram", desk_diagram_act, desk_diagram_say, "task.list"),
    LOOKED("E7", "/desk/task/{id}/clock", desk_clock_act, desk_clock_say, "task.read"),
    CHANGE("E7-hold", "/desk/task/{id}/clock", desk_hold_ask, desk_hold_act, "clock.hold"),
    LOOKED("D-find", "/desk/find", desk_find_act, desk_find_say, "task.list"),
    { "D-find", HTTP_POST, "/desk/find", desk_find_ask, desk_find_post_act, desk_find_say, "task.list", FORM_BYTES_MAX, ROUTE_ACTION,
      ROUTE_RATE_FORM, ROUTE_AUDIT_ACT, ROUTE_DATA_CASE },
    LOOKED("D-case", "/desk/case/{case}", desk_office_act, desk_office_say, "task.list"),
    { "E1-follow", HTTP_POST, "/desk/case/{case}/follow", page_ask_none, desk_follow_act, desk_follow_say, "case.follow", FORM_BYTES_MAX,
      ROUTE_ACTION, ROUTE_RATE_FORM, ROUTE_AUDIT_ACT, ROUTE_DATA_CASE },
};
/* clang-format on */
const size_t desk_n_routes = sizeof desk_routes / sizeof *desk_routes;
