#include "covey_transfer.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

struct covey_transfer;

covey_transfer *covey_transfer_make(void) {
    pthread_once(&once, start);
    return (covey_transfer *)curl_easy_init();
}

void covey_transfer_free(covey_transfer *transfer) { curl_easy_cleanup((CURL *)transfer); }

static size_t take_header(char *bytes, size_t size, size_t count, void *user) {
    const covey_transfer_request *request = user;
    return request->on_header(request->context, bytes, size * count) == 0 ? size * count : 0;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *user) {
    const covey_transfer_request *request = user;
    if (size * count == 0) return 0;
    return request->on_body(request->context, bytes, size * count) == 0 ? size * count : 0;
}

void covey_transfer_get(
    covey_transfer *transfer, const covey_transfer_request *request, covey_transfer_result *result) {
    CURL *curl = (CURL *)transfer;
    const char *protocols = request->allows_plain ? "http,https" : "https";
    struct curl_slist *headers = NULL;
    char *redirect = NULL;
    memset(result, 0, sizeof *result);

    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, result->message);
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, request->user_agent);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, request->allows_plain ? "*" : NULL);
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, request->connect_seconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, request->slowest_bytes);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, request->stall_seconds);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, request);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, request);
    if (request->first_header) headers = curl_slist_append(headers, request->first_header);
    if (request->second_header) headers = curl_slist_append(headers, request->second_header);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);

    CURLcode code = curl_easy_perform(curl);
    result->code = code;
    if (code != CURLE_OK && result->message[0] == 0)
        snprintf(result->message, sizeof result->message, "%s", curl_easy_strerror(code));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &result->status);
    curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &redirect);
    if (redirect && strlen(redirect) < sizeof result->redirect) strcpy(result->redirect, redirect);
    /* The buffer and the list belong to the caller and to this call. */
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
}

static int part(CURLU *url, CURLUPart what, char *text, size_t size) {
    char *value = NULL;
    int fits = curl_url_get(url, what, &value, 0) == CURLUE_OK && strlen(value) < size;
    if (fits) strcpy(text, value);
    curl_free(value);
    return fits;
}

int covey_transfer_parse(
    const char *text, char *scheme, size_t scheme_size, char *host, size_t host_size) {
    CURLU *url = curl_url();
    int is_good = url && curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK
        && part(url, CURLUPART_SCHEME, scheme, scheme_size);
    /* Some schemes, such as file, have no host. */
    if (is_good && !part(url, CURLUPART_HOST, host, host_size)) host[0] = 0;
    curl_url_cleanup(url);
    return is_good;
}
