/* The log: one line an event, `time level event key=value ...`, to standard error.
 * Never decides anything, never logs a secret (callers must not pass one).
 * Called by adapters and commands only. Thread-safe: one write() a line. */
#ifndef QUORATE_COMMON_LOG_H
#define QUORATE_COMMON_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_LEVEL_N };

/* Lines below the level are dropped. `node` (may be NULL) is put into each line as node=NAME. */
void log_open(enum log_level level, const char *node);
/* `event` is one word with underscores; `format` gives the key=value rest and may be "". */
void log_event(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_debug(event, ...) log_event(LOG_DEBUG, event, __VA_ARGS__)
#define log_info(event, ...) log_event(LOG_INFO, event, __VA_ARGS__)
#define log_warn(event, ...) log_event(LOG_WARN, event, __VA_ARGS__)
#define log_error(event, ...) log_event(LOG_ERROR, event, __VA_ARGS__)

#endif
