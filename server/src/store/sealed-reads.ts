import type {
  KyselyPlugin,
  OperationNode,
  PluginTransformQueryArgs,
  PluginTransformResultArgs,
  QueryResult,
  RootOperationNode,
  SelectQueryNode,
  UnknownRow,
} from 'kysely'
import type { Seals } from './seals.ts'

type Reading = { table: string; one: boolean }

/**
 * Asks of every row that is read whole (`selectAll` of one protected table) whether it is as it was
 * written. One that was asked for by its id and is not: IntegrityFault `vault.changed`. Among others
 * it is left out, and told of: the others serve.
 */
export class SealedReads implements KyselyPlugin {
  readonly #seals: Seals
  readonly #tables: ReadonlySet<string>
  readonly #readings = new WeakMap<object, Reading>()

  constructor(seals: Seals, tables: readonly string[]) {
    this.#seals = seals
    this.#tables = new Set(tables)
  }

  transformQuery({ queryId, node }: PluginTransformQueryArgs): RootOperationNode {
    const reading = node.kind === 'SelectQueryNode' ? this.#readingOf(node) : undefined
    if (reading !== undefined) this.#readings.set(queryId, reading)
    return node
  }

  async transformResult({
    queryId,
    result,
  }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    const reading = this.#readings.get(queryId)
    if (reading === undefined || result.rows.length === 0) return result
    const { table, one } = reading
    if (one) for (const row of result.rows) this.#seals.check(table, row)
    return { ...result, rows: result.rows.filter((row) => this.#seals.isWhole(table, row)) }
  }

  #readingOf(node: SelectQueryNode): Reading | undefined {
    const [from, ...more] = node.from?.froms ?? []
    if (from?.kind !== 'TableNode' || more.length > 0 || node.groupBy !== undefined)
      return undefined
    const table = textOf(from)
    const all = node.selections?.some(({ selection }) => isAll(selection, table))
    if (table === undefined || !all || !this.#tables.has(table)) return undefined
    return { table, one: node.where !== undefined && asksById(node.where.where) }
  }
}

type Named = {
  kind?: string
  name?: string
  table?: Named
  identifier?: Named
  column?: Named
}

function textOf(node: OperationNode): string | undefined {
  const { table } = node as unknown as Named
  return table?.identifier?.name
}

function isAll(node: OperationNode, table: string | undefined): boolean {
  if (node.kind === 'SelectAllNode') return true
  if (node.kind !== 'ReferenceNode') return false
  const { column, table: of } = node as unknown as Named
  return column?.kind === 'SelectAllNode' && (of?.table?.identifier?.name ?? table) === table
}

/** Asked for by one of these, it is one row that is wanted. */
const NAMING = new Set(['id', 'position', 'shot'])

/** Whether it asks for one row by what names it. */
function asksById(node: OperationNode): boolean {
  if (node.kind === 'AndNode') {
    const { left, right } = node as unknown as { left: OperationNode; right: OperationNode }
    return asksById(left) || asksById(right)
  }
  if (node.kind !== 'BinaryOperationNode') return false
  const { leftOperand, operator } = node as unknown as {
    leftOperand: Named
    operator: { operator?: string }
  }
  return operator.operator === '=' && NAMING.has(leftOperand.column?.column?.name ?? '')
}
