// Layer 1 from C++: answers the first bytes of each connection with themselves and gives it back; ends it for "end".
#include <iostream>
#include <optional>
#include <poll.h>
#include <string>

#include "../include/handoff.hpp"

static void serve(handoff::Monitor &monitor, handoff::Connection connection)
{
    char bytes[1000];
    ssize_t count;
    connection.state(HANDOFF_READING);
    while ((count = connection.recv(bytes, sizeof bytes)) < 0) {
        pollfd wanted{connection.fd(), POLLIN, 0};
        poll(&wanted, 1, -1);
    }
    std::string_view text(bytes, static_cast<std::size_t>(count));
    if (text.empty() || text.substr(0, 3) == "end") {
        return; // and the connection ends with its owner
    }
    connection.state(HANDOFF_ANSWERING);
    ssize_t sent = send(connection.fd(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent == count) {
        monitor.answered();
        connection.state(HANDOFF_IDLE);
        connection.give_back(HANDOFF_DISPATCH);
    }
}

int main()
{
    try {
        handoff::Monitor monitor;
        monitor.ready();
        for (;;) {
            handoff::Monitor::Event event = monitor.next();
            if (event.what == HANDOFF_CONNECTION) {
                serve(monitor, std::move(event.connection));
            } else if (event.what == HANDOFF_END) {
                return monitor.held() == 0 ? HANDOFF_EXIT_DONE : HANDOFF_EXIT_FAILED;
            }
        }
    } catch (const std::system_error &e) {
        std::cerr << e.what() << '\n';
        return e.code().value() == EPROTO ? HANDOFF_EXIT_PROTOCOL : HANDOFF_EXIT_FAILED;
    }
}
