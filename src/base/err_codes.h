/* Every error code of the program, one row each; err.c and the pages are generated from this table by inclusion.
 * ERR_ROW(name, kind, http_status, sentence): kind CALLER (their fault, shown at the field), WORLD (logged once at the
 * boundary, retried or 503), OURS (a defect). The sentence is Chinese source text (msgid of locale/en.po), says what to do
 * next, and may hold one {detail}. The detail of ERR_INPUT is itself such a sentence: pages say it alone.
 * TO ADD A CODE: 1. a row here, 2. its English in locale/en.po, 3. a test that provokes it.
 */
ERR_ROW(ERR_INPUT, CALLER, 422, "请按提示修改：{detail}")
ERR_ROW(ERR_REQUIRED, CALLER, 422, "请填写：{detail}")
ERR_ROW(ERR_TOO_LONG, CALLER, 422, "内容太长，请缩短到 {detail} 个字以内")
ERR_ROW(ERR_FORMAT, CALLER, 422, "格式不对，应为：{detail}")
ERR_ROW(ERR_CHARACTERS, CALLER, 422, "有不能使用的字符（如控制字符、改变文字方向的符号、私用字符），已标为“�”，请删去或改写")
ERR_ROW(ERR_CHECK_DIGIT, CALLER, 422, "号码的校验位不对，请对照证件核对每一位")
ERR_ROW(ERR_CODE, CALLER, 422, "请从列出的选项中选择一项")
ERR_ROW(ERR_RANGE, CALLER, 422, "数值超出范围，应为：{detail}")
ERR_ROW(ERR_FEW, CALLER, 422, "请至少添加 {detail}")
ERR_ROW(ERR_SYNTAX, CALLER, 400, "无法读懂这次提交的内容：{detail}。请返回上一页重新提交")
ERR_ROW(ERR_LIMIT, CALLER, 413, "内容超过上限 {detail}，请缩小后重试")
ERR_ROW(ERR_LOGIN, CALLER, 401, "请先登录，登录后会回到这一页")
ERR_ROW(ERR_PASSWORD, CALLER, 422, "账号或密码不正确，请重新输入；连续输错 5 次将锁定 15 分钟")
ERR_ROW(ERR_LOCKED, CALLER, 429, "连续输错次数过多，已暂时锁定，请 15 分钟后再试")
ERR_ROW(ERR_FORBIDDEN, CALLER, 403, "您没有办理这一步的权限：{detail}。如需办理，请联系本单位管理员")
ERR_ROW(ERR_NOT_FOUND, CALLER, 404, "没有找到这个页面或记录，请检查网址或从首页重新进入")
ERR_ROW(ERR_METHOD, CALLER, 405, "这个网址不支持这种操作，请从首页重新进入")
ERR_ROW(ERR_CSRF, CALLER, 403, "页面已过期，请返回上一页刷新后重新提交，已填写的内容都还在")
ERR_ROW(ERR_CONFLICT, CALLER, 409, "内容刚被别人修改过，请刷新后再试：{detail}")
ERR_ROW(ERR_STATE, CALLER, 409, "现在不能这样办理：{detail}")
ERR_ROW(ERR_DUPLICATE, CALLER, 409, "这件事已经提交过，不会重复办理")
ERR_ROW(ERR_KEY_REUSED, CALLER, 422, "同一个提交编号被用于不同的内容，请返回上一页重新提交")
ERR_ROW(ERR_RATE, CALLER, 429, "操作太频繁，请稍等 {detail} 秒再试")
ERR_ROW(ERR_GONE, CALLER, 410, "这个页面已经撤下，请从首页查找新的内容")
ERR_ROW(ERR_SYSTEM, CALLER, 422, "系统声明有误：{detail}")
ERR_ROW(ERR_BUSY, WORLD, 503, "现在办理的人很多，请稍后再试，已填写的内容都还在")
ERR_ROW(ERR_UPKEEP, WORLD, 503, "正在维护，现在只能查看，不能提交；已填写的内容都还在，没有丢失。请在 {detail} 以后再提交")
ERR_ROW(ERR_CLOCK, WORLD, 503,
        "服务器的时间比上次保存时早了 {detail} 分钟，为保护办理时限，暂时不能保存；没有任何内容丢失。"
        "请稍后再试，如仍不行请告知系统管理员")
ERR_ROW(ERR_STORE, WORLD, 503, "数据暂时无法保存，没有任何内容丢失，请稍后再试")
ERR_ROW(ERR_SPACE, WORLD, 507, "存储空间不足，暂时无法保存，请稍后再试")
ERR_ROW(ERR_UNKNOWN, WORLD, 503, "结果暂时无法确认，请刷新查看，不要重复提交")
ERR_ROW(ERR_IO, WORLD, 503, "读写出错，请稍后再试：{detail}")
ERR_ROW(ERR_PEER, WORLD, 503, "相关服务暂时没有响应，请稍后再试：{detail}")
ERR_ROW(ERR_DAMAGED, WORLD, 503, "记录校验不通过，已停止展示并通知管理员，请稍后再试")
ERR_ROW(ERR_MEMORY, WORLD, 503, "系统繁忙，请稍后再试")
ERR_ROW(ERR_DEFECT, OURS, 500, "程序出错，已记录，请稍后再试或拨打服务电话")
