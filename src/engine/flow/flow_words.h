/* The BPMN 2.0.2 elements that a process may use, one row each; the compiler refuses any other by its name.
 * FLOW_WORD(element, kind, shown, tb, children)
 *   element   local name in the BPMN model namespace
 *   kind      enum flow_kind
 *   shown     what a person reads (Chinese source text, msgid of locale/en.po)
 *   tb        attributes allowed from urn:tongban:bpmn:1, between blanks
 *   children  BPMN child elements allowed besides FLOW_WORD_CHILDREN, between blanks
 * TO ADD A WORD: 1. a row here and its kind in flow.h, 2. what it does on entering, in flow_enter (flow.c), and in the
 * chapter of its kind (flow_gateway.c, flow_event.c, flow_task.c), 3. its shape in flow_svg.c, 4. a pattern in
 * flow_test.c,
 * 5. the English of `shown` in locale/en.po.
 */
#define FLOW_WORD_CHILDREN " documentation extensionElements incoming outgoing "
FLOW_WORD("startEvent", FLOW_START, "开始", " title ", " ")
FLOW_WORD("endEvent", FLOW_END, "结束", " title ", " terminateEventDefinition ")
FLOW_WORD("userTask", FLOW_USER, "办理", " title role unit limit moves returns form result ", " ")
FLOW_WORD("serviceTask", FLOW_SERVICE, "自动处理", " title act with result ", " ")
FLOW_WORD("businessRuleTask", FLOW_RULE, "规则判断", " title decision result ", " ")
FLOW_WORD("exclusiveGateway", FLOW_XOR, "择一", " title ", " ")
FLOW_WORD("parallelGateway", FLOW_AND, "并行", " title ", " ")
FLOW_WORD("inclusiveGateway", FLOW_OR, "按需并行", " title ", " ")
FLOW_WORD("intermediateCatchEvent", FLOW_TIMER, "等待", " title ", " timerEventDefinition ")
FLOW_WORD("boundaryEvent", FLOW_BOUNDARY, "到期", " title ", " timerEventDefinition ")
FLOW_WORD("subProcess", FLOW_SUB, "子流程", " title ", " ")
