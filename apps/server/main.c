/* SPDX-License-Identifier: Apache-2.0 */

/*
 * escher-server: the planner behind HTTP, for those who do not want it in their own process.
 * It listens on loopback or on a Unix socket; a front server (nginx) gives it a public face.
 */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/server/server_options.h"
#include "apps/server/server_routes.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/log.h"
#include "escher/base/paths.h"
#include "escher/crypt/secret.h"
#include "escher/embed/encoder.h"
#include "escher/http/listener.h"
#include "escher/loop/loop.h"
#include "escher/playbook/shelf.h"

#define VERSION "0.1.0"

enum {
    TOKEN_MIN = 16,
    TOKEN_MAX = 4096,
};

struct program {
    struct server_options options;
    struct esc_secret *token;
    struct esc_loop *loop;
    struct esc_shelf *shelf;
    struct esc_encoder *encoder;
    struct server server;
    struct esc_http_listener *listener;
};

static bool is_on_socket(const struct server_options *options)
{
    return esc_str_starts_with(esc_str_of(options->listen), ESC_STR("unix:"));
}

/* One line of printable characters without spaces, in a file that only its owner reads. */
static enum esc_status check_token(const char *path, struct esc_str token, struct esc_error *err)
{
    struct stat file;
    if (stat(path, &file) == 0 && (file.st_mode & 077) != 0)
        return esc_fail(err, ESC_INVALID, "%s can be read by others: chmod 600 it", path);
    for (size_t i = 0; i < token.len; i++)
        if (token.ptr[i] <= ' ' || token.ptr[i] >= 0x7F)
            return esc_fail(err, ESC_INVALID, "%s is not one line without spaces", path);
    if (token.len < TOKEN_MIN)
        return esc_fail(err, ESC_INVALID, "%s holds fewer than %d characters", path, TOKEN_MIN);
    return ESC_OK;
}

static enum esc_status read_token(struct program *program, struct esc_error *err)
{
    const char *path = program->options.token_file;
    if (!path && is_on_socket(&program->options))
        return ESC_OK; /* the kernel says who calls */
    if (!path)
        return esc_fail(err, ESC_INVALID,
                        "a server on TCP needs --token-file: any program of this machine could "
                        "call it otherwise");
    struct esc_buf buf;
    esc_buf_init(&buf, TOKEN_MAX);
    enum esc_status status = esc_file_read(path, &buf, err);
    const struct esc_str token = esc_str_trim(esc_buf_str(&buf));
    if (status == ESC_OK)
        status = check_token(path, token, err);
    if (status == ESC_OK)
        program->token = esc_secret_new(token.ptr, token.len);
    if (buf.ptr)
        esc_wipe(buf.ptr, buf.capacity);
    esc_buf_done(&buf);
    return status;
}

static enum esc_status open_encoder(struct program *program, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *found = esc_strdup_null(program->options.weights);
    enum esc_status status = found ? ESC_OK : esc_paths_share("minilm.escemb", &found, err);
    return status == ESC_OK ? esc_encoder_open(found, &program->encoder, err) : status;
}

static enum esc_status load(struct program *program, struct esc_error *err)
{
    const struct server_options *options = &program->options;
    enum esc_status status = esc_shelf_open(options->playbooks, &program->shelf, err);
    if (status == ESC_OK)
        status = server_documents_load(program->shelf, options->playbooks,
                                       &program->server.documents, err);
    if (status == ESC_OK)
        status = open_encoder(program, err);
    if (status == ESC_OK)
        status = planner_pool_new(program->loop, program->shelf, program->encoder,
                                  &program->server.pool, err);
    return status;
}

static enum esc_status open_door(struct program *program, struct esc_error *err)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]", NULL};
    const struct esc_gate_rules rules = {
        .hosts = is_on_socket(&program->options) ? NULL : hosts,
        .token = program->token ? esc_secret_view(program->token) : (struct esc_str){0},
        .open = server_open_paths,
        .body_type = "application/json",
    };
    const struct esc_http_listener_options options = {
        .address = program->options.listen,
        .rules = &rules,
        .handler = server_handle,
        .context = &program->server,
    };
    return esc_http_listener_open(program->loop, &options, &program->listener, err);
}

static void on_signal(void *context, int)
{
    esc_loop_stop(((struct program *)context)->loop);
}

static enum esc_status start(struct program *program, struct esc_error *err)
{
    struct esc_signal *handler = NULL; /* closed with the loop */
    enum esc_status status = esc_loop_new(&program->loop, err);
    if (status == ESC_OK)
        status = esc_loop_on_signal(program->loop, SIGTERM, on_signal, program, &handler, err);
    if (status == ESC_OK)
        status = esc_loop_on_signal(program->loop, SIGINT, on_signal, program, &handler, err);
    if (status == ESC_OK)
        status = read_token(program, err);
    if (status == ESC_OK)
        status = load(program, err);
    if (status == ESC_OK)
        status = open_door(program, err);
    return status;
}

static void stop(struct program *program)
{
    esc_http_listener_close(program->listener);
    esc_loop_free(program->loop); /* waits for planners at work */
    planner_pool_free(program->server.pool);
    server_documents_done(&program->server.documents);
    esc_encoder_free(program->encoder);
    esc_shelf_free(program->shelf);
    esc_secret_free(program->token);
}

static enum esc_status serve(struct program *program, struct esc_error *err)
{
    enum esc_status status = start(program, err);
    if (status != ESC_OK)
        return status;
    (void)printf("listening on %s\n", esc_http_listener_url(program->listener));
    if (fflush(stdout) != 0)
        return esc_fail(err, ESC_IO, "standard output is closed");
    return esc_loop_run(program->loop, err);
}

static void show_help(void)
{
    struct esc_buf help;
    esc_buf_init(&help, 64 * 1024);
    server_options_help(&help);
    (void)fputs(esc_buf_text(&help), stdout);
    esc_buf_done(&help);
}

int main(int argc, char **argv)
{
    struct program program = {0};
    struct esc_error err = {0};
    (void)signal(SIGPIPE, SIG_IGN);
    if (esc_secret_harden_process(&err) != ESC_OK)
        esc_log(ESC_WARN, "core files may be written", F("because", err.message));
    enum esc_status status = server_options_parse(argc, argv, &program.options, &err);
    if (status == ESC_OK && program.options.help)
        show_help();
    else if (status == ESC_OK && program.options.version)
        (void)printf("escher-server %s\n", VERSION);
    else if (status == ESC_OK) {
        status = serve(&program, &err);
        stop(&program);
    }
    if (status != ESC_OK)
        (void)fprintf(stderr, "escher-server: %s\n", err.message);
    return esc_status_exit_code(status);
}
