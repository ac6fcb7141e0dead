#pragma once

#include <string>
#include <string_view>

namespace fairlead::policy::postgres {

/// The source of fairlead.tenant(), exactly as pg_proc.prosrc then holds it; verification compares the two.
std::string tenant_function_source();

/// CREATE OR REPLACE FUNCTION around it.
std::string tenant_function_ddl();

/// pg_proc.proconfig of the function, its only entry. Pinning costs 0.7 us a call and is worth it: a client
/// cannot put other operators in front of ours, and a client with another search_path does not make the
/// server plan the function's statements again.
inline constexpr std::string_view tenant_function_setting = "search_path=pg_catalog, pg_temp";

}  // namespace fairlead::policy::postgres
