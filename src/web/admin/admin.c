/* admin: the three administrators' table: accounts (system), posts (security), the log (audit). Each page asks for the power of
 * its own act, so that no administrator's page opens to another.
 */
#include "web/admin/admin.h"
#include "web/admin/admin_pages.h"
#include "web/list/list.h"

enum { FORM_BYTES_MAX = 16384 };

#define AUDIT_OF(data) ((data) == ROUTE_DATA_PERSONAL ? ROUTE_AUDIT_READ : ROUTE_AUDIT_NONE)
#define SHOWN(id, path, act, say, power, data) \
    { id, HTTP_GET, path, page_ask_none, act, say, power, 0, ROUTE_PAGE, ROUTE_RATE_PAGE, AUDIT_OF(data), data }
#define CHANGE(id, path, ask, act, say, power, data) \
    { id, HTTP_POST, path, ask, act, say, power, FORM_BYTES_MAX, ROUTE_ACTION, ROUTE_RATE_FORM, ROUTE_AUDIT_ACT, data }

#define LIST_FILE_OF(id, path, act, power) \
    { id, HTTP_GET, path, page_ask_none, act, list_file_say, power, 0, ROUTE_FILE, ROUTE_RATE_FORM, ROUTE_AUDIT_READ, ROUTE_DATA_PERSONAL }

/* clang-format off */
const struct route admin_routes[] = {
    SHOWN("I7", "/admin/users", admin_users_act, admin_users_say, "account.list", ROUTE_DATA_PERSONAL),
    LIST_FILE_OF("I7-csv", "/admin/users/export", admin_users_file_act, "account.list"),
    SHOWN("I7-new", "/admin/users/new", page_act_none, admin_new_say, "account.create", ROUTE_DATA_PUBLIC),
    CHANGE("I7-new", "/admin/users/new", admin_new_ask, admin_new_act, admin_new_say, "account.create", ROUTE_DATA_PERSONAL),
    SHOWN("I7-user", "/admin/users/{id}", admin_user_act, admin_user_say, "account.list", ROUTE_DATA_PERSONAL),
    SHOWN("I7-lock", "/admin/users/{id}/lock", admin_lock_act, admin_lock_say, "account.lock", ROUTE_DATA_PERSONAL),
    CHANGE("I7-lock", "/admin/users/{id}/lock", page_ask_none, admin_lock_post_act, admin_lock_say, "account.lock", ROUTE_DATA_PERSONAL),
    SHOWN("I7-posts", "/admin/posts", admin_posts_act, admin_posts_say, "post.grant", ROUTE_DATA_PERSONAL),
    CHANGE("I7-posts", "/admin/posts", admin_posts_ask, admin_posts_post_act, admin_posts_say, "post.grant", ROUTE_DATA_PERSONAL),
    LIST_FILE_OF("I7-posts-csv", "/admin/posts/export", admin_posts_file_act, "post.grant"),
    SHOWN("I7-end", "/admin/posts/{login}/{id}", admin_end_act, admin_end_say, "post.end", ROUTE_DATA_PERSONAL),
    CHANGE("I7-end", "/admin/posts/{login}/{id}", page_ask_none, admin_end_post_act, admin_end_say, "post.end", ROUTE_DATA_PERSONAL),
    SHOWN("I7-why", "/admin/why", admin_why_act, admin_why_say, "access.explain", ROUTE_DATA_PERSONAL),
    SHOWN("I8", "/admin/audit", admin_audit_act, admin_audit_say, "audit.search", ROUTE_DATA_PERSONAL),
    LIST_FILE_OF("I8-csv", "/admin/audit/export", admin_audit_file_act, "audit.search"),
    SHOWN("I9", "/admin/audit/verify", admin_verify_act, admin_verify_say, "audit.verify", ROUTE_DATA_PUBLIC),
    { "I9-run", HTTP_GET, "/admin/audit/verify/run", admin_run_ask, admin_run_act, admin_run_say, "audit.verify",
      0, ROUTE_PAGE, ROUTE_RATE_FORM, ROUTE_AUDIT_READ, ROUTE_DATA_PUBLIC },
    { "I9-head", HTTP_GET, "/admin/audit/verify/head", page_ask_none, admin_head_act, admin_head_say, "audit.verify",
      0, ROUTE_FILE, ROUTE_RATE_PAGE, ROUTE_AUDIT_READ, ROUTE_DATA_PUBLIC },
    SHOWN("I9-entry", "/admin/audit/entry/{number}", admin_entry_act, admin_entry_say, "audit.verify", ROUTE_DATA_PERSONAL),
    SHOWN("I-systems", "/admin/systems", admin_systems_act, admin_systems_say, "release.read", ROUTE_DATA_PUBLIC),
    { "I-systems-csv", HTTP_GET, "/admin/systems/export", page_ask_none, admin_systems_file_act, list_file_say, "release.read",
      0, ROUTE_FILE, ROUTE_RATE_FORM, ROUTE_AUDIT_NONE, ROUTE_DATA_PUBLIC },
    SHOWN("I-activate", "/admin/systems/{id}/activate", admin_activate_act, admin_activate_say, "release.activate", ROUTE_DATA_PUBLIC),
    CHANGE("I-activate", "/admin/systems/{id}/activate", admin_activate_ask, admin_activate_post_act, admin_activate_say, "release.activate",
           ROUTE_DATA_PUBLIC),
    SHOWN("I10", "/admin/messages", admin_messages_act, admin_messages_say, "message.deliveries", ROUTE_DATA_PERSONAL),
    LIST_FILE_OF("I10-csv", "/admin/messages/export", admin_messages_file_act, "message.deliveries"),
    CHANGE("I10", "/admin/messages", admin_messages_ask, admin_messages_post_act, admin_messages_say, "message.resend",
           ROUTE_DATA_PERSONAL),
    SHOWN("I10-health", "/admin/health", admin_health_act, admin_health_say, "metrics.read", ROUTE_DATA_PUBLIC),
    { "I10-health-csv", HTTP_GET, "/admin/health/export", page_ask_none, admin_health_file_act, list_file_say, "metrics.read",
      0, ROUTE_FILE, ROUTE_RATE_FORM, ROUTE_AUDIT_NONE, ROUTE_DATA_PUBLIC },
    CHANGE("I10-health", "/admin/health", admin_health_ask, admin_health_post_act, admin_health_say, "job.retry", ROUTE_DATA_PUBLIC),
    SHOWN("I11", "/admin/backups", admin_backups_act, admin_backups_say, "metrics.read", ROUTE_DATA_PUBLIC),
    { "I11-csv", HTTP_GET, "/admin/backups/export", page_ask_none, admin_backups_file_act, list_file_say, "metrics.read",
      0, ROUTE_FILE, ROUTE_RATE_FORM, ROUTE_AUDIT_NONE, ROUTE_DATA_PUBLIC },
    SHOWN("I6", "/admin/calendar", page_act_none, admin_calendar_say, "draft.read", ROUTE_DATA_PUBLIC),
    SHOWN("I12-limits", "/admin/limits", admin_limits_act, admin_limits_say, "metrics.read", ROUTE_DATA_PUBLIC),
    { "I12-csv", HTTP_GET, "/admin/limits/export", page_ask_none, admin_limits_file_act, list_file_say, "metrics.read",
      0, ROUTE_FILE, ROUTE_RATE_FORM, ROUTE_AUDIT_NONE, ROUTE_DATA_PUBLIC },
    SHOWN("I12", "/admin/upkeep", admin_upkeep_act, admin_upkeep_say, "upkeep.put", ROUTE_DATA_PUBLIC),
    CHANGE("I12", "/admin/upkeep", admin_upkeep_ask, admin_upkeep_post_act, admin_upkeep_say, "upkeep.put", ROUTE_DATA_PUBLIC),
    { "I10-metrics", HTTP_GET, "/metrics", page_ask_none, page_act_none, admin_metrics_say, "metrics.read",
      0, ROUTE_FILE, ROUTE_RATE_PAGE, ROUTE_AUDIT_NONE, ROUTE_DATA_PUBLIC },
};
/* clang-format on */
const size_t admin_n_routes = sizeof admin_routes / sizeof *admin_routes;
