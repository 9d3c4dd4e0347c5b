// Boost.Beast as a peer of compressed sessions:
//     beast beast server PORT OPTIONS | client URL OPTIONS MESSAGES
// MESSAGES has a text on each line.
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = boost::asio::ip::tcp;
using Socket = websocket::stream<tcp::socket>;

static void compress(Socket &socket) {
    websocket::permessage_deflate deflate;
    deflate.server_enable = deflate.client_enable = true;
    socket.set_option(deflate);
    socket.text(true);
    socket.read_message_max(64 << 20);
}

static void echo(tcp::socket transport) try {
    Socket socket(std::move(transport));
    compress(socket);
    socket.accept();
    for (;;) {
        beast::flat_buffer buffer;
        socket.read(buffer);
        socket.text(socket.got_text());
        socket.write(buffer.data());
    }
} catch (const std::exception &error) {
    std::cout << "ended: " << error.what() << std::endl;
}

static void talk(const std::string &url, const char *file) {
    const std::string port = url.substr(url.rfind(':') + 1);
    boost::asio::io_context context;
    Socket socket(context);
    compress(socket);
    const auto address = boost::asio::ip::make_address("127.0.0.1");
    socket.next_layer().connect({address, static_cast<unsigned short>(std::stoi(port))});
    socket.handshake("127.0.0.1:" + port, "/");
    std::ifstream messages(file);
    for (std::string message; std::getline(messages, message);) {
        socket.write(boost::asio::buffer(message));
        beast::flat_buffer buffer;
        socket.read(buffer);
        if (beast::buffers_to_string(buffer.data()) != message)
            throw std::runtime_error("another message came back");
    }
    socket.close(websocket::close_code::normal);
}

int main(int, char **argv) try {
    const std::string role = argv[2];
    if (role == "client") {
        talk(argv[3], argv[5]);
        std::cout << "ok" << std::endl;
        return 0;
    }
    boost::asio::io_context context;
    const auto port = static_cast<unsigned short>(std::stoi(argv[3]));
    tcp::acceptor acceptor(context, {boost::asio::ip::make_address("127.0.0.1"), port});
    std::cout << "listening" << std::endl;
    for (;;) std::thread(echo, acceptor.accept()).detach();
} catch (const std::exception &error) {
    std::cout << "failed: " << error.what() << std::endl;
    return 1;
}
