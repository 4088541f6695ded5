import { keySql, type SealedTable } from './protected.ts'

/**
 * Triggers of one connection (they are in no file) that seal what it writes to `table`. The functions
 * they call are the connection's own, so that nobody else's SQL seals anything.
 */
export function sealTriggers(table: SealedTable): string {
  const { name } = table
  const was = (column: string, row: string) =>
    `(SELECT ${column} FROM main.seals WHERE tbl = '${name}' AND row = ${keySql(table, row)})`
  const all = (row: string) => table.columns.map((column) => `${row}."${column}"`).join(', ')
  const sum = `UPDATE main.sealSums SET sum = vedette_sum('${name}', sum) WHERE tbl = '${name}';`
  return `
    CREATE TEMP TRIGGER seal_${name}_insert AFTER INSERT ON main.${name} BEGIN
      INSERT INTO seals VALUES (
        '${name}', ${keySql(table, 'NEW')}, coalesce(${was('version', 'NEW')}, 0) + 1,
        vedette_seal('${name}', ${keySql(table, 'NEW')}, ${was('version', 'NEW')},
          ${was('mac', 'NEW')}, ${all('NEW')})
      ) ON CONFLICT (tbl, row) DO UPDATE SET version = excluded.version, mac = excluded.mac;
      ${sum}
    END;
    CREATE TEMP TRIGGER seal_${name}_update AFTER UPDATE ON main.${name} BEGIN
      UPDATE seals SET
        row = ${keySql(table, 'NEW')},
        version = version + 1,
        mac = vedette_reseal('${name}', ${keySql(table, 'OLD')}, ${keySql(table, 'NEW')},
          version, mac, ${all('OLD')}, ${all('NEW')})
      WHERE tbl = '${name}' AND row = ${keySql(table, 'OLD')};
      ${sum}
    END;
    CREATE TEMP TRIGGER seal_${name}_delete AFTER DELETE ON main.${name} BEGIN
      SELECT vedette_gone('${name}', ${keySql(table, 'OLD')}, ${was('version', 'OLD')},
        ${was('mac', 'OLD')});
      ${sum}
      DELETE FROM seals WHERE tbl = '${name}' AND row = ${keySql(table, 'OLD')};
    END;`
}
