import assert from 'node:assert/strict'
import type { D1Database } from '@cloudflare/workers-types'

/** A fresh table for one rule. */
async function table(db: D1Database, name: string, columns: string): Promise<void> {
  await db.prepare(`create table ${name} (${columns})`).run()
}

const constraint = (kind: string, rest: string) => `D1_ERROR: ${rest}: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_${kind})`

/** What any D1 database does, by rule. Each rule makes its own tables. */
export const d1Rules: Record<string, (db: D1Database) => Promise<void>> = {
  'all and run answer rows as objects with figures': async (db) => {
    await table(db, 'figures', 'id integer primary key, name text')
    const inserted = await db.prepare('insert into figures (name) values (?), (?)').bind('a', 'b').run()
    assert.equal(inserted.success, true)
    assert.deepEqual(inserted.results, [])
    assert.equal(inserted.meta.changes, 2)
    assert.equal(inserted.meta.last_row_id, 2)
    assert.equal(inserted.meta.changed_db, true)
    const read = await db.prepare('select * from figures order by id').all()
    assert.deepEqual(read.results, [{ id: 1, name: 'a' }, { id: 2, name: 'b' }])
    assert.equal(read.meta.changes, 0)
    assert.equal(read.meta.changed_db, false)
    assert.ok(read.meta.size_after > 0)
    assert.equal(typeof read.meta.duration, 'number')
    assert.deepEqual((await db.prepare('select name from figures where id = 2').run()).results, [{ name: 'b' }])
    assert.equal((await db.prepare('update figures set name = ?').bind('c').run()).meta.changes, 2)
    assert.equal((await db.prepare('delete from figures where id > 9').run()).meta.changed_db, false)
    assert.deepEqual((await db.prepare("insert into figures (name) values ('r') returning id, name").all()).results, [{ id: 3, name: 'r' }])
  },
  'first answers the first row, one column of it, or null': async (db) => {
    const two = db.prepare('select 1 as a, null as b union all select 2, 3')
    assert.deepEqual(await two.first(), { a: 1, b: null })
    assert.equal(await two.first('a'), 1)
    assert.equal(await two.first('b'), null)
    assert.equal(await db.prepare('select 1 as a where 0').first(), null)
    assert.equal(await db.prepare('select 1 as a where 0').first('zz'), null)
    await assert.rejects(two.first('zz'), { message: 'D1_COLUMN_NOTFOUND: Column not found (zz)' })
  },
  'raw answers rows as arrays and keeps columns of one name': async (db) => {
    const twice = db.prepare('select 1 as x, 2 as x')
    assert.deepEqual(await twice.raw(), [[1, 2]])
    assert.deepEqual(await twice.raw({ columnNames: true }), [['x', 'x'], [1, 2]])
    assert.deepEqual((await twice.all()).results, [{ x: 2 }])
    assert.deepEqual(await db.prepare('select 1 as a where 0').raw({ columnNames: true }), [['a']])
  },
  'numbers arrive as reals, booleans as 0 and 1': async (db) => {
    assert.deepEqual(await db.prepare('select ? as n, typeof(?) as t, ? as yes, ? as no').bind(5, 5, true, false).first(), { n: 5, t: 'real', yes: 1, no: 0 })
    await table(db, 'affinity', 'whole integer, words text')
    await db.prepare('insert into affinity values (?, ?)').bind(5, 5).run()
    assert.deepEqual(await db.prepare('select typeof(whole) as t, words from affinity').first(), { t: 'integer', words: '5.0' })
  },
  'what JSON has no number for is null': async (db) => {
    assert.deepEqual(await db.prepare('select ? as a, typeof(?) as b, 9e999 as c').bind(NaN, Infinity).first(), { a: null, b: 'null', c: null })
  },
  'integers beyond 2^53 come back rounded': async (db) => {
    assert.equal(await db.prepare('select 9007199254740993 as n').first('n'), 9007199254740992)
    assert.equal(await db.prepare('select 9223372036854775807 as n').first('n'), 2 ** 63)
  },
  'bytes go in as buffers, views and arrays and come back as arrays': async (db) => {
    const echo = db.prepare('select ? as x, typeof(?1) as t')
    for (const value of [new Uint8Array([9, 0, 255]), new Uint8Array([9, 0, 255]).buffer, [9, 0, 255]]) {
      assert.deepEqual(await echo.bind(value).first(), { x: [9, 0, 255], t: 'blob' })
    }
    assert.deepEqual(await db.prepare("select x'' as empty, zeroblob(2) as zero").first(), { empty: [], zero: [0, 0] })
  },
  'text keeps zero bytes and every plane of Unicode': async (db) => {
    assert.equal(await db.prepare('select ? as x').bind('a\0b😀').first('x'), 'a\0b😀')
  },
  'bind refuses what SQLite has no type for, at once': async (db) => {
    const echo = db.prepare('select ?')
    const refusal = (type: string, value: string) => ({ message: `D1_TYPE_ERROR: Type '${type}' not supported for value '${value}'` })
    assert.throws(() => echo.bind(undefined), refusal('undefined', 'undefined'))
    assert.throws(() => echo.bind(5n), refusal('bigint', '5'))
    assert.throws(() => echo.bind({}), refusal('object', '[object Object]'))
    assert.throws(() => echo.bind([300]), refusal('object', '300'))
    assert.throws(() => echo.bind(new Date(0)), /D1_TYPE_ERROR: Type 'object' not supported/)
  },
  'bind makes a new statement and leaves the old one alone': async (db) => {
    const echo = db.prepare('select ? as x')
    const one = echo.bind(1)
    const two = echo.bind(2)
    assert.equal(await one.first('x'), 1)
    assert.equal(await two.first('x'), 2)
    await assert.rejects(echo.first(), { message: 'D1_ERROR: Wrong number of parameter bindings for SQL query.' })
  },
  'parameters may be anonymous, numbered and named, in any mix': async (db) => {
    assert.deepEqual(await db.prepare('select ?2 as a, ?1 as b, ?2 as c').bind(1, 2).first(), { a: 2, b: 1, c: 2 })
    assert.deepEqual(await db.prepare('select :a as x, @b as y, $c as z, :a as again').bind(1, 2, 3).first(), { x: 1, y: 2, z: 3, again: 1 })
    assert.deepEqual(await db.prepare('select ? as a, :n as b, ? as c').bind(1, 2, 3).first(), { a: 1, b: 2, c: 3 })
    assert.equal(await db.prepare('select ?3 as a').bind(1, 2, 3).first('a'), 3)
  },
  'question marks in quotes, names and comments are no parameters': async (db) => {
    const sql = `select '?' as a, "?" as b, 'it''s ?' as c, [?] as d, \`?\` as e /* ? :x */, ? as f -- ? @y`
    await table(db, 'quoted', '"?" text')
    await db.prepare(`insert into quoted values ('q')`).run()
    assert.deepEqual(await db.prepare(`${sql}\nfrom quoted`).bind(1).first(), { a: '?', b: 'q', c: 'it\'s ?', d: 'q', e: 'q', f: 1 })
  },
  'too few and too many values are refused': async (db) => {
    const wrong = { message: 'D1_ERROR: Wrong number of parameter bindings for SQL query.' }
    await assert.rejects(db.prepare('select ?, ?').bind(1).all(), wrong)
    await assert.rejects(db.prepare('select ?').bind(1, 2).all(), wrong)
    await assert.rejects(db.prepare('select 1').bind(1).all(), wrong)
  },
  'errors name what SQLite said and its code': async (db) => {
    await assert.rejects(db.prepare('selec 1').all(), { message: /^D1_ERROR: near "selec": syntax error.*: SQLITE_ERROR$/ })
    await assert.rejects(db.prepare('select * from nowhere').all(), (error: Error) => {
      assert.equal(error.message, 'D1_ERROR: no such table: nowhere: SQLITE_ERROR')
      assert.ok(error.cause instanceof Error)
      assert.equal(error.cause.message, 'no such table: nowhere: SQLITE_ERROR')
      return true
    })
  },
  'constraints are named': async (db) => {
    await table(db, 'ruled', 'id integer primary key, u text unique, n text not null, c integer check (c > 0)')
    await db.prepare("insert into ruled values (1, 'u', 'n', 1)").run()
    const insert = (values: string) => db.prepare(`insert into ruled values (${values})`).run()
    await assert.rejects(insert("1, 'v', 'n', 1"), { message: constraint('PRIMARYKEY', 'UNIQUE constraint failed: ruled.id') })
    await assert.rejects(insert("2, 'u', 'n', 1"), { message: constraint('UNIQUE', 'UNIQUE constraint failed: ruled.u') })
    await assert.rejects(insert("2, 'v', null, 1"), { message: constraint('NOTNULL', 'NOT NULL constraint failed: ruled.n') })
    await assert.rejects(insert("2, 'v', 'n', 0"), { message: constraint('CHECK', 'CHECK constraint failed: c > 0') })
  },
  'foreign keys are enforced': async (db) => {
    await table(db, 'parent', 'id integer primary key')
    await table(db, 'child', 'parent references parent(id)')
    await assert.rejects(db.prepare('insert into child values (7)').run(), { message: constraint('FOREIGNKEY', 'FOREIGN KEY constraint failed') })
    assert.deepEqual(await db.prepare('pragma foreign_keys').first(), { foreign_keys: 1 })
  },
  'no statement is an error': async (db) => {
    const none = { message: 'D1_ERROR: No SQL statements detected.' }
    await assert.rejects(db.prepare('').all(), none)
    await assert.rejects(db.prepare('-- nothing').all(), none)
    await assert.rejects(db.batch([]), none)
  },
  'of several statements all run, the last one answers and alone has parameters': async (db) => {
    await table(db, 'several', 'x')
    const answer = await db.prepare("insert into several values ('a'); insert into several values ('b'); select x from several where x > ?").bind('a').all()
    assert.deepEqual(answer.results, [{ x: 'b' }])
    await assert.rejects(db.prepare('select ?; select ?').bind(1, 2).all(),
      { message: 'D1_ERROR: When executing multiple SQL statements in a single call, only the last statement can have parameters.' })
    await assert.rejects(db.prepare("insert into several values ('c'); insert into nowhere values (1)").run(), /no such table: nowhere/)
    assert.equal(await db.prepare('select count(*) as n from several').first('n'), 2)
  },
  'a batch answers each statement in order': async (db) => {
    await table(db, 'batched', 'id integer primary key, x')
    const insert = db.prepare('insert into batched (x) values (?)')
    const answers = await db.batch([insert.bind('a'), insert.bind('b'), db.prepare('select x from batched order by id')])
    assert.deepEqual(answers.map(({ results }) => results), [[], [], [{ x: 'a' }, { x: 'b' }]])
    assert.deepEqual(answers.map(({ meta }) => meta.changes), [1, 1, 0])
  },
  'a batch is one transaction: all or nothing': async (db) => {
    await table(db, 'atomic', 'id integer primary key')
    const insert = db.prepare('insert into atomic values (?)')
    await assert.rejects(db.batch([insert.bind(1), insert.bind(2), insert.bind(1)]), { message: constraint('PRIMARYKEY', 'UNIQUE constraint failed: atomic.id') })
    assert.equal(await db.prepare('select count(*) as n from atomic').first('n'), 0)
    await db.batch([insert.bind(1), insert.bind(2)])
    assert.equal(await db.prepare('select count(*) as n from atomic').first('n'), 2)
  },
  'a deferred foreign key that is never met undoes the batch': async (db) => {
    await table(db, 'later', 'id integer primary key')
    await table(db, 'early', 'later references later(id) deferrable initially deferred')
    await assert.rejects(db.batch([db.prepare('insert into early values (1)')]), Error)
    assert.equal(await db.prepare('select count(*) as n from early').first('n'), 0)
    await db.batch([db.prepare('insert into early values (1)'), db.prepare('insert into later values (1)')])
    assert.equal(await db.prepare('select count(*) as n from early').first('n'), 1)
  },
  'exec runs one statement per line, all or nothing': async (db) => {
    const done = await db.exec("create table executed (x)\ninsert into executed values ('a')\n\ninsert into executed values ('b')")
    assert.equal(done.count, 3)
    assert.equal(typeof done.duration, 'number')
    await assert.rejects(db.exec("insert into executed values ('c')\nselec"), { message: /^D1_EXEC_ERROR: Error in line 1: .*SQLITE_ERROR$/ })
    await assert.rejects(db.exec('create table half (\n x int\n)'), { message: /^D1_EXEC_ERROR: Error in line 1: create table half \(: incomplete input: SQLITE_ERROR$/ })
    assert.equal(await db.prepare('select count(*) as n from executed').first('n'), 2)
  },
  'transactions, other files and settings of the engine are out of reach': async (db) => {
    for (const sql of ['begin', 'begin immediate', 'commit', 'savepoint s', 'rollback']) await assert.rejects(db.prepare(sql).run(), /D1_ERROR/)
    for (const sql of ["attach '/tmp/other.db' as other", 'pragma journal_mode', 'pragma user_version', 'create temp table t (x)']) {
      await assert.rejects(db.prepare(sql).run(), { message: 'D1_ERROR: not authorized: SQLITE_AUTH' })
    }
    await assert.rejects(db.prepare("vacuum into '/tmp/other.db'").run(), /D1_ERROR/)
    await assert.rejects(db.prepare("select load_extension('x')").run(), /D1_ERROR/)
    assert.equal(await db.prepare('select 1 as still').first('still'), 1)
  },
  'tables can be described': async (db) => {
    await table(db, 'described', 'id integer primary key, name text not null')
    const columns = (await db.prepare('pragma table_info(described)').all<{ name: string; notnull: number }>()).results
    assert.deepEqual(columns.map(({ name, notnull }) => [name, notnull]), [['id', 0], ['name', 1]])
    assert.deepEqual((await db.prepare('select name from pragma_table_info(?)').bind('described').raw()), [['id'], ['name']])
  },
  'a changed table shows its new columns to a statement used before': async (db) => {
    await table(db, 'grown', 'a')
    const all = db.prepare('select * from grown')
    await db.prepare('insert into grown values (1)').run()
    assert.deepEqual(await all.first(), { a: 1 })
    await db.prepare('alter table grown add column b default 2').run()
    assert.deepEqual(await all.first(), { a: 1, b: 2 })
  },
  'full text search, JSON and recursion work': async (db) => {
    await db.exec('create virtual table found using fts5(words)')
    await db.prepare('insert into found values (?), (?)').bind('the hello of the world', 'nothing').run()
    assert.deepEqual((await db.prepare("select snippet(found, 0, '<', '>', '…', 3) as s, bm25(found) < 0 as ranked from found where found match ?").bind('hello').all()).results,
      [{ s: 'the <hello> of…', ranked: 1 }])
    assert.equal(await db.prepare(`select json_extract('{"a":[1,2]}', '$.a[1]') as n`).first('n'), 2)
    assert.equal(await db.prepare('with recursive c(x) as (select 1 union all select x + 1 from c where x < 1000) select count(*) as n from c').first('n'), 1000)
  },
  'patterns and expressions are limited': async (db) => {
    await assert.rejects(db.prepare('select ? like ?').bind('x', `%${'x'.repeat(50)}%`).all(), { message: /LIKE or GLOB pattern too complex/ })
    await assert.rejects(db.prepare(`select ${Array.from({ length: 150 }, () => '1').join('+')}`).all(), { message: /Expression tree is too large/ })
    assert.equal(await db.prepare(`select ${Array.from({ length: 100 }, () => '?').join(',')}`).bind(...Array.from({ length: 100 }, (_, i) => i)).raw().then(([row]) => row?.length), 100)
  },
  'a session reads its own writes': async (db) => {
    await table(db, 'session', 'x')
    const session = db.withSession('first-primary')
    await session.batch([session.prepare('insert into session values (?)').bind(1)])
    assert.equal(await session.prepare('select x from session').first('x'), 1)
    const bookmark = session.getBookmark()
    assert.equal(await db.withSession(bookmark ?? 'first-unconstrained').prepare('select x from session').first('x'), 1)
  },
}
