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

static bool tls_make(struct tls_server *server)
{
    int status = -1;
    (void)snprintf(server->folder, sizeof server->folder, "/tmp/quorate-tls-XXXXXX");
    if (mkdtemp(server->folder) == NULL) {
        return false;
    }
    (void)snprintf(server->key, sizeof server->key, "%s/key", server->folder);
    (void)snprintf(server->certificate, sizeof server->certificate, "%s/certificate",
                   server->folder);
    char *const make[] = {"openssl",
                          "req",
                          "-x509",
                          "-newkey",
                          "ec",
                          "-pkeyopt",
                          "ec_paramgen_curve:P-256",
                          "-nodes",
                          "-subj",
                          "/CN=quorate test",
                          "-addext",
                          "subjectAltName=IP:127.0.0.1",
                          "-keyout",
                          server->key,
                          "-out",
                          server->certificate,
                          NULL};
    (void)waitpid(start(make), &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static struct sample probe(struct probe_world *world, const struct probe_config *target)
{
    uint64_t ticket = 0;
    struct sample sample = {.result = SAMPLE_RESULT_N};
    if (probe_world_submit(world, target, &ticket) == 0) {
        (void)probe_world_wait(world, ticket, &sample);
    }
    return sample;
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
        if (probe(world, &plain).result == SAMPLE_OK) {
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
    (void)unlink(server->key);
    (void)unlink(server->certificate);
    (void)rmdir(server->folder);
}

/* What a probe over TLS saw in a child whose trusted certificates are, or are not, the server's. */
static int probe_in_child(bool trusted, struct sample *ret_samples, size_t count)
{
    struct probe_world *world = calloc(1, sizeof *world);
    struct tls_server server = {0};
    int end = CHILD_NOT_POSSIBLE;
    if (world == NULL || !tls_make(&server)) {
        return end;
    }
    if (trusted &&
        (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
         mount(server.certificate, TRUSTED_FILE, NULL, MS_BIND, NULL) != 0)) {
        goto out;
    }
    probe_world_init(world);
    if (probe_world_start(world) < 0 || !tls_serve(&server, world)) {
        goto out;
    }
    struct probe_config target = probe_world_target("https://127.0.0.1:%s/", server.port);
    for (size_t i = 0; i < count; i++) {
        ret_samples[i] = probe(world, &target);
    }
    probe_world_fini(world);
    end = CHILD_OK;

out:
    tls_end(&server);
    free(world);
    return end;
}

/* Runs probe_in_child in a process of its own; skips where this machine cannot. */
static void probe_server(bool trusted, struct sample *ret_samples, size_t count)
{
    int pipes[2];
    int status = -1;
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int end = probe_in_child(trusted, ret_samples, count);
        (void)!write(pipes[1], ret_samples, count * sizeof *ret_samples);
        _exit(end);
    }
    (void)close(pipes[1]);
    ssize_t length = read(pipes[0], ret_samples, count * sizeof *ret_samples);
    (void)close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == CHILD_NOT_POSSIBLE) {
        print_message("NOT TESTED: certificates; this needs root and the openssl command\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), CHILD_OK);
    assert_int_equal(length, count * sizeof *ret_samples);
}

static void a_trusted_certificate_is_accepted(void **state)
{
    struct sample samples[3] = {0};
    (void)state;
    probe_server(true, samples, ARRAY_COUNT(samples));
    for (size_t i = 0; i < ARRAY_COUNT(samples); i++) {
        assert_int_equal(samples[i].result, SAMPLE_OK);
        assert_int_equal(samples[i].status, 200);
        assert_true(samples[i].tls_us > 0);
        assert_true(samples[i].connect_us > 0);
        assert_true(samples[i].connect_us < 50000); /* TCP alone */
    }
}

static void a_certificate_that_nobody_vouches_for_is_refused(void **state)
{
    struct sample sample = {0};
    (void)state;
    probe_server(false, &sample, 1);
    assert_int_equal(sample.result, SAMPLE_TLS);
    assert_true(sample.connect_us > 0);
    assert_int_equal(sample.tls_us, -1);
    assert_int_equal(sample.status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trusted_certificate_is_accepted),
        cmocka_unit_test(a_certificate_that_nobody_vouches_for_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
