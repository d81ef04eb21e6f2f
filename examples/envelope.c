/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Sealing as a library: a file of any size under a passphrase, as a stream.
 *
 *     cc -std=c11 envelope.c $(pkg-config --cflags --libs --static escher-crypt) -o envelope
 *     ./envelope close < plain  > sealed 3< passphrase
 *     ./envelope open  < sealed > plain  3< passphrase
 *
 * The sealed file is a salt (16 bytes) and the frames of crypt/frames.h under a key that Argon2id
 * makes of both. What was changed, moved or cut off ends `open` with an error, and no changed byte
 * is ever written.
 */

#include <stdio.h>
#include <string.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/crypt/derive.h"
#include "escher/crypt/frames.h"

enum {
    PIECE = 64 * 1024,
};

static const struct esc_str context = {"envelope",
                                       8}; /* what is sealed for one is not for another */

static enum esc_status key_of(const uint8_t salt[ESC_ARGON2_SALT], struct esc_secret **out,
                              struct esc_error *err)
{
    struct esc_buf text;
    struct esc_secret *passphrase = NULL;
    esc_buf_init(&text, ESC_MAX_LINE);
    enum esc_status status = esc_file_read_fd(3, &text, err);
    if (status == ESC_OK) {
        passphrase = esc_secret_new(text.ptr, esc_str_trim(esc_buf_str(&text)).len);
        status = esc_argon2id(passphrase, salt, esc_argon2_default(), ESC_FRAMES_KEY, out, err);
    }
    if (text.len)
        esc_wipe(text.ptr, text.len);
    esc_buf_done(&text);
    esc_secret_free(passphrase);
    return status;
}

static enum esc_status write_all(struct esc_buf *bytes, struct esc_error *err)
{
    enum esc_status status = esc_file_write_fd(1, esc_buf_str(bytes), err);
    bytes->len = 0;
    return status;
}

static enum esc_status close_it(struct esc_error *err)
{
    uint8_t salt[ESC_ARGON2_SALT];
    char piece[PIECE];
    size_t got;
    struct esc_buf out;
    struct esc_secret *key = NULL;
    esc_random_fill(esc_random_system(), salt, sizeof salt);
    enum esc_status status = key_of(salt, &key, err);
    if (status != ESC_OK)
        return status;
    esc_buf_init(&out, ESC_MAX_REQUEST);
    esc_buf_append(&out, salt, sizeof salt);
    struct esc_frames_writer *writer = esc_frames_writer_new(key, context, &out);
    while (status == ESC_OK && (got = fread(piece, 1, sizeof piece, stdin)) > 0) {
        esc_frames_push(writer, (struct esc_str){piece, got}, false, &out);
        status = write_all(&out, err);
    }
    esc_frames_push(writer, (struct esc_str){piece, 0}, true, &out);
    if (status == ESC_OK)
        status = write_all(&out, err);
    esc_frames_writer_free(writer);
    esc_buf_done(&out);
    esc_secret_free(key);
    return status;
}

static enum esc_status open_it(struct esc_error *err)
{
    uint8_t salt[ESC_ARGON2_SALT];
    char piece[PIECE];
    size_t got;
    struct esc_buf out;
    struct esc_secret *key = NULL;
    if (fread(salt, 1, sizeof salt, stdin) != sizeof salt)
        return esc_fail(err, ESC_CORRUPT, "this is no envelope");
    enum esc_status status = key_of(salt, &key, err);
    if (status != ESC_OK)
        return status;
    esc_buf_init(&out, ESC_MAX_REQUEST);
    struct esc_frames_reader *reader = esc_frames_reader_new(key, context);
    while (status == ESC_OK && (got = fread(piece, 1, sizeof piece, stdin)) > 0) {
        status = esc_frames_feed(reader, (struct esc_str){piece, got}, &out, err);
        if (status == ESC_OK)
            status = write_all(&out, err);
    }
    if (status == ESC_OK)
        status = esc_frames_end(reader, err);
    esc_frames_reader_free(reader);
    esc_buf_done(&out);
    esc_secret_free(key);
    return status;
}

int main(int argc, char **argv)
{
    struct esc_error err;
    const bool closes = argc == 2 && strcmp(argv[1], "close") == 0;
    if (argc != 2 || (!closes && strcmp(argv[1], "open") != 0)) {
        (void)fputs("usage: envelope close|open\n", stderr);
        return 2;
    }
    enum esc_status status = closes ? close_it(&err) : open_it(&err);
    if (status != ESC_OK)
        (void)fprintf(stderr, "envelope: %s\n", err.message);
    return esc_status_exit_code(status);
}
