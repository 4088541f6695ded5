import { type Item, lists } from '../../alerts/queue.ts'
import { Button } from '../../parts/Button.tsx'
import { may, session } from '../../session.ts'
import { useWords } from '../../words.ts'
import { asking, decide, undo } from './deciding.ts'
import { minute } from './minute.ts'

/** What can be done about alerts that stand alike, each with its key. */
export function Actions({ about }: { about: Item[] }) {
  const t = useWords('alerts')
  const me = session.value?.name
  const [first] = about
  if (!first) return null
  if (!may('alerts.decide')) return <p class="quiet">{t('mayNot')}</p>
  const ask = (kind: 'true' | 'false' | 'unresolved' | 'park') => () => {
    asking.value = { kind, about }
  }
  const some = (is: (item: Item) => boolean) => about.some(is)
  const active = some(({ state }) => state !== 'resolved')
  const own = about.every(({ state, affirmedBy }) => state === 'awaiting' && affirmedBy === me)
  const takes = some(
    ({ state, acknowledgedBy }) =>
      state === 'open' || state === 'parked' || (state === 'acknowledged' && acknowledgedBy !== me),
  )
  const last = first.takeBack
  const undoes = last !== null && last.by === me && last.until > minute.value
  const over = about.every(({ state }) => state === 'acknowledged')
  const two = some(
    ({ list, state }) => lists.value.get(list)?.confirmations === 2 && state !== 'awaiting',
  )
  return (
    <div class="actions" role="toolbar" aria-label={t('actions')}>
      {own && <p class="wait">{t('ownWord')}</p>}
      {takes && (
        <Button kind="primary" onClick={() => void decide(about, { do: 'take' })}>
          {t(over ? 'takeOver' : 'take')} <kbd>↵</kbd>
        </Button>
      )}
      {active && !own && (
        <>
          <Button onClick={ask('true')} data-verdict="true">
            {t(two ? 'confirmFirst' : 'confirm')} <kbd>C</kbd>
          </Button>
          <Button onClick={ask('false')} data-verdict="false">
            {t('reject')} <kbd>X</kbd>
          </Button>
          <Button onClick={ask('unresolved')}>
            {t('unresolved')} <kbd>U</kbd>
          </Button>
        </>
      )}
      {some(({ state }) => ['open', 'acknowledged', 'parked'].includes(state)) && (
        <Button onClick={ask('park')}>
          {t('park')} <kbd>P</kbd>
        </Button>
      )}
      {undoes && (
        <Button onClick={() => void undo()}>
          {t('undo')} <kbd>Z</kbd>
        </Button>
      )}
      {!active && !undoes && (
        <Button onClick={() => void decide(about, { do: 'reopen' })}>{t('reopen')}</Button>
      )}
    </div>
  )
}
