#include "cli/policy_command.h"

#include "cli/mysql_policy.h"
#include "config/enum_names.h"
#include "dal/driver/postgres/connection.h"
#include "dal/estate/postgres/install_policy.h"
#include "dal/estate/postgres/verify_placement.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <ostream>
#include <utility>

namespace fairlead::cli {
namespace {

namespace pg = dal::postgres;
using Keys = std::vector<policy::postgres::ContextKey>;

/// One run of the command on one placement.
class PolicyCommand {
public:
    PolicyCommand(const PolicyOptions& options, const CommandContext& context,
                  const config::Snapshot& snapshot, const config::Backend& backend,
                  const config::Placement& placement)
        : options_(options),
          out_(context.out),
          err_(context.err),
          context_(context),
          settings_(snapshot.settings()),
          backend_(backend),
          placement_(placement),
          database_(config::sample_database(snapshot, placement)) {}

    int run() {
        switch (options_.action) {
            case PolicyAction::print:
                return print();
            case PolicyAction::install:
                return install();
            case PolicyAction::verify:
                return verify();
        }
        return 1;
    }

private:
    int fail(const Error& error) {
        err_ << "error: " << error.message << '\n';
        if (!error.hint.empty()) err_ << "    " << error.hint << '\n';
        return 1;
    }

    Result<Keys> keys() const {
        if (placement_.isolation != config::Isolation::sealed) return Keys{};
        return policy::postgres::context_keys(placement_.context_keys, backend_.password, backend_.user,
                                              placement_.database);
    }

    /// As the app role, or as the role of --as; verify always as the app role, since only its view tells.
    dal::SqlResult<pg::Connection> connect() const {
        dal::ConnectOptions options = dal::connect_options(backend_, database_);
        options.application_name = "fairlead policy";
        if (!options_.as_role.empty() && options_.action != PolicyAction::verify) {
            options.user = options_.as_role;
            options.password = context_.environment("PGPASSWORD").value_or("");
        }
        return pg::Connection::open(options);
    }

    int print() {
        Keys shown;
        if (options_.show_keys) {
            Result<Keys> made = keys();
            if (!made) return fail(made.error());
            shown = std::move(made).value();
        }
        out_ << "-- Placement " << placement_.name << ", database " << placement_.database
             << ". Run it as the role that is to own the schema fairlead.\n";
        dal::SqlResult<pg::Connection> connection = connect();
        if (!connection) return print_template(shown, connection.error());
        const auto inventory = pg::read_inventory(*connection, backend_.user, placement_.tenant_column);
        if (!inventory) return print_template(shown, inventory.error());
        const auto plan = pg::make_policy_plan(*inventory, backend_, placement_, pg::PlanFor::printing);
        if (!plan) return fail(plan.error());
        const auto script = policy::postgres::policy_script(*plan, shown);
        if (!script) return fail(script.error());
        print_script(script->statements);
        return 0;
    }

    int print_template(const Keys& shown, const Error& why) {
        out_ << "-- The tables are not known (" << why.message << "),\n"
             << "-- so psql makes their statements from the last query here.\n";
        const auto plan = pg::make_policy_plan(backend_, placement_);
        const auto script = policy::postgres::policy_script(plan, shown);
        if (!script) return fail(script.error());
        print_script(script->statements);
        out_ << policy::postgres::tenant_table_template(plan) << "\n\\gexec\n";
        return 0;
    }

    void print_script(const std::vector<std::string>& statements) {
        out_ << "BEGIN;\n";
        for (const std::string& statement : statements) {
            out_ << statement << (statement.starts_with("--") ? "\n" : ";\n");
        }
        out_ << "COMMIT;\n";
    }

    int install() {
        if (options_.as_role.empty()) {
            return fail({"policy install needs --as ROLE", "the role owns the tables, is not " +
                                                               backend_.user +
                                                               ", and its password is in PGPASSWORD"});
        }
        const Result<Keys> made = keys();
        if (!made) return fail(made.error());
        dal::SqlResult<pg::Connection> connection = connect();
        if (!connection) return fail(connection.error());
        const auto report = pg::install_policy(*connection, backend_, placement_, *made);
        if (!report) return fail(report.error());
        for (const std::string& notice : report->notices) err_ << notice << '\n';
        if (!report->for_superuser.empty()) {
            err_ << "warning: " << options_.as_role << " may not do these; have a superuser run them:\n";
            for (const std::string& statement : report->for_superuser) err_ << "    " << statement << ";\n";
        }
        out_ << "installed for " << report->tables.size() << " tables of placement " << placement_.name
             << '\n';
        for (const std::string& table : report->tables) out_ << "    " << table << '\n';
        out_ << "check with: fairlead policy verify --config " << options_.config_file << " --placement "
             << placement_.name << '\n';
        return 0;
    }

    int verify() {
        const Result<Keys> made = keys();
        if (!made) return fail(made.error());
        if (database_.empty()) {
            out_ << "placement " << placement_.name << " has no tenant yet: nothing to verify\n";
            return 0;
        }
        dal::SqlResult<pg::Connection> connection = connect();
        if (!connection) return fail(connection.error());
        const auto verified = pg::verify_placement(
            *connection, backend_, placement_, *made,
            config::bridge_schemas(settings_, backend_.name, placement_.database), options_.config_file);
        if (!verified) return fail(verified.error());
        for (const dal::Finding& finding : verified->findings) out_ << to_string(finding) << '\n';
        if (dal::any_error(verified->findings)) {
            out_ << "placement " << placement_.name << " does not hold and is not served\n";
            return 1;
        }
        if (verified->catalogue == nullptr) {
            out_ << "placement " << placement_.name << " holds: its tenants share no tables\n";
            return 0;
        }
        std::size_t isolated = 0;
        for (const policy::Relation& relation : verified->catalogue->relations())
            isolated += relation.isolated;
        out_ << "placement " << placement_.name << " holds: " << isolated << " tables isolated\n";
        return 0;
    }

    const PolicyOptions& options_;
    std::ostream& out_;
    std::ostream& err_;
    const CommandContext& context_;
    const config::Settings& settings_;
    const config::Backend& backend_;
    const config::Placement& placement_;
    const std::string database_;
};

bool has_policies(const config::Placement& placement) {
    return placement.model == config::Model::pool && (placement.isolation == config::Isolation::sealed ||
                                                      placement.isolation == config::Isolation::guc);
}

}  // namespace

int run_policy(const PolicyOptions& options, const CommandContext& context) {
    const config::SnapshotPtr snapshot = load_or_report(options.config_file, context);
    if (snapshot == nullptr) return 1;
    const config::Placement* placement = snapshot->placement(options.placement);
    if (placement == nullptr) {
        context.err << "error: there is no placement " << options.placement << " in " << options.config_file
                    << '\n';
        return 1;
    }
    const config::Backend* backend = snapshot->backend(placement->backend);
    if (backend == nullptr) return 1;  // validation has said so
    if (backend->engine == config::Engine::mysql) {
        return run_mysql_policy(options, context, *snapshot, *backend, *placement);
    }
    if (!has_policies(*placement) && options.action != PolicyAction::verify) {
        context.out << "-- Placement " << placement->name << " (model " << config::name_of(placement->model)
                    << ", isolation " << config::name_of(placement->isolation) << ") needs no policies.\n";
        return 0;
    }
    return PolicyCommand(options, context, *snapshot, *backend, *placement).run();
}

void add_policy_command(CLI::App& app, const CommandContext& context, int& exit_status) {
    CLI::App* policy = app.add_subcommand(
        "policy",
        "What isolates a placement: row policies and the sealed context (PostgreSQL), rights (MySQL)");
    policy->require_subcommand(1);
    const auto add = [&](PolicyAction action, const char* name, const char* description) {
        const auto options = std::make_shared<PolicyOptions>();  // lives in the callback
        options->action = action;
        CLI::App* command = policy->add_subcommand(name, description);
        command->add_option("--config", options->config_file, "Configuration file")->required();
        command->add_option("--placement", options->placement, "Placement")->required();
        // verify takes it, since the three go together in scripts, but always asks as the app role: only its
        // view tells.
        CLI::Option* as =
            command->add_option("--as", options->as_role, "Role that owns the tables; password: PGPASSWORD");
        if (action == PolicyAction::install) as->required();
        if (action == PolicyAction::print) {
            command->add_flag("--show-keys", options->show_keys,
                              "Include the signing keys: the output is secret then");
        }
        command->callback([options, &context, &exit_status] { exit_status = run_policy(*options, context); });
    };
    add(PolicyAction::print, "print", "Print the SQL; works without a database");
    add(PolicyAction::install, "install",
        "Run it, in one transaction; again after a change of keys or tables");
    add(PolicyAction::verify, "verify",
        "Check as the backend's user that the placement holds; changes nothing");
}

}  // namespace fairlead::cli
