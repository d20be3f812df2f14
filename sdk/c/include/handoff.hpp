// libhandoff for C++17: what handoff.h has, with owners that clean up, std::string_view, and exceptions.
//
// An exception that leaves a handler is answered 500, or cuts the response where a part of it has left.
#ifndef HANDOFF_HPP
#define HANDOFF_HPP

#include <cerrno>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

#include "handoff.h"

namespace handoff {

// Throws what errno says where a function of handoff.h failed.
inline void check(int result, const char *what)
{
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
}

// ---------------------------------------------------------------- layer 1: connections

class Monitor;

// A connection that this worker holds; ended for everybody when it goes out of scope. Must not outlive its Monitor.
class Connection {
public:
    Connection() = default;
    Connection(Connection &&other) noexcept : h_(other.h_), c_(std::exchange(other.c_, nullptr)) {}
    Connection &operator=(Connection &&other) noexcept
    {
        if (this != &other) {
            end();
            h_ = other.h_;
            c_ = std::exchange(other.c_, nullptr);
        }
        return *this;
    }
    ~Connection() { end(); }

    explicit operator bool() const { return c_ != nullptr; }
    int fd() const { return c_->fd; }
    std::uint64_t id() const { return c_->id; }

    // As recv: 0 at the client's end, -1 with errno.
    ssize_t recv(void *buffer, std::size_t size) { return handoff_recv(c_, buffer, size); }
    void state(handoff_state state) { handoff_set_state(h_, c_, state); }

    void give_back(handoff_reason reason, std::string_view unused = {})
    {
        if (unused.size() > 131072) {
            throw std::length_error("more unused bytes than a frame holds");
        }
        handoff_give_back(h_, std::exchange(c_, nullptr), reason, unused.data(), unused.size());
    }

    void end()
    {
        if (c_ != nullptr) {
            handoff_end(h_, std::exchange(c_, nullptr));
        }
    }

private:
    friend class Monitor;
    Connection(handoff_monitor *h, handoff_connection *c) : h_(h), c_(c) {}

    handoff_monitor *h_ = nullptr;
    handoff_connection *c_ = nullptr;
};

class Monitor {
public:
    struct Event {
        handoff_event what;
        Connection connection; // of HANDOFF_CONNECTION
    };

    Monitor() : h_(handoff_open())
    {
        if (!h_) {
            throw std::runtime_error("this is no environment of a worker");
        }
    }

    void ready() { check(handoff_ready(get()), "READY"); }
    int fd() const { return handoff_fd(get()); }

    Event next(int timeout = -1)
    {
        handoff_connection *c = nullptr;
        handoff_event event = handoff_next(get(), timeout, &c);
        check(event, "the control socket");
        return {event, Connection(get(), c)};
    }

    void answered() { handoff_answered(get()); }
    bool on() const { return handoff_is_on(get()) != 0; }
    bool retiring() const { return handoff_is_retiring(get()) != 0; }
    std::size_t held() const { return handoff_held(get()); }

    // For what this class does not wrap.
    handoff_monitor *get() const { return h_.get(); }

private:
    struct Close {
        void operator()(handoff_monitor *h) const { handoff_close(h); }
    };
    std::unique_ptr<handoff_monitor, Close> h_;
};

// ---------------------------------------------------------------- layer 2: HTTP/1.1

// Valid while its handler runs, as is every string that it gives.
class Request {
public:
    explicit Request(handoff_request *r) : r_(r) {}

    std::string_view method() const { return handoff_method(r_); }
    std::string_view target() const { return handoff_target(r_); }
    std::string_view host() const { return handoff_host(r_); }
    std::string_view path() const { return handoff_path(r_); }
    std::string_view context() const { return handoff_context(r_); }
    std::string_view query() const { return handoff_query(r_); }

    std::optional<std::string_view> header(const std::string &name) const
    {
        const char *value = handoff_header(r_, name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string_view>(value);
    }

    std::uint64_t body_length() const { return handoff_body_length(r_); }

    std::string_view body()
    {
        std::size_t size = 0;
        const void *data = handoff_body(r_, &size);
        check(data == nullptr ? -1 : 0, "the body");
        return {static_cast<const char *>(data), size};
    }

    std::size_t read(void *buffer, std::size_t size)
    {
        ssize_t count = handoff_body_read(r_, buffer, size);
        check(count < 0 ? -1 : 0, "the body");
        return static_cast<std::size_t>(count);
    }

private:
    handoff_request *r_;
};

class Response {
public:
    explicit Response(handoff_response *r) : r_(r) {}

    Response &status(int status)
    {
        check(handoff_status(r_, status), "the status");
        return *this;
    }

    Response &header(const std::string &name, const std::string &value)
    {
        check(handoff_set_header(r_, name.c_str(), value.c_str()), name.c_str());
        return *this;
    }

    Response &add_header(const std::string &name, const std::string &value)
    {
        check(handoff_add_header(r_, name.c_str(), value.c_str()), name.c_str());
        return *this;
    }

    void send(std::string_view body) { check(handoff_send(r_, body.data(), body.size()), "the response"); }
    void send_text(const std::string &text) { check(handoff_send_text(r_, text.c_str()), "the response"); }

    void send_file(int fd, off_t offset, std::uint64_t length)
    {
        check(handoff_send_file(r_, fd, offset, length), "the response's file");
    }

    Response &write(std::string_view data)
    {
        check(handoff_write(r_, data.data(), data.size()), "the response");
        return *this;
    }

    void flush() { check(handoff_flush(r_), "the response"); }

private:
    handoff_response *r_;
};

class Server {
public:
    using Handler = std::function<void(Request &, Response &)>;

    explicit Server(const handoff_limits *limits = nullptr) : s_(handoff_server_new(limits))
    {
        if (!s_) {
            throw std::system_error(errno, std::generic_category(), "the server's limits");
        }
    }

    Server &handle(const std::string &context, Handler handler) { return add(context.c_str(), std::move(handler)); }

    // For the contexts that the pool's file names, or all.
    Server &handle(Handler handler) { return add(nullptr, std::move(handler)); }

    // Serves until the worker is to end; returns the status to exit with.
    int run() { return handoff_server_run(s_.get()); }

private:
    struct Free {
        void operator()(handoff_server *s) const { handoff_server_free(s); }
    };

    Server &add(const char *context, Handler handler)
    {
        auto kept = std::make_unique<Handler>(std::move(handler));
        check(handoff_server_handle(s_.get(), context, &Server::call, kept.get()),
              context == nullptr ? "HANDOFF_CONTEXTS" : context);
        handlers_.push_back(std::move(kept));
        return *this;
    }

    static void call(handoff_request *r, handoff_response *to, void *user)
    {
        Request request(r);
        Response response(to);
        try {
            (*static_cast<Handler *>(user))(request, response);
        } catch (const std::exception &e) {
            std::string line = std::string("The handler of ") + handoff_context(r) + " failed: " + e.what() + "\n";
            ssize_t written = ::write(2, line.data(), line.size());
            static_cast<void>(written);
            handoff_fail(to);
        } catch (...) {
            handoff_fail(to);
        }
    }

    std::vector<std::unique_ptr<Handler>> handlers_;
    std::unique_ptr<handoff_server, Free> s_;
};

} // namespace handoff

#endif
