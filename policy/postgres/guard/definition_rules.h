#pragma once

#include "policy/postgres/guard/tree.h"

namespace fairlead::policy::postgres::guard {

class walker;

/// Tree rules for definitions by a tenant with a schema of its own: names that are not table references must
/// stay in that schema too.
void on_alter_command(walker& w, const tree_node& node);
void on_drop(walker& w, const tree_node& node);
void on_rename(walker& w, const tree_node& node);
void on_create_enum(walker& w, const tree_node& node);
void on_alter_enum(walker& w, const tree_node& node);
void on_create_domain(walker& w, const tree_node& node);
void on_vacuum(walker& w, const tree_node& node);
void on_cluster(walker& w, const tree_node& node);
void on_reindex(walker& w, const tree_node& node);
void on_comment(walker& w, const tree_node& node);
void on_definition_element(walker& w, const tree_node& node);

/// Tree rules for a tenant with a database of its own on a shared server: no code that the guard cannot read,
/// since it would run as the role of all tenants, and no object of the whole server.
void on_create_function(walker& w, const tree_node& node);
void on_define(walker& w, const tree_node& node);
void on_alter_owner(walker& w, const tree_node& node);
void on_security_label(walker& w, const tree_node& node);
void on_grant(walker& w, const tree_node& node);

}  // namespace fairlead::policy::postgres::guard
