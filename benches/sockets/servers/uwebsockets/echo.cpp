// uWebSockets, as its example EchoServer.cpp drives it, without compression and TLS, on a port of
// the system's choosing: echoes what it receives.

#include "App.h"
#include <cstdio>

struct PerSocketData {};

constexpr unsigned int longest = 16 << 20;

int main() {
    uWS::App()
        .ws<PerSocketData>("/*", {
            .compression = uWS::DISABLED,
            .maxPayloadLength = longest,
            .idleTimeout = 120,
            // Room for everything in flight: the client that is furthest behind has 16 MiB.
            .maxBackpressure = 2 * longest,
            .message = [](auto *ws, std::string_view message, uWS::OpCode opCode) {
                ws->send(message, opCode);
            },
        })
        .listen("127.0.0.1", 0, [](auto *listening) {
            if (listening) {
                int port = us_socket_local_port(0, (us_socket_t *) listening);
                std::printf("listening on 127.0.0.1:%d\n", port);
                std::fflush(stdout);
            }
        })
        .run();
}
