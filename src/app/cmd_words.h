/* The words of the command line. `tongban help`, `tongban COMMAND --help` and the refusal of what is not allowed come from these rows.
 * TO ADD A COMMAND: 1. a row here, 2. its function in a cmd_NAME.c, declared in cmd.h, 3. a line in docs/guides/operator.md.
 * TO ADD AN OPTION: 1. a row here, 2. its name in the rows of the commands that read it.
 *
 * CMD_OPTION(name, word, value or NULL for one without, what it is)
 * CMD_ROW(command, verb or NULL, operands, least and most of them, options, what it does, function)
 * CMD_ERR(code, what went wrong and what to do): an error of the program as the command line says it, after the name of what it is about.
 * Codes without a row are said as pages say them (locale/en.po).
 */
#ifdef CMD_OPTION
CMD_OPTION(DATA, "--data", "DIR", "the folder of the installation; var if not given")
CMD_OPTION(STORE, "--store", "URL", "postgres://... if the store is PostgreSQL: the same for every command")
CMD_OPTION(LIBPQ, "--libpq", "FILE", "a vendor's client library for PostgreSQL")
CMD_OPTION(NODE, "--node", "N", "0 to 1023: which of several servers on one PostgreSQL; 0 if not given")
CMD_OPTION(LISTEN, "--listen", "ADDRESS:PORT", "where to serve; 127.0.0.1:8080 if not given")
CMD_OPTION(BASE_URL, "--base-url", "URL", "how the city is reached from outside: what QR codes and messages say")
CMD_OPTION(PROXY, "--proxy", "ADDRESS",
           "the TLS proxy in front: that it was by https, and who asked, is believed of connections from there alone")
CMD_OPTION(MAIL, "--mail", "URL", "the mail server that messages leave by: smtp://HOST:PORT or smtps://HOST:PORT; none if not given")
CMD_OPTION(MAIL_FROM, "--mail-from", "ADDRESS", "whom mail is from; with --mail")
CMD_OPTION(MAIL_BOUNCES, "--mail-bounces", "ADDRESS", "who hears of mail that did not arrive; --mail-from if not given")
CMD_OPTION(SMS, "--sms", "URL", "the message centre that texts leave by: smpp://HOST:PORT (SMPP 3.4); none if not given")
CMD_OPTION(SMS_FROM, "--sms-from", "SENDER", "whom texts are from: digits, or up to 11 letters; with --sms")
CMD_OPTION(SECRETS, "--gateway-secrets", "FILE", "names and passwords at the gateways: lines of mail.user=, sms.system_id= and so on")
CMD_OPTION(SINGLE, "--single", NULL, "all roles in one process, for development")
CMD_OPTION(CLOCK, "--clock-is-right", NULL, "the machine's clock was ahead before and is right now")
CMD_OPTION(SYSTEMS, "--systems", "DIR", "the folder of all systems; systems if not given")
CMD_OPTION(ADMINISTRATORS, "--administrators", "FILE",
           "the three administrators: a CSV of login,name,role, and unit where --units is given")
CMD_OPTION(UNITS, "--units", "FILE", "the government's units: a CSV of code,title,parent,division")
CMD_OPTION(DEMO, "--demo", NULL, "the demo city, with accounts whose password everybody knows")
CMD_OPTION(PEOPLE, "--people", "N", "how many synthetic people; 1000 if not given")
CMD_OPTION(COMPANIES, "--companies", "N", "how many synthetic companies; 200 if not given")
CMD_OPTION(CASES, "--cases", "N", "how many cases of the past year, beside one wherever a case can stand; none if not given")
CMD_OPTION(SEED, "--seed", "N", "another number makes other people; 1 if not given")
CMD_OPTION(FROM, "--from", "PATH", "the system to copy; the one that says `template: true` if not given")
CMD_OPTION(AS, "--as", "LOGIN", "as an act of this account; of the system itself if not given")
CMD_OPTION(ONLY, "--only", "WORD", "only scenarios whose file name holds WORD")
CMD_OPTION(LANG, "--lang", "zh|en",
           "in which language findings are told; that of the environment (LC_ALL, LC_MESSAGES, LANG) if not given")
CMD_OPTION(HEAD, "--head", "FILE", "signed heads kept elsewhere, as `tongban audit head` or the page of the log's verification gave them")
CMD_OPTION(OUT, "--out", "DIR", "where the files go; here if not given")
#endif
#ifdef CMD_ROW
CMD_ROW("serve", NULL, "", 0, 0,
        INSTALLATION | OPT_LISTEN | OPT_BASE_URL | OPT_PROXY | OPT_SINGLE | OPT_CLOCK | OPT_MAIL | OPT_MAIL_FROM |
            OPT_MAIL_BOUNCES | OPT_SMS | OPT_SMS_FROM | OPT_SECRETS,
        "serves the city", cmd_serve)
CMD_ROW("init", NULL, "", 0, 0,
        OPT_DATA | OPT_STORE | OPT_LIBPQ | OPT_SYSTEMS | OPT_ADMINISTRATORS | OPT_UNITS | OPT_DEMO | OPT_PEOPLE | OPT_COMPANIES |
            OPT_CASES | OPT_SEED,
        "makes a new installation, with --administrators FILE; or the demo city, with --demo", cmd_init)
CMD_ROW("password", NULL, "LOGIN", 1, 1, INSTALLATION, "gives an account a new password, which serves once, and prints it", cmd_password)
CMD_ROW("system", "check", "PATH...", 1, CMD_OPERANDS_MAX, OPT_LANG,
        "finds what is wrong with systems; needs no installation", cmd_system_check)
CMD_ROW("system", "new", "PATH", 1, 1, OPT_FROM, "makes a copy of a system that works", cmd_system_new)
CMD_ROW("system", "load", "PATH", 1, 1, INSTALLATION, "loads and activates a system", cmd_system_load)
CMD_ROW("system", "activate", "SYSTEM VERSION-OR-DIGEST", 2, 2, INSTALLATION | OPT_AS, "activates a release that was loaded before",
        cmd_system_activate)
CMD_ROW("system", "export", "ID DIR", 2, 2, INSTALLATION, "writes a system's active release back as a folder", cmd_system_export)
CMD_ROW("status", NULL, "", 0, 0, INSTALLATION, "what a running server does: roles, store, queues, systems", cmd_status)
CMD_ROW("metrics", NULL, "", 0, 0, INSTALLATION, "a running server's figures as OpenMetrics text", cmd_metrics)
CMD_ROW("case", "run", "PATH...", 1, CMD_OPERANDS_MAX, OPT_STORE | OPT_LIBPQ | OPT_ONLY | OPT_LANG,
        "runs the scenarios of systems and prints each step", cmd_case_run)
CMD_ROW("audit", "verify", "", 0, 0, INSTALLATION | OPT_HEAD,
        "finds any altered, removed, reordered or rewritten entry, and a store that was put back", cmd_audit_verify)
CMD_ROW("audit", "head", "", 0, 0, INSTALLATION, "prints the newest signed head of the log, to be kept elsewhere", cmd_audit_head)
CMD_ROW("backup", NULL, "FILE", 1, 1, INSTALLATION, "a backup in one snapshot, taken while serving", cmd_backup)
CMD_ROW("restore", NULL, "FILE", 1, 1, OPT_DATA | OPT_STORE | OPT_LIBPQ, "a backup back into a new place, with a store of either kind",
        cmd_restore)
CMD_ROW("drill", NULL, "FILE", 1, 1, INSTALLATION, "restores a backup as a trial into FILE.drill.new, which is thrown away, and compares",
        cmd_drill)
CMD_ROW("routes", NULL, "", 0, 0, 0, "every page and call: id, method, path, kind, power; columns by tabs", cmd_routes)
CMD_ROW("sample", "population", "", 0, 0, /* tidy: a word of the command line, not a system */
        OPT_PEOPLE | OPT_COMPANIES | OPT_SEED | OPT_OUT,
        "synthetic people and companies as CSV", cmd_sample)
#endif
#ifdef CMD_ERR
CMD_ERR(ERR_INPUT, "cannot be used so: {detail}")
CMD_ERR(ERR_REQUIRED, "is missing: {detail}")
CMD_ERR(ERR_TOO_LONG, "is too long; at most {detail}")
CMD_ERR(ERR_FORMAT, "is not in the form asked for: {detail}")
CMD_ERR(ERR_CODE, "is none of those that may stand here: {detail}")
CMD_ERR(ERR_RANGE, "is out of range; it may be {detail}")
CMD_ERR(ERR_SYNTAX, "cannot be read: {detail}. Mend it there and try again")
CMD_ERR(ERR_LIMIT, "is over the limit of {detail}")
CMD_ERR(ERR_FORBIDDEN, "is not allowed to this user: {detail}. Try as root or as the user the server runs as")
CMD_ERR(ERR_NOT_FOUND, "is not there; look at the spelling. {detail}")
CMD_ERR(ERR_CONFLICT, "was changed by others meanwhile; look at it and try again. {detail}")
CMD_ERR(ERR_STATE, "cannot be done now: {detail}")
CMD_ERR(ERR_DUPLICATE, "is there already. {detail}")
CMD_ERR(ERR_SYSTEM, "has a fault in its declarations: {detail}. `tongban system check PATH` tells every one")
CMD_ERR(ERR_BUSY, "is in use: {detail}. Stop that process, or wait until it ends, and try again")
CMD_ERR(ERR_UPKEEP, "cannot be changed while the installation is worked on, until {detail}")
CMD_ERR(ERR_CLOCK, "cannot be written: the clock is {detail} minutes behind what was last stored. Set it right; or, if it was ahead before,"
                   " serve with --clock-is-right")
CMD_ERR(ERR_STORE, "cannot be stored: {detail}. Look whether the database runs and its address is right")
CMD_ERR(ERR_SPACE, "cannot be written: no space is left. Make room and try again. {detail}")
CMD_ERR(ERR_UNKNOWN, "may or may not have been done: {detail}. Look before you try again")
CMD_ERR(ERR_IO, "cannot be read or written: {detail}")
CMD_ERR(ERR_PEER, "did not answer as it should: {detail}. Look at the server's log")
CMD_ERR(ERR_DAMAGED, "is damaged: {detail}. Nothing was changed; take it from a backup")
CMD_ERR(ERR_MEMORY, "needs more memory than there is: {detail}")
CMD_ERR(ERR_DEFECT, "met a fault of the program: {detail}. Please report it")
#endif
