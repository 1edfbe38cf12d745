#ifndef COVEY_SERVE_H
#define COVEY_SERVE_H

#include <stdint.h>

/* The system calls of a server for this machine alone. Results below 0 are -errno. */

/* A listening socket on 127.0.0.1, or ::1; port 0 takes any free one and says which. */
int covey_serve_listen(int is_ipv6, uint16_t port, uint16_t *bound);

/* A pipe: the reading end, then the writing end. */
int covey_serve_pipe(int ends[2]);

/* The next connection on either socket (-1: there is none), or -1 once `wake` is readable or broken. */
int covey_serve_accept(int first, int second, int wake);

/* Bytes received, 0 at the end. */
long covey_serve_receive(int connection, uint8_t *bytes, long capacity);

/* Sends everything; 0, or -errno. */
int covey_serve_send(int connection, const uint8_t *bytes, long count);

/* Writes one byte into a pipe. */
void covey_serve_wake(int end);

/* A folder to open files below. */
int covey_serve_folder(const char *path);

enum { COVEY_SERVE_FILE = 1, COVEY_SERVE_FOLDER = 2 };

/* Opens what a path of plain names leads to below a folder; no symbolic link is followed anywhere on the way, and
   only regular files and folders are opened. */
int covey_serve_open(int folder, const char *path, int *kind, int64_t *size);

/* Bytes of a file, 0 at its end. */
long covey_serve_read(int file, uint8_t *bytes, long capacity);

/* The names in an open folder, each ended by a 0, as far as they fit; returns the bytes used. Takes the folder. */
long covey_serve_names(int folder, uint8_t *bytes, long capacity);

void covey_serve_close(int descriptor);

#endif
