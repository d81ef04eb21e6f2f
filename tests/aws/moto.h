/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* moto, an emulator of AWS, as a child of the test; it listens on a free port of loopback. */

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escher/base/buf.h"
#include "escher/base/file.h"
#include "escher/base/paths.h"
#include "escher/http/client.h"
#include "escher/loop/timer.h"
#include "tests/support/test.h"

struct moto {
    struct esc_loop *loop;
    struct esc_http_client *http;
    char *url; /* NULL: it is not installed, each test skips */
    pid_t server;
    bool done;
    int status;
};

static inline int moto_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(0, bind(fd, (struct sockaddr *)&address, len));
    assert_int_equal(0, getsockname(fd, (struct sockaddr *)&address, &len));
    close(fd);
    return ntohs(address.sin_port);
}

static inline pid_t moto_start(const char *program, int port)
{
    ESC_CLEANUP(esc_freep) char *number = esc_sprintf("%d", port);
    pid_t child = fork();
    if (child != 0)
        return child;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* it never outlives the test */
    if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
        _exit(127);
    if (setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false", 1) != 0)
        _exit(127);
    execl(program, program, "-H", "127.0.0.1", "-p", number, (char *)NULL);
    _exit(127);
}

static inline void moto_on_response(void *context, const struct esc_http_response *response,
                                    const struct esc_error *)
{
    struct moto *moto = context;
    moto->done = true;
    moto->status = response ? response->status : 0;
}

static inline bool moto_is_done(void *context)
{
    return ((struct moto *)context)->done;
}

/** One request without a signature; returns the answer's status, 0: none. */
static inline int moto_ask(struct moto *moto, const char *method, const char *path,
                           const char *body)
{
    static const struct esc_http_header plain = {"Content-Type", "text/plain"};
    ESC_CLEANUP(esc_freep) char *url = esc_sprintf("%s%s", moto->url, path);
    const struct esc_http_request request = {
        .method = method,
        .url = url,
        .headers = &plain,
        .header_count = 1,
        .body = esc_str_of(body),
    };
    moto->done = false;
    (void)esc_http_send(moto->http, &request, moto_on_response, moto);
    assert_true(esc_loop_run_until(moto->loop, moto_is_done, moto));
    return moto->status;
}

static inline void moto_wait_a_little(void *context)
{
    ((struct moto *)context)->done = true;
}

static inline void moto_begin(struct moto *moto)
{
    struct esc_error err;
    const char *root = esc_env("ESCHER_SOURCE");
    ESC_CLEANUP(esc_freep)
    char *program = esc_path_join(root ? root : ".", ".venv/bin/moto_server");
    *moto = (struct moto){0};
    if (!esc_file_exists(program))
        return;
    int port = moto_free_port();
    moto->url = esc_sprintf("http://127.0.0.1:%d", port);
    moto->server = moto_start(program, port);
    expect_ok(esc_loop_new(&moto->loop, &err));
    expect_ok(esc_http_client_new(moto->loop, NULL, &moto->http, &err));
    for (int i = 0; i < 600 && moto_ask(moto, "GET", "/moto-api/data.json", "") != 200; i++) {
        moto->done = false;
        (void)esc_timer_start(moto->loop, 100, moto_wait_a_little, moto);
        assert_true(esc_loop_run_until(moto->loop, moto_is_done, moto));
    }
    assert_int_equal(200, moto->status);
}

static inline void moto_end(struct moto *moto)
{
    esc_http_client_free(moto->http);
    esc_loop_free(moto->loop);
    if (moto->server > 0) {
        kill(moto->server, SIGKILL);
        waitpid(moto->server, NULL, 0);
    }
    free(moto->url);
}
