#include "proxy/metrics/families.h"

#include <string_view>
#include <type_traits>
#include <utility>

namespace fairlead::proxy::metrics {
namespace {

using prometheus::MetricType;

double number(std::uint64_t value) {
    return static_cast<double>(value);
}
double number(std::int64_t value) {
    return static_cast<double>(value);
}

// A family with one sample for each placement.
template <typename Value>
prometheus::MetricFamily by_placement(std::string_view name, MetricType type, std::string_view help,
                                      const worker_snapshot& all, Value placement_sample::*field) {
    family made(name, type, help);
    for (const placement_sample& each : all.placements) {
        const labels with = {{"placement", each.placement}, {"backend", each.backend}};
        if constexpr (std::is_same_v<Value, histogram_sample>) {
            made.add(with, each.*field);
        } else {
            made.add(with, number(each.*field));
        }
    }
    return std::move(made).take();
}

prometheus::MetricFamily client_connections(const worker_snapshot& all) {
    family made("fairlead_client_connections", MetricType::Gauge,
                "Client connections by what they are doing. login: placement not known yet.");
    made.add({{"placement", ""}, {"backend", ""}, {"state", "login"}}, number(all.clients_logging_in));
    for (const placement_sample& each : all.placements) {
        auto add = [&](std::string_view state, std::int64_t value) {
            made.add({{"placement", each.placement}, {"backend", each.backend}, {"state", state}},
                     number(value));
        };
        add("idle", each.clients_idle);
        add("active", each.clients_active);
        add("waiting", each.clients_waiting);
    }
    return std::move(made).take();
}

prometheus::MetricFamily bytes(const worker_snapshot& all) {
    family made("fairlead_bytes_total", MetricType::Counter,
                "Bytes read (in) and written (out) on the client side and the server side.");
    for (const placement_sample& each : all.placements) {
        auto add = [&](std::string_view side, std::string_view direction, std::uint64_t value) {
            made.add({{"placement", each.placement},
                      {"backend", each.backend},
                      {"side", side},
                      {"direction", direction}},
                     number(value));
        };
        add("client", "in", each.client_bytes_in);
        add("client", "out", each.client_bytes_out);
        add("server", "in", each.server_bytes_in);
        add("server", "out", each.server_bytes_out);
    }
    return std::move(made).take();
}

prometheus::MetricFamily errors(const worker_snapshot& all) {
    family made("fairlead_errors_total", MetricType::Counter,
                "Errors sent to clients by SQLSTATE class, made by the server or by fairlead.");
    auto add = [&](std::string_view backend, std::string_view placement, const error_samples& samples) {
        for (const auto& [label, count] : samples.server) {
            made.add({{"backend", backend}, {"placement", placement}, {"class", label}, {"source", "server"}},
                     number(count));
        }
        for (const auto& [label, count] : samples.fairlead) {
            made.add(
                {{"backend", backend}, {"placement", placement}, {"class", label}, {"source", "fairlead"}},
                number(count));
        }
    };
    add("", "", all.login_errors);
    for (const placement_sample& each : all.placements) add(each.backend, each.placement, each.errors);
    return std::move(made).take();
}

prometheus::MetricFamily pins(const worker_snapshot& all) {
    family made("fairlead_pins_total", MetricType::Counter,
                "Links that had to outlive their transaction, by the cause.");
    for (const placement_sample& each : all.placements) {
        for (std::size_t i = 1; i < each.pins.size(); ++i) {  // 0 is Pin::none
            made.add({{"placement", each.placement},
                      {"backend", each.backend},
                      {"reason", policy::to_string(static_cast<policy::Pin>(i))}},
                     number(each.pins[i]));
        }
    }
    return std::move(made).take();
}

}  // namespace

void append_client_families(families& out, const worker_snapshot& all) {
    out.push_back(client_connections(all));
    out.push_back(
        std::move(family("fairlead_client_logins_total", MetricType::Counter,
                         "Logins of clients. aborted: hung up, timed out or sent rubbish before an answer.")
                      .add({{"result", "ok"}}, number(all.client_logins_ok))
                      .add({{"result", "failed"}}, number(all.client_logins_failed))
                      .add({{"result", "aborted"}}, number(all.client_logins_aborted)))
            .take());
    std::uint64_t matched = 0;
    for (const placement_sample& each : all.placements) matched += each.cancel_requests;
    out.push_back(std::move(family("fairlead_cancel_requests_total", MetricType::Counter,
                                   "CancelRequest messages, by whether their key belonged to a client.")
                                .add({{"result", "matched"}}, number(matched))
                                .add({{"result", "unmatched"}}, number(all.cancel_requests_unmatched)))
                      .take());
    out.push_back(bytes(all));
    out.push_back(errors(all));
}

void append_transaction_families(families& out, const worker_snapshot& all) {
    out.push_back(by_placement("fairlead_links_total", MetricType::Counter,
                               "Server connections lent to clients.", all, &placement_sample::links));
    out.push_back(by_placement("fairlead_statements_total", MetricType::Counter,
                               "Query and Execute messages forwarded to servers.", all,
                               &placement_sample::statements));
    out.push_back(
        by_placement("fairlead_queue_wait_seconds", MetricType::Histogram,
                     "How long a client waited for a server connection, links that did not wait included.",
                     all, &placement_sample::queue_wait));
    out.push_back(by_placement("fairlead_transaction_duration_seconds", MetricType::Histogram,
                               "From lending a server connection to getting it back.", all,
                               &placement_sample::transaction_duration));
    out.push_back(pins(all));
    out.push_back(by_placement("fairlead_pinned_connections", MetricType::Gauge,
                               "Server connections that are pinned to a client now.", all,
                               &placement_sample::pinned_connections));
}

void append_guard_families(families& out, const worker_snapshot& all) {
    family refusals("fairlead_refusals_total", MetricType::Counter,
                    "Statements and messages refused, by rule.");
    for (const placement_sample& each : all.placements) {
        for (const auto& [rule, count] : each.refusals) {
            refusals.add({{"placement", each.placement}, {"backend", each.backend}, {"rule", rule}},
                         number(count));
        }
    }
    out.push_back(std::move(refusals).take());
    const verdict_cache_sample& cache = all.verdict_cache;
    out.push_back(std::move(family("fairlead_verdict_cache_hits_total", MetricType::Counter,
                                   "Statements whose verdict was in the cache.")
                                .add({}, number(cache.hits)))
                      .take());
    out.push_back(std::move(family("fairlead_verdict_cache_misses_total", MetricType::Counter,
                                   "Statements that had to be parsed.")
                                .add({}, number(cache.misses)))
                      .take());
    out.push_back(std::move(family("fairlead_verdict_cache_evictions_total", MetricType::Counter,
                                   "Verdicts dropped to make room for others.")
                                .add({}, number(cache.evictions)))
                      .take());
    out.push_back(std::move(family("fairlead_verdict_cache_bytes", MetricType::Gauge,
                                   "Memory that the verdict caches of all workers hold.")
                                .add({}, number(std::uint64_t{cache.bytes})))
                      .take());
}

void append_tenant_families(families& out, const std::vector<tenant_sample>& busiest) {
    family links("fairlead_tenant_links_total", MetricType::Counter,
                 "Server connections lent to clients of this tenant (busiest tenants only).");
    family seconds("fairlead_tenant_transaction_seconds_total", MetricType::Counter,
                   "Time that this tenant held server connections (busiest tenants only).");
    family traffic("fairlead_tenant_bytes_total", MetricType::Counter,
                   "Bytes to and from clients of this tenant (busiest tenants only).");
    family waiting("fairlead_tenant_waiting", MetricType::Gauge,
                   "Clients of this tenant that wait for a server connection (busiest tenants only).");
    family refused("fairlead_tenant_refusals_total", MetricType::Counter,
                   "Statements of this tenant that were refused (busiest tenants only).");
    for (const tenant_sample& each : busiest) {
        links.add({{"tenant", each.tenant}}, number(each.links));
        seconds.add({{"tenant", each.tenant}}, number(each.transaction_nanoseconds) * 1e-9);
        traffic.add({{"tenant", each.tenant}}, number(each.client_bytes));
        waiting.add({{"tenant", each.tenant}}, number(each.waiting));
        refused.add({{"tenant", each.tenant}}, number(each.refusals));
    }
    for (family* each : {&links, &seconds, &traffic, &waiting, &refused})
        out.push_back(std::move(*each).take());
}

}  // namespace fairlead::proxy::metrics
