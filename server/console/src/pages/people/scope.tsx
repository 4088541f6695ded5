import type { List } from '@vedette/server/lists/list'
import type { Scope } from '@vedette/server/operators/scope'
import { Check } from '../../parts/Field.tsx'
import { NamesField } from '../../parts/NamesField.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'

type ScopeProps = { scope: Scope; onChange: (scope: Scope) => void }

/** Lists and cameras that somebody's work is confined to. */
export function ScopeFields({ scope, onChange }: ScopeProps) {
  const t = useWords('people')
  const lists = useDesk<Pick<List, 'id' | 'name'>[]>('/lists')
  const chosen = new Set(scope.lists ?? [])
  return (
    <fieldset class="scope">
      <legend>{t('scope')}</legend>
      <Check
        label={t('allLists')}
        checked={scope.lists === null}
        onChange={(all) => onChange({ ...scope, lists: all ? null : [] })}
      />
      {scope.lists !== null && (
        <div class="indent">
          {lists.data?.map(({ id, name }) => (
            <Check
              key={id}
              label={name}
              checked={chosen.has(id)}
              onChange={(checked) => {
                const next = (lists.data ?? []).map((list) => list.id)
                const kept = next.filter((one) => (one === id ? checked : chosen.has(one)))
                onChange({ ...scope, lists: kept })
              }}
            />
          ))}
        </div>
      )}
      <Check
        label={t('allCameras')}
        checked={scope.cameras === null}
        onChange={(all) => onChange({ ...scope, cameras: all ? null : [] })}
      />
      {scope.cameras !== null && (
        <NamesField
          tall
          label={t('camerasOnly')}
          hint={t('camerasHint')}
          names={scope.cameras}
          onNames={(cameras) => onChange({ ...scope, cameras })}
        />
      )}
    </fieldset>
  )
}
