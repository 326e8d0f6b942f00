/* wal.exe FILE create | FILE ID SECONDS | FILE check TOTAL: several of these share one SQLite database in WAL mode with
 * mapped reads. Each moves amounts between accounts, whose sum never changes, and writes a line in the log for each
 * transfer; between transfers it reads both, which must always agree. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sqlite3.h"

#define ACCOUNTS 500
#define BALANCE 1000

static sqlite3 *db;

static void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
    exit(1);
}

static void run(const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) die(sql);
}

static char *ask(const char *sql)
{
    static char answer[256];
    sqlite3_stmt *query;

    if (sqlite3_prepare_v2(db, sql, -1, &query, NULL) != SQLITE_OK) die(sql);
    if (sqlite3_step(query) != SQLITE_ROW) die(sql);
    snprintf(answer, sizeof(answer), "%s", (const char *)sqlite3_column_text(query, 0));
    sqlite3_finalize(query);
    return answer;
}

static void expect(const char *sql, long long value)
{
    char *answer = ask(sql);

    if (atoll(answer) == value) return;
    fprintf(stderr, "%s: %s, not %lld\n", sql, answer, value);
    exit(1);
}

static void check_books(void)
{
    run("BEGIN");
    expect("SELECT sum(balance) FROM accounts", (long long)ACCOUNTS * BALANCE);
    expect("SELECT (SELECT sum(transfers) FROM accounts) - 2 * (SELECT count(*) FROM log)", 0);
    run("COMMIT");
}

static void create(void)
{
    char sql[200];

    run("CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER, transfers INTEGER)");
    run("CREATE TABLE log (id INTEGER PRIMARY KEY, who INTEGER, text TEXT)");
    run("CREATE INDEX log_text ON log (text)");
    snprintf(sql, sizeof(sql), "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
                               "INSERT INTO accounts SELECT i, %d, 0 FROM n", ACCOUNTS, BALANCE);
    run(sql);
}

static void transfer(int who, unsigned int n)
{
    int from = 1 + rand() % ACCOUNTS, to = 1 + (from + rand() % (ACCOUNTS - 1)) % ACCOUNTS, amount = rand() % 10;
    char sql[400];

    run("BEGIN IMMEDIATE");
    snprintf(sql, sizeof(sql), "UPDATE accounts SET transfers = transfers + 1, balance = balance + "
                               "CASE id WHEN %d THEN -%d ELSE %d END WHERE id IN (%d, %d)", from, amount, amount, from, to);
    run(sql);
    snprintf(sql, sizeof(sql), "INSERT INTO log (who, text) VALUES (%d, printf('%%0200d', %u))", who, n * 7919u);
    run(sql);
    run("COMMIT");
}

int main(int argc, char **argv)
{
    unsigned int n = 0;
    time_t end;

    if (argc < 3 || sqlite3_open(argv[1], &db) != SQLITE_OK) die("open");
    sqlite3_busy_timeout(db, 60000);
    if (strcmp(ask("PRAGMA journal_mode = wal"), "wal")) die("no write-ahead log");
    if (atoll(ask("PRAGMA mmap_size = 268435456")) != 268435456) die("no mapped reads");
    run("PRAGMA synchronous = normal");
    if (!strcmp(argv[2], "create")) create();
    else if (!strcmp(argv[2], "check"))
    {
        if (strcmp(ask("PRAGMA integrity_check"), "ok")) die("integrity_check");
        check_books();
        expect("SELECT count(*) FROM log", atoll(argv[3]));
    }
    else
    {
        int who = atoi(argv[2]);

        srand(who);
        for (end = time(NULL) + atoi(argv[3]); time(NULL) < end; n++)
        {
            transfer(who, n);
            if (n % 10 == (unsigned int)who) check_books();
        }
        printf("%u\n", n);
    }
    return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
