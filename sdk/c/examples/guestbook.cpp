// A worker in C++: a guest book in a file, and a file sent without copying.
//
//   curl -d 'Greetings from Cadiz' http://localhost:8080/guestbook
//   curl http://localhost:8080/guestbook
#include <handoff.hpp>

#include <cstdlib>
#include <fcntl.h>
#include <iostream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace {

const std::string &book()
{
    static const std::string path = std::getenv("GUESTBOOK") != nullptr ? std::getenv("GUESTBOOK") : "guestbook.txt";
    return path;
}

void sign(handoff::Request &request, handoff::Response &response)
{
    std::string line(request.body());
    for (char &c : line) {
        c = c == '\n' ? ' ' : c;
    }
    line += '\n';
    int file = open(book().c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    handoff::check(file, book().c_str());
    // One write: other workers append to it too.
    ssize_t written = write(file, line.data(), line.size());
    close(file);
    handoff::check(written < 0 ? -1 : 0, book().c_str());
    response.status(201).send_text("Thank you.\n");
}

void show(handoff::Response &response)
{
    int file = open(book().c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        response.send_text("Nobody has signed yet.\n");
        return;
    }
    struct stat status{};
    handoff::check(fstat(file, &status), book().c_str());
    response.header("Content-Type", "text/plain; charset=utf-8");
    response.send_file(file, 0, static_cast<std::uint64_t>(status.st_size));
}

} // namespace

int main()
{
    try {
        handoff::Server server;
        // The contexts that the pool's file names.
        server.handle([](handoff::Request &request, handoff::Response &response) {
            if (request.method() == "POST") {
                sign(request, response);
            } else {
                show(response);
            }
        });
        return server.run();
    } catch (const std::exception &e) {
        std::cerr << e.what() << '\n';
        return HANDOFF_EXIT_FAILED;
    }
}
