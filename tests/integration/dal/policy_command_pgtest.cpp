#include "tests/integration/support/command_line.h"
#include "tests/integration/support/postgres_server.h"
#include "tests/integration/support/shop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace fairlead::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The command line against a shop with a configuration file of its own.
class PolicyCommand : public ::testing::Test {
protected:
    PolicyCommand() {
        file_ = (std::filesystem::temp_directory_path() / ("fairlead-" + shop_.placement.database + ".toml"))
                    .string();
        write_config(shop_.backend.port);
    }
    ~PolicyCommand() override { std::filesystem::remove(file_); }

    void write_config(unsigned port) {
        std::ofstream(file_)
            << "[listen.postgres]\naddress = [\"127.0.0.1:6432\"]\n[backends.pg1]\nengine = \"postgres\"\n"
               "host = \"127.0.0.1\"\nport = "
            << port << "\nuser = \"" << shop_.backend.user
            << "\"\npassword = \"app password\"\ntls = { mode = \"disable\" }\n[placements.shared]\n"
               "model = \"pool\"\nbackend = \"pg1\"\ndatabase = \""
            << shop_.placement.database
            << "\"\ntenant_column = \"tenant_id\"\nglobal_tables = [\"plans\"]\n[[tenants]]\nid = "
               "\"acme\"\nplacement = \"shared\"\n[[users]]\nname = \"acme_app\"\npassword = "
               "\"secret\"\ntenants = [\"acme\"]\n";
    }

    int run(std::vector<std::string> words) {
        result_ = run_command(std::move(words));
        return result_.status;
    }
    int policy(const std::string& action, std::vector<std::string> more = {}) {
        std::vector<std::string> words{"policy", action, "--config", file_, "--placement", "shared"};
        words.insert(words.end(), more.begin(), more.end());
        return run(std::move(words));
    }

    Shop shop_;
    std::string file_;
    CommandResult result_;
};

TEST_F(PolicyCommand, VerifyFailsInstallMendsVerifyPasses) {
    shop_.run({"GRANT SELECT ON users TO " + shop_.backend.user});
    EXPECT_EQ(policy("verify"), 1);
    EXPECT_THAT(result_.out, HasSubstr("error: function fairlead.tenant(): is missing"));
    EXPECT_THAT(result_.out,
                HasSubstr("fairlead policy install --config " + file_ + " --placement shared --as OWNER"));
    EXPECT_EQ(policy("install", {"--as", shop_.owner}), 0) << result_.err;
    EXPECT_THAT(result_.out, HasSubstr("installed for 4 tables"));
    EXPECT_EQ(policy("verify"), 0) << result_.out << result_.err;
    EXPECT_THAT(result_.out, HasSubstr("placement shared holds: 4 tables isolated"));
}

TEST_F(PolicyCommand, PrintedStatementsDoTheSameAsInstall) {
    EXPECT_EQ(policy("print", {"--show-keys"}), 0) << result_.err;
    auto owner = shop_.as_owner();
    // Sent as one simple query would need no splitting; here the statements are told apart by their ends of
    // line.
    std::istringstream script(result_.out);
    std::string statement;
    for (std::string line; std::getline(script, line);) {
        if (line.starts_with("--")) continue;
        statement += line + "\n";
        const bool inside_function =
            statement.find("$fairlead$") != std::string::npos && !line.ends_with("$fairlead$;");
        if (!line.ends_with(";") || inside_function) continue;
        must(owner, statement);
        statement.clear();
    }
    EXPECT_FALSE(any_error(shop_.verify()));
}

TEST_F(PolicyCommand, PrintShowsNoKeysUnlessAsked) {
    const std::string id = shop_.keys.front().id;
    EXPECT_EQ(policy("print"), 0);
    EXPECT_THAT(result_.out, HasSubstr("CREATE POLICY fairlead_tenant ON \"public\".\"users\""));
    EXPECT_THAT(result_.out, Not(HasSubstr(id)));
    EXPECT_THAT(result_.out, Not(HasSubstr("INSERT INTO fairlead.context_key")));
    EXPECT_EQ(policy("print", {"--show-keys"}), 0);
    EXPECT_THAT(result_.out, HasSubstr("INSERT INTO fairlead.context_key"));
    EXPECT_THAT(result_.out, HasSubstr(id));
}

TEST_F(PolicyCommand, PrintWorksWithoutADatabase) {
    write_config(1);  // nobody listens there
    EXPECT_EQ(policy("print"), 0) << result_.err;
    EXPECT_THAT(result_.out, HasSubstr("CREATE OR REPLACE FUNCTION fairlead.tenant()"));
    EXPECT_THAT(result_.out, HasSubstr("\\gexec"));
    EXPECT_EQ(policy("verify"), 1);
    EXPECT_THAT(result_.err, HasSubstr("connecting to 127.0.0.1:1"));
    EXPECT_EQ(policy("install", {"--as", shop_.owner}), 1);
}

TEST_F(PolicyCommand, MistakesAreSaid) {
    EXPECT_EQ(policy("install"), 2);
    EXPECT_EQ(run({"policy", "verify", "--config", file_, "--placement", "nowhere"}), 1);
    EXPECT_THAT(result_.err, HasSubstr("there is no placement nowhere"));
    EXPECT_EQ(run({"policy", "verify", "--config", file_ + ".missing", "--placement", "shared"}), 1);
    EXPECT_NE(result_.err, "");
}

TEST_F(PolicyCommand, EstateAsTextAndAsJson) {
    EXPECT_EQ(run({"estate", "--config", file_}), 0) << result_.err;
    EXPECT_THAT(result_.out, HasSubstr("tables            5\n"));
    EXPECT_THAT(result_.out, HasSubstr("of 40"));
    EXPECT_EQ(run({"estate", "--config", file_, "--json", "--interval", "1"}), 0);
    const auto backend = nlohmann::json::parse(result_.out)["backends"][0];
    EXPECT_EQ(backend["tables"], 5);
    EXPECT_EQ(backend["databases"][0]["tables_by_placement"]["shared"], 5);
    EXPECT_EQ(backend["max_connections"], 40);
    write_config(1);
    EXPECT_EQ(run({"estate", "--config", file_, "--json"}), 1);
    EXPECT_THAT(result_.out, HasSubstr("connecting to 127.0.0.1:1"));
}

}  // namespace
}  // namespace fairlead::test
