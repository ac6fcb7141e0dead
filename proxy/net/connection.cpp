#include "proxy/net/connection.h"

#include <algorithm>
#include <array>
#include <sys/epoll.h>

namespace fairlead::proxy::net {
namespace {

constexpr std::size_t max_parts = 64;

iovec part_of(Bytes bytes) {
    return {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
}

void release(std::string& buffer) {
    std::string().swap(buffer);
}

}  // namespace

bool connection::attach(bool write) {
    asked_read_ = reading_;
    asked_write_ = write;
    attached_ = reactor_->add(transport_.fd(), *this, asked_read_, asked_write_, edges_);
    return attached_;
}

void connection::detach() {
    if (attached_) reactor_->remove(transport_.fd());
    attached_ = false;
}

void connection::close() {
    if (!transport_.is_open()) return;
    detach();
    transport_.close();
}

bool connection::write(std::string_view bytes) {
    outgoing out;
    out.slice(as_bytes(bytes));
    return write(out);
}

bool connection::write(const outgoing& out) {
    if (out.empty()) return true;
    std::size_t taken = 0;
    if (backlog() == 0) {
        std::array<iovec, max_parts> parts;
        std::size_t count = std::min(out.segments().size(), max_parts);
        for (std::size_t i = 0; i < count; ++i) parts[i] = part_of(out.bytes(out.segments()[i]));
        if (!write_parts({parts.data(), count}, out.size(), taken)) return false;
        if (taken == out.size()) return true;
    }
    for (const outgoing::segment& segment : out.segments()) {
        std::size_t skip = std::min(taken, segment.length);
        taken -= skip;
        pending_.append(as_text(out.bytes(segment).subspan(skip)));
    }
    update_interest();
    return true;
}

bool connection::write_parts(std::span<const iovec> parts, std::size_t total, std::size_t& taken) {
    io_result result = transport_.write(parts);
    if (result.status == io_status::would_block) return true;
    if (result.status != io_status::ok) return false;
    taken = std::min(result.bytes, total);
    return true;
}

bool connection::flush() {
    while (backlog() > 0) {
        iovec part = part_of(as_bytes(pending_).subspan(written_));
        std::size_t taken = 0;
        if (!write_parts({&part, 1}, part.iov_len, taken)) return false;
        if (taken == 0) break;
        written_ += taken;
    }
    if (backlog() == 0) {
        release(pending_);
        written_ = 0;
    }
    update_interest();
    return true;
}

void connection::want_read(bool wanted) {
    if (reading_ == wanted) return;
    reading_ = wanted;
    update_interest();
}

void connection::update_interest() {
    bool write = backlog() > 0 || transport_.wants_write();
    if (!attached_ || (write == asked_write_ && reading_ == asked_read_)) return;
    asked_write_ = write;
    asked_read_ = reading_;
    reactor_->modify(transport_.fd(), *this, asked_read_, asked_write_, edges_);
}

void connection::expect_edges() {
    if (edges_ || transport_.has_tls()) return;
    edges_ = true;
    ask_again();
}

void connection::ask_again() {
    if (attached_ && edges_) reactor_->modify(transport_.fd(), *this, asked_read_, asked_write_, edges_);
}

// With edges, the peer's end is told once, together with its last bytes.
void connection::on_ready(std::uint32_t events) {
    if ((events & EPOLLRDHUP) != 0) peer_ended_ = true;
    on_events(events);
}

io_result connection::receive(std::span<std::uint8_t> scratch, Bytes& fresh) {
    io_result result{};
    if (kept_.empty()) {
        result = transport_.read(scratch);
        fresh = result.status == io_status::ok ? Bytes(scratch.data(), result.bytes) : Bytes();
        after_read(result, scratch.size());
        return result;
    }
    // Growing with what has come keeps a slow sender of a long message from costing its length at once.
    std::size_t before = kept_.size();
    // At least a whole TLS record: what OpenSSL keeps back would not make the descriptor readable again.
    std::size_t room = std::clamp<std::size_t>(before, 16 << 10, scratch.size());
    kept_.resize(before + room);
    result = transport_.read({reinterpret_cast<std::uint8_t*>(kept_.data()) + before, room});
    kept_.resize(before + (result.status == io_status::ok ? result.bytes : 0));
    fresh = as_bytes(kept_);
    after_read(result, room);
    return result;
}

// A read that did not fill its room has taken all there was; the end behind it would not be told again.
void connection::after_read(const io_result& result, std::size_t room) {
    if (edges_ && result.status == io_status::ok && (result.bytes == room || peer_ended_)) ask_again();
}

void connection::consume(Bytes fresh, std::size_t count) {
    bool in_kept = !kept_.empty();
    if (count == fresh.size()) {
        if (in_kept) release(kept_);
    } else if (in_kept) {
        kept_.erase(0, count);
    } else {
        kept_.assign(as_text(fresh.subspan(count)));
    }
}

}  // namespace fairlead::proxy::net
