/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlcipher/sqlite3.h>

/*
 * usage: sqlcipher-peer FILE
 *
 * What bench-store does with rows of 1 KiB, by SQLCipher: pages sealed instead of rows, the log and
 * synchronous=FULL as ours, the same sizes of page, cache and log, transactions of the same thousand
 * rows, a raw key, so that no passphrase is derived.
 */

enum {
    BATCH = 1000,
    ROW_SIZE = 1000,
    WRITTEN = 10000,
    ALL = 100000,
};

static sqlite3 *db;

static double now_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void need(int code)
{
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW)
        return;
    (void)fprintf(stderr, "sqlcipher-peer: %s\n", sqlite3_errmsg(db));
    exit(1);
}

static void run(const char *sql)
{
    need(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static void say(const char *name, double seconds)
{
    (void)printf("{\"name\":\"%s\",\"unit\":\"s\",\"value\":%.6f,\"samples\":1}\n", name, seconds);
}

static void write_rows(int from, int end)
{
    static unsigned char bytes[ROW_SIZE];
    sqlite3_stmt *insert = NULL;
    need(sqlite3_prepare_v2(db, "INSERT INTO rows (id, content) VALUES (?, ?)", -1, &insert, NULL));
    while (from < end) {
        run("BEGIN IMMEDIATE");
        for (int i = 0; i < BATCH && from < end; i++, from++) {
            char name[24];
            (void)snprintf(name, sizeof name, "row-%d", from);
            memcpy(bytes, &from, sizeof from);
            need(sqlite3_bind_text(insert, 1, name, -1, SQLITE_STATIC));
            need(sqlite3_bind_blob(insert, 2, bytes, sizeof bytes, SQLITE_STATIC));
            need(sqlite3_step(insert));
            need(sqlite3_reset(insert));
        }
        run("COMMIT");
    }
    need(sqlite3_finalize(insert));
}

static void read_rows(void)
{
    sqlite3_stmt *select = NULL;
    size_t bytes = 0;
    need(sqlite3_prepare_v2(db, "SELECT id, content FROM rows ORDER BY n", -1, &select, NULL));
    while (sqlite3_step(select) == SQLITE_ROW) {
        (void)sqlite3_column_text(select, 0);
        bytes += sqlite3_column_blob(select, 1) ? (size_t)sqlite3_column_bytes(select, 1) : 0;
    }
    need(sqlite3_finalize(select));
    if (bytes != (size_t)ALL * ROW_SIZE)
        exit(1);
}

static void open_file(const char *path)
{
    need(sqlite3_open(path, &db));
    run("PRAGMA key = \"x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\"");
    run("PRAGMA cipher_page_size = 8192; PRAGMA locking_mode = EXCLUSIVE;"
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192;"
        "PRAGMA wal_autocheckpoint = 4000");
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    open_file(argv[1]);
    run("CREATE TABLE rows (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, content BLOB NOT "
        "NULL)");
    double began = now_s();
    write_rows(0, WRITTEN);
    say("10,000 rows durable", now_s() - began);
    write_rows(WRITTEN, ALL);
    need(sqlite3_close(db));
    began = now_s();
    open_file(argv[1]);
    read_rows();
    say("open and read 100,000 rows", now_s() - began);
    need(sqlite3_close(db));
    return 0;
}
