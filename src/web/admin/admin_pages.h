/* admin_pages (private to web/admin): the columns of the table in admin.c, by chapter. */
#ifndef WEB_ADMIN_PAGES_H
#define WEB_ADMIN_PAGES_H
#include "engine/identity/identity.h"
#include "web/list/list.h"

/* users.c: I7 accounts */
route_ask admin_new_ask;
route_act admin_users_act, admin_users_file_act, admin_user_act, admin_new_act, admin_lock_act, admin_lock_post_act;
route_say admin_users_say, admin_user_say, admin_new_say, admin_lock_say;
/* posts.c: I7 posts, and why somebody may */
route_ask admin_posts_ask;
route_act admin_posts_act, admin_posts_file_act, admin_posts_post_act, admin_end_act, admin_end_post_act, admin_why_act;
route_say admin_posts_say, admin_end_say, admin_why_say;
/* audit.c: I8 */
route_act admin_audit_act, admin_audit_file_act;
route_say admin_audit_say;
/* verify.c: I9 */
route_ask admin_run_ask;
route_act admin_verify_act, admin_run_act, admin_entry_act, admin_head_act;
route_say admin_verify_say, admin_run_say, admin_entry_say, admin_head_say;
/* systems.c: releases, metrics */
route_ask admin_activate_ask;
route_act admin_systems_act, admin_systems_file_act, admin_activate_act, admin_activate_post_act;
route_say admin_systems_say, admin_activate_say, admin_metrics_say;

/* messages.c: I10 */
route_ask admin_messages_ask;
route_act admin_messages_act, admin_messages_file_act, admin_messages_post_act;
route_say admin_messages_say;

/* health.c: I10, how this installation is */
route_ask admin_health_ask;
route_act admin_health_act, admin_health_file_act, admin_health_post_act;
route_say admin_health_say;

/* backups.c: I11 */
route_act admin_backups_act, admin_backups_file_act;
route_say admin_backups_say;

/* calendar.c: I6 */
route_say admin_calendar_say;

/* limits.c: I12, what this server keeps to */
route_act admin_limits_act, admin_limits_file_act;
route_say admin_limits_say;

/* upkeep.c: I12 */
route_ask admin_upkeep_ask;
route_act admin_upkeep_act, admin_upkeep_post_act;
route_say admin_upkeep_say;

/* users.c: does the reader hold this power? For links; the page behind asks again. */
bool admin_holds_power(struct page *p, const char *act);

/* users.c: a list narrowed by post, by unit. */
void admin_role_filter(struct page *p, struct list_run *l, const struct list_filter *f, struct val *into);
int admin_unit_filter(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                      struct err *e);

/* words.c: what people read. A select over all acts (those that the log can hold), and one act's title. */
struct val *admin_act_choices(struct page *p, struct str chosen);
struct str admin_act_title(struct page *p, struct str act);
struct str admin_kind_title(struct page *p, struct str kind);
struct val *admin_kind_choices(struct page *p, struct str chosen);
/* Roles that a post may give (posts.c). */
struct val *admin_role_choices(struct page *p, struct str chosen);
/* "Anybody", "everybody signed in", or the role's title. */
struct str admin_role_title(struct page *p, struct str role);
/* The posts of an account row get role_title. */
void admin_name_post(struct page *p, struct val *post);
void admin_name_posts(struct page *p, const struct val *account);
#endif
