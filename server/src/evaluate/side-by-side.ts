/** Works through `items` in turn with `count` workers, each opened once and disposed of at the end. */
export async function sideBySide<Item, Worker extends AsyncDisposable>(
  count: number,
  items: readonly Item[],
  { open, work }: { open: () => Worker; work: (worker: Worker, item: Item) => Promise<void> },
): Promise<void> {
  const waiting = items.values()
  await Promise.all(
    Array.from({ length: Math.min(count, items.length) }, async () => {
      await using worker = open()
      for (const item of waiting) await work(worker, item)
    }),
  )
}
