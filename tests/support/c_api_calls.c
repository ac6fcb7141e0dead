/* What examples/c_api does not show of fairlead.h, as one program: c_api_calls fairlead.toml ENGINE. Runs as
 * tenant2 of the shop, leaves its rows as they were, and says which check failed. */

#include <fairlead.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static fairlead_error* error;

#define CHECK(condition)                                                                                 \
    do {                                                                                                 \
        if (!(condition)) {                                                                              \
            fprintf(stderr, "line %d: %s\n  %s\n", __LINE__, #condition, fairlead_error_message(error)); \
            exit(1);                                                                                     \
        }                                                                                                \
    } while (0)

/* A failure of this kind, and nothing but it. */
#define CHECK_FAILS(kind, call)                      \
    do {                                             \
        CHECK(!(call));                              \
        CHECK(fairlead_error_kind(error) == (kind)); \
        fairlead_error_free(error);                  \
        error = NULL;                                \
    } while (0)

static fairlead_value integer(int64_t value) {
    return (fairlead_value){.type = FAIRLEAD_INTEGER, .integer = value};
}

static fairlead_value text(const char* value) {
    return (fairlead_value){.type = FAIRLEAD_TEXT, .data = value, .size = strlen(value)};
}

static int is_mysql;
static const char* insert(void) {
    return is_mysql ? "INSERT INTO users (user_id, username) VALUES (?, ?)"
                    : "INSERT INTO users (user_id, username) VALUES ($1, $2)";
}
static const char* const count = "SELECT count(*) FROM users";

static int64_t number_of(fairlead_result* result) {
    fairlead_field field;
    int64_t number = -1;
    CHECK(result != NULL);
    CHECK(fairlead_result_field(result, 0, 0, &field, &error) == FAIRLEAD_OK);
    CHECK(fairlead_field_integer(&field, &number, &error) == FAIRLEAD_OK);
    fairlead_result_free(result);
    return number;
}

static int64_t users(fairlead_tenant* tenant) {
    return number_of(fairlead_execute(tenant, count, NULL, 0, &error));
}

static void add(fairlead_tenant* tenant, int64_t id) {
    const fairlead_value values[] = {integer(id), text("added")};
    fairlead_result* result = fairlead_execute(tenant, insert(), values, 2, &error);
    CHECK(result != NULL);
    CHECK(fairlead_result_affected(result) == 1);
    CHECK(fairlead_result_rows(result) == 0);
    fairlead_result_free(result);
}

static void remove_added(fairlead_tenant* tenant) {
    fairlead_result* result =
        fairlead_execute(tenant, "DELETE FROM users WHERE user_id > 2", NULL, 0, &error);
    CHECK(result != NULL);
    fairlead_result_free(result);
}

static void results(fairlead_tenant* tenant) {
    fairlead_field field;
    size_t size = 0;
    fairlead_result* result = fairlead_execute(
        tenant, "SELECT username, NULL AS nothing FROM users WHERE user_id = 1", NULL, 0, &error);
    CHECK(result != NULL);
    CHECK(fairlead_result_rows(result) == 1);
    CHECK(fairlead_result_columns(result) == 2);
    CHECK(strncmp(fairlead_result_column_name(result, 1, &size), "nothing", 7) == 0);
    CHECK(size == 7);
    CHECK(fairlead_result_column_name(result, 2, &size) == NULL);
    CHECK(fairlead_result_field(result, 0, 0, &field, &error) == FAIRLEAD_OK);
    CHECK(field.size == 8 && memcmp(field.data, "Nakamura", 8) == 0);
    int64_t number = 0;
    CHECK_FAILS(FAIRLEAD_CONVERSION, fairlead_field_integer(&field, &number, &error) == FAIRLEAD_OK);
    CHECK(fairlead_result_field(result, 0, 1, &field, &error) == FAIRLEAD_OK);
    CHECK(field.data == NULL);
    CHECK_FAILS(FAIRLEAD_USAGE, fairlead_result_field(result, 1, 0, &field, &error) == FAIRLEAD_OK);
    CHECK_FAILS(FAIRLEAD_USAGE, fairlead_result_field(result, 0, 2, &field, &error) == FAIRLEAD_OK);
    fairlead_result_free(result);
}

static void errors(fairlead_source* source, fairlead_tenant* tenant) {
    const fairlead_value values[] = {integer(1), text("twice")};
    CHECK(fairlead_execute(tenant, insert(), values, 2, &error) == NULL);
    CHECK(fairlead_error_kind(error) == FAIRLEAD_INTEGRITY);
    CHECK(strcmp(fairlead_error_sqlstate(error), is_mysql ? "23000" : "23505") == 0);
    CHECK((fairlead_error_server_code(error) != 0) == is_mysql);
    fairlead_error_free(error);
    error = NULL;
    CHECK_FAILS(FAIRLEAD_CONFIGURATION, fairlead_get_tenant(source, "nobody", NULL, &error));
    CHECK_FAILS(FAIRLEAD_CONFIGURATION, fairlead_get_tenant(source, "tenant2", "elsewhere", &error));
    CHECK_FAILS(FAIRLEAD_USAGE, fairlead_get_tenant(source, NULL, NULL, &error));
    CHECK_FAILS(FAIRLEAD_USAGE, fairlead_execute(NULL, count, NULL, 0, &error));
    CHECK_FAILS(FAIRLEAD_USAGE, fairlead_execute(tenant, NULL, NULL, 0, &error));
    CHECK_FAILS(FAIRLEAD_REFUSED, fairlead_execute(tenant, "COMMIT", NULL, 0, &error));
    CHECK(fairlead_execute(tenant, "COMMIT", NULL, 0, NULL) == NULL);
}

static void streams(fairlead_tenant* tenant) {
    fairlead_field field;
    int64_t id = 0;
    fairlead_stream* stream =
        fairlead_open_stream(tenant, "SELECT user_id FROM users ORDER BY user_id", NULL, 0, &error);
    CHECK(stream != NULL);
    CHECK(fairlead_stream_columns(stream) == 0);
    CHECK_FAILS(FAIRLEAD_USAGE, fairlead_stream_field(stream, 0, &field, &error) == FAIRLEAD_OK);
    for (int64_t expected = 1; expected <= 2; ++expected) {
        CHECK(fairlead_stream_next(stream, &error) == 1);
        CHECK(fairlead_stream_columns(stream) == 1);
        CHECK(fairlead_stream_field(stream, 0, &field, &error) == FAIRLEAD_OK);
        CHECK(fairlead_field_integer(&field, &id, &error) == FAIRLEAD_OK);
        CHECK(id == expected);
    }
    CHECK(fairlead_stream_next(stream, &error) == 0 && error == NULL);
    fairlead_stream_free(stream);
    stream = fairlead_open_stream(tenant, "SELECT user_id FROM users", NULL, 0, &error);
    CHECK(stream != NULL && fairlead_stream_next(stream, &error) == 1);
    fairlead_stream_free(stream); /* in its midst */
    CHECK(users(tenant) == 2);
}

static fairlead_error* add_and_fail(fairlead_transaction* transaction, void* id) {
    const fairlead_value values[] = {integer(*(const int64_t*)id), text("undone")};
    fairlead_result* result = fairlead_transaction_execute(transaction, insert(), values, 2, &error);
    CHECK(result != NULL);
    fairlead_result_free(result);
    return fairlead_error_new(FAIRLEAD_DATA, "the caller's own");
}

static void transactions(fairlead_tenant* tenant) {
    const fairlead_value values[] = {integer(80), text("committed")};
    int64_t undone = 81;
    const fairlead_transaction_options options = {.isolation = FAIRLEAD_SERIALIZABLE};
    fairlead_transaction* transaction = fairlead_begin(tenant, &options, &error);
    CHECK(transaction != NULL && fairlead_transaction_is_open(transaction));
    fairlead_result_free(fairlead_transaction_execute(transaction, insert(), values, 2, &error));
    CHECK_FAILS(FAIRLEAD_DATA, fairlead_savepoint(transaction, add_and_fail, &undone, &error) == FAIRLEAD_OK);
    CHECK(number_of(fairlead_transaction_execute(transaction, count, NULL, 0, &error)) == 3);
    CHECK(users(tenant) == 2);
    CHECK(fairlead_commit(transaction, &error) == FAIRLEAD_OK);
    CHECK(!fairlead_transaction_is_open(transaction));
    CHECK_FAILS(FAIRLEAD_USAGE, fairlead_transaction_execute(transaction, count, NULL, 0, &error));
    fairlead_transaction_free(transaction);
    CHECK(users(tenant) == 3);

    transaction = fairlead_begin(tenant, NULL, &error);
    fairlead_result_free(fairlead_transaction_execute(transaction, "DELETE FROM users", NULL, 0, &error));
    fairlead_transaction_free(transaction); /* rolls back */
    CHECK(users(tenant) == 3);

    const fairlead_transaction_options reading = {.read_only = true};
    transaction = fairlead_begin(tenant, &reading, &error);
    CHECK_FAILS(FAIRLEAD_TRANSACTION_STATE,
                fairlead_transaction_execute(transaction, "DELETE FROM users", NULL, 0, &error));
    fairlead_rollback(transaction);
    fairlead_transaction_free(transaction);
    remove_added(tenant);
}

static fairlead_error* fail_twice(fairlead_transaction* transaction, void* attempts) {
    CHECK(number_of(fairlead_transaction_execute(transaction, count, NULL, 0, &error)) == 2);
    return ++*(int*)attempts < 3 ? fairlead_error_new(FAIRLEAD_SERIALIZATION, "again") : NULL;
}

static void retries(fairlead_tenant* tenant) {
    fairlead_transaction_options options = {.max_attempts = 3, .first_pause_ms = 1};
    int attempts = 0;
    CHECK(fairlead_run_transaction(tenant, &options, fail_twice, &attempts, &error) == FAIRLEAD_OK);
    CHECK(attempts == 3);
    attempts = 0;
    CHECK_FAILS(FAIRLEAD_SERIALIZATION,
                fairlead_run_transaction(tenant, NULL, fail_twice, &attempts, &error) == FAIRLEAD_OK);
    CHECK(attempts == 1);
}

static void batches(fairlead_tenant* tenant) {
    fairlead_result* made[2];
    const fairlead_value values[] = {integer(70), text("batched")};
    fairlead_batch* batch = fairlead_batch_new(&error);
    CHECK(fairlead_batch_add(batch, insert(), values, 2, &error) == FAIRLEAD_OK);
    CHECK(fairlead_batch_add(batch, count, NULL, 0, &error) == FAIRLEAD_OK);
    CHECK(fairlead_batch_size(batch) == 2);
    CHECK(fairlead_run_batch(tenant, batch, made, &error) == FAIRLEAD_OK);
    CHECK(fairlead_result_affected(made[0]) == 1 && number_of(made[1]) == 3);
    fairlead_result_free(made[0]);
    /* The second time the key is there: nothing of the batch stays. */
    CHECK_FAILS(FAIRLEAD_INTEGRITY, fairlead_run_batch(tenant, batch, NULL, &error) == FAIRLEAD_OK);
    remove_added(tenant);
    fairlead_transaction* transaction = fairlead_begin(tenant, NULL, &error);
    CHECK(fairlead_transaction_run_batch(transaction, batch, NULL, &error) == FAIRLEAD_OK);
    fairlead_transaction_free(transaction);
    fairlead_batch_free(batch);
    CHECK(users(tenant) == 2);
}

static void loads(fairlead_tenant* tenant) {
    static const char* const columns[] = {"user_id", "username"};
    uint64_t rows = 0;
    fairlead_load* load = fairlead_load_new(tenant, "users", columns, 2, &error);
    CHECK(load != NULL);
    for (int64_t id = 1000; id < 3500; ++id) {
        const fairlead_value values[] = {integer(id), text("loaded\t\\N\n")};
        CHECK(fairlead_load_row(load, values, 2, &error) == FAIRLEAD_OK);
    }
    CHECK(fairlead_load_finish(load, &rows, &error) == FAIRLEAD_OK);
    CHECK(rows == 2500);
    fairlead_load_free(load);
    CHECK(users(tenant) == 2502);
    remove_added(tenant);

    const fairlead_value values[] = {integer(4000), text("dropped")};
    load = fairlead_load_new(tenant, "users", columns, 2, &error);
    CHECK(load != NULL && fairlead_load_row(load, values, 2, &error) == FAIRLEAD_OK);
    fairlead_load_free(load); /* not finished */
    CHECK(users(tenant) == 2);
}

/* `tenant` has a server of its own: on shared tables nobody may sleep. */
static void interruptions(fairlead_tenant* tenant) {
    /* Neither waits for the server: the answer would take twenty seconds. */
    const char* slow = is_mysql ? "SELECT sleep(20)" : "SELECT pg_sleep(20)";
    fairlead_canceller* canceller = fairlead_canceller_new(&error);
    const fairlead_call_options cancelled = {.canceller = canceller};
    const fairlead_call_options hurried = {.timeout_ms = 100, .do_not_prepare = true};
    fairlead_tenant* in_time = fairlead_tenant_with(tenant, &hurried, &error);
    fairlead_tenant* stopped = fairlead_tenant_with(tenant, &cancelled, &error);
    CHECK_FAILS(FAIRLEAD_DEADLINE, fairlead_execute(in_time, slow, NULL, 0, &error));
    CHECK(users(stopped) == 2);
    fairlead_cancel(canceller);
    fairlead_canceller_free(canceller);
    CHECK_FAILS(FAIRLEAD_CANCELLED, fairlead_execute(stopped, slow, NULL, 0, &error));
    fairlead_tenant_free(in_time);
    fairlead_tenant_free(stopped);
}

static void session(fairlead_tenant* tenant) {
    fairlead_session* kept = fairlead_session_new(tenant, &error);
    CHECK(kept != NULL);
    CHECK(number_of(fairlead_session_execute(kept, count, NULL, 0, &error)) == 2);
    fairlead_stream* stream = fairlead_session_open_stream(kept, count, NULL, 0, &error);
    CHECK(fairlead_stream_next(stream, &error) == 1);
    fairlead_stream_free(stream);
    fairlead_session_free(kept);
}

static void the_source(fairlead_source* source) {
    const uint64_t before = fairlead_generation(source);
    CHECK(fairlead_reload(source, &error) == FAIRLEAD_OK);
    CHECK(fairlead_generation(source) == before + 1);
    fairlead_pools* pools = fairlead_pools_read(source, &error);
    CHECK(fairlead_pools_size(pools) == 2);
    CHECK(fairlead_pools_get(pools, 2) == NULL);
    uint64_t connects = 0;
    for (size_t i = 0; i < 2; ++i) {
        CHECK(strlen(fairlead_pools_get(pools, i)->backend) != 0);
        CHECK(fairlead_pools_get(pools, i)->waiting == 0);
        connects += fairlead_pools_get(pools, i)->connects;
    }
    CHECK(connects > 0);
    fairlead_pools_free(pools);
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    is_mysql = strcmp(argv[2], "mysql") == 0;
    const fairlead_open_options options = {.application_name = "c_api_calls"};
    fairlead_source* source = fairlead_open(argv[1], &options, &error);
    CHECK(source != NULL);
    fairlead_tenant* tenant = fairlead_get_tenant(source, "tenant2", "shop", &error);
    CHECK(tenant != NULL && strcmp(fairlead_tenant_id(tenant), "tenant2") == 0);

    results(tenant);
    errors(source, tenant);
    streams(tenant);
    add(tenant, 60);
    remove_added(tenant);
    transactions(tenant);
    retries(tenant);
    batches(tenant);
    session(tenant);
    fairlead_tenant* own = fairlead_get_tenant(source, "tenant5", NULL, &error);
    CHECK(own != NULL);
    interruptions(own);
    fairlead_tenant_free(own);
    the_source(source);
    fairlead_source_free(source); /* the tenant keeps what it needs */
    loads(tenant);
    CHECK(users(tenant) == 2);
    fairlead_tenant_free(tenant);
    puts("all checks passed");
    return 0;
}
