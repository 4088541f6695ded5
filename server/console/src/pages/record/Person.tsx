import { useSignal } from '@preact/signals'
import type { Held } from '@vedette/server/subject/held'
import type { ComponentChildren } from 'preact'
import { useLocation } from 'preact-iso'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { ReasonField } from '../../parts/ReasonField.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { save } from '../../save.ts'
import { Time } from '../../time.tsx'
import { useWords } from '../../words.ts'
import { ActTable } from './ActTable.tsx'
import { useKindWords } from './kinds.ts'

/** Everything that is held about one person on a list, as they have a right to be told. */
export function Person() {
  const t = useWords('record')
  const { query } = useLocation()
  const id = useSignal(query.entry ?? '')
  const reason = useSignal('')
  const held = useSignal<Held | undefined>(undefined)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const busy = useSignal(false)
  const ask = async () => {
    busy.value = true
    problem.value = undefined
    held.value = undefined
    const path = `/entries/${encodeURIComponent(id.peek().trim())}/report`
    try {
      held.value = await desk.get<Held>(path, { reason: reason.peek() })
    } catch (error) {
      problem.value = asProblem(error)
    }
    busy.value = false
  }
  return (
    <>
      <form
        class="card stack unprinted"
        onSubmit={(event) => {
          event.preventDefault()
          if (id.value.trim() !== '') void ask()
        }}
      >
        <p>{t('person.text')}</p>
        <TextField label={t('about.entry')} hint={t('person.hint')} maxLength={64} field={id} />
        <ReasonField reason={reason} hint="" />
        <div class="row">
          <Button type="submit" kind="primary" busy={busy.value} disabled={id.value.trim() === ''}>
            {t('person.do')}
          </Button>
        </div>
        <Problem problem={problem.value} />
      </form>
      {held.value && <About held={held.value} />}
    </>
  )
}

function About({ held }: { held: Held }) {
  const t = useWords('record')
  const words = useKindWords(undefined)
  const { entry, listName, photos, templates, alerts, nearMisses, rejections, acts, keeping } = held
  return (
    <article class="card stack">
      <div class="row spread">
        <h2>{entry.name}</h2>
        <span class="row unprinted">
          <Button onClick={() => window.print()}>{t('person.print')}</Button>
          <Button
            onClick={() => {
              const json = JSON.stringify(held, undefined, 2)
              save(`held-about-${entry.id}.json`, new Blob([json], { type: 'application/json' }))
            }}
          >
            {t('person.save')}
          </Button>
        </span>
      </div>
      {!held.complete && <p role="alert">{t('person.incomplete')}</p>}
      <dl class="held-facts">
        <Fact label={t('subject.list')}>{listName}</Fact>
        <Fact label={t('person.since')}>
          <Time at={entry.createdAt} />
        </Fact>
        <Fact label={t('person.until')}>
          <Time at={keeping.entryUntil} />
        </Fact>
        <Fact label={t('person.photos')}>{photos.length}</Fact>
        <Fact label={t('person.templates')}>
          {templates.map(({ space, length }) => `${space} (${length})`).join(', ') || '0'}
        </Fact>
        <Fact label={t('person.alerts')}>
          <a href={`/history?entry=${entry.id}&from=400d`}>{alerts.length}</a>
        </Fact>
        <Fact label={t('person.near')}>{nearMisses.length}</Fact>
        <Fact label={t('person.rejections')}>{rejections}</Fact>
      </dl>
      <h3>{t('person.acts', { count: acts.length })}</h3>
      <ActTable acts={acts} words={words} />
    </article>
  )
}

function Fact({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}
