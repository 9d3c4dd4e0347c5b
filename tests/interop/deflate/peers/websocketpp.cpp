// WebSocket++ as a peer of compressed sessions:
//     websocketpp websocketpp server PORT OPTIONS | client URL OPTIONS MESSAGES
// MESSAGES has a text on each line.
#include <fstream>
#include <iostream>
#include <string>
#include <vector>
#include <websocketpp/client.hpp>
#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/config/asio_no_tls_client.hpp>
#include <websocketpp/extensions/permessage_deflate/enabled.hpp>
#include <websocketpp/server.hpp>

template <typename Base> struct Compressing : Base {
    struct permessage_deflate_config {};
    typedef websocketpp::extensions::permessage_deflate::enabled<permessage_deflate_config>
        permessage_deflate_type;
};
using Server = websocketpp::server<Compressing<websocketpp::config::asio>>;
using Client = websocketpp::client<Compressing<websocketpp::config::asio_client>>;
using Handle = websocketpp::connection_hdl;

static int serve(unsigned short port) {
    Server server;
    server.clear_access_channels(websocketpp::log::alevel::all);
    server.init_asio();
    server.set_reuse_addr(true);
    server.set_message_handler([&](Handle socket, Server::message_ptr message) {
        auto echo = server.get_con_from_hdl(socket)->get_message(
            message->get_opcode(), message->get_payload().size());
        echo->set_payload(message->get_payload());
        echo->set_compressed(true);
        server.get_con_from_hdl(socket)->send(echo);
    });
    server.listen("127.0.0.1", std::to_string(port));
    server.start_accept();
    std::cout << "listening" << std::endl;
    server.run();
    return 0;
}

static int talk(const std::string &url, const char *file) {
    std::vector<std::string> messages;
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) messages.push_back(line);
    std::string result = "failed: it ended";
    size_t echoed = 0;
    Client client;
    client.clear_access_channels(websocketpp::log::alevel::all);
    client.init_asio();
    auto next = [&](Handle socket) {
        if (echoed == messages.size())
            return client.close(socket, websocketpp::close::status::normal, "");
        auto connection = client.get_con_from_hdl(socket);
        auto message = connection->get_message(
            websocketpp::frame::opcode::text, messages[echoed].size());
        message->set_payload(messages[echoed]);
        message->set_compressed(true);
        connection->send(message);
    };
    client.set_open_handler(next);
    client.set_fail_handler([&](Handle socket) {
        result = "failed: " + client.get_con_from_hdl(socket)->get_ec().message();
    });
    client.set_message_handler([&](Handle socket, Client::message_ptr message) {
        if (message->get_payload() != messages[echoed++]) result = "failed: another message";
        next(socket);
    });
    client.set_close_handler([&](Handle) {
        if (echoed == messages.size()) result = "ok";
    });
    websocketpp::lib::error_code error;
    client.connect(client.get_connection(url, error));
    client.run();
    std::cout << result << std::endl;
    return result != "ok";
}

int main(int, char **argv) {
    const std::string role = argv[2];
    return role == "server" ? serve(static_cast<unsigned short>(std::stoi(argv[3])))
                            : talk(argv[3], argv[5]);
}
