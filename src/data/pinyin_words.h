/* Characters that are read in a second way, beside the commonest reading (pinyin_table.h). Written
 * by hand; a search accepts either.
 * TO ADD A ROW: the character, its other reading without tones, ü as v; a word that has it as a
 * remark.
 */
PINYIN_ALSO(0x8f9f, "bi")     /* 复辟 */
PINYIN_ALSO(0x957f, "chang")  /* 长期 */
PINYIN_ALSO(0x671d, "chao")   /* 朝阳 */
PINYIN_ALSO(0x4e58, "sheng")  /* 史乘 */
PINYIN_ALSO(0x91cd, "chong")  /* 重新 */
PINYIN_ALSO(0x4f20, "zhuan")  /* 传记 */
PINYIN_ALSO(0x7ed9, "ji")     /* 给水 */
PINYIN_ALSO(0x8fd8, "huan")   /* 归还 */
PINYIN_ALSO(0x884c, "hang")   /* 银行 */
PINYIN_ALSO(0x4f1a, "kuai")   /* 会计 */
PINYIN_ALSO(0x964d, "xiang")  /* 投降 */
PINYIN_ALSO(0x89e3, "xie")    /* 押解 */
PINYIN_ALSO(0x89d2, "jue")    /* 角色 */
PINYIN_ALSO(0x6821, "jiao")   /* 校验 */
PINYIN_ALSO(0x843d, "la")     /* 落下 */
PINYIN_ALSO(0x7387, "shuai")  /* 率领 */
PINYIN_ALSO(0x6ca1, "mo")     /* 没收 */
PINYIN_ALSO(0x4fbf, "pian")   /* 便宜 */
PINYIN_ALSO(0x8f66, "ju")     /* 车马炮 */
PINYIN_ALSO(0x533a, "ou")     /* 姓 */
PINYIN_ALSO(0x5355, "shan")   /* 姓 */
PINYIN_ALSO(0x53c2, "shen")   /* 人参 */
PINYIN_ALSO(0x5395, "si")     /* 茅厕 */
PINYIN_ALSO(0x8c03, "tiao")   /* 调解 */
PINYIN_ALSO(0x5bbf, "xiu")    /* 一宿 */
PINYIN_ALSO(0x4e50, "yue")    /* 音乐 */
PINYIN_ALSO(0x85cf, "zang")   /* 西藏 */
PINYIN_ALSO(0x66fe, "zeng")   /* 姓 */
PINYIN_ALSO(0x67e5, "zha")    /* 姓 */
