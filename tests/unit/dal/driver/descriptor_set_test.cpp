#include "dal/driver/descriptor_set.h"

#include <gtest/gtest.h>

#include <array>
#include <sys/socket.h>
#include <unistd.h>

namespace fairlead::dal {
namespace {

class DescriptorSet : public testing::Test {
protected:
    DescriptorSet() { open(); }
    ~DescriptorSet() override { close(); }

    void open() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_.data()), 0); }
    void close() {
        for (const int end : ends_) ::close(end);
    }
    void send(std::size_t bytes = 1) {
        const std::array<char, 8> text{};
        EXPECT_EQ(::write(ends_[1], text.data(), bytes), static_cast<ssize_t>(bytes));
    }
    void read(std::size_t bytes = 1) {
        std::array<char, 8> text{};
        EXPECT_EQ(::read(ends_[0], text.data(), bytes), static_cast<ssize_t>(bytes));
    }
    /// The key of the only event; 0: there is none.
    std::uint64_t harvest() {
        std::array<descriptor_set::Event, 4> events;
        const std::size_t count = set_.harvest(events);
        EXPECT_LE(count, 1u);
        return count == 0 ? 0 : events[0].key;
    }
    bool arm(std::uint64_t key, bool all_read) { return arm(key, all_read, &owner_); }
    bool arm(std::uint64_t key, bool all_read, const connection_mark* whose) {
        return set_.arm(ends_[0], Wait::readable, key, whose, all_read);
    }

    const connection_mark owner_ = make_connection_mark();
    std::array<int, 2> ends_{-1, -1};
    descriptor_set set_;
};

TEST_F(DescriptorSet, AnEntryServesAgainUnderTheKeyOfEachWait) {
    for (std::uint64_t key = 1; key < 4; ++key) {
        ASSERT_TRUE(arm(key, true));
        EXPECT_EQ(harvest(), 0u);
        send();
        EXPECT_EQ(harvest(), key);
        EXPECT_EQ(harvest(), 0u) << "told twice";
        read();
    }
}

TEST_F(DescriptorSet, WhatWasLeftUnreadIsToldAgain) {
    ASSERT_TRUE(arm(1, true));
    send(2);
    EXPECT_EQ(harvest(), 1u);
    read(1);
    ASSERT_TRUE(arm(2, false));
    EXPECT_EQ(harvest(), 2u);
}

TEST_F(DescriptorSet, AnAnswerThatCameBeforeItWasWaitedForIsTold) {
    ASSERT_TRUE(arm(1, true));
    send();
    EXPECT_EQ(harvest(), 1u);
    read();
    send();
    EXPECT_EQ(harvest(), 0u) << "nobody waits";
    ASSERT_TRUE(arm(2, true));
    EXPECT_EQ(harvest(), 2u);
}

TEST_F(DescriptorSet, AnotherConnectionOfTheSameNumberIsEntered) {
    ASSERT_TRUE(arm(1, true));
    const int number = ends_[0];
    close();
    open();
    ASSERT_EQ(ends_[0], number) << "the lowest free number is given";
    const connection_mark another = make_connection_mark();
    ASSERT_TRUE(arm(2, true, &another));
    send();
    EXPECT_EQ(harvest(), 2u);
}

TEST_F(DescriptorSet, AnOwnerThatIsRememberedIsNeverAnother) {
    connection_mark gone = make_connection_mark();
    const void* const was = gone.get();
    ASSERT_TRUE(arm(1, true, &gone));
    gone.reset();
    EXPECT_NE(make_connection_mark().get(), was);
}

TEST_F(DescriptorSet, AnUnknownOwnerIsNeverTakenForTheSame) {
    ASSERT_TRUE(arm(1, true, nullptr));
    close();
    open();
    ASSERT_TRUE(arm(2, true, nullptr));
    send();
    EXPECT_EQ(harvest(), 2u);
}

TEST_F(DescriptorSet, DisarmedIsSilentAndArmedAgainIsNot) {
    ASSERT_TRUE(arm(1, true));
    set_.disarm(ends_[0]);
    send();
    EXPECT_EQ(harvest(), 0u);
    ASSERT_TRUE(arm(2, true));
    EXPECT_EQ(harvest(), 2u);
}

TEST_F(DescriptorSet, WhatIsNoDescriptorIsRefused) {
    EXPECT_FALSE(set_.arm(-1, Wait::readable, 1));
    EXPECT_FALSE(set_.arm(1'000, Wait::readable, 1, &owner_, true));
}

}  // namespace
}  // namespace fairlead::dal
