#ifndef COVEY_TRANSFER_H
#define COVEY_TRANSFER_H

#include <stddef.h>

/* libcurl's variadic calls behind plain functions. One handle belongs to one thread at a time. */

typedef struct covey_transfer covey_transfer;

/* Takes `count` bytes; anything but 0 ends the transfer. */
typedef int (*covey_transfer_receiver)(void *context, const char *bytes, size_t count);

typedef struct {
    const char *url;
    const char *user_agent;
    /* Further header lines, such as "Range: bytes=10-"; NULL where there is none. */
    const char *first_header;
    const char *second_header;
    /* Whether http is allowed beside https. */
    int allows_plain;
    long connect_seconds;
    /* The transfer ends where fewer than `slowest_bytes` a second come for `stall_seconds`. */
    long stall_seconds;
    long slowest_bytes;
    void *context;
    covey_transfer_receiver on_header;
    covey_transfer_receiver on_body;
} covey_transfer_request;

typedef struct {
    /* A CURLcode. */
    int code;
    long status;
    char message[256];
    /* Where a redirect leads, made absolute; empty where the answer is none. */
    char redirect[4096];
} covey_transfer_result;

covey_transfer *covey_transfer_make(void);
void covey_transfer_free(covey_transfer *transfer);

/* One request without following redirects. */
void covey_transfer_get(
    covey_transfer *transfer, const covey_transfer_request *request, covey_transfer_result *result);

/* Scheme and host as the library that connects understands them; 0 where the address is none. */
int covey_transfer_parse(
    const char *url, char *scheme, size_t scheme_size, char *host, size_t host_size);

#endif
