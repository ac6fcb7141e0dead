// One statement through mysql2 as any application would send it: ask.js PORT USER SQL, as a prepared statement.
// The password is in SHOP_CLIENT_PASSWORD. Prints rows as "1 | Suzuki", or the error as the driver shows it.
'use strict';
const mysql = require('mysql2/promise');

const [port, user, sql] = process.argv.slice(2);

async function main() {
  const connection = await mysql.createConnection({
    host: '127.0.0.1', port: Number(port), user, password: process.env.SHOP_CLIENT_PASSWORD, database: 'shop',
  });
  try {
    const [rows] = await connection.execute({ sql, rowsAsArray: true });
    if (Array.isArray(rows)) rows.forEach((row) => console.log(row.join(' | ')));
  } catch (error) {
    console.log(`ERROR ${error.errno}: ${error.message}`);
  } finally {
    await connection.end();
  }
}

main().catch((error) => { console.error(error); process.exit(1); });
