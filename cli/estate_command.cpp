#include "cli/estate_command.h"

#include "dal/estate/postgres/backend_prober.h"
#include "dal/estate/postgres/server_version.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <ostream>
#include <thread>

namespace fairlead::cli {
namespace {

namespace pg = dal::postgres;

// Above and below these a shared estate gets slow (docs/architecture.md); the same as the gauges at /metrics.
constexpr std::uint64_t table_threshold = 10'000;
constexpr double hit_ratio_threshold = 0.9998;

std::vector<pg::BackendProber> make_probers(const config::Settings& settings) {
    std::vector<pg::BackendProber> probers;
    for (const config::Backend& backend : settings.backends) {
        if (backend.engine != config::Engine::postgres) continue;
        std::vector<config::Placement> placements;
        for (const config::Placement& placement : settings.placements) {
            if (placement.backend == backend.name) placements.push_back(placement);
        }
        probers.emplace_back(backend, std::move(placements));
    }
    return probers;
}

std::vector<pg::BackendProbe> probe_all(std::vector<pg::BackendProber>& probers, std::size_t max_databases) {
    std::vector<pg::BackendProbe> probes;
    for (pg::BackendProber& prober : probers) probes.push_back(prober.run(max_databases));
    return probes;
}

std::string percent(const std::optional<double>& ratio) {
    if (!ratio) return "-";
    char text[32];
    std::snprintf(text, sizeof text, "%.3f %%%s", *ratio * 100, *ratio < hit_ratio_threshold ? " (low)" : "");
    return text;
}

void print_backend(const pg::BackendProbe& probe, std::ostream& out) {
    out << "backend " << probe.backend;
    if (!probe.error.empty()) {
        out << "\n  cannot be asked: " << probe.error << '\n';
        return;
    }
    const std::uint64_t tables = probe.tables();
    out << ", PostgreSQL " << pg::version_text(probe.server_version) << "\n  tables            " << tables
        << (tables > table_threshold ? " (more than 10000: catalogue caches and migrations suffer)" : "")
        << "\n  cache hit ratio   " << percent(probe.hit_ratio_total) << " since reset, "
        << percent(probe.hit_ratio_interval) << " over the interval\n  connections       "
        << probe.connections_used << " of " << probe.max_connections << '\n';
    for (const pg::DatabaseProbe& database : probe.databases) {
        out << "  database " << database.database << ": ";
        if (!database.error.empty()) {
            out << "cannot be asked: " << database.error << '\n';
            continue;
        }
        out << database.tables << " tables, hit ratio " << percent(database.hit_ratio_total) << '\n';
        for (const auto& [placement, count] : database.by_placement) {
            out << "    " << (placement.empty() ? "(no placement)" : placement) << ": " << count
                << " tables\n";
        }
    }
}

nlohmann::json number_or_null(const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json to_json(const pg::BackendProbe& probe) {
    nlohmann::json databases = nlohmann::json::array();
    for (const pg::DatabaseProbe& database : probe.databases) {
        databases.push_back({{"database", database.database},
                             {"tables", database.tables},
                             {"tables_by_placement", database.by_placement},
                             {"hit_ratio", number_or_null(database.hit_ratio_total)},
                             {"hit_ratio_interval", number_or_null(database.hit_ratio_interval)},
                             {"error", database.error}});
    }
    return {{"backend", probe.backend},
            {"error", probe.error},
            {"server_version", pg::version_text(probe.server_version)},
            {"tables", probe.tables()},
            {"tables_threshold", table_threshold},
            {"hit_ratio", number_or_null(probe.hit_ratio_total)},
            {"hit_ratio_interval", number_or_null(probe.hit_ratio_interval)},
            {"hit_ratio_threshold", hit_ratio_threshold},
            {"connections_used", probe.connections_used},
            {"max_connections", probe.max_connections},
            {"databases", databases}};
}

}  // namespace

int run_estate(const EstateOptions& options, const CommandContext& context) {
    const config::SnapshotPtr snapshot = load_or_report(options.config_file, context);
    if (snapshot == nullptr) return 1;
    std::vector<pg::BackendProber> probers = make_probers(snapshot->settings());
    std::vector<pg::BackendProbe> probes = probe_all(probers, std::numeric_limits<std::size_t>::max());
    if (options.interval_s > 0) {
        std::this_thread::sleep_for(std::chrono::seconds(options.interval_s));
        probes = probe_all(probers, 0);
    }
    bool failed = false;
    nlohmann::json backends = nlohmann::json::array();
    for (const pg::BackendProbe& probe : probes) {
        failed = failed || !probe.error.empty();
        if (options.json) {
            backends.push_back(to_json(probe));
        } else {
            print_backend(probe, context.out);
        }
    }
    if (options.json) context.out << nlohmann::json{{"backends", backends}}.dump(2) << '\n';
    for (const config::Backend& backend : snapshot->settings().backends) {
        if (backend.engine == config::Engine::mysql) {
            context.err << "note: backend " << backend.name
                        << " was not asked: MySQL is not supported here yet\n";
        }
    }
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
