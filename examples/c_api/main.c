/* The shop of examples/shop in C, without a proxy: its five tenants, each led to where it lives, by the same
 * calls.
 *
 *   c_api fairlead.toml
 *
 * Works on PostgreSQL and on MariaDB; the configuration says which. */

#include <fairlead.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void fail(const char* what, fairlead_error* error) {
    fprintf(stderr, "c_api: %s: %s\n%s\n", what, fairlead_error_message(error), fairlead_error_hint(error));
    fairlead_error_free(error);
    exit(1);
}

static fairlead_value integer(const char* name, int64_t value) {
    return (fairlead_value){.name = name, .type = FAIRLEAD_INTEGER, .integer = value};
}

static fairlead_value text(const char* name, const char* value) {
    return (fairlead_value){.name = name, .type = FAIRLEAD_TEXT, .data = value, .size = strlen(value)};
}

static fairlead_tenant* tenant_of(fairlead_source* source, const char* id) {
    fairlead_error* error;
    fairlead_tenant* tenant = fairlead_get_tenant(source, id, NULL, &error);
    if (tenant == NULL) fail(id, error);
    return tenant;
}

static void show_users(fairlead_source* source, const char* id) {
    fairlead_error* error;
    fairlead_tenant* tenant = tenant_of(source, id);
    const fairlead_value below = integer("below", 90);
    fairlead_stream* users = fairlead_open_stream(
        tenant, "SELECT user_id, username FROM users WHERE user_id < :below ORDER BY user_id", &below, 1,
        &error);
    if (users == NULL) fail("SELECT", error);

    printf("%s:", fairlead_tenant_id(tenant));
    int more;
    while ((more = fairlead_stream_next(users, &error)) == 1) {
        fairlead_field number, name;
        int64_t user_id;
        if (fairlead_stream_field(users, 0, &number, &error) ||
            fairlead_field_integer(&number, &user_id, &error) ||
            fairlead_stream_field(users, 1, &name, &error))
            fail("a row", error);
        printf(" %" PRId64 " %.*s;", user_id, (int)name.size, name.data);
    }
    if (more == -1) fail("SELECT", error);
    printf("\n");
    fairlead_stream_free(users);
    fairlead_tenant_free(tenant);
}

/* On shared tables nobody may do what would reach other tenants; it is not sent at all. */
static void try_what_is_refused(fairlead_tenant* tenant) {
    fairlead_error* error;
    fairlead_result* result = fairlead_execute(tenant, "TRUNCATE users", NULL, 0, &error);
    if (result != NULL || fairlead_error_kind(error) != FAIRLEAD_REFUSED)
        fail("TRUNCATE was not refused", error);
    printf("refused: %s\n  rule: %s\n  remedy: %s\n", fairlead_error_message(error),
           fairlead_error_rule(error), fairlead_error_hint(error));
    fairlead_error_free(error);
}

static int64_t number_of(fairlead_result* result) {
    fairlead_error* error;
    fairlead_field field;
    int64_t number;
    if (fairlead_result_field(result, 0, 0, &field, &error) ||
        fairlead_field_integer(&field, &number, &error))
        fail("count(*)", error);
    fairlead_result_free(result);
    return number;
}

/* What is run in the transaction: an error that it returns rolls everything back. */
static fairlead_error* add_a_user(fairlead_transaction* transaction, void* data) {
    fairlead_error* error;
    const fairlead_value values[] = {integer("id", 91), text("name", "Mori")};
    fairlead_result* result = fairlead_transaction_execute(
        transaction, "INSERT INTO users (user_id, username) VALUES (:id, :name)", values, 2, &error);
    if (result == NULL) return error;
    fairlead_result_free(result);
    result = fairlead_transaction_execute(transaction, "SELECT count(*) FROM users", NULL, 0, &error);
    if (result == NULL) return error;
    *(int64_t*)data = number_of(result);
    return NULL;
}

static fairlead_error* remove_and_fail(fairlead_transaction* transaction, void* data) {
    fairlead_error* error;
    fairlead_result* result = fairlead_transaction_execute(transaction, "DELETE FROM users", NULL, 0, &error);
    (void)data;
    if (result == NULL) return error;
    fairlead_result_free(result);
    return fairlead_error_new(FAIRLEAD_DATA, "something else failed");
}

static void commit_and_roll_back(fairlead_tenant* tenant) {
    fairlead_error* error;
    int64_t users = 0;
    if (fairlead_run_transaction(tenant, NULL, add_a_user, &users, &error)) fail("INSERT", error);
    printf("committed: %s has %" PRId64 " users\n", fairlead_tenant_id(tenant), users);

    if (fairlead_run_transaction(tenant, NULL, remove_and_fail, NULL, &error) != FAIRLEAD_DATA)
        fail("the transaction did not fail as it should", error);
    const char* reason = fairlead_error_message(error);
    fairlead_result* result = fairlead_execute(tenant, "SELECT count(*) FROM users", NULL, 0, NULL);
    if (result == NULL) fail("SELECT", error);
    printf("rolled back (%s): %s has %" PRId64 " users\n", reason, fairlead_tenant_id(tenant),
           number_of(result));
    fairlead_error_free(error);

    const fairlead_value id = integer("id", 91);
    result = fairlead_execute(tenant, "DELETE FROM users WHERE user_id = :id", &id, 1, &error);
    if (result == NULL) fail("DELETE", error);
    fairlead_result_free(result);
}

int main(int argc, char** argv) {
    if (argc != 2) {
        fputs("usage: c_api fairlead.toml\n", stderr);
        return 2;
    }
    fairlead_error* error;
    fairlead_source* source = fairlead_open(argv[1], NULL, &error);
    if (source == NULL) fail("the configuration", error);

    static const char* const tenants[] = {"tenant1", "tenant2", "tenant3", "tenant4", "tenant5"};
    for (size_t i = 0; i < sizeof tenants / sizeof *tenants; ++i) show_users(source, tenants[i]);
    fairlead_tenant* tenant = tenant_of(source, "tenant1");
    try_what_is_refused(tenant);
    commit_and_roll_back(tenant);
    fairlead_tenant_free(tenant);
    fairlead_source_free(source);
    return 0;
}
