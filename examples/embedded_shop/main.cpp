// The shop of examples/shop without a proxy: its five tenants, each led to where it lives, by the same calls.
//
//   embedded_shop fairlead.toml
//
// Works on PostgreSQL and on MariaDB; the configuration says which. See README.md beside this file.

#include <cstdint>
#include <cstdio>
#include <exception>
#include <fairlead/data_source.h>
#include <stdexcept>
#include <string>

namespace {

using fairlead::DataSource;
using fairlead::named;
using fairlead::Tenant;
using fairlead::Transaction;

void show_users(Tenant tenant) {
    std::string line = tenant.id() + ":";
    for (const auto& [id, name] : tenant.query<int, std::string>(
             "SELECT user_id, username FROM users WHERE user_id < :below ORDER BY user_id",
             named("below", 90)))
        line += " " + std::to_string(id) + " " + name + ";";
    std::puts(line.c_str());
}

/// On shared tables nobody may do what would reach other tenants; it is not sent at all.
void try_what_is_refused(Tenant tenant) {
    try {
        tenant.execute("TRUNCATE users");
        throw std::logic_error("TRUNCATE was not refused");
    } catch (const fairlead::StatementRefused& refused) {
        std::printf("refused: %s\n  rule: %s\n  remedy: %s\n", refused.what(), refused.rule().c_str(),
                    refused.remedy().c_str());
    }
}

std::int64_t count_users(Transaction& transaction) {
    return transaction.query_value<std::int64_t>("SELECT count(*) FROM users");
}

/// Nobody names the tenant: rows that are written become tenant1's.
void commit_and_roll_back(Tenant tenant) {
    const std::int64_t inside = tenant.transaction([](Transaction& transaction) {
        transaction.execute("INSERT INTO users (user_id, username) VALUES (:id, :name)", named("id", 90),
                            named("name", "Kato"));
        transaction.savepoint([](Transaction& part) {
            part.execute("UPDATE users SET username = :name WHERE user_id = :id",
                         named("name", "Kato Shizue"), named("id", 90));
        });
        return count_users(transaction);
    });
    std::printf("committed: %s has %lld users, the new one is %s\n", tenant.id().c_str(),
                static_cast<long long>(inside),
                tenant.query_value<std::string>("SELECT username FROM users WHERE user_id = 90").c_str());

    try {
        tenant.transaction([](Transaction& transaction) {
            transaction.execute("DELETE FROM users");
            throw std::runtime_error("something else failed");
        });
    } catch (const std::runtime_error& failure) {
        std::printf("rolled back (%s): %s has %lld users\n", failure.what(), tenant.id().c_str(),
                    static_cast<long long>(tenant.query_value<std::int64_t>("SELECT count(*) FROM users")));
    }
    tenant.execute("DELETE FROM users WHERE user_id = :id", named("id", 90));
}

void run(const char* config_file) {
    const DataSource db = DataSource::open(config_file);
    for (const char* id : {"tenant1", "tenant2", "tenant3", "tenant4", "tenant5"}) show_users(db.tenant(id));
    try_what_is_refused(db.tenant("tenant1"));
    commit_and_roll_back(db.tenant("tenant1"));
    for (const fairlead::PoolState& pool : db.pools())
        std::printf("pool %s: %llu connections were enough\n", pool.backend.c_str(),
                    static_cast<unsigned long long>(pool.connects));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: embedded_shop fairlead.toml\n", stderr);
        return 2;
    }
    try {
        run(argv[1]);
        return 0;
    } catch (const fairlead::DatabaseError& failure) {
        std::fprintf(stderr, "embedded_shop: %s\n%s\n", failure.what(), failure.diagnostics().hint.c_str());
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "embedded_shop: %s\n", failure.what());
    }
    return 1;
}
