#include "policy/mysql/guard.h"
#include "policy/mysql/lexer.h"
#include "policy/mysql/render.h"
#include "policy/mysql/verifier.h"
#include "unit/policy/mysql/guard/shop.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace fairlead;
using namespace fairlead::policy::mysql;

namespace {

testing::session session_of(std::uint8_t bits) {
    constexpr std::array models = {config::Model::pool, config::Model::pool, config::Model::bridge,
                                   config::Model::silo};
    testing::session who(models[bits >> 6]);
    who.speaker.mode.ansi_quotes = (bits & 1) != 0;
    who.speaker.mode.no_backslash_escapes = (bits & 2) != 0;
    who.speaker.mode.ignore_space = (bits & 4) != 0;
    who.speaker.prepared = (bits & 8) != 0;
    if ((bits & 16) != 0) who.speaker.exposed = "app";
    if ((bits & 32) != 0) who.speaker.mode.server = who.scope.server = flavour::mysql;
    return who;
}

void check(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

}  // namespace

// Any bytes, the first of which is the session: no crash; what passes can be put together, and on shared
// tables is proven safe; a refusal says what and why.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string sql(reinterpret_cast<const char*>(data) + 1, size - 1);
    const testing::session who = session_of(data[0]);
    const policy::Verdict verdict = who.check(sql);
    if (verdict.refused) {
        check(!verdict.refusal.rule.empty() && !verdict.refusal.message.empty(), "a refusal without words");
        check(verdict.splices.empty() && verdict.settings.empty(), "a refusal with effects");
        return 0;
    }
    std::vector<token> tokens;
    if (!lex(sql, who.speaker.mode, tokens)) return 0;  // silo
    std::string sent;
    check(render(sql, tokens, verdict.splices, {who.speaker.tenant, who.speaker.database, 7}, sent),
          "it passes, but cannot be rendered");
    check(!verify(who.scope, who.speaker, sent), "it passes, but is not proven");
    return 0;
}
