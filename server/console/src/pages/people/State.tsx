import type { Account } from '@vedette/server/desk/answered/operators'
import { Tag } from '../../parts/Tag.tsx'
import { useWords } from '../../words.ts'

/** Whether they may come in at all, and whether wrong passwords keep them out. */
export function State({ of }: { of: Account }) {
  const t = useWords('people')
  if (of.disabledAt !== null) return <Tag tone="danger">{t('disabled')}</Tag>
  if (of.heldUntil > Date.now()) return <Tag tone="warn">{t('held')}</Tag>
  return <Tag tone="good">{t('open')}</Tag>
}
