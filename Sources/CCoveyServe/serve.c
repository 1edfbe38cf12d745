#define _GNU_SOURCE
#include "covey_serve.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

int covey_serve_listen(int is_ipv6, uint16_t port, uint16_t *bound) {
    int one = 1;
    int number = socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    if (number < 0) return -errno;
    fcntl(number, F_SETFD, FD_CLOEXEC);
    setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } name;
    memset(&name, 0, sizeof name);
    socklen_t size = is_ipv6 ? sizeof name.six : sizeof name.four;
    if (is_ipv6) {
        setsockopt(number, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
        name.six.sin6_family = AF_INET6;
        name.six.sin6_port = htons(port);
        name.six.sin6_addr = in6addr_loopback;
    } else {
        name.four.sin_family = AF_INET;
        name.four.sin_port = htons(port);
        name.four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    if (bind(number, &name.any, size) != 0 || listen(number, 64) != 0 || getsockname(number, &name.any, &size) != 0) {
        int problem = errno;
        close(number);
        return -problem;
    }
    *bound = ntohs(is_ipv6 ? name.six.sin6_port : name.four.sin_port);
    /* A client that goes away between poll and accept must not block the server. */
    fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK);
    return number;
}

int covey_serve_pipe(int ends[2]) {
    if (pipe(ends) != 0) return -errno;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return 0;
}

int covey_serve_accept(int first, int second, int wake) {
    struct pollfd waiting[3] = {{wake, POLLIN, 0}, {first, POLLIN, 0}, {second, POLLIN, 0}};
    for (;;) {
        if (poll(waiting, 3, -1) < 0) {
            if (errno == EINTR) continue;
            return -1;
        }
        if (waiting[0].revents) return -1;
        for (int k = 1; k < 3; k++) {
            if (!(waiting[k].revents & POLLIN)) continue;
            int connection = accept(waiting[k].fd, NULL, NULL);
            if (connection < 0) {
                /* Out of descriptors: wait for one to be closed. */
                if (errno == EMFILE || errno == ENFILE) poll(waiting, 1, 100);
                continue;
            }
            fcntl(connection, F_SETFD, FD_CLOEXEC);
            fcntl(connection, F_SETFL, fcntl(connection, F_GETFL) & ~O_NONBLOCK);
            struct timeval limit = {15, 0};
            setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
            setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
#ifdef SO_NOSIGPIPE
            int one = 1;
            setsockopt(connection, SOL_SOCKET, SO_NOSIGPIPE, &one, sizeof one);
#endif
            return connection;
        }
    }
}

long covey_serve_receive(int connection, uint8_t *bytes, long capacity) {
    for (;;) {
        long count = recv(connection, bytes, (size_t)capacity, 0);
        if (count >= 0) return count;
        if (errno != EINTR) return -errno;
    }
}

int covey_serve_send(int connection, const uint8_t *bytes, long count) {
#ifdef MSG_NOSIGNAL
    int flags = MSG_NOSIGNAL;
#else
    int flags = 0;
#endif
    while (count > 0) {
        long sent = send(connection, bytes, (size_t)count, flags);
        if (sent < 0) {
            if (errno == EINTR) continue;
            return -errno;
        }
        bytes += sent;
        count -= sent;
    }
    return 0;
}

void covey_serve_wake(int end) {
    uint8_t byte = 0;
    while (write(end, &byte, 1) < 0 && errno == EINTR) {}
}

int covey_serve_folder(const char *path) {
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder < 0 ? -errno : folder;
}

int covey_serve_open(int folder, const char *path, int *kind, int64_t *size) {
    /* Opened anew, not duplicated: a place in the list of its own. */
    int here = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (here < 0) return -errno;
    while (*path) {
        char name[256];
        size_t length = strcspn(path, "/");
        if (length == 0 || length >= sizeof name) {
            close(here);
            return -ENOENT;
        }
        memcpy(name, path, length);
        name[length] = 0;
        path += length;
        if (*path == '/') path++;
        /* What waits for somebody else, as a pipe does, must not be waited for. */
        int next = openat(here, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (*path ? O_DIRECTORY : 0));
        int problem = errno;
        close(here);
        if (next < 0) return -problem;
        here = next;
    }
    struct stat about;
    if (fstat(here, &about) != 0 || !(S_ISREG(about.st_mode) || S_ISDIR(about.st_mode))) {
        close(here);
        return -ENOENT;
    }
    *kind = S_ISREG(about.st_mode) ? COVEY_SERVE_FILE : COVEY_SERVE_FOLDER;
    *size = about.st_size;
    return here;
}

long covey_serve_read(int file, uint8_t *bytes, long capacity) {
    for (;;) {
        long count = read(file, bytes, (size_t)capacity);
        if (count >= 0) return count;
        if (errno != EINTR) return -errno;
    }
}

long covey_serve_names(int folder, uint8_t *bytes, long capacity) {
    DIR *list = fdopendir(folder);
    if (!list) {
        int problem = errno;
        close(folder);
        return -problem;
    }
    long used = 0;
    for (struct dirent *entry = readdir(list); entry; entry = readdir(list)) {
        long length = (long)strlen(entry->d_name) + 1;
        if (entry->d_name[0] == '.' || used + length > capacity) continue;
        memcpy(bytes + used, entry->d_name, (size_t)length);
        used += length;
    }
    closedir(list);
    return used;
}

void covey_serve_close(int descriptor) { close(descriptor); }
