/* What may change rows where no act is closed, statement by statement: the declared exceptions to "nothing
 * changes except through one act" (act.h, invariant 1). EXEMPT(statement, why). act_test holds that each is a
 * writing statement of the program.
 * TO ADD A ROW: 1. show that what it changes is no matter of government: nobody's right, record or case; 2. a row
 * here with the reason; 3. the reason must hold for every caller of the statement.
 */
EXEMPT("audit_pend", "the entry itself; an entry that reads were noted stands for no change")
EXEMPT("audit_pending_drop", "sequencer: numbers what acts have written")
EXEMPT("audit_entry_insert", "sequencer: numbers what acts have written")
EXEMPT("audit_tree_insert", "sequencer: the tree over numbered entries")
EXEMPT("audit_tree_update", "sequencer: the tree over numbered entries")
EXEMPT("audit_block_insert", "sequencer: the tree over numbered entries")
EXEMPT("audit_head_insert", "sequencer: the signed head over numbered entries")
EXEMPT("store_lease_add", "which process is the worker")
EXEMPT("store_lease_set", "which process is the worker")
EXEMPT("store_ids_raise", "the store's own mark of ids given")
EXEMPT("store_ids_add", "the store's own mark of ids given")
EXEMPT("act_outbox_claim", "delivery of what an act has put into the outbox")
EXEMPT("act_outbox_done", "delivery of what an act has put into the outbox")
EXEMPT("act_outbox_retry", "delivery of what an act has put into the outbox")
EXEMPT("flow_timer_later", "a timer that could not be fired is looked at later: its case stands as it stood")
EXEMPT("notify_delivery_settle", "how far a delivery came of what an act has sent")
EXEMPT("access_word_put", "by which words an object is found: worked out from the object, again at any time; each hit is opened and judged")
EXEMPT("item_presence_add", "who has a task open at the moment: a lease of minutes that gives no right")
EXEMPT("item_presence_renew", "who has a task open at the moment: a lease of minutes that gives no right")
EXEMPT("item_presence_drop", "who has a task open at the moment: a lease of minutes that gives no right")
EXEMPT("item_presence_lapse", "who has a task open at the moment: a lease of minutes that gives no right")
EXEMPT("supervise_look_add", "when supervision judges a case again: worked out anew each time, decides nothing")
EXEMPT("supervise_look_drop", "when supervision judges a case again: worked out anew each time, decides nothing")
EXEMPT("kept_delete", "what was typed as a session ended has been given back, or its time is over")
EXEMPT("kept_purge", "what was typed as a session ended has been given back, or its time is over")
EXEMPT("identity_session_seen", "when a session was last seen, to the minute: no right depends on the entry")
