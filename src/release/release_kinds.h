/* Kinds of names that the files of a system declare in one place and use in others. NAME_KIND(id, the finding before the name)
 * TO ADD A KIND: 1. a row here, 2. `offer_ID` in release_kinds.c: where such names are declared, 3. its uses: a row of the tables in
 * release_uses.c, release_scenario.c or release_sample.c, 4. its English in locale/en.po, 5. a slip in tests/newcomer/run.
 */
NAME_KIND(ROLE, "没有这个角色")
NAME_KIND(GRANTEE, "没有这个角色") /* a role, or everybody */
NAME_KIND(WHO, "没有这个角色或登录名")
NAME_KIND(LOGIN, "没有这个登录名")
NAME_KIND(UNIT_KIND, "没有这个单位类别")
NAME_KIND(UNIT, "没有这个单位代码")
NAME_KIND(ITEM, "没有这个事项")
NAME_KIND(PART, "没有这个分项")
NAME_KIND(MATERIAL, "没有这个材料")
NAME_KIND(OBSTACLE, "没有这个不能办的情形")
NAME_KIND(PAUSE, "没有这个暂停理由")
NAME_KIND(PAGE, "没有这个页面")
NAME_KIND(QUESTION, "没有这个问题")
NAME_KIND(ANSWER, "没有这个问题")  /* what FEEL calls answers: questions, and pages that repeat */
NAME_KIND(DECIDED, "没有这个问题") /* the same for a decision of materials: and the parts that were decided */
NAME_KIND(REPEAT, "没有这个重复的页")
NAME_KIND(MEMBER, "没有这个问题")  /* the same, and the questions of pages that repeat */
NAME_KIND(KNOWN, "没有这个名称")   /* what decisions and registries read of a case (item_record.c) */
NAME_KIND(PRINTED, "没有这个问题") /* what papers and processes may show of it: answers, what officers wrote, what was decided */
NAME_KIND(DECISION, "没有这个决策")
NAME_KIND(ENTRY, "没有这个登记")   /* of an item's `records` */
NAME_KIND(PUT, "没有这样的登记")
NAME_KIND(VARIABLE, "没有这个流程变量")
NAME_KIND(VALUE, "没有这个取值")
NAME_KIND(CODE, "没有这个代码")
NAME_KIND(STEP, "没有这个流程步骤")
NAME_KIND(TASK, "没有这个办理环节")
NAME_KIND(MOVE, "没有这个办理结果")
NAME_KIND(MOVE_WORD, "页面不认识这个办理结果")
NAME_KIND(NOTICE, "没有这个通知")
NAME_KIND(SENT, "没有谁发这个通知")
NAME_KIND(FILLED, "没有这个占位符") /* what papers show of the case itself */
NAME_KIND(PAPER, "没有这个文书")
NAME_KIND(SOURCE, "没有这个登记信息项")
NAME_KIND(RECORD, "没有这个登记类型")
NAME_KIND(ELEMENT, "没有这个登记信息项")
NAME_KIND(HALL, "没有这个大厅")
NAME_KIND(LINE, "没有这条队列")
NAME_KIND(CLASS, "没有这个优先类别")
NAME_KIND(COUNTER, "没有这个窗口")
NAME_KIND(BOOKING, "没有这个预约状态")
NAME_KIND(CARD, "没有这条监察规则")
NAME_KIND(ERROR, "没有这个错误码")
NAME_KIND(STATE, "没有这个状态")
NAME_KIND(RESULT, "没有这个结果")
