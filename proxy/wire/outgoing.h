#pragma once

#include "common/bytes.h"

#include <concepts>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::proxy {

/// What one call of a state machine wants written to one peer, in order: slices of the input it was given,
/// which are not copied, between bytes of its own. Slices must be written (or copied) before their buffer is
/// reused. Reused between calls, so in the steady state nothing is allocated. Not thread-safe.
class outgoing {
public:
    struct segment {
        const std::uint8_t* slice;  // null: `offset` into own()
        std::size_t offset;
        std::size_t length;
    };

    /// Forwards bytes of the input; adjacent slices become one.
    void slice(Bytes bytes) {
        if (bytes.empty()) return;
        if (!segments_.empty()) {
            segment& last = segments_.back();
            if (last.slice != nullptr && last.slice + last.length == bytes.data()) {
                last.length += bytes.size();
                size_ += bytes.size();
                return;
            }
            // A short message behind one of ours: copying it is cheaper than a second part in the system
            // call.
            if (last.slice == nullptr && bytes.size() <= copied_at_most) {
                own_.append(as_text(bytes));
                last.length += bytes.size();
                size_ += bytes.size();
                return;
            }
        }
        segments_.push_back({bytes.data(), 0, bytes.size()});
        size_ += bytes.size();
    }

    /// Appends whatever `write(std::string&)` appends.
    template <typename Writer>
    requires std::invocable<Writer&, std::string&>
    void own(Writer&& write) {
        std::size_t before = own_.size();
        write(own_);
        std::size_t added = own_.size() - before;
        if (added == 0) return;
        size_ += added;
        if (!segments_.empty() && segments_.back().slice == nullptr) {
            segments_.back().length += added;
        } else {
            segments_.push_back({nullptr, before, added});
        }
    }
    void own(std::string_view bytes) {
        own([&](std::string& out) { out.append(bytes); });
    }

    /// Copies the slices: what they point into is about to move.
    void make_own() {
        std::string all = flatten();
        clear();
        own(all);
    }

    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    const std::vector<segment>& segments() const { return segments_; }
    Bytes bytes(const segment& part) const {
        return part.slice != nullptr ? Bytes(part.slice, part.length)
                                     : as_bytes(std::string_view(own_).substr(part.offset, part.length));
    }
    /// All segments in one string; for tests and TLS.
    std::string flatten() const {
        std::string all;
        all.reserve(size_);
        for (const segment& part : segments_) all.append(as_text(bytes(part)));
        return all;
    }
    void clear() {
        segments_.clear();
        own_.clear();
        size_ = 0;
    }

private:
    static constexpr std::size_t copied_at_most = 1024;

    std::vector<segment> segments_;
    std::string own_;
    std::size_t size_ = 0;
};

}  // namespace fairlead::proxy
