#include "dal/driver/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace fairlead::dal::test {
namespace {

using std::chrono::steady_clock;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

struct asked_resolver {
    resolver::answer ask(const std::string& host, Duration ttl, TimePoint since) {
        auto answer = names.look_up(host, ttl, since, steady_clock::now());
        while (answer.pending) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            answer = names.look_up(host, ttl, since, steady_clock::now());
        }
        return answer;
    }
    std::atomic<int> answers = 0;
    resolver names{[this] { ++answers; }};
};

TEST(resolver, addresses_and_paths_are_their_own_answer) {
    asked_resolver r;
    const TimePoint now = steady_clock::now();
    for (const char* host : {"127.0.0.1", "::1", "/run/postgresql", "unix:/run/mysqld.sock"}) {
        const auto answer = r.names.look_up(host, Duration(0), now, now);
        EXPECT_FALSE(answer.pending);
        EXPECT_THAT(answer.addresses, ElementsAre(host));
    }
}

TEST(resolver, asks_again_only_when_the_answer_is_older_than_it_may_be) {
    asked_resolver r;
    const TimePoint began = steady_clock::now();
    EXPECT_THAT(r.ask("localhost", Duration(0), began).addresses, Contains("127.0.0.1"));
    EXPECT_EQ(r.answers, 1);
    r.ask("localhost", Duration(0), began);
    EXPECT_EQ(r.answers, 1) << "it came since the attempt began";
    const TimePoint later = steady_clock::now();
    r.ask("localhost", Duration(60'000), later);
    EXPECT_EQ(r.answers, 1);
    r.ask("localhost", Duration(0), later);
    EXPECT_EQ(r.answers, 2);
    r.names.forget("localhost");
    r.ask("localhost", Duration(60'000), steady_clock::now());
    EXPECT_EQ(r.answers, 3);
}

TEST(resolver, a_name_that_is_no_name_fails_with_the_reason) {
    asked_resolver r;
    const auto answer = r.ask("no such name", Duration(0), steady_clock::now());
    EXPECT_TRUE(answer.addresses.empty());
    EXPECT_THAT(answer.error, HasSubstr("cannot resolve no such name: "));
}

}  // namespace
}  // namespace fairlead::dal::test
