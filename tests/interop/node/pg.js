// What an application with node-postgres does: pool, parameters, named statements, transactions, errors, several results.
// Arguments: port, user, password. Prints "ok" or fails with what went wrong.
'use strict';
const assert = require('assert');
const { Pool, Client } = require('pg');

const [port, user, password] = process.argv.slice(2);
const options = { host: '127.0.0.1', port: Number(port), user, password, database: 'shop' };

async function main() {
  const pool = new Pool({ ...options, max: 5 });
  const rows = await Promise.all(Array.from({ length: 100 }, (_, n) =>
    pool.query('SELECT $1::int AS n, tenant_id FROM customers LIMIT 1', [n])));
  rows.forEach((r, n) => assert.deepStrictEqual(r.rows, [{ n, tenant_id: 'acme' }]));

  for (let n = 0; n < 10; n++) {
    const r = await pool.query({ name: 'count-customers', text: 'SELECT count(*)::int AS c FROM customers WHERE id > $1', values: [0] });
    assert.strictEqual(r.rows[0].c, 5);
  }

  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query('INSERT INTO customers (id, name) VALUES ($1, $2)', [70, 'from node']);
  await assert.rejects(client.query('SELECT 1/0'), { code: '22012' });
  await client.query('ROLLBACK');
  assert.strictEqual((await client.query('SELECT count(*)::int AS c FROM customers')).rows[0].c, 5);
  await assert.rejects(client.query('LISTEN news'), { code: '42501' });
  const several = await client.query('SELECT 1 AS a; SELECT 2 AS b');
  assert.deepStrictEqual(several.map((r) => r.rows), [[{ a: 1 }], [{ b: 2 }]]);
  const array = await client.query({ text: 'SELECT id, name FROM customers ORDER BY id', rowMode: 'array' });
  assert.strictEqual(array.rows.length, 5);
  client.release();
  await pool.end();

  const wrong = new Client({ ...options, password: 'wrong' });
  await assert.rejects(wrong.connect(), { code: '28P01' });
  console.log('ok');
}

main().catch((error) => { console.error(error); process.exit(1); });
