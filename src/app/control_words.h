/* The questions of the control socket. CONTROL_ROW(number, name, least and most bytes of the question, needs a running server, the rows
 * are enough for it, function). See control.h for how to add one.
 */
CONTROL_ROW(CONTROL_METRICS, "metrics", 0, 0, true, false, metrics_text)
CONTROL_ROW(CONTROL_STATUS, "status", 0, 0, true, false, status)
CONTROL_ROW(CONTROL_LOAD, "load", 4, RELEASE_PACKED_BYTES_MAX, false, false, load)
CONTROL_ROW(CONTROL_EXPORT, "export", 1, 256, false, false, export_system)
CONTROL_ROW(CONTROL_VERIFY, "verify", 0, AUDIT_KEPT_BYTES_MAX, false, false, verify)
CONTROL_ROW(CONTROL_BACKUP, "backup", 0, 0, false, true, backup)
CONTROL_ROW(CONTROL_ACTIVATE, "activate", 3, 512, false, false, activate)
CONTROL_ROW(CONTROL_HEAD, "head", 0, 0, false, false, head)
CONTROL_ROW(CONTROL_BACKED, "backed", 8, 1024, false, false, backed)
CONTROL_ROW(CONTROL_PASSWORD, "password", 1, 64, false, false, password)
