/* libwebsockets as a peer of compressed sessions:
 *     lws libwebsockets server PORT OPTIONS | client URL OPTIONS MESSAGES
 * MESSAGES has a text on each line. */
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 16384

static char *messages[16];
static int count, echoed, is_over;
static const char *result = "failed: it ended";

/* A message as far as it came, behind LWS_PRE bytes. */
struct session {
    unsigned char *data;
    size_t length;
    int is_binary;
    int is_owed; /* the echo of it */
};

static int say(struct lws *wsi, const char *text) {
    static unsigned char data[LWS_PRE + MOST];
    size_t length = strlen(text);
    memcpy(data + LWS_PRE, text, length);
    return lws_write(wsi, data + LWS_PRE, length, LWS_WRITE_TEXT) < (int)length ? -1 : 0;
}

static int handle(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t length) {
    struct session *session = user;
    const int is_client = count > 0;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        lws_callback_on_writable(wsi);
        break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        result = "failed: no connection";
        is_over = 1;
        break;
    case LWS_CALLBACK_CLIENT_RECEIVE:
    case LWS_CALLBACK_RECEIVE:
        if (lws_is_first_fragment(wsi)) {
            session->length = 0;
            session->is_binary = lws_frame_is_binary(wsi);
        }
        session->data = realloc(session->data, LWS_PRE + session->length + length);
        memcpy(session->data + LWS_PRE + session->length, in, length);
        session->length += length;
        if (!lws_is_final_fragment(wsi)) break;
        if (is_client) {
            const size_t expected = strlen(messages[echoed]);
            if (session->length != expected ||
                memcmp(session->data + LWS_PRE, messages[echoed], expected)) {
                result = "failed: another message came back";
                return -1;
            }
            echoed++;
        } else {
            session->is_owed = 1;
            lws_rx_flow_control(wsi, 0); /* until it has left */
        }
        lws_callback_on_writable(wsi);
        break;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        if (echoed < count) return say(wsi, messages[echoed]);
        result = "ok";
        lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
        return -1;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        if (!session->is_owed) break; /* it is called for reasons of its own, too */
        session->is_owed = 0;
        if (lws_write(wsi, session->data + LWS_PRE, session->length,
                                       session->is_binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT) < 0)
            return -1;
        lws_rx_flow_control(wsi, 1);
        break;
    case LWS_CALLBACK_CLOSED:
        free(session->data);
        session->data = NULL;
        break;
    case LWS_CALLBACK_CLIENT_CLOSED:
        free(session->data);
        session->data = NULL;
        is_over = 1;
        break;
    default:
        break;
    }
    return 0;
}

static const struct lws_protocols protocols[] = {
    {"echo", handle, sizeof(struct session), MOST, 0, NULL, 0}, {NULL, NULL, 0, 0, 0, NULL, 0}};
static const struct lws_extension extensions[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate,
     "permessage-deflate; client_no_context_takeover; client_max_window_bits"},
    {NULL, NULL, NULL}};

static void read_messages(const char *file) {
    static char text[MOST * 4];
    FILE *stream = fopen(file, "r");
    if (!stream) exit(1);
    text[fread(text, 1, sizeof text - 1, stream)] = 0;
    fclose(stream);
    for (char *line = strtok(text, "\n"); line && count < 16; line = strtok(NULL, "\n"))
        messages[count++] = line;
}

int main(int argc, char **argv) {
    struct lws_context_creation_info info = {0};
    const int is_client = !strcmp(argv[2], "client");
    lws_set_log_level(LLL_ERR, NULL);
    info.port = is_client ? CONTEXT_PORT_NO_LISTEN : atoi(argv[3]);
    info.iface = is_client ? NULL : "lo";
    info.protocols = protocols;
    info.extensions = extensions;
    info.options = LWS_SERVER_OPTION_VALIDATE_UTF8;
    struct lws_context *context = lws_create_context(&info);
    if (!context) return 1;
    if (is_client) {
        struct lws_client_connect_info to = {0};
        if (argc > 5) read_messages(argv[5]);
        to.context = context;
        to.address = to.host = to.origin = "127.0.0.1";
        to.port = atoi(strrchr(argv[3], ':') + 1);
        to.path = "/";
        to.local_protocol_name = "echo";
        lws_client_connect_via_info(&to);
    } else {
        puts("listening");
        fflush(stdout);
    }
    while (!is_over && lws_service(context, 0) >= 0) {
    }
    lws_context_destroy(context);
    puts(result);
    return strcmp(result, "ok");
}
