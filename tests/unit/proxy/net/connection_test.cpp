#include "proxy/net/connection.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace fairlead::proxy::net {
namespace {

using namespace std::chrono_literals;

/// Reads once each time it is told of something, as clients and servers do.
class reader final : public connection {
public:
    using connection::connection;

    std::array<std::uint8_t, 8> room;
    std::string seen;
    int told = 0;
    bool ended = false;

private:
    void on_events(std::uint32_t) override {
        ++told;
        Bytes fresh;
        io_result result = receive(room, fresh);
        if (result.status == io_status::closed) {
            ended = true;
            return close();
        }
        seen.append(as_text(fresh));
        consume(fresh, fresh.size());
    }
};

class edges : public ::testing::Test {
protected:
    edges() {
        EXPECT_TRUE(events_.open());
        int ends[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
        peer_ = descriptor(ends[1]);
        reader_ = std::make_unique<reader>(events_, transport(descriptor(ends[0])));
        EXPECT_TRUE(reader_->attach());
        reader_->expect_edges();
    }

    void say(std::string_view text) {
        EXPECT_EQ(::send(peer_.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
    }
    void run(int batches = 4) {
        for (int i = 0; i < batches; ++i) events_.run_batch(0ms);
    }

    reactor events_{[] {}};
    descriptor peer_;
    std::unique_ptr<reader> reader_;
};

TEST_F(edges, WhatHasComeIsToldOnce) {
    say("abc");
    run();
    EXPECT_EQ(reader_->seen, "abc");
    EXPECT_EQ(reader_->told, 1);
}

TEST_F(edges, WhatDidNotFitIntoOneReadIsToldAgain) {
    say("abcdefghijklmnopqrst");
    run();
    EXPECT_EQ(reader_->seen, "abcdefghijklmnopqrst");
}

TEST_F(edges, TheEndBehindTheLastBytesIsToldAgain) {
    say("abc");
    peer_.reset();
    run();
    EXPECT_EQ(reader_->seen, "abc");
    EXPECT_TRUE(reader_->ended);
}

TEST_F(edges, WhatCameWhileNobodyReadIsToldThen) {
    reader_->want_read(false);
    say("abc");
    run();
    EXPECT_EQ(reader_->seen, "");
    reader_->want_read(true);
    run();
    EXPECT_EQ(reader_->seen, "abc");
}

TEST_F(edges, WhatWasThereBeforeIsToldInAnotherReactor) {
    say("abc");
    reader_->detach();
    reactor other([] {});
    ASSERT_TRUE(other.open());
    reader_->move_to(other);
    ASSERT_TRUE(reader_->attach());
    other.run_batch(0ms);
    EXPECT_EQ(reader_->seen, "abc");
    reader_->close();
}

}  // namespace
}  // namespace fairlead::proxy::net
