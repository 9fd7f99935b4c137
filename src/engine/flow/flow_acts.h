/* What a person may do with a task, one row each; flow_act.c judges a row's columns before its function runs.
 * FLOW_ACT(id, word, standings, who, when, needs, function)
 *   id         FLOW_ACT_id of enum flow_act
 *   word       what history says
 *   standings  how the task stands: STEP (the step's own), LENT (delegated: it comes back to its owner), BEFORE (an opinion
 *              asked for before the step is decided), AFTER (another's word after it was decided), ENDED
 *   who        FREE whoever holds it, or anybody while nobody does | HELD its holder | OWN who lent, asked or decided it |
 *              THEIRS not its holder, who is `to`: that he is away, and who stands in for him, is the caller's to know
 *   when       OPEN also while the instance is suspended | ACTIVE only while it runs
 *   needs      NOTHING | TO (a person other than the actor) | MOVE (one of tb:moves) | ELEMENT (one of tb:returns)
 *   function   changes the run in memory
 * TO ADD AN ACT: 1. a row here, 2. its function in flow_act.c, 3. its rule in the model of flow_act_walk_test.c.
 */
FLOW_ACT(CLAIM, "claim", STEP, FREE, OPEN, NOTHING, claim)
FLOW_ACT(RELEASE, "unclaim", STEP, HELD, OPEN, NOTHING, release)
FLOW_ACT(TRANSFER, "reassign", STEP | BEFORE | AFTER, FREE, OPEN, TO, transfer)
FLOW_ACT(TAKE, "take", STEP | LENT | BEFORE | AFTER, THEIRS, OPEN, TO, take)
FLOW_ACT(DELEGATE, "delegate", STEP, FREE, OPEN, TO, delegate)
FLOW_ACT(ASK, "ask", STEP, FREE, ACTIVE, TO, ask)
FLOW_ACT(ANSWER, "answer", LENT | BEFORE | AFTER, HELD, ACTIVE, NOTHING, answer)
FLOW_ACT(OBJECT, "object", AFTER, HELD, ACTIVE, NOTHING, object)
FLOW_ACT(COMPLETE, "complete", STEP, FREE, ACTIVE, MOVE, complete)
FLOW_ACT(RETURN, "return", STEP, FREE, ACTIVE, ELEMENT, go_back)
FLOW_ACT(RECALL, "recall", LENT | BEFORE | ENDED, OWN, ACTIVE, NOTHING, recall)
