#include "tests/integration/library/library_shop.h"

#include "tests/integration/support/mariadb_server.h"
#include "tests/integration/support/postgres_server.h"
#include "tests/integration/support/server_process.h"

#include <gtest/gtest.h>

#include <fstream>

namespace fairlead::test {
namespace {

const std::string columns = "id int, note text, amount numeric(10,2), big bigint";

}  // namespace

std::string engine_name(config::Engine engine) {
    return engine == config::Engine::postgres ? "postgres" : "mysql";
}

library_shop::library_shop(config::Engine engine) : engine_(engine) {
    if (is_postgres()) {
        make_postgres();
    } else {
        make_mysql();
    }
    folder_ = make_server_folder("fairlead-library", "root");
    file_ = (folder_ / "fairlead.toml").string();
    write_default();
}

library_shop::~library_shop() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void library_shop::make_postgres() {
    postgres_ = std::make_unique<Shop>();
    Shop& shop = *postgres_;
    const std::string& app = shop.backend.user;
    dal::postgres::Connection owner = shop.as_owner();
    must(owner, "CREATE TABLE items (tenant_id text NOT NULL, " + columns +
                    ", data bytea, PRIMARY KEY (tenant_id, id))");
    shop.install();
    bridge_ = "tenant_{id}";
    must(owner, "CREATE SCHEMA tenant_initech");
    must(owner, "CREATE TABLE tenant_initech.items (" + columns + ", data bytea, PRIMARY KEY (id))");
    must(owner, "GRANT USAGE ON SCHEMA tenant_initech TO " + app);
    must(owner, "GRANT ALL ON tenant_initech.items TO " + app);
    silo_ = "silo_" + shop.placement.database;
    dal::postgres::Connection root = shared_server().connect("postgres", "postgres");
    must(root, "CREATE DATABASE " + silo_ + " OWNER " + app);
    dal::postgres::Connection silo = shared_server().connect(app, silo_);
    must(silo, "CREATE TABLE items (" + columns + ", data bytea, PRIMARY KEY (id))");
}

void library_shop::make_mysql() {
    mysql_ = std::make_unique<MysqlShop>();
    MysqlShop& shop = *mysql_;
    silo_ = "silo_" + shop.placement.database;
    bridge_ = shop.placement.database + "_{id}";
    const std::string own = shop.placement.database + "_initech";
    shop.run(
        {"CREATE TABLE items (tenant_id varchar(40) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL, " +
             columns + ", data blob, PRIMARY KEY (tenant_id, id))",
         "CREATE DATABASE " + silo_, "CREATE DATABASE " + own, "GRANT ALL ON " + silo_ + ".* TO %A",
         "GRANT ALL ON " + own + ".* TO %A",
         "CREATE TABLE " + silo_ + ".items (" + columns + ", data blob, PRIMARY KEY (id))",
         "CREATE TABLE " + own + ".items (" + columns + ", data blob, PRIMARY KEY (id))"});
}

std::string library_shop::backend_lines() const {
    const config::Backend& backend = is_postgres() ? postgres_->backend : mysql_->backend;
    return "[backends.db]\nengine = \"" + engine_name(engine_) +
           "\"\nhost = \"127.0.0.1\"\nport = " + std::to_string(backend.port) + "\nuser = \"" + backend.user +
           "\"\npassword = \"" + backend.password +
           "\"\ntls = { mode = \"disable\" }\nprobe_interval = \"0s\"\n";
}

void library_shop::write_default(const std::string& extra) const {
    write({{"acme", "shared"}, {"globex", "shared"}, {"initech", "own"}, {"umbrella", "silo"}}, extra);
}

void library_shop::write(const std::vector<std::pair<std::string, std::string>>& tenants,
                         const std::string& extra) const {
    const config::Placement& shared = is_postgres() ? postgres_->placement : mysql_->placement;
    std::ofstream out(file_);
    out << "[log]\nlevel = \"error\"\n" << backend_lines();
    // A login and a cancellation take seconds under a sanitizer on a busy machine.
    if (extra.find("pool_timeout") == std::string::npos) out << "pool_timeout = \"30s\"\n";
    out << extra << "\n";
    out << "[placements.shared]\nmodel = \"pool\"\nbackend = \"db\"\ndatabase = \"" << shared.database
        << "\"\ntenant_column = \"tenant_id\"\nglobal_tables = [\"plans\"]\nexpose_as = \"shop\"\n"
        << "catalogue_refresh = \"1s\"\n";
    out << "[placements.own]\nmodel = \"bridge\"\nbackend = \"db\"\nexpose_as = \"shop\"\n";
    if (is_postgres()) {
        out << "database = \"" << shared.database << "\"\nschema = \"" << bridge_ << "\"\n";
    } else {
        out << "database = \"" << bridge_ << "\"\n";
    }
    out << "[placements.silo]\nmodel = \"silo\"\nbackend = \"db\"\ndatabase = \"" << silo_
        << "\"\nexpose_as = \"shop\"\n";
    for (const auto& [id, placement] : tenants)
        out << "[[tenants]]\nid = \"" << id << "\"\nplacement = \"" << placement << "\"\n";
}

DataSource library_shop::open(const OpenOptions& options) const {
    return DataSource::open(file_, options);
}

void library_shop::run(const std::string& statement) const {
    if (is_postgres()) {
        postgres_->run({statement});
    } else {
        mysql_->run({statement});
    }
}

std::string library_shop::ask(const std::string& statement) const {
    if (is_postgres()) {
        auto connection = postgres_->as_superuser();
        return must(connection, statement).single();
    }
    auto connection = mysql_->as_root();
    return must(connection, statement).single();
}

void library_shop::cut_connections() const {
    if (is_postgres()) {
        run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" +
            postgres_->backend.user + "'");
        return;
    }
    run("KILL CONNECTION USER " + mysql_->account);
}

std::string library_shop::sleep(const std::string& seconds) const {
    return (is_postgres() ? "SELECT pg_sleep(" : "SELECT sleep(") + seconds + ")";
}

}  // namespace fairlead::test
