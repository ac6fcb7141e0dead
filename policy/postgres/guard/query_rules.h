#pragma once

#include "policy/postgres/guard/tree.h"

namespace fairlead::policy::postgres::guard {

class walker;

/// Tree rules for the statements that read and write rows, wherever they stand (a WITH body, a view,
/// EXPLAIN).
void on_select(walker& w, const tree_node& node);
void on_insert(walker& w, const tree_node& node);
void on_update(walker& w, const tree_node& node);
void on_delete(walker& w, const tree_node& node);
void on_merge(walker& w, const tree_node& node);
/// EXISTS (SELECT * ...) and OPERATOR(...) of ANY and ALL.
void on_sublink(walker& w, const tree_node& node);

}  // namespace fairlead::policy::postgres::guard
