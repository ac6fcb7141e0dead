#include "cli/estate_command.h"

#include "dal/estate/backend_prober.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <ostream>
#include <thread>
#include <utility>
#include <vector>

namespace fairlead::cli {
namespace {

// Above and below these a shared estate gets slow (docs/architecture.md); the same as the gauges at /metrics.
constexpr std::uint64_t table_threshold = 10'000;
constexpr double hit_ratio_threshold = 0.9998;

// A server may hold ten thousand databases; people read the sums and the largest.
constexpr std::size_t shown_databases = 20;

using Probers = std::vector<std::unique_ptr<dal::BackendProber>>;

Probers make_probers(const config::Settings& settings) {
    Probers probers;
    for (const config::Backend& backend : settings.backends) {
        std::vector<config::Placement> placements;
        for (const config::Placement& placement : settings.placements) {
            if (placement.backend == backend.name) placements.push_back(placement);
        }
        probers.push_back(dal::make_backend_prober(backend, std::move(placements)));
    }
    return probers;
}

std::vector<dal::BackendProbe> probe_all(const Probers& probers, std::size_t max_databases) {
    std::vector<dal::BackendProbe> probes;
    probes.reserve(probers.size());
    for (const auto& prober : probers) probes.push_back(prober->run(max_databases));
    return probes;
}

std::string percent(const std::optional<double>& ratio) {
    if (!ratio) return "-";
    char text[32];
    std::snprintf(text, sizeof text, "%.3f %%%s", *ratio * 100, *ratio < hit_ratio_threshold ? " (low)" : "");
    return text;
}

void print_mysql_counters(const dal::BackendProbe& probe, std::ostream& out) {
    if (probe.table_cache) {
        out << "  table cache       " << probe.table_cache->misses << " misses, " << probe.table_cache->opened
            << " tables opened, room for " << probe.table_cache->size << '\n';
    }
    if (probe.attempts) {
        out << "  connects          " << probe.attempts->begun << " attempts since the server's start, "
            << probe.attempts->aborted << " failed\n";
    }
}

void print_placements(const dal::BackendProbe& probe, std::ostream& out) {
    for (const dal::PlacedTables& each : probe.placed) {
        out << "  placement " << (each.placement.empty() ? "(none)" : each.placement) << " in "
            << each.database << ": " << each.tables << " tables\n";
    }
}

void print_databases(const dal::BackendProbe& probe, std::ostream& out) {
    std::vector<const dal::DatabaseProbe*> shown;
    for (const dal::DatabaseProbe& database : probe.databases) shown.push_back(&database);
    const auto rank = [](const dal::DatabaseProbe* a, const dal::DatabaseProbe* b) {
        return std::pair(a->error.empty(), b->tables) < std::pair(b->error.empty(), a->tables);
    };
    std::stable_sort(shown.begin(), shown.end(), rank);  // what failed, then the largest
    for (std::size_t i = 0; i < std::min(shown.size(), shown_databases); ++i) {
        out << "  database " << shown[i]->database << ": ";
        if (!shown[i]->error.empty()) {
            out << "cannot be asked: " << shown[i]->error << '\n';
            continue;
        }
        out << shown[i]->tables << " tables";
        if (shown[i]->hit_ratio_total) out << ", hit ratio " << percent(shown[i]->hit_ratio_total);
        out << '\n';
    }
    if (shown.size() > shown_databases) {
        out << "  and " << shown.size() - shown_databases << " smaller databases (all: --json)\n";
    }
}

void print_backend(const dal::BackendProbe& probe, std::ostream& out) {
    out << "backend " << probe.backend;
    if (!probe.error.empty()) {
        out << "\n  cannot be asked: " << probe.error << '\n';
        return;
    }
    const std::uint64_t tables = probe.tables();
    out << ", " << probe.product << ' ' << probe.server_version << "\n  tables            " << tables
        << (tables > table_threshold ? " (more than 10000: catalogue caches and migrations suffer)" : "")
        << "\n  cache hit ratio   " << percent(probe.hit_ratio_total) << " since reset, "
        << percent(probe.hit_ratio_interval) << " over the interval\n  connections       "
        << probe.connections_used << " of " << probe.max_connections << '\n';
    print_mysql_counters(probe, out);
    print_placements(probe, out);
    print_databases(probe, out);
}

nlohmann::json number_or_null(const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json to_json(const dal::BackendProbe& probe) {
    nlohmann::json databases = nlohmann::json::array();
    for (const dal::DatabaseProbe& database : probe.databases) {
        databases.push_back({{"database", database.database},
                             {"tables", database.tables},
                             {"tables_by_placement", database.by_placement},
                             {"hit_ratio", number_or_null(database.hit_ratio_total)},
                             {"hit_ratio_interval", number_or_null(database.hit_ratio_interval)},
                             {"error", database.error}});
    }
    nlohmann::json out{{"backend", probe.backend},
                       {"error", probe.error},
                       {"product", probe.product},
                       {"server_version", probe.server_version},
                       {"tables", probe.tables()},
                       {"tables_by_placement", probe.tables_by_placement()},
                       {"tables_threshold", table_threshold},
                       {"hit_ratio", number_or_null(probe.hit_ratio_total)},
                       {"hit_ratio_interval", number_or_null(probe.hit_ratio_interval)},
                       {"hit_ratio_threshold", hit_ratio_threshold},
                       {"connections_used", probe.connections_used},
                       {"max_connections", probe.max_connections},
                       {"took_ms", probe.took.count()},
                       {"databases", databases}};
    if (probe.table_cache) {
        out["table_cache"] = {{"hits", probe.table_cache->hits},
                              {"misses", probe.table_cache->misses},
                              {"opened", probe.table_cache->opened},
                              {"size", probe.table_cache->size}};
    }
    if (probe.attempts) {
        out["connection_attempts"] = probe.attempts->begun;
        out["connections_aborted"] = probe.attempts->aborted;
    }
    return out;
}

}  // namespace

int run_estate(const EstateOptions& options, const CommandContext& context) {
    const config::SnapshotPtr snapshot = load_or_report(options.config_file, context);
    if (snapshot == nullptr) return 1;
    const Probers probers = make_probers(snapshot->settings());
    std::vector<dal::BackendProbe> probes = probe_all(probers, std::numeric_limits<std::size_t>::max());
    if (options.interval_s > 0) {
        std::this_thread::sleep_for(std::chrono::seconds(options.interval_s));
        probes = probe_all(probers, 0);
    }
    bool failed = false;
    nlohmann::json backends = nlohmann::json::array();
    for (const dal::BackendProbe& probe : probes) {
        failed = failed || !probe.error.empty();
        if (options.json) {
            backends.push_back(to_json(probe));
        } else {
            print_backend(probe, context.out);
        }
    }
    if (options.json) context.out << nlohmann::json{{"backends", backends}}.dump(2) << '\n';
    return failed ? 1 : 0;
}

void add_estate_command(CLI::App& app, const CommandContext& context, int& exit_status) {
    const auto options = std::make_shared<EstateOptions>();
    CLI::App* command =
        app.add_subcommand("estate", "Table counts, cache hit ratios and connections of every backend");
    command->add_option("--config", options->config_file, "Configuration file")->required();
    command->add_flag("--json", options->json, "As JSON");
    command->add_option("--interval", options->interval_s, "Measure the hit ratio over SECONDS as well");
    command->callback([options, &context, &exit_status] { exit_status = run_estate(*options, context); });
}

}  // namespace fairlead::cli
