#include "policy/postgres/tenant_function.h"

#include "policy/postgres/sealed_context.h"

namespace fairlead::policy::postgres {
namespace {

// plpgsql, because its plans stay cached for the session (a function in SQL is planned for every query).
// No step can raise an error on a malformed token: every field is compared as text, nothing is cast.
// The MAC is compared by a 64-bit hash first, a comparison of two numbers: its time says nothing about how
// many leading characters were right, and who gets past it has guessed 64 bits that nobody showed him. Only
// then the text. Expiry is compared with now(), the start of the transaction, so that a long transaction does
// not lose its rows half-way; hexadecimal of equal length sorts like the number it stands for.
constexpr std::string_view before_tag = R"sql(
DECLARE
    token pg_catalog.text := pg_catalog.current_setting('fairlead.context', true);
    inner_pad pg_catalog.bytea;
    outer_pad pg_catalog.bytea;
    mac pg_catalog.text;
BEGIN
    IF token IS NULL OR pg_catalog.substr(token, 65, 1) OPERATOR(pg_catalog.<>) '1' THEN
        RETURN NULL;
    END IF;
    SELECT k.inner_pad, k.outer_pad INTO inner_pad, outer_pad
      FROM fairlead.context_key AS k
     WHERE k.id OPERATOR(pg_catalog.=) pg_catalog.substr(token, 66, 8);
    mac := pg_catalog.encode(
        pg_catalog.sha256(outer_pad OPERATOR(pg_catalog.||) pg_catalog.sha256(inner_pad OPERATOR(pg_catalog.||)
            pg_catalog.convert_to(pg_catalog.substr(token, 65), 'UTF8'))), 'hex');
    IF pg_catalog.hashtextextended(pg_catalog.substr(token, 1, 64), 0) OPERATOR(pg_catalog.=)
           pg_catalog.hashtextextended(mac, 0)
       AND pg_catalog.substr(token, 1, 64) OPERATOR(pg_catalog.=) mac
       AND pg_catalog.substr(token, 74, 8) OPERATOR(pg_catalog.=)
           pg_catalog.encode(pg_catalog.int4send(pg_catalog.pg_backend_pid()), 'hex')
       AND pg_catalog.substr(token, 82, 16) OPERATOR(pg_catalog.=)
           pg_catalog.encode(pg_catalog.int8send()sql";

constexpr std::string_view after_tag = R"sql(), 'hex')
       AND (pg_catalog.substr(token, 98, 16) COLLATE pg_catalog."C") OPERATOR(pg_catalog.>)
           pg_catalog.encode(pg_catalog.timestamptz_send(pg_catalog.now()), 'hex')
    THEN
        RETURN NULLIF(pg_catalog.substr(token, 114), '');
    END IF;
    RETURN NULL;
END
)sql";

}  // namespace

std::string tenant_function_source() {
    return std::string(before_tag) + std::string(connection_tag_expression) + std::string(after_tag);
}

std::string tenant_function_ddl() {
    return "CREATE OR REPLACE FUNCTION fairlead.tenant() RETURNS pg_catalog.text\n"
           "    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED\n"
           "    SET search_path = pg_catalog, pg_temp\n"
           "AS $fairlead$" +
           tenant_function_source() + "$fairlead$";
}

}  // namespace fairlead::policy::postgres
