#include "node/io/bus/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/config/config.h"

#define SECRET_PREFIX "ed25519-secret:"

enum {
    SECRET_PREFIX_LENGTH = sizeof SECRET_PREFIX - 1,
    SECRET_BASE64_LENGTH = 44, /* the 32-byte seed; the public key follows from it */
    SECRET_FILE_BYTES_MAX = 256,
};

/* The folder's own sync makes the new name survive a power cut. */
static int sync_folder(const char *path)
{
    char folder[PATH_SIZE];
    if (text_copy(folder, sizeof folder, path) < 0) {
        return ERR_IO;
    }
    char *slash = strrchr(folder, '/');
    if (slash == NULL) {
        folder[0] = '.';
        folder[1] = '\0';
    } else {
        slash[slash == folder ? 1 : 0] = '\0';
    }
    CLEANUP(cleanup_close) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0 ? 0 : ERR_IO;
}

static int write_whole(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return ERR_IO;
        }
        bytes += written;
        length -= (size_t)written;
    }
    return fsync(fd) == 0 ? 0 : ERR_IO;
}

int identity_write_secret(const char *path, const char *line, size_t length, struct text *why)
{
    CLEANUP(cleanup_close) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        int code = errno;
        if (code == EEXIST) {
            text_set(why, "%s exists already and is not overwritten", path);
            return ERR_EXISTS;
        }
        text_set(why, "%s cannot be created: %s", path, strerror(code));
        return ERR_IO;
    }
    int rc = write_whole(fd, line, length);
    int code = errno;
    if (rc == 0) {
        rc = sync_folder(path);
        code = errno;
    }
    if (rc < 0) {
        (void)unlink(path);
        text_set(why, "%s cannot be written: %s", path, strerror(code));
    }
    return rc;
}

int identity_save(const struct identity *identity, const char *path, struct text *why)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    char line[SECRET_PREFIX_LENGTH + SECRET_BASE64_LENGTH + 2] = SECRET_PREFIX;
    (void)crypto_sign_ed25519_sk_to_seed(seed, identity->secret);
    (void)sodium_bin2base64(line + SECRET_PREFIX_LENGTH, SECRET_BASE64_LENGTH + 1, seed,
                            sizeof seed, sodium_base64_VARIANT_ORIGINAL);
    line[SECRET_PREFIX_LENGTH + SECRET_BASE64_LENGTH] = '\n';
    int rc = identity_write_secret(path, line, sizeof line - 1, why);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(line, sizeof line);
    return rc;
}

/* One line: the prefix, the seed, an optional line end. */
static int decode(const char *line, size_t length, struct identity *ret_identity)
{
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) {
        length -= 1;
    }
    if (length != SECRET_PREFIX_LENGTH + SECRET_BASE64_LENGTH ||
        memcmp(line, SECRET_PREFIX, SECRET_PREFIX_LENGTH) != 0) {
        return ERR_MALFORMED;
    }
    uint8_t seed[crypto_sign_SEEDBYTES];
    size_t seed_length = 0;
    if (sodium_base642bin(seed, sizeof seed, line + SECRET_PREFIX_LENGTH, SECRET_BASE64_LENGTH,
                          NULL, &seed_length, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
        seed_length != sizeof seed) {
        sodium_memzero(seed, sizeof seed);
        return ERR_MALFORMED;
    }
    (void)crypto_sign_seed_keypair(ret_identity->public_key, ret_identity->secret, seed);
    sodium_memzero(seed, sizeof seed);
    return 0;
}

/* The mode bits that nobody but the owner may have. systemd gives a credential to the service's
 * user by an access list, whose mask shows as group bits, in a folder closed to others. */
static mode_t forbidden_mode(const char *path)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    size_t length = folder != NULL ? strlen(folder) : 0;
    bool credential = length > 0 && strncmp(path, folder, length) == 0 && path[length] == '/';
    return credential ? S_IRWXO : S_IRWXG | S_IRWXO;
}

static int open_secret(const char *path, int *ret_fd, struct text *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        int code = errno;
        text_set(why, "key file %s cannot be opened: %s%s", path, strerror(code),
                 code == ENOENT ? "; make one with: quorate keygen" : "");
        return code == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    }
    struct stat info = {0};
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        (void)close(fd);
        text_set(why, "key file %s is not a regular file", path);
        return ERR_IO;
    }
    if ((info.st_mode & forbidden_mode(path)) != 0) {
        (void)close(fd);
        text_set(why, "key file %s is open to others (mode %04o); do: chmod 600 %s", path,
                 (unsigned)(info.st_mode & 07777), path);
        return ERR_FORBIDDEN;
    }
    *ret_fd = fd;
    return 0;
}

int identity_load(const char *path, struct identity *ret_identity, struct text *why)
{
    CLEANUP(cleanup_close) int fd = -1;
    if (sodium_init() < 0) {
        text_set(why, "libsodium cannot start");
        return ERR_INTERNAL;
    }
    int rc = open_secret(path, &fd, why);
    if (rc < 0) {
        return rc;
    }
    char line[SECRET_FILE_BYTES_MAX];
    ssize_t length = read(fd, line, sizeof line);
    if (length < 0) {
        text_set(why, "key file %s cannot be read: %s", path, strerror(errno));
        return ERR_IO;
    }
    rc = decode(line, (size_t)length, ret_identity);
    sodium_memzero(line, sizeof line);
    if (rc < 0) {
        text_set(why,
                 "key file %s holds no \"" SECRET_PREFIX
                 "...\" line; restore it from a copy or make "
                 "a new one with: quorate keygen",
                 path);
    }
    return rc;
}
