/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/num.h"
#include "escher/http/listener_private.h"

enum {
    BACKLOG = 128,
};

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un un;
};

struct place {
    union address address;
    socklen_t len;
};

static bool parse_port(struct esc_str text, uint16_t *port)
{
    uint64_t number = 0;
    if (!esc_num_u64(text, &number) || number > UINT16_MAX)
        return false;
    *port = htons((uint16_t)number);
    return true;
}

/* "127.x.y.z:PORT" or "[::1]:PORT": loopback only, since nothing here encrypts. */
static bool parse_tcp(struct esc_str text, struct place *out)
{
    struct place place = {0};
    char host[INET6_ADDRSTRLEN + 2] = "";
    size_t colon = text.len;
    while (colon > 0 && text.ptr[colon - 1] != ':')
        colon--;
    if (colon < 2 || colon > sizeof host)
        return false;
    memcpy(host, text.ptr, colon - 1);
    struct esc_str port = esc_str_slice(text, colon, text.len);
    if (esc_text_equal(host, "[::1]")) {
        place.address.v6.sin6_family = AF_INET6;
        place.address.v6.sin6_addr = in6addr_loopback;
        place.len = sizeof place.address.v6;
        *out = place;
        return parse_port(port, &out->address.v6.sin6_port);
    }
    place.address.v4.sin_family = AF_INET;
    place.len = sizeof place.address.v4;
    *out = place;
    return inet_pton(AF_INET, host, &out->address.v4.sin_addr) == 1 &&
           (ntohl(out->address.v4.sin_addr.s_addr) >> 24) == IN_LOOPBACKNET &&
           parse_port(port, &out->address.v4.sin_port);
}

static enum esc_status parse_unix(const char *path, struct place *out, struct esc_error *err)
{
    struct place place = {.len = sizeof place.address.un};
    place.address.un.sun_family = AF_UNIX;
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof place.address.un.sun_path)
        return esc_fail(err, ESC_INVALID, "socket path `%s` is empty or longer than %zu bytes",
                        path, sizeof place.address.un.sun_path - 1);
    memcpy(place.address.un.sun_path, path, len);
    *out = place;
    return ESC_OK;
}

static int new_socket(const struct place *place)
{
    return socket(place->address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* A socket file nobody answers on is what a dead process left behind. */
static enum esc_status remove_dead(const struct place *place, struct esc_error *err)
{
    const char *path = place->address.un.sun_path;
    ESC_CLEANUP(esc_fd_close) int fd = new_socket(place);
    if (fd < 0)
        return esc_fail(err, ESC_IO, "socket: %s", strerror(errno));
    struct stat found;
    if (lstat(path, &found) != 0)
        return ESC_OK;
    if (!S_ISSOCK(found.st_mode))
        return esc_fail(err, ESC_EXISTS, "`%s` is there and is no socket", path);
    if (connect(fd, &place->address.any, place->len) == 0 || errno == EAGAIN)
        return esc_fail(err, ESC_EXISTS, "somebody listens on `%s`", path);
    if (errno == ECONNREFUSED && unlink(path) == 0)
        return ESC_OK;
    return esc_fail(err, ESC_IO, "`%s`: %s", path, strerror(errno));
}

static enum esc_status listen_at(const struct place *place, const char *shown, int *out,
                                 struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close) int fd = new_socket(place);
    int on = 1;
    if (fd < 0)
        return esc_fail(err, ESC_IO, "socket: %s", strerror(errno));
    if (place->address.any.sa_family == AF_UNIX) {
        if (fchmod(fd, 0600) != 0) /* before bind, so that the file never has another mode */
            return esc_fail(err, ESC_IO, "%s: %s", shown, strerror(errno));
    } else if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) {
        return esc_fail(err, ESC_IO, "%s: %s", shown, strerror(errno));
    }
    if (bind(fd, &place->address.any, place->len) != 0 || listen(fd, BACKLOG) != 0)
        return esc_fail(err, errno == EADDRINUSE ? ESC_EXISTS : ESC_IO, "listen on %s: %s", shown,
                        strerror(errno));
    *out = fd;
    fd = -1;
    return ESC_OK;
}

static enum esc_status open_unix(const char *path, struct bound *out, struct esc_error *err)
{
    struct place place;
    enum esc_status status = parse_unix(path, &place, err);
    if (status == ESC_OK)
        status = remove_dead(&place, err);
    if (status == ESC_OK)
        status = listen_at(&place, path, &out->fd, err);
    if (status != ESC_OK)
        return status;
    struct stat made;
    out->inode = lstat(path, &made) == 0 ? made.st_ino : 0;
    out->is_unix = true;
    out->path = esc_strdup(path);
    out->url = esc_sprintf("unix:%s", path);
    return ESC_OK;
}

static enum esc_status open_tcp(const char *address, struct bound *out, struct esc_error *err)
{
    struct place place;
    if (!parse_tcp(esc_str_of(address), &place))
        return esc_fail(err, ESC_INVALID,
                        "`%s` is neither 127.0.0.1:PORT nor [::1]:PORT nor unix:PATH", address);
    enum esc_status status = listen_at(&place, address, &out->fd, err);
    if (status != ESC_OK)
        return status;
    bool is_v6 = place.address.any.sa_family == AF_INET6;
    char host[INET_ADDRSTRLEN] = "";
    if (getsockname(out->fd, &place.address.any, &place.len) != 0 ||
        (!is_v6 && !inet_ntop(AF_INET, &place.address.v4.sin_addr, host, sizeof host))) {
        esc_fd_close(&out->fd);
        return esc_fail(err, ESC_IO, "listen on %s: %s", address, strerror(errno));
    }
    out->port = ntohs(is_v6 ? place.address.v6.sin6_port : place.address.v4.sin_port);
    out->url = esc_sprintf("http://%s:%u", is_v6 ? "[::1]" : host, out->port);
    return ESC_OK;
}

enum esc_status bound_open(const char *address, struct bound *out, struct esc_error *err)
{
    struct esc_str text = esc_str_of(address);
    *out = (struct bound){.fd = -1};
    if (esc_str_starts_with(text, ESC_STR("unix:")))
        return open_unix(address + 5, out, err);
    return open_tcp(address, out, err);
}

void bound_close(struct bound *bound)
{
    esc_fd_close(&bound->fd);
    struct stat now;
    if (bound->path && lstat(bound->path, &now) == 0 && now.st_ino == bound->inode)
        (void)unlink(bound->path); /* gone already is as good */
    free(bound->path);
    free(bound->url);
    *bound = (struct bound){.fd = -1};
}
