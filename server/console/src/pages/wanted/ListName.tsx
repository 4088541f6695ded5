import type { CountedList } from '@vedette/server/desk/answered/lists'

/** What a list is called, behind its colour. */
export function ListName({ list, id }: { list: CountedList | undefined; id: string }) {
  return (
    <span class="wanted-list">
      <span class="swatch" style={{ background: list?.colour ?? 'transparent' }} />
      {list?.name ?? id}
    </span>
  )
}
