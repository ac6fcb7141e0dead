#include "proxy/metrics/counter.h"

#include "proxy/metrics/labelled_counters.h"
#include "proxy/metrics/worker_metrics.h"

#include <gtest/gtest.h>

#include <thread>

namespace fairlead::proxy::metrics {
namespace {

using namespace std::chrono_literals;

TEST(counter, is_read_whole_from_another_thread) {
    counter bytes;
    std::uint64_t last = 0;
    bool monotonic = true;
    std::jthread reader([&](std::stop_token stop) {
        while (!stop.stop_requested()) {
            const std::uint64_t now = bytes.value();
            monotonic = monotonic && now >= last;
            last = now;
        }
    });
    for (int i = 0; i < 100'000; ++i) bytes.add(3);
    reader.request_stop();
    reader.join();
    EXPECT_TRUE(monotonic);
    EXPECT_EQ(bytes.value(), 300'000u);
}

TEST(gauge, goes_below_zero_instead_of_wrapping) {
    gauge clients;
    clients.add();
    clients.subtract(2);
    EXPECT_EQ(clients.value(), -1);
    clients.set(7);
    EXPECT_EQ(clients.value(), 7);
}

TEST(histogram, bounds_are_inclusive_and_ascending) {
    for (std::size_t i = 1; i < duration_bounds.size(); ++i)
        EXPECT_LT(duration_bounds[i - 1], duration_bounds[i]);
    histogram wait;
    for (std::size_t i = 0; i < duration_bounds.size(); ++i) {
        wait.record(duration_bounds[i]);
        wait.record(duration_bounds[i] + 1ns);
    }
    const histogram_sample sample = wait.sample();
    EXPECT_EQ(sample.buckets.front(), 1u);
    for (std::size_t i = 1; i < duration_bounds.size(); ++i) EXPECT_EQ(sample.buckets[i], 2u) << i;
    EXPECT_EQ(sample.buckets.back(), 1u);
    EXPECT_EQ(sample.count(), 2 * duration_bounds.size());
}

TEST(histogram, takes_a_negative_duration_as_zero) {
    histogram wait;
    wait.record(-5s);
    EXPECT_EQ(wait.sample().buckets.front(), 1u);
    EXPECT_EQ(wait.sample().sum_nanoseconds, 0u);
}

TEST(histogram, samples_add_up) {
    histogram one;
    histogram two;
    one.record(1ms);
    two.record(1ms);
    two.record(1h);
    histogram_sample sum = one.sample();
    sum += two.sample();
    EXPECT_EQ(sum.count(), 3u);
    EXPECT_EQ(sum.buckets.back(), 1u);
    EXPECT_EQ(sum.sum_nanoseconds, 3'600'002'000'000u);
}

TEST(labelled_counters, counts_by_label_and_bounds_the_labels) {
    labelled_counters rules(2);
    rules.add("listen");
    rules.add("ddl", 2);
    rules.add("listen");
    rules.add("truncate");
    rules.add("copy-program");
    const label_samples expected = {{"listen", 2}, {"ddl", 2}, {"other", 2}};
    EXPECT_EQ(rules.sample(), expected);
}

TEST(error_counters, classes_are_two_characters_and_rubbish_is_other) {
    error_counters errors;
    errors.add(error_source::server, "42P01");
    errors.add(error_source::server, "42501");
    errors.add(error_source::server, "4\"}\n");
    errors.add(error_source::server, "");
    errors.add(error_source::server, "ab\n12");
    errors.add(error_source::fairlead, "57014");
    const label_samples server = {{"42", 2}, {"other", 3}};
    const label_samples ours = {{"57", 1}};
    EXPECT_EQ(errors.sample(error_source::server), server);
    EXPECT_EQ(errors.sample(error_source::fairlead), ours);
}

TEST(worker_metrics, a_block_stays_where_it_is_and_is_found_again) {
    worker_metrics worker;
    placement_metrics& shared = worker.placement("pg1", "shared");
    for (int i = 0; i < 100; ++i) worker.placement("pg1", "silo" + std::to_string(i));
    EXPECT_EQ(&worker.placement("pg1", "shared"), &shared);
    EXPECT_NE(&worker.placement("pg2", "shared"), &shared);  // moved to another backend by a reload
    EXPECT_EQ(&worker.backend("pg1"), &worker.backend("pg1"));
}

}  // namespace
}  // namespace fairlead::proxy::metrics
