#include "policy/mysql/guard/insert_rules.h"

#include "policy/mysql/guard/names.h"
#include "policy/mysql/guard/star_rules.h"
#include "policy/mysql/guard/table_rules.h"
#include "policy/mysql/guard/update_rules.h"
#include "policy/mysql/guard/value_rules.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::policy::mysql::guard {

namespace {

using parse::statement_kind;

/// An INSERT under way: where its parts are.
class insertion {
public:
    insertion(analysis& under_way, const parse::statement& statement)
        : a_(under_way), statement_(statement) {}

    void check();

private:
    void find_parts();
    bool check_unique_keys();
    void read_columns();
    void check_rows();
    void check_row(node_id row);
    void check_assignments();
    void check_query(node_id body);
    void check_block(node_id block);
    void check_item(node_id block, std::size_t items);
    void append_to(node_id parent, node_id last, token_index empty_end);
    void add_to_columns();
    std::string written_columns() const;
    bool is_hidden(const std::string& name) const;

    std::string own() const { return own_tenant(*relation_); }
    std::string column() const { return quoted(a_.scope.tenant_column); }
    std::string_view verb() const {
        return statement_.kind == statement_kind::replace ? "REPLACE" : "INSERT";
    }
    void force(node_id value) {
        force_tenant_value(a_, *relation_, value, (statement_.flags & parse::ignore_errors) != 0);
    }
    std::size_t children_of(node_id id) const;

    analysis& a_;
    const parse::statement& statement_;
    const Relation* relation_ = nullptr;
    node_id list_ = no_node;   // the column list
    node_id query_ = no_node;  // INSERT ... SELECT
    node_id assignments_ = no_node;
    std::vector<node_id> rows_;
    std::size_t width_ = 0;              // number of columns that get a value
    std::optional<std::size_t> tenant_;  // place of the tenant column among them
};

std::size_t insertion::children_of(node_id id) const {
    std::size_t count = 0;
    for (node_id child = a_.at(id).first_child; child != no_node; child = a_.at(child).next_sibling) ++count;
    return count;
}

void insertion::find_parts() {
    for (node_id child = a_.at(statement_.at).first_child; child != no_node;
         child = a_.at(child).next_sibling) {
        switch (a_.at(child).kind) {
            case node_kind::table: {
                const parse::table_reference& target = a_.tree.tables[a_.at(child).detail];
                relation_ = resolved(a_, target).relation;
                break;
            }
            case node_kind::column_list:
                list_ = child;
                break;
            case node_kind::row:
                rows_.push_back(child);
                break;
            case node_kind::assignment_list:
                assignments_ = child;
                break;
            case node_kind::query:
            case node_kind::parenthesised_query:
                query_ = child;
                break;
            default:
                break;
        }
    }
}

/// What these do to a row that is already there is decided by any unique key, and one without the tenant may
/// lead to another tenant's row.
bool insertion::check_unique_keys() {
    std::string_view what;
    if (statement_.kind == statement_kind::replace)
        what = "REPLACE";
    else if ((statement_.flags & parse::has_duplicate_update) != 0)
        what = "ON DUPLICATE KEY UPDATE";
    else if ((statement_.flags & parse::ignore_errors) != 0)
        what = "INSERT IGNORE";
    if (what.empty()) return true;
    return check_keys(a_, *relation_, what, statement_.verb);
}

void insertion::read_columns() {
    if (list_ == no_node) {
        for (const std::string& name : relation_->columns) {
            if (is_hidden(name)) continue;
            if (is_tenant_column(a_, name)) tenant_ = width_;
            ++width_;
        }
        return;
    }
    for (node_id child = a_.at(list_).first_child; child != no_node; child = a_.at(child).next_sibling) {
        if (is_tenant_column(a_, a_.name(a_.at(child).name))) {
            if (tenant_)
                return a_.refuse(rule::tenant_value, "the tenant column is named twice", a_.at(child).name);
            tenant_ = width_;
        }
        ++width_;
    }
}

/// Puts the id behind the last of a parent's children, or in front of `empty_end` when there are none.
void insertion::append_to(node_id parent, node_id last, token_index empty_end) {
    if (last == no_node)
        a_.edits.behind(a_.at(parent).first, empty_end, " " + own() + " ");
    else
        a_.edits.behind(a_.at(last).first, a_.at(last).end, ", " + own());
}

/// The columns that the values without a list are for, if the tenant column is a hidden one: "a, b, ".
std::string insertion::written_columns() const {
    std::string out;
    if (width_ == 0) return out;
    for (const std::string& name : relation_->columns)
        if (!is_hidden(name)) out += quoted(name) + ", ";
    return out;
}

bool insertion::is_hidden(const std::string& name) const {
    const auto& hidden = relation_->hidden_columns;
    return std::find(hidden.begin(), hidden.end(), name) != hidden.end();
}

void insertion::add_to_columns() {
    if (list_ != no_node && a_.at(list_).last_child != no_node) {
        const node& last = a_.at(a_.at(list_).last_child);
        a_.edits.behind(last.first, last.end, ", " + column());
    } else if (statement_.columns.present()) {
        a_.edits.behind(statement_.columns.first, statement_.columns.end - 1, column());
    } else {
        a_.edits.before(statement_.values, statement_.values + 1, "(" + written_columns() + column() + ") ");
    }
}

void insertion::check_row(node_id row) {
    std::size_t count = children_of(row);
    if (count != width_)
        return a_.refuse(rule::column_count,
                         std::string(verb()) + ": " + std::to_string(count) + " values for " +
                             std::to_string(width_) + " columns",
                         a_.at(row).first);
    if (!tenant_) return append_to(row, a_.at(row).last_child, a_.at(row).end - 1);
    node_id value = a_.at(row).first_child;
    for (std::size_t i = 0; i < *tenant_; ++i) value = a_.at(value).next_sibling;
    force(value);
}

void insertion::check_rows() {
    bool no_columns = list_ == no_node || width_ == 0;
    bool all_empty = true;
    for (node_id row : rows_) all_empty = all_empty && a_.at(row).first_child == no_node;
    if (no_columns && all_empty) {  // INSERT INTO t VALUES (): every column gets its default
        width_ = 0;
        tenant_.reset();
    }
    if (!tenant_) add_to_columns();
    for (node_id row : rows_)
        if (!a_.refused()) check_row(row);
}

void insertion::check_assignments() {
    bool named = false;
    for (node_id each = a_.at(assignments_).first_child; each != no_node; each = a_.at(each).next_sibling) {
        node_id target = a_.at(each).first_child;
        if (!is_tenant_column(a_, a_.name(a_.at(target).name))) continue;
        if (named)
            return a_.refuse(rule::tenant_value, "the tenant column is named twice", a_.at(each).first);
        named = true;
        force(a_.at(target).next_sibling);
    }
    if (named) return;
    const node& list = a_.at(assignments_);
    a_.edits.before(list.first, list.end, column() + " = " + own() + ", ");
}

/// The values are the output columns of every block of the query's body.
void insertion::check_query(node_id id) {
    for (node_id child = a_.at(id).first_child; child != no_node && !a_.refused();
         child = a_.at(child).next_sibling) {
        switch (a_.at(child).kind) {
            case node_kind::query_block:
                check_block(child);
                break;
            case node_kind::set_operation:
            case node_kind::parenthesised_query:
            case node_kind::query:
                check_query(child);
                break;
            default:
                break;
        }
    }
}

void insertion::check_block(node_id block) {
    const parse::query_block& clauses = a_.tree.blocks[a_.at(block).detail];
    if (clauses.kind == parse::block_kind::values) {
        for (node_id row = a_.at(block).first_child; row != no_node; row = a_.at(row).next_sibling)
            if (a_.at(row).kind == node_kind::row && !a_.refused()) check_row(row);
        return;
    }
    std::size_t items = 0;
    node_id last = no_node;
    for (node_id item = a_.at(block).first_child; item != no_node; item = a_.at(item).next_sibling)
        if (a_.at(item).kind == node_kind::select_item) {
            ++items;
            last = item;
        }
    if (clauses.kind != parse::block_kind::select || last == no_node)
        return a_.refuse(rule::column_count, "INSERT from TABLE: the columns are not known",
                         a_.at(block).first);
    if (tenant_) return check_item(block, items);
    append_to(block, last, no_token);
}

/// The output column that goes to the tenant column: `*` is followed into the catalogue.
void insertion::check_item(node_id block, std::size_t items) {
    std::size_t place = 0;
    for (node_id item = a_.at(block).first_child; item != no_node; item = a_.at(item).next_sibling) {
        if (a_.at(item).kind != node_kind::select_item) continue;
        node_id value = a_.at(item).first_child;
        if (a_.at(value).kind == node_kind::star) {
            auto columns = star_columns(a_, block, value);
            if (!columns)
                return a_.refuse(rule::column_count, "the columns of * are not known", a_.at(value).first);
            if (*tenant_ < place + columns->size()) {
                if ((*columns)[*tenant_ - place]) return;
                return a_.refuse(rule::tenant_value, "* puts another column into " + a_.scope.tenant_column,
                                 a_.at(value).first);
            }
            place += columns->size();
        } else if (place++ == *tenant_) {
            return force(value);
        }
    }
    a_.refuse(rule::column_count, std::to_string(items) + " values do not reach the tenant column",
              a_.at(block).first);
}

void insertion::check() {
    find_parts();
    if (a_.refused() || relation_ == nullptr || !check_unique_keys()) return;
    if (assignments_ != no_node) {
        check_assignments();
    } else {
        read_columns();
        if (a_.refused()) return;
        if (!rows_.empty()) {
            check_rows();
        } else if (query_ != no_node) {
            if (!tenant_) add_to_columns();
            check_query(statement_.at);
        } else {
            return a_.refuse(rule::unknown_syntax, "an INSERT without values", statement_.verb);
        }
    }
    check_duplicate_update(a_, statement_);
}

}  // namespace

void check_insert(analysis& a, const parse::statement& statement) {
    insertion(a, statement).check();
}

}  // namespace fairlead::policy::mysql::guard
