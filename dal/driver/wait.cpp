#include "dal/driver/wait.h"

#include <climits>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace fairlead::dal {
namespace {

constexpr std::size_t few = 8;

short events_of(Wait wanted) {
    short events = 0;
    if (wanted == Wait::readable || wanted == Wait::either) events |= POLLIN;
    if (wanted == Wait::writable || wanted == Wait::either) events |= POLLOUT;
    return events;
}

Wait ready_of(const pollfd& polled, Wait wanted) {
    if ((polled.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) return wanted;
    const bool readable = (polled.revents & POLLIN) != 0, writable = (polled.revents & POLLOUT) != 0;
    if (readable && writable) return Wait::either;
    if (readable) return Wait::readable;
    return writable ? Wait::writable : Wait::nothing;
}

/// Rounded up: a wait that ends a moment early would only be begun again.
int milliseconds_until(std::optional<TimePoint> until) {
    if (!until) return -1;
    const auto left = *until - std::chrono::steady_clock::now();
    if (left <= left.zero()) return 0;
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    return static_cast<int>(std::min<decltype(ms)>(ms, INT_MAX));
}

bool poll_until(std::span<pollfd> polled, std::optional<TimePoint> until) {
    for (;;) {
        const int timeout = milliseconds_until(until);
        const int count = ::poll(polled.data(), polled.size(), timeout);
        if (count > 0) return true;
        if (count == 0 && until && std::chrono::steady_clock::now() >= *until) return false;
        // Anything but a signal is a lack of memory: the limit still holds, and without one the caller looks.
        if (count < 0 && errno != EINTR) return true;
    }
}

}  // namespace

bool wait_for(std::span<wait_entry> entries, std::optional<TimePoint> until) {
    std::array<pollfd, few> on_stack;
    std::vector<pollfd> more;
    if (entries.size() > few) more.resize(entries.size());
    const std::span<pollfd> polled(entries.size() > few ? more.data() : on_stack.data(), entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i)
        polled[i] = {entries[i].descriptor, events_of(entries[i].wanted), 0};
    const bool any = poll_until(polled, until);
    for (std::size_t i = 0; i < entries.size(); ++i)
        entries[i].ready = any ? ready_of(polled[i], entries[i].wanted) : Wait::nothing;
    return any;
}

idle_sign look_at_idle(int descriptor) {
    char byte = 0;
    const ssize_t size = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (size > 0) return idle_sign::data;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return idle_sign::silent;
    return idle_sign::closed;
}

wake_signal::wake_signal() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

wake_signal::~wake_signal() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void wake_signal::raise() {
    const std::uint64_t one = 1;
    // It can only fail when it is raised already.
    [[maybe_unused]] const ssize_t written = ::write(descriptor_, &one, sizeof one);
}

void wake_signal::lower() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t read = ::read(descriptor_, &count, sizeof count);
}

}  // namespace fairlead::dal
