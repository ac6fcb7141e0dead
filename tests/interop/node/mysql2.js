// What an application with mysql2 does: pool, parameters, prepared statements, transactions, errors, several results, TLS
// or not. Arguments: port, user, password. Prints "ok" or fails with what went wrong.
'use strict';
const assert = require('assert');
const mysql = require('mysql2/promise');

const [port, user, password] = process.argv.slice(2);
const options = { host: '127.0.0.1', port: Number(port), user, password, database: 'shop' };

async function main() {
  const pool = mysql.createPool({ ...options, connectionLimit: 5 });
  const rows = await Promise.all(Array.from({ length: 100 }, (_, n) =>
    pool.query('SELECT ? AS n, tenant_id FROM customers LIMIT 1', [n])));
  rows.forEach(([r], n) => assert.deepStrictEqual(r.map((x) => ({ ...x })), [{ n, tenant_id: 'acme' }]));

  for (let n = 0; n < 30; n++) {
    const [r] = await pool.execute('SELECT count(*) AS c FROM customers WHERE id > ?', [n % 5]);
    assert.strictEqual(r[0].c, 5 - (n % 5));
  }
  const [dates] = await pool.execute('SELECT CAST(? AS DATETIME) AS d, ? AS t, ? AS n, ? AS b', [
    new Date(Date.UTC(2020, 0, 2, 3, 4, 5)), 'é', null, Buffer.from([0, 255])]);
  assert.strictEqual(dates[0].t, 'é');
  assert.strictEqual(dates[0].n, null);

  const client = await pool.getConnection();
  await client.beginTransaction();
  const [inserted] = await client.execute('INSERT INTO customers (id, name) VALUES (?, ?)', [70, 'from node']);
  assert.strictEqual(inserted.affectedRows, 1);
  await assert.rejects(client.query('INSERT INTO customers (id) VALUES (70)'), { errno: 1062 });
  await client.rollback();
  const [order] = await client.query('INSERT INTO orders (note) VALUES (?)', ['from node']);
  assert.ok(order.insertId >= 1000);
  const [last] = await client.query('SELECT LAST_INSERT_ID() AS id');
  assert.strictEqual(last[0].id, order.insertId);
  await assert.rejects(client.query('TRUNCATE customers'), (error) => error.errno === 1235 && /fairlead: /.test(error.message));
  await client.changeUser({ user, password, database: 'shop' });
  const [count] = await client.query('SELECT count(*) AS c FROM customers');
  assert.strictEqual(count[0].c, 5);
  await client.reset?.();
  await client.ping();
  client.release();
  await pool.end();

  const several = await mysql.createConnection({ ...options, multipleStatements: true, rowsAsArray: true });
  const [results] = await several.query('SELECT 1; SELECT 2');
  assert.deepStrictEqual(results, [[[1]], [[2]]]);
  const stream = several.connection.query('SELECT id FROM orders ORDER BY id').stream();
  let seen = 0;
  for await (const row of stream) { assert.ok(row); seen++; }
  assert.ok(seen >= 8);
  await several.end();

  const compressed = await mysql.createConnection({ ...options, compress: true });
  const [wide] = await compressed.query("SELECT repeat('x', 100000) AS x");
  assert.strictEqual(wide[0].x.length, 100000);
  await compressed.end();

  const named = await mysql.createConnection({ ...options, user: 'app', connectAttributes: { fairlead_tenant: 'globex' } });
  const [other] = await named.query('SELECT DISTINCT tenant_id FROM customers');
  assert.strictEqual(other[0].tenant_id, 'globex');
  await named.end();

  await assert.rejects(mysql.createConnection({ ...options, password: 'wrong' }), { errno: 1045 });
  console.log('ok');
}

main().catch((error) => { console.error(error); process.exit(1); });
