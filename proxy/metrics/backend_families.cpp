#include "proxy/metrics/families.h"

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

namespace fairlead::proxy::metrics {
namespace {

using prometheus::MetricType;

constexpr double tables_threshold = 10'000;
constexpr double buffer_hit_ratio_threshold = 0.9998;

double number(std::uint64_t value) {
    return static_cast<double>(value);
}
double seconds(std::chrono::milliseconds value) {
    return std::chrono::duration<double>(value).count();
}

template <typename Read>
prometheus::MetricFamily by_pool(std::string_view name, MetricType type, std::string_view help,
                                 const std::vector<pool_sample>& pools, Read read) {
    family made(name, type, help);
    for (const pool_sample& each : pools) made.add({{"backend", each.backend}}, read(each));
    return std::move(made).take();
}

template <typename Read>
prometheus::MetricFamily by_estate(std::string_view name, std::string_view help,
                                   const std::vector<estate_sample>& estate, Read read,
                                   MetricType type = MetricType::Gauge) {
    family made(name, type, help);
    for (const estate_sample& each : estate) {
        if (auto value = read(each)) made.add({{"backend", each.backend}}, *value);
    }
    return std::move(made).take();
}

template <typename From>
std::optional<double> optional_number(const std::optional<From>& value) {
    if (!value) return std::nullopt;
    return static_cast<double>(*value);
}

prometheus::MetricFamily server_connections(const std::vector<pool_sample>& pools) {
    family made("fairlead_server_connections", MetricType::Gauge,
                "Server connections by what they are doing.");
    for (const pool_sample& each : pools) {
        made.add({{"backend", each.backend}, {"state", "connecting"}}, each.stats.connecting);
        made.add({{"backend", each.backend}, {"state", "idle"}}, each.stats.idle);
        made.add({{"backend", each.backend}, {"state", "lent"}}, each.stats.lent);
    }
    return std::move(made).take();
}

void append_pool_families(families& out, const std::vector<pool_sample>& pools) {
    out.push_back(server_connections(pools));
    out.push_back(by_pool("fairlead_pool_size", MetricType::Gauge,
                          "Budget of server connections, without overflow.", pools,
                          [](const pool_sample& each) { return static_cast<double>(each.pool_size); }));
    out.push_back(by_pool("fairlead_clients_waiting", MetricType::Gauge,
                          "Clients that wait for a server connection.", pools,
                          [](const pool_sample& each) { return static_cast<double>(each.stats.waiting); }));
    out.push_back(by_pool("fairlead_oldest_wait_seconds", MetricType::Gauge,
                          "How long the first of the waiting clients has waited.", pools,
                          [](const pool_sample& each) { return seconds(each.stats.oldest_wait); }));
    out.push_back(by_pool("fairlead_pool_timeouts_total", MetricType::Counter,
                          "Clients that waited longer than pool_timeout and got an error.", pools,
                          [](const pool_sample& each) { return number(each.stats.timeouts); }));
    out.push_back(by_pool("fairlead_server_connections_recycled_total", MetricType::Counter,
                          "Server connections closed because of their age.", pools,
                          [](const pool_sample& each) { return number(each.stats.recycled); }));
    out.push_back(by_pool("fairlead_server_connections_evicted_total", MetricType::Counter,
                          "Idle server connections closed to make room for another database.", pools,
                          [](const pool_sample& each) { return number(each.stats.evicted); }));
}

void append_mysql_families(families& out, const std::vector<estate_sample>& estate) {
    const auto counter = [&](std::string_view name, std::string_view help,
                             std::optional<std::uint64_t> estate_sample::*member) {
        out.push_back(by_estate(
            name, help, estate, [member](const estate_sample& each) { return optional_number(each.*member); },
            MetricType::Counter));
    };
    counter("fairlead_backend_connection_attempts_total",
            "Connections begun to the server, from anywhere, those that failed included (MySQL).",
            &estate_sample::connection_attempts);
    counter("fairlead_backend_connections_aborted_total",
            "Connections to the server that did not get through the login, from anywhere (MySQL).",
            &estate_sample::connections_aborted);
    counter("fairlead_table_cache_misses_total",
            "Statements of the server that had to open a table, since it was not in its cache (MySQL).",
            &estate_sample::table_cache_misses);
    counter("fairlead_tables_opened_total", "Tables that the server has opened (MySQL).",
            &estate_sample::tables_opened);
}

}  // namespace

void append_backend_families(families& out, const worker_snapshot& all,
                             const std::vector<pool_sample>& pools) {
    append_pool_families(out, pools);
    family logins("fairlead_server_logins_total", MetricType::Counter, "Logins of fairlead to servers.");
    family attempts("fairlead_connection_attempts_total", MetricType::Counter,
                    "Connections begun to servers, those that failed included.");
    family lookups("fairlead_name_lookups_total", MetricType::Counter,
                   "Host names looked up; answers from our own cache are not counted.");
    for (const backend_counts_sample& each : all.backends) {
        logins.add({{"backend", each.backend}, {"result", "ok"}}, number(each.logins_ok));
        logins.add({{"backend", each.backend}, {"result", "failed"}}, number(each.logins_failed));
        attempts.add({{"backend", each.backend}}, number(each.connection_attempts));
        lookups.add({{"backend", each.backend}}, number(each.name_lookups));
    }
    for (family* each : {&logins, &attempts, &lookups}) out.push_back(std::move(*each).take());
}

void append_estate_families(families& out, const std::vector<estate_sample>& estate) {
    family tables("fairlead_tables", MetricType::Gauge, "Tables, by where they are.");
    family ratio(
        "fairlead_buffer_hit_ratio", MetricType::Gauge,
        "Share of block reads that the server's buffer cache answered: over the last probe interval, and "
        "since the server's statistics began.");
    for (const estate_sample& each : estate) {
        for (const table_count& count : each.tables) {
            tables.add(
                {{"backend", each.backend}, {"database", count.database}, {"placement", count.placement}},
                number(count.tables));
        }
        if (each.buffer_hit_ratio_interval) {
            ratio.add({{"backend", each.backend}, {"window", "interval"}}, *each.buffer_hit_ratio_interval);
        }
        if (each.buffer_hit_ratio_start) {
            ratio.add({{"backend", each.backend}, {"window", "start"}}, *each.buffer_hit_ratio_start);
        }
    }
    out.push_back(std::move(tables).take());
    out.push_back(std::move(family("fairlead_tables_threshold", MetricType::Gauge,
                                   "Tables per backend above which servers begin to suffer.")
                                .add({}, tables_threshold))
                      .take());
    out.push_back(std::move(ratio).take());
    out.push_back(std::move(family("fairlead_buffer_hit_ratio_threshold", MetricType::Gauge,
                                   "Hit ratio below which storage reads begin to dominate.")
                                .add({}, buffer_hit_ratio_threshold))
                      .take());
    out.push_back(
        by_estate("fairlead_backend_connections_used", "Connections to the server, from anywhere.", estate,
                  [](const estate_sample& each) { return optional_number(each.connections_used); }));
    out.push_back(by_estate("fairlead_backend_connections_max", "Connections that the server allows.", estate,
                            [](const estate_sample& each) { return optional_number(each.connections_max); }));
    out.push_back(by_estate("fairlead_estate_probe_age_seconds", "Time since the last probe that succeeded.",
                            estate, [](const estate_sample& each) {
                                return each.age ? std::optional(seconds(*each.age)) : std::nullopt;
                            }));
    append_mysql_families(out, estate);
}

}  // namespace fairlead::proxy::metrics
