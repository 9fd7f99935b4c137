/* What an officer may do with a task besides deciding it, one row each (item_act.c).
 * ITEM_ACT(verb, power, flow, needs, tell, notice, words)
 *   verb    what pages, scenarios and audit entries call it; the kind of its event in the case's log
 *   power   the act that access must grant
 *   flow    the act of the process engine (flow_acts.h), or NONE where no task moves
 *   needs   bits: TO a colleague who may do the task, TEXT a reason or an opinion; QUIET leaves no event; BOUND also who must not deal
 *           with the case (item_recuse.c); PLACE in the place of who has it and is away (engine/deputy)
 *   tell    who gets the notice: NOBODY, TO, OWNER (who asked or lent it), HOLDER (who has it, else who could), OTHERS
 *           (who asked or lent it, else who else could)
 *   notice  its name in notices.yaml, or empty
 *   words   what people read for it (Chinese source text, msgid of locale/en.po)
 * TO ADD AN ACT: 1. a row here, 2. its English, 3. its notice in systems/common/notices.yaml and in offer_SENT (release_kinds.c), 4. its
 * verb in scenario.c and release_scenario.c, 5. a step in a scenario, 6. a place on a page (web/desk/hand.c).
 */
ITEM_ACT("claim", "task.claim", FLOW_ACT_CLAIM, QUIET, NOBODY, "", "签收")
ITEM_ACT("release", "task.release", FLOW_ACT_RELEASE, QUIET | BOUND, NOBODY, "", "退回队列")
ITEM_ACT("transfer", "task.hand", FLOW_ACT_TRANSFER, TO | TEXT, TO, "task-handed", "转办")
ITEM_ACT("take", "task.take", FLOW_ACT_TAKE, PLACE, HOLDER, "task-taken", "代办")
ITEM_ACT("delegate", "task.hand", FLOW_ACT_DELEGATE, TO | TEXT, TO, "task-lent", "委派")
ITEM_ACT("return", "task.hand", FLOW_ACT_RETURN, TEXT, HOLDER, "task-returned", "退回上一环节")
ITEM_ACT("recall", "task.hand", FLOW_ACT_RECALL, TEXT, HOLDER, "task-recalled", "撤回")
ITEM_ACT("consult", "task.hand", FLOW_ACT_ASK, TO | TEXT, TO, "task-asked", "加签")
ITEM_ACT("countersign", "task.hand", FLOW_ACT_COMPLETE, TO, TO, "task-confirm", "会签")
ITEM_ACT("opinion", "task.hand", FLOW_ACT_ANSWER, TEXT, OWNER, "task-answered", "出具意见")
ITEM_ACT("object", "task.hand", FLOW_ACT_OBJECT, TEXT, OWNER, "task-objected", "不同意，退回决定人")
ITEM_ACT("copy", "task.hand", NONE, TO, TO, "task-copied", "抄送")
ITEM_ACT("recuse", "task.hand", NONE, TEXT | BOUND, OTHERS, "task-recused", "回避")
ITEM_ACT("urge", "task.urge", NONE, TEXT | BOUND, HOLDER, "task-urged", "催办")
