/* References to secrets, and reading them: systemd's credentials, files, the environment.
 * Never prints or keeps a secret.
 * Called by the configuration's values. */
#ifndef QUORATE_IO_CONFIG_CREDENTIAL_H
#define QUORATE_IO_CONFIG_CREDENTIAL_H

#include "common/text.h"
#include "node/io/config/document.h"

enum credential_kind { CREDENTIAL_NAME, CREDENTIAL_FILE, CREDENTIAL_ENV, CREDENTIAL_KIND_N };

struct credential {
    enum credential_kind kind;
    const char *name; /* the document's */
};

/* Reads {credential: NAME}, {file: PATH} or {env: NAME}. Returns 0 or ERR_INVALID with `why` set.
 */
int credential_parse(const struct document *document, const yaml_node_t *node,
                     struct credential *ret_credential, struct text *why);

/* The path of a credential's file. Returns 0, or ERR_INVALID with `why` set (no credentials folder,
 * too long, or in the environment and so no file). */
int credential_path(const struct credential *credential, char *ret_path, size_t size,
                    struct text *why);

/* The secret, without a newline at its end. Returns 0, ERR_IO or ERR_INVALID with `why` set. */
int credential_read(const struct credential *credential, char *ret_secret, size_t size,
                    struct text *why);

#endif
