#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/check.h"
#include "tests/unit/probe/probe_world.h"
#include "tests/unit/probe/scripted_server.h"

#define TRUSTED_FILE "/etc/ssl/certs/ca-certificates.crt"

enum { START_TRIES = 900, START_PAUSE_MS = 10, CHILD_OK = 0, CHILD_NOT_POSSIBLE = 77 };

/* A server with a certificate that it signed itself, made by the openssl command. */
struct tls_server {
    char folder[32];
    char key[48];
    char certificate[48];
    char port[8];
    pid_t process;
};

/* Starts a child that runs the command silently. */
static pid_t start(char *const arguments[])
{
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_RDWR);
        (void)dup2(null, STDIN_FILENO);
        (void)dup2(null, STDOUT_FILENO);
        (void)dup2(null, STDERR_FILENO);
        (void)execvp(arguments[0], arguments);
        _exit(127);
    }
    return child;
}

/* Runs a script in the server's folder. */
static bool run_script(const struct tls_server *server, const char *script)
{
    char whole[1024];
    int status = -1;
    (void)snprintf(whole, sizeof whole, "cd %s && %s", server->folder, script);
    char *const shell[] = {"sh", "-c", whole, NULL};
    (void)waitpid(start(shell), &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#define KEY \
    "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -subj '/CN=quorate test'"
#define VALID \
    "openssl req -x509 " KEY " -addext subjectAltName=IP:127.0.0.1 -days 30 -out certificate"
/* Only `openssl ca` gives a certificate that has ended. */
#define ENDED                                                                                  \
    "printf '[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=.\ndatabase=index\nserial=serial\n'"       \
    "'default_md=sha256\npolicy=p\nx509_extensions=e\n[p]\ncommonName=supplied\n'"             \
    "'[e]\nsubjectAltName=IP:127.0.0.1\n' > ca && touch index && echo 01 > serial && "         \
    "openssl req -new " KEY " -out request && openssl ca -batch -notext -config ca -selfsign " \
    "-keyfile key -in request -out certificate -startdate 20200101000000Z -enddate "           \
    "20200201000000Z"

static bool tls_make(struct tls_server *server, bool ended)
{
    (void)snprintf(server->folder, sizeof server->folder, "/tmp/quorate-tls-XXXXXX");
    if (mkdtemp(server->folder) == NULL) {
        return false;
    }
    (void)snprintf(server->key, sizeof server->key, "%s/key", server->folder);
    (void)snprintf(server->certificate, sizeof server->certificate, "%s/certificate",
                   server->folder);
    return run_script(server, ended ? ENDED : VALID);
}

static struct probe_done probe(struct probe_world *world, const struct probe_config *target)
{
    uint64_t ticket = 0;
    struct sample sample = {.result = SAMPLE_RESULT_N};
    if (probe_world_submit(world, target, &ticket) == 0) {
        (void)probe_world_wait(world, ticket, &sample);
    }
    return world->last_done;
}

/* Starts the server and probes its port until it accepts. */
static bool tls_serve(struct tls_server *server, struct probe_world *world)
{
    (void)snprintf(server->port, sizeof server->port, "%u", (unsigned)server_free_port());
    char *const serve[] = {"openssl",   "s_server", "-accept",           server->port, "-key",
                           server->key, "-cert",    server->certificate, "-www",       NULL};
    struct probe_config plain = probe_world_target("tcp://127.0.0.1:%s", server->port);
    server->process = start(serve);
    for (size_t i = 0; i < START_TRIES; i++) {
        if (probe(world, &plain).sample.result == SAMPLE_OK) {
            return true;
        }
        (void)poll(NULL, 0, START_PAUSE_MS);
    }
    return false;
}

static void tls_end(struct tls_server *server)
{
    if (server->process > 0) {
        (void)kill(server->process, SIGKILL);
        (void)waitpid(server->process, NULL, 0);
    }
    (void)run_script(server, "rm -f key certificate ca index* serial* request 01.pem");
    (void)rmdir(server->folder);
}

/* What the child is to do: which certificate, whether it is trusted, and which URLs
 * are asked; "%s" in them is the port. */
struct tls_case {
    bool ended; /* the certificate's time is over; otherwise it has 30 days */
    bool trusted;
    const char *urls[3];
};

static struct probe_config target_of(const char *url, const char *port)
{
    const char *mark = strstr(url, "%s");
    struct probe_config target =
        probe_world_target("%.*s%s%s", (int)(mark - url), url, port, mark + strlen("%s"));
    target.connect_timeout_ms = 5000; /* a busy machine is not what is tested */
    target.timeout_ms = 5000;
    target.latency_ms = 5000;
    target.kind = strncmp(url, "tls://", strlen("tls://")) == 0 ? PROBE_TLS : PROBE_HTTP;
    return target;
}

/* What probes over TLS saw in a child whose trusted certificates are, or are not, the server's. */
static int probe_in_child(const struct tls_case *wanted, struct probe_done *ret_done)
{
    struct probe_world *world = calloc(1, sizeof *world);
    struct tls_server server = {0};
    int end = CHILD_NOT_POSSIBLE;
    if (world == NULL || !tls_make(&server, wanted->ended)) {
        return end;
    }
    if (wanted->trusted &&
        (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
         mount(server.certificate, TRUSTED_FILE, NULL, MS_BIND, NULL) != 0)) {
        goto out;
    }
    probe_world_init(world);
    if (probe_world_start(world) < 0 || !tls_serve(&server, world)) {
        goto out;
    }
    for (size_t i = 0; i < ARRAY_COUNT(wanted->urls) && wanted->urls[i] != NULL; i++) {
        struct probe_config target = target_of(wanted->urls[i], server.port);
        ret_done[i] = probe(world, &target);
    }
    probe_world_fini(world);
    end = CHILD_OK;

out:
    tls_end(&server);
    free(world);
    return end;
}

/* Runs probe_in_child in a process of its own; skips where this machine cannot. */
static void probe_server(const struct tls_case *wanted, struct probe_done ret_done[3])
{
    int pipes[2];
    int status = -1;
    size_t size = ARRAY_COUNT(wanted->urls) * sizeof *ret_done;
    memset(ret_done, 0, size);
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int end = probe_in_child(wanted, ret_done);
        (void)!write(pipes[1], ret_done, size);
        _exit(end);
    }
    (void)close(pipes[1]);
    ssize_t length = read(pipes[0], ret_done, size);
    (void)close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == CHILD_NOT_POSSIBLE) {
        print_message("NOT TESTED: certificates; this needs root and the openssl command\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), CHILD_OK);
    assert_int_equal(length, size);
}

static void a_trusted_certificate_is_accepted(void **state)
{
    const struct tls_case wanted = {
        false, true, {"https://127.0.0.1:%s/", "https://127.0.0.1:%s/", "https://127.0.0.1:%s/"}};
    struct probe_done done[3];
    (void)state;
    probe_server(&wanted, done);
    for (size_t i = 0; i < ARRAY_COUNT(done); i++) {
        const struct sample *sample = &done[i].sample;
        assert_int_equal(sample->result, SAMPLE_OK);
        assert_int_equal(sample->status, 200);
        assert_true(sample->tls_us > 0);
        assert_true(sample->connect_us > 0);
        assert_true(sample->connect_us < 50000); /* TCP alone */
    }
}

static void a_handshake_is_enough_for_tls_and_tells_the_certificates_end(void **state)
{
    const struct tls_case wanted = {
        false, true, {"tls://127.0.0.1:%s", "https://127.0.0.1:%s/", "tls://localhost:%s"}};
    const int64_t end_s = (int64_t)time(NULL) + 30 * 24 * 3600;
    struct probe_done done[3];
    (void)state;
    probe_server(&wanted, done);
    assert_int_equal(done[0].sample.result, SAMPLE_OK);
    assert_int_equal(done[0].sample.status, 0);
    assert_true(done[0].sample.tls_us > 0);
    assert_int_equal(done[0].sample.total_us, done[0].sample.connect_us + done[0].sample.tls_us);
    for (size_t i = 0; i < 2; i++) {
        assert_true(done[i].certificate_end_s >= end_s - 5);
        assert_true(done[i].certificate_end_s <= end_s + 60);
    }
    /* the certificate is another name's */
    assert_int_equal(done[2].sample.result, SAMPLE_TLS);
    assert_int_equal(done[2].certificate_end_s, 0);
}

static void a_certificate_that_has_ended_is_a_failed_connection(void **state)
{
    const struct tls_case wanted = {
        true, true, {"tls://127.0.0.1:%s", "https://127.0.0.1:%s/", NULL}};
    struct probe_done done[3];
    (void)state;
    probe_server(&wanted, done);
    assert_int_equal(done[0].sample.result, SAMPLE_TLS);
    assert_int_equal(done[1].sample.result, SAMPLE_TLS);
}

static void a_certificate_that_nobody_vouches_for_is_refused(void **state)
{
    const struct tls_case wanted = {
        false, false, {"https://127.0.0.1:%s/", "tls://127.0.0.1:%s", NULL}};
    struct probe_done done[3];
    (void)state;
    probe_server(&wanted, done);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(done[i].sample.result, SAMPLE_TLS);
        assert_true(done[i].sample.connect_us > 0);
        assert_int_equal(done[i].sample.tls_us, -1);
        assert_int_equal(done[i].sample.status, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trusted_certificate_is_accepted),
        cmocka_unit_test(a_handshake_is_enough_for_tls_and_tells_the_certificates_end),
        cmocka_unit_test(a_certificate_that_has_ended_is_a_failed_connection),
        cmocka_unit_test(a_certificate_that_nobody_vouches_for_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
