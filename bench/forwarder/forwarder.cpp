// The floor: a TCP forwarder that knows nothing of SQL. One thread, one epoll set, level-triggered; one
// connection to the server for each client. What a proxy costs above this is what its knowledge costs.
//
//     forwarder LISTEN_PORT SERVER_PORT          (both on 127.0.0.1; runs until SIGTERM)

#include <arpa/inet.h>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

// One direction's end: what is read from `fd` goes to the peer; `unsent` is what this end's kernel buffer did
// not take.
struct end_point {
    int fd = -1;
    end_point* peer = nullptr;
    std::string unsent;
    bool dead = false;
};

struct forwarder {
    int epoll = -1;
    int listener = -1;
    std::uint16_t server_port = 0;
    std::vector<end_point*> dead;
    std::vector<char> buffer = std::vector<char>(64 * 1024);

    void watch(end_point& end, int operation) const;
    void accept_all();
    void close_pair(end_point& end);
    void read_from(end_point& end);
    void flush(end_point& end);
    void run();
};

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

void set_no_delay(int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// An end whose peer cannot take more is not read: the kernel's window then stops the sender.
void forwarder::watch(end_point& end, int operation) const {
    epoll_event event{};
    event.data.ptr = &end;
    event.events = end.peer->unsent.empty() ? EPOLLIN : 0u;
    if (!end.unsent.empty()) event.events |= EPOLLOUT;
    epoll_ctl(epoll, operation, end.fd, &event);
}

void forwarder::accept_all() {
    for (;;) {
        const int client = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client < 0) return;
        const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_in address = loopback(server_port);
        if (server < 0 || connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            if (server >= 0) close(server);
            close(client);
            continue;
        }
        fcntl(server, F_SETFL, O_NONBLOCK);
        set_no_delay(client);
        set_no_delay(server);
        auto* left = new end_point{client, nullptr, {}, false};
        auto* right = new end_point{server, left, {}, false};
        left->peer = right;
        watch(*left, EPOLL_CTL_ADD);
        watch(*right, EPOLL_CTL_ADD);
    }
}

// Freed after the batch of events, since a later event of the same batch may name the other end.
void forwarder::close_pair(end_point& end) {
    for (end_point* each : {&end, end.peer}) {
        if (each->dead) continue;
        each->dead = true;
        close(each->fd);
        dead.push_back(each);
    }
}

void forwarder::read_from(end_point& end) {
    const ssize_t count = recv(end.fd, buffer.data(), buffer.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return close_pair(end);
    end_point& to = *end.peer;
    ssize_t sent = send(to.fd, buffer.data(), static_cast<size_t>(count), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return close_pair(end);
    if (sent < 0) sent = 0;
    if (sent == count) return;
    to.unsent.assign(buffer.data() + sent, static_cast<size_t>(count - sent));
    watch(to, EPOLL_CTL_MOD);
    watch(end, EPOLL_CTL_MOD);
}

void forwarder::flush(end_point& end) {
    const ssize_t sent = send(end.fd, end.unsent.data(), end.unsent.size(), MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno != EAGAIN) close_pair(end);
        return;
    }
    end.unsent.erase(0, static_cast<size_t>(sent));
    if (!end.unsent.empty()) return;
    watch(end, EPOLL_CTL_MOD);
    watch(*end.peer, EPOLL_CTL_MOD);
}

void forwarder::run() {
    epoll_event events[128];
    for (;;) {
        const int count = epoll_wait(epoll, events, 128, -1);
        for (int i = 0; i < count; ++i) {
            auto* end = static_cast<end_point*>(events[i].data.ptr);
            if (end == nullptr) {
                accept_all();
                continue;
            }
            if (!end->dead && (events[i].events & EPOLLOUT) != 0) flush(*end);
            if (!end->dead && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_from(*end);
        }
        for (end_point* each : dead) delete each;
        dead.clear();
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: forwarder LISTEN_PORT SERVER_PORT\n", stderr);
        return 2;
    }
    forwarder all;
    all.server_port = static_cast<std::uint16_t>(std::atoi(argv[2]));
    all.epoll = epoll_create1(EPOLL_CLOEXEC);
    all.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    setsockopt(all.listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in address = loopback(static_cast<std::uint16_t>(std::atoi(argv[1])));
    if (bind(all.listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(all.listener, 1024) != 0) {
        std::perror("forwarder: cannot listen");
        return 1;
    }
    epoll_event event{};
    event.events = EPOLLIN;
    epoll_ctl(all.epoll, EPOLL_CTL_ADD, all.listener, &event);
    all.run();
}
