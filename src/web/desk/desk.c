/* desk: the officers' table. What each row's functions do stands in the chapters: queue, task, decide, board. */
#include "web/desk/desk_pages.h"

#include "web/desk/desk.h"

enum { FORM_BYTES_MAX = 65536 };

const struct route desk_routes[] = {
    { "E1", HTTP_GET, "/desk", page_ask_none, desk_queue_act, desk_queue_say, "task.list", 0, ROUTE_PAGE, ROUTE_RATE_PAGE, ROUTE_AUDIT_NONE, ROUTE_DATA_CASE },
    { "E1-mine", HTTP_GET, "/desk/mine", page_ask_none, desk_queue_act, desk_queue_say, "task.list", 0, ROUTE_PAGE, ROUTE_RATE_PAGE, ROUTE_AUDIT_NONE, ROUTE_DATA_CASE },
    { "E1-done", HTTP_GET, "/desk/done", page_ask_none, desk_queue_act, desk_queue_say, "task.list", 0, ROUTE_PAGE, ROUTE_RATE_PAGE, ROUTE_AUDIT_NONE, ROUTE_DATA_CASE },
    { "E2", HTTP_GET, "/desk/queue/{role}", page_ask_none, desk_queue_act, desk_queue_say, "task.list", 0, ROUTE_PAGE, ROUTE_RATE_PAGE, ROUTE_AUDIT_NONE, ROUTE_DATA_CASE },
    { "E3", HTTP_GET, "/desk/task/{id}", page_ask_none, desk_task_act, desk_task_say, "task.read", 0, ROUTE_PAGE, ROUTE_RATE_PAGE, ROUTE_AUDIT_READ, ROUTE_DATA_CASE },
    { "E4", HTTP_POST, "/desk/task/{id}", desk_decide_ask, desk_decide_act, desk_moved_say, "task.complete", FORM_BYTES_MAX, ROUTE_ACTION, ROUTE_RATE_FORM, ROUTE_AUDIT_ACT, ROUTE_DATA_CASE },
    { "E4-claim", HTTP_POST, "/desk/task/{id}/claim", page_ask_none, desk_claim_act, desk_moved_say, "task.claim", FORM_BYTES_MAX, ROUTE_ACTION, ROUTE_RATE_FORM, ROUTE_AUDIT_ACT, ROUTE_DATA_CASE },
    { "E4-release", HTTP_POST, "/desk/task/{id}/release", page_ask_none, desk_release_act, desk_moved_say, "task.release", FORM_BYTES_MAX, ROUTE_ACTION, ROUTE_RATE_FORM, ROUTE_AUDIT_ACT, ROUTE_DATA_CASE },
    { "E3-material", HTTP_GET, "/desk/task/{id}/material/{file}", page_ask_none, desk_material_act, desk_material_say, "task.read", 0, ROUTE_FILE, ROUTE_RATE_PAGE, ROUTE_AUDIT_READ, ROUTE_DATA_CASE },
    { "E6", HTTP_GET, "/desk/case/{id}/board", page_ask_none, desk_board_act, desk_board_say, "task.list", 0, ROUTE_PAGE, ROUTE_RATE_PAGE, ROUTE_AUDIT_NONE, ROUTE_DATA_CASE },
    { "E7", HTTP_GET, "/desk/task/{id}/clock", page_ask_none, desk_task_act, desk_clock_say, "task.read", 0, ROUTE_PAGE, ROUTE_RATE_PAGE, ROUTE_AUDIT_READ, ROUTE_DATA_CASE },
    { "D-find", HTTP_GET, "/desk/find", page_ask_none, desk_find_act, desk_find_say, "task.list", 0, ROUTE_PAGE, ROUTE_RATE_PAGE, ROUTE_AUDIT_NONE, ROUTE_DATA_CASE },
    { "D-case", HTTP_GET, "/desk/case/{id}", page_ask_none, desk_office_act, desk_office_say, "task.list", 0, ROUTE_PAGE, ROUTE_RATE_PAGE, ROUTE_AUDIT_READ, ROUTE_DATA_CASE },
};
const size_t desk_n_routes = sizeof desk_routes / sizeof *desk_routes;
