#include "dal/driver/resolver.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <netdb.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <utility>

namespace fairlead::dal {
namespace {

constexpr std::chrono::seconds longest_goodbye{1};

struct found_addresses {
    std::vector<std::string> numeric;
    std::string error;
};

found_addresses system_look_up(const std::string& host, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo* list = nullptr;
    const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
    if (code != 0) return {{}, "cannot resolve " + host + ": " + ::gai_strerror(code)};
    found_addresses found;
    for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
        char text[NI_MAXHOST];
        if (::getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) ==
            0)
            found.numeric.emplace_back(text);
    }
    ::freeaddrinfo(list);
    if (found.numeric.empty()) found.error = "cannot resolve " + host + ": no address";
    return found;
}

bool is_path(const std::string& host) {
    return host.starts_with('/') || host.starts_with("unix:");
}

}  // namespace

/// Outlives the resolver while a look-up hangs.
struct resolver::shared_state {
    struct known_name {
        bool pending = false;
        found_addresses found;
        TimePoint arrived = TimePoint::min();
    };
    std::mutex mutex;
    std::condition_variable finished;
    std::map<std::string, known_name> names;
    unsigned running = 0;
    std::function<void()> answered;  // null: the resolver is gone

    void arrived(const std::string& host, found_addresses found) {
        std::lock_guard lock(mutex);
        known_name& name = names[host];
        name.pending = false;
        name.found = std::move(found);
        name.arrived = std::chrono::steady_clock::now();
        // Under the lock, so that it is not called once the destructor has taken it away.
        if (answered) answered();
        --running;
        finished.notify_all();
    }
};

resolver::resolver(std::function<void()> answered) : state_(std::make_shared<shared_state>()) {
    state_->answered = std::move(answered);
}

resolver::~resolver() {
    std::unique_lock lock(state_->mutex);
    state_->answered = nullptr;
    state_->finished.wait_for(lock, longest_goodbye, [this] { return state_->running == 0; });
}

resolver::answer resolver::look_up(const std::string& host, Duration ttl, TimePoint since, TimePoint now) {
    if (is_path(host)) return {false, {host}, {}};
    if (auto literal = system_look_up(host, AI_NUMERICHOST); !literal.numeric.empty())
        return {false, std::move(literal.numeric), {}};
    {
        std::lock_guard lock(state_->mutex);
        shared_state::known_name& name = state_->names[host];
        if (name.pending) return {true, {}, {}};
        const bool came_since = name.arrived >= since;
        const bool still_good = !name.found.numeric.empty() && now - name.arrived < ttl;
        if (came_since || still_good) return {false, name.found.numeric, name.found.error};
        name.pending = true;
        ++state_->running;
    }
    ask(host);
    return {true, {}, {}};
}

void resolver::ask(const std::string& host) {
    try {
        std::thread([state = state_, host] {
            state->arrived(host, system_look_up(host, AI_ADDRCONFIG));
        }).detach();
    } catch (const std::system_error& no_thread) {
        state_->arrived(host, {{}, "cannot resolve " + host + ": " + no_thread.what()});
    }
}

void resolver::forget(const std::string& host) {
    std::lock_guard lock(state_->mutex);
    const auto known = state_->names.find(host);
    if (known != state_->names.end() && !known->second.pending) state_->names.erase(known);
}

}  // namespace fairlead::dal
